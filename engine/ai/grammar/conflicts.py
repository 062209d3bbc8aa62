"""Conditions that nobody meets both of: "spent over 5,000" and "spent less than 5,000"."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, TypeAlias

from engine.domain.text import fold

if TYPE_CHECKING:
    from engine.ai.grammar.choosing import Document

_End: TypeAlias = "Decimal | str"
_ABOVE = frozenset({"greater_than", "greater_or_equal", "more_than", "at_least", "after"})
_BELOW = frozenset({"less_than", "less_or_equal", "at_most", "before"})
_OPEN = frozenset({"greater_than", "more_than", "after", "less_than", "before"})
_POINT = frozenset({"equals", "on"})
_DAY = len("2025-01-31")
_MINUTES = {
    "minute": (1, 1),
    "hour": (60, 60),
    "day": (1_380, 1_500),
    "week": (10_020, 10_140),
    "month": (40_260, 44_700),
    "year": (525_540, 527_100),
}
"""The fewest and the most minutes of a unit, with an hour for daylight saving time."""
_SOME = frozenset({"is_set", "in_the_last", "before", "after", "on", "between"})
_NEVER = (("equals", 0), ("less_than", 1), ("less_or_equal", 0))


@dataclass(frozen=True, slots=True)
class _Range:
    """Numbers, or days as ISO 8601 writes them. An end that is None is open."""

    low: _End | None = None
    high: _End | None = None
    low_in: bool = True
    high_in: bool = True


def disjoint(one: Document, other: Document) -> bool:
    """Whether two conditions say of one thing what nobody meets both of; False where in doubt."""
    if _never(one) and _ordered(other):
        return True
    if _never(other) and _ordered(one):
        return True
    return _apart(one, other) or _apart(_lately(one), _lately(other))


def _apart(one: Document, other: Document) -> bool:
    if _subject(one) != _subject(other):
        return False
    if "field" in one and (_texts_apart(one, other) or _texts_apart(other, one)):
        return True
    if _lapsed(one, other) or _lapsed(other, one):
        return True
    ranges = _range(one), _range(other)
    return _before(*ranges) or _before(*reversed(ranges))


def _subject(leaf: Document) -> list[object]:
    """Return what a condition is about; a list that equals no other where that is not known."""
    if "field" in leaf:
        return [leaf["field"]]
    if "orders" in leaf:
        keys = ("orders", "of", "where", "ever", "in_the_last", "before_the_last", "between")
        return [leaf.get(key) for key in keys]
    return [object()]


def _texts_apart(one: Document, other: Document) -> bool:
    if one.get("op") not in {"equals", "in"} or isinstance(_end(one.get("value")), Decimal):
        return False
    values, others = _texts(one), _texts(other)
    if other.get("op") in {"equals", "in"}:
        return not values & others
    return other.get("op") in {"not_equals", "not_in"} and values <= others


def _texts(leaf: Document) -> set[str]:
    value = leaf.get("value")
    return {fold(str(one)) for one in (value if isinstance(value, list) else [value])}


def _lapsed(one: Document, other: Document) -> bool:
    """Whether one asks for a time of late, and the other for none for longer than that."""
    if one.get("op") != "in_the_last" or other.get("op") != "not_in_the_last":
        return False
    lately, lapsed = one.get("value"), other.get("value")
    if not isinstance(lately, dict) or not isinstance(lapsed, dict):
        return False
    if lately["unit"] == lapsed["unit"]:
        return bool(lately["n"] <= lapsed["n"])
    most, least = _MINUTES[lately["unit"]][1], _MINUTES[lapsed["unit"]][0]
    return bool(lately["n"] * most <= lapsed["n"] * least)


def _range(leaf: Document) -> _Range | None:
    op, value = str(leaf.get("op")), leaf.get("value")
    values = [_end(one) for one in (value if isinstance(value, list) else [value])]
    if any(one is None for one in values):
        return None
    if op == "between":
        return _Range(values[0], values[-1])
    closed = op not in _OPEN
    if op in _ABOVE:
        return _Range(low=values[0], low_in=closed)
    if op in _BELOW:
        return _Range(high=values[0], high_in=closed)
    return _Range(values[0], values[0]) if op in _POINT else None


def _end(value: object) -> _End | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        day = str(value)
        return day if len(day) == _DAY and day[:4].isdigit() and day[4] == "-" else None


def _before(one: _Range | None, other: _Range | None) -> bool:
    """Whether one range ends before the other begins."""
    if one is None or other is None or one.high is None or other.low is None:
        return False
    end, start = one.high, other.low
    if isinstance(end, str) or isinstance(start, str):
        days = isinstance(end, str) and isinstance(start, str)
        ends = days and str(end) < str(start)
    else:
        ends = end < start
    return ends or (end == start and not (one.high_in and other.low_in))


def _never(leaf: Document) -> bool:
    return leaf.get("field") == "order_count" and (leaf.get("op"), leaf.get("value")) in _NEVER


def _lately(leaf: Document) -> Document:
    """Return that the last order is of late, where a condition asks for an order of late."""
    if "field" not in leaf and "in_the_last" in leaf and _ordered(leaf):
        return {"field": "last_order_at", "op": "in_the_last", "value": leaf["in_the_last"]}
    return leaf


def _ordered(leaf: Document) -> bool:
    """Whether a condition holds for nobody who never ordered."""
    if leaf.get("field") in {"last_order_at", "first_order_at"}:
        return leaf.get("op") in _SOME
    least, where = leaf.get("value"), leaf.get("where")
    if leaf.get("orders") != "count" or not isinstance(least, int):
        return False
    if isinstance(where, list) and any(one.get("field") == "status" for one in where):
        return False  # orders that were cancelled or refunded are not among those counted in all
    return leaf.get("op") == "more_than" or (leaf.get("op") == "at_least" and least > 0)
