"""A JSON value and what it stands for: the one place where values of rules get their type.

Every reader takes the value as the rule holds it and raises InvalidInput, which says what was given
and what is valid. Bounds: text of 1 to 1,000 characters; lists of 1 to 1,000 texts; numbers finite
and within 2**53 either way; amounts within 2**53 - 1 minor units; days and instants of the years
1900 to 2199, to the microsecond; spans of 1 to 1,000,000,000 units.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, NoReturn, TypeAlias, TypeVar, cast

from engine.domain.calendar import UNITS, Span, Unit, day_bounds, parse_date, parse_instant
from engine.domain.refusal import shown, unknown
from engine.domain.rule_decoder import MAX_VALUES
from engine.domain.scalars import bounded, storable
from engine.errors import InvalidInput
from engine.rules.operators import FieldType, Operator, Takes

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from engine.domain.money import Currency
    from engine.domain.rules import Json
    from engine.domain.workspace import Workspace

MAX_SPAN = 1_000_000_000

Moment: TypeAlias = "date | datetime"
"""What a time is compared with: a whole local day (date), or an instant (datetime in UTC)."""

Typed: TypeAlias = "str | float | Moment | Span | tuple[Typed, ...] | None"

T = TypeVar("T")

_MONEY = re.compile(r"-?[0-9]+(?:\.([0-9]+))?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?",
)


def text(value: Json) -> str:
    """Return a text as it was given; it is folded where it is compared."""
    if not isinstance(value, str):
        _refuse("needs text", value)
    if not value:
        msg = "needs text that is not empty"
        raise InvalidInput(msg)
    return storable(value)


def texts(value: Json) -> tuple[str, ...]:
    """Return a list of texts."""
    if not isinstance(value, tuple):
        _refuse('needs a list of texts such as ["Pune", "Mumbai"]', value)
    if not 1 <= len(value) <= MAX_VALUES:
        msg = f"needs a list of 1 to {MAX_VALUES:,} texts, not of {len(value):,}"
        raise InvalidInput(msg)
    return tuple(text(one) for one in value)


def number(value: Json) -> float:
    """Return a number; integers within the bound are exact as floats."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        _refuse("needs a number such as 5 or 2.5", value)
    return float(bounded(value))


def money(value: Json, currency: Currency) -> int:
    """Return minor units of an amount such as ``"5000.00"``."""
    needs = f"needs an amount of {currency.code} such as {currency.text(500_000)!r}"
    found = _MONEY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        _refuse(needs, value)
    if len(found[1] or "") > currency.decimals:
        _refuse(f"{needs}, with at most {currency.decimals} decimals", value)
    return currency.parse(storable(found[0]))


def day(value: Json) -> date:
    """Return a day."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        _refuse("needs a date such as 2026-03-31", value)
    return parse_date(value)


def moment(value: Json, zone: ZoneInfo) -> Moment:
    """Return a local day, or an instant; an instant without an offset is wall-clock in zone."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        return parse_date(value)
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        needs = "needs a date such as 2026-03-31 or an instant such as 2026-03-31T09:30:00Z"
        _refuse(f"{needs} (to the microsecond at most)", value)
    return parse_instant(value, zone)


def span(value: Json) -> Span:
    """Return a length of time such as ``{"n": 90, "unit": "day"}``."""
    if not isinstance(value, Mapping) or set(value) != {"n", "unit"}:
        _refuse('needs a span such as {"n": 90, "unit": "day"}', value)
    n, unit = value["n"], value["unit"]
    whole = isinstance(n, (int, float)) and not isinstance(n, bool) and n % 1 == 0
    if not whole or not 1 <= cast("float", n) <= MAX_SPAN:
        _refuse(f"needs a whole number n from 1 to {MAX_SPAN:,}", n)
    if not isinstance(unit, str) or unit not in UNITS:
        raise InvalidInput(unknown(str(unit), UNITS, "time unit"))
    return Span(int(cast("float", n)), cast("Unit", unit))


def days(value: Json) -> int:
    """Return a number of days given as ``{"n": 7, "unit": "day"}``."""
    length = span(value)
    if length.unit != "day":
        msg = f"counts in days: needs the unit 'day', not {length.unit!r}"
        raise InvalidInput(msg)
    return length.n


def pair(value: Json, read: Callable[[Json], T]) -> tuple[T, T]:
    """Return two values; their order is for :func:`ordered` to check."""
    if not isinstance(value, tuple) or len(value) != 2:  # noqa: PLR2004 - a pair
        _refuse("needs a list of two values, the lower and the higher", value)
    return read(value[0]), read(value[1])


def typed(kind: FieldType, operator: Operator, value: Json, workspace: Workspace) -> Typed:  # noqa: PLR0911 - one return for each thing taken
    """Return the value of a condition on a field of this type; None where it takes none."""
    match operator.takes:
        case Takes.NOTHING:
            if value is not None:
                _refuse(f"{operator.name} takes no value", value)
            return None
        case Takes.SPAN:
            return span(value)
        case Takes.DAYS:
            return days(value)
        case Takes.DAY:
            return day(value)
        case Takes.MANY:
            return texts(value)
        case Takes.ONE:
            return _one(kind, value, workspace)
        case Takes.RANGE:
            low, high = pair(value, lambda end: _one(kind, end, workspace))
            ordered(low, high, workspace.zone)
            return low, high


def ordered(low: Typed, high: Typed, zone: ZoneInfo) -> None:
    """Refuse a range that holds nothing because its ends are swapped."""
    if _swapped(low, high, zone):
        msg = "the first of the two values is above the second; swap them"
        raise InvalidInput(msg)


def _swapped(low: Typed, high: Typed, zone: ZoneInfo) -> bool:
    if isinstance(low, date) and isinstance(high, date):
        if isinstance(low, datetime) == isinstance(high, datetime):
            return low > high
        if isinstance(low, datetime):
            return low >= day_bounds(high, zone)[1]
        return day_bounds(low, zone)[0] > high
    return cast("float", low) > cast("float", high)


def _one(kind: FieldType, value: Json, workspace: Workspace) -> str | float | Moment:
    match kind:
        case FieldType.NUMBER:
            return number(value)
        case FieldType.MONEY:
            return money(value, workspace.currency)
        case FieldType.DATE:
            return day(value)
        case FieldType.TIME:
            return moment(value, workspace.zone)
        case _:
            return text(value)


def _refuse(needs: str, value: Json) -> NoReturn:
    msg = f"{needs}, not {shown(value)}"
    raise InvalidInput(msg)
