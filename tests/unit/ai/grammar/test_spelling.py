from __future__ import annotations

import pytest

from engine.ai.grammar.spelling import corrected
from engine.ai.grammar.tokens import plain, tokenise


def mended(word: str, *known: str, alike: bool = False) -> str | None:
    tokens = tokenise(plain(word))
    _, found = corrected(tokens, frozenset(known), lambda one: "same" if alike else one)
    return found.get(0)


@pytest.mark.parametrize(
    ("word", "known", "read"),
    [
        ("mumbay", "mumbai", "mumbai"),
        ("dehli", "delhi", "delhi"),
        ("footware", "footwear", "footwear"),
        ("custmers", "customers", "customers"),
        ("byu", "buy", "buy"),
    ],
)
def test_the_nearest_word_is_read(word: str, known: str, read: str) -> None:
    assert mended(word, known, "unlike") == read


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("pue", "pune"),
        ("vupp", "vipp2"),
        ("sender", "gender"),
        ("kender", "gender"),
        ("nonne", "none"),
        ("ninee", "nine"),
        ("sport", "sports"),
        ("chenabc", "chennai"),
    ],
)
def test_a_word_too_short_too_far_or_too_dangerous_is_left(word: str, known: str) -> None:
    assert mended(word, known) is None


def test_a_word_between_two_is_left_unless_they_mean_the_same() -> None:
    assert mended("wombn", "woman", "women") is None
    assert mended("wombn", "woman", "women", alike=True) in {"woman", "women"}
    assert mended("orderr", "order", "orders") in {"order", "orders"}
