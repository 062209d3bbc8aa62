"""Whether a word looks like a slip of the hand or the ear for another, and of how many letters.

A distance alone takes one real word for another: "boots" is as near to "books" as "mumbay" is to
"mumbai". So a letter counts as mistaken for another only where both sound alike; letters may be
left out, added or swapped; and of two slips each must be of a kind that changes little.
"""

from __future__ import annotations

_VOWELS = frozenset("aeiouy")
_ALIKE = ("ckq", "csz", "vw", "gj", "mn")
"""Consonants that are heard as one another."""
_OFTEN, _ONCE = 1.0, 1.1
"""What a slip costs that may come twice, and one that comes alone."""
_MOST = 2.0
_FAR = 9.0


def slip(word: str, other: str, most: int) -> int | None:
    """Return by how many slips ``other`` became ``word``; None where that is not likely.

    Args:
        word: what was typed, in small letters.
        other: what may have been meant.
        most: slips that are taken, 1 or 2.
    """
    wide = len(word) + 1
    rows = [[0.0] * wide for _ in range(len(other) + 1)]
    for at in range(len(other) + 1):
        for to in range(wide):
            if at or to:
                rows[at][to] = _least(rows, word, other, at, to)
    cost = rows[-1][-1]
    return round(cost) if cost <= (_MOST if most > 1 else _ONCE) else None


def _least(rows: list[list[float]], word: str, other: str, at: int, to: int) -> float:
    """Return the least cost of making ``word[:to]`` of ``other[:at]``."""
    ways = [_FAR]
    if at:  # a letter left out
        ways.append(rows[at - 1][to] + _missed(other, at - 1))
    if to:  # a letter added
        ways.append(rows[at][to - 1] + _missed(word, to - 1))
    if at and to:
        ways.append(rows[at - 1][to - 1] + _mistaken(other[at - 1], word[to - 1]))
    if at > 1 and to > 1 and other[at - 2 : at] == word[to - 2 : to][::-1]:
        ways.append(rows[at - 2][to - 2] + _OFTEN)
    return min(ways)


def _missed(word: str, at: int) -> float:
    """Return what it costs that a letter is there or not: little for a vowel or a double."""
    doubled = at > 0 and word[at - 1] == word[at]
    return _OFTEN if doubled or word[at] in _VOWELS else _ONCE


def _mistaken(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if {one, other} <= _VOWELS:
        return _OFTEN
    return _ONCE if any(one in some and other in some for some in _ALIKE) else _FAR
