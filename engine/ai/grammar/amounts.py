"""Lengths of time out of lexemes: 90 days, a fortnight, half a year."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.ai.grammar.lexemes import Kind, Lexeme
from engine.ai.grammar.numbers import Number

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_UNITS = 10_000
_ONE = Decimal(1)
_FACTORS = {
    "fortnight": (2, "week"),
    "quarter": (3, "month"),
    "half_year": (6, "month"),
    "decade": (10, "year"),
}
_HALVES = {"year": (6, "month"), "day": (12, "hour"), "hour": (30, "minute")}


NOW = frozenset({"now", "right now", "present", "the present", "presently", "as of now"})
MEANT = NOW | {"it", "them"}
"""Small words that mean something beside a time: "from it this year", "from May to now"."""


def skip(lexemes: Sequence[Lexeme], at: int, *kinds: Kind) -> int:
    """Step over small words, and words of these kinds."""
    while at < len(lexemes) and (
        lexemes[at].kind in kinds
        or (lexemes[at].means(Kind.FILLER, "filler") and lexemes[at].data not in MEANT)
    ):
        at += 1
    return at


def ends_now(lexemes: Sequence[Lexeme], at: int) -> bool:
    """Whether a lexeme is the "now" or "present" that a stretch of time goes on to."""
    if at >= len(lexemes) or lexemes[at].data not in NOW:
        return False
    after = lexemes[at + 1] if at + 1 < len(lexemes) else None
    unit = after is not None and after.among(Kind.UNIT, Kind.MONTH, Kind.CALENDAR)
    return lexemes[at].kind is Kind.FILLER or (lexemes[at].kind is Kind.THIS and not unit)


def amount(  # noqa: PLR0911 - one return a way to say none
    lexemes: Sequence[Lexeme], at: int
) -> tuple[int, str, int, str] | None:
    """Return (n, unit, index behind, the unit as said) of "3 months" or "half a year"."""
    at = skip(lexemes, at)
    if at >= len(lexemes):
        return None
    lexeme, number = lexemes[at], lexemes[at].data
    if lexeme.kind is Kind.UNIT:
        if str(lexeme.data).endswith("s"):
            return None  # "the months of March and April" is no length
        found = scaled(Number(_ONE), lexeme.key)
        return (*found, at + 1, lexeme.key) if found else None
    if (
        not isinstance(number, Number)
        or lexeme.kind is not Kind.NUMBER
        or number.currency
        or number.percent
    ):
        return None
    unit = at + 1
    if unit < len(lexemes) and lexemes[unit].means(Kind.NEXT, "next"):
        return None
    if (
        unit < len(lexemes)
        and lexemes[unit].kind is Kind.FILLER
        and lexemes[unit].key == "calendar"
    ):
        unit += 1
    if unit >= len(lexemes) or lexemes[unit].kind is not Kind.UNIT:
        return None
    found = scaled(number, lexemes[unit].key)
    return (*found, unit + 1, lexemes[unit].key) if found else None


def scaled(number: Number, unit: str) -> tuple[int, str] | None:
    """Return a length in units of rules; None where it is no whole number of them."""
    factor, unit = _FACTORS.get(unit, (1, unit))
    value = number.value * factor
    if value != int(value) and unit in _HALVES and value * 2 == int(value * 2):
        half, unit_below = _HALVES[unit]
        value, unit = value * 2 * half, unit_below
    if value != int(value) or not 1 <= value <= MOST_UNITS:
        return None
    return int(value), unit
