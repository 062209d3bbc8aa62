"""Misspelt words: read as the one known word that is clearly nearest, and said so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

from engine.ai.grammar.codes import coded
from engine.ai.grammar.english import ENGLISH, SHORTHAND
from engine.ai.grammar.numbers import WORDS
from engine.ai.grammar.refusals import REFUSED
from engine.ai.grammar.slips import slip
from engine.ai.grammar.tokens import Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.ai.grammar.tokens import Token

SHORTEST = 4
"""Letters of a word that may be misspelt: among shorter ones everything is near to everything."""
_LONG = 6
"""Letters from which two errors are taken."""
MOST = 60
"""Words of one text that are looked up."""
_FOREIGN = frozenset(REFUSED["language"].split("|"))
NEVER = frozenset({"none", "nothing", "nope", "nil", *WORDS, *_FOREIGN})
"""Words that no other is read as: a number or a denial too many is worse than a word unread."""


def corrected(
    tokens: Sequence[Token],
    known: frozenset[str],
    means: Callable[[str], object],
    fits: Callable[[str, str, Sequence[Token]], bool] = lambda _word, _other, _before: True,
) -> tuple[tuple[Token, ...], dict[int, str]]:
    """Return the tokens with misspelt words mended, and by index what was mended to what.

    ``means`` tells words apart: two that mean the same are one candidate. ``fits`` tells whether a
    word may be read as another behind the tokens before it.
    """
    found: list[Token] = []
    mended: dict[int, str] = {}
    budget = MOST
    for index, token in enumerate(tokens):
        word = token.word
        if coded(tokens, index):
            found.append(token)
            continue
        if token.shape is Shape.WORD and word in SHORTHAND and not (token.near and not token.glued):
            found.append(replace(token, word=SHORTHAND[word]))
            continue
        if token.shape is Shape.WORD and word not in known and word not in ENGLISH and budget:
            budget -= 1
            nearest = _nearest(word, known, means)
            if nearest and fits(word, nearest, found):
                mended[index] = nearest
                found.append(replace(token, word=nearest))
                continue
        found.append(token)
    return tuple(found), mended


def _nearest(word: str, known: frozenset[str], means: Callable[[str], object]) -> str | None:
    if len(word) == SHORTEST - 1:
        swaps = {word[1] + word[0] + word[2], word[0] + word[2] + word[1]} & known
        return min(swaps) if len(swaps) == 1 else None
    if len(word) < SHORTEST or not word.isalpha() or not word.isascii():
        return None
    most = 2 if len(word) >= _LONG else 1
    near = [
        (other, slip(word, other, most))
        for other, _, _ in process.extract(
            word,
            [
                one
                for one in known
                if abs(len(one) - len(word)) <= most and len(one) >= SHORTEST and one not in NEVER
            ],
            scorer=OSA.distance,
            score_cutoff=most,
            limit=12,
        )
        if other[0] == word[0] or _swapped(other, word)
    ]
    close = [(other, slips) for other, slips in near if slips is not None]
    if not close:
        return None
    least = min(distance for _, distance in close)
    best = sorted(other for other, distance in close if distance == least)
    alike = len({_stem(other) for other in best}) == 1 or len({means(one) for one in best}) == 1
    return min(best, key=lambda other: (abs(len(other) - len(word)), other)) if alike else None


def _swapped(other: str, word: str) -> bool:
    return other[:2] == word[1::-1]


def _stem(word: str) -> str:
    """Words that mean the same here: order, orders, ordered."""
    for ending in ("ing", "ed", "s", "d"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word.removesuffix(ending)
    return word
