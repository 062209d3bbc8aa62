from __future__ import annotations

import pytest

from engine.ai.grammar.slips import slip
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
    assert mended("womin", "woman", "women") is None
    assert mended("womin", "woman", "women", alike=True) in {"woman", "women"}
    assert mended("orderr", "order", "orders") in {"order", "orders"}


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("boots", "books"),
        ("sheets", "sweets"),
        ("stoles", "stores"),
        ("zooms", "rooms"),
        ("sarees", "sales"),
        ("combas", "comes"),
        ("wallet", "wale"),
        ("sandals", "sundays"),
        ("madurai", "madras"),
        ("waly", "wali"),
    ],
)
def test_a_word_that_is_no_likely_slip_is_left(word: str, known: str) -> None:
    assert mended(word, known) is None


@pytest.mark.parametrize("word", ["beer", "plates", "sneakers", "gels", "toes", "patan", "punjab"])
def test_a_real_word_is_left_however_near_another_is(word: str) -> None:
    assert mended(word, "been", "placed", "speakers", "gals", "toys", "patna", "punjabi") is None


@pytest.mark.parametrize(
    ("word", "other", "slips"),
    [
        ("mumbay", "mumbai", 1),
        ("footware", "footwear", 2),
        ("footwr", "footwear", 2),
        ("apperal", "apparel", 2),
        ("dehli", "delhi", 1),
        ("dayz", "days", 1),
        ("combos", "combs", 1),
        ("combos", "comes", None),
        ("sneakers", "speakers", None),
    ],
)
def test_a_slip_is_a_letter_swapped_missed_doubled_or_heard_as_another(
    word: str, other: str, slips: int | None
) -> None:
    assert slip(word, other, 2) == slips


def test_only_one_slip_is_taken_where_one_is_asked_for() -> None:
    assert slip("delhhi", "delhi", 1) == 1
    assert slip("footware", "footwear", 1) is None
