"""Tests on instants: BSON dates hold milliseconds, bounds may hold microseconds.

For a whole number of milliseconds, being after a bound is being after the last millisecond that is
not after it, and being before one is being before the first that is not before it. So each bound
becomes a millisecond without changing who passes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil, floor
from typing import TYPE_CHECKING

from engine.domain.calendar import EARLIEST, LATEST, ahead, back, day_bounds
from engine.rules import values
from engine.rules.anniversary import FIRST_YEAR, coming_days, instants
from engine.rules.pipeline.expressions import either, every, is_a, literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from engine.domain.rules import Json
    from engine.rules.pipeline.context import Context
    from engine.rules.pipeline.expressions import Expression

_FIRST_DAY = EARLIEST.date() - timedelta(days=2)
_LAST_DAY = LATEST.date() + timedelta(days=1)
"""Days on which no stored instant lies, in any zone; what is further away is as far."""


def last_not_after(bound: datetime) -> datetime:
    """Return the last whole millisecond up to the bound, in UTC."""
    return _utc(bound).replace(microsecond=bound.microsecond // 1_000 * 1_000)


def first_not_before(bound: datetime) -> datetime:
    """Return the first whole millisecond from the bound on, in UTC."""
    down = last_not_after(bound)
    return down if down == bound else down + timedelta(milliseconds=1)


def window(name: str, value: Json, context: Context) -> Mapping[str, datetime]:
    """Return a behaviour's window as the bounds of a ``$match``; empty for ``ever``."""
    now, zone = context.now, context.zone
    match name:
        case "in_the_last":
            start = back(now, values.span(value), zone)
            return {"$gt": last_not_after(start), "$lte": last_not_after(now)}
        case "before_the_last":
            return {"$lte": last_not_after(back(now, values.span(value), zone))}
        case "between":
            low, high = values.pair(value, values.day)
            start, end = day_bounds(low, zone)[0], day_bounds(high, zone)[1]
            return {"$gte": first_not_before(start), "$lt": first_not_before(end)}
        case _:
            return {}


def time_test(at: Expression, op: str, value: Json, context: Context) -> Expression:
    """Return the test of a positive operator of time fields; false where there is no instant."""
    if op == "anniversary_in_the_next":
        return _anniversary(at, values.days(value), context)
    return every(is_a("date", at), *_bounds(at, op, value, context))


def days_since_test(
    at: Expression, op: str, value: tuple[float, float], context: Context
) -> Expression:
    """Return the test of how many local midnights lie between the instant and now.

    ``value`` is a pair for ``between``, and twice the same for every other operator.
    """
    low, high = value
    # A number of days is whole, so its bounds may be: [fewest, most].
    fewest = {"greater_than": floor(low) + 1, "less_than": None, "less_or_equal": None}
    most = {"less_than": ceil(high) - 1, "greater_than": None, "greater_or_equal": None}
    latest, earliest = fewest.get(op, ceil(low)), most.get(op, floor(high))
    tests = [is_a("date", at)]
    if earliest is not None:
        tests.append(_not_before(at, day_bounds(_days_ago(earliest, context), context.zone)[0]))
    if latest is not None:
        tests.append(_before(at, day_bounds(_days_ago(latest, context), context.zone)[1]))
    return every(*tests)


def _days_ago(days: int, context: Context) -> date:
    most = (_LAST_DAY - _FIRST_DAY).days
    day = context.today - timedelta(days=max(-most, min(days, most)))
    return max(_FIRST_DAY, min(day, _LAST_DAY))


def _bounds(at: Expression, op: str, value: Json, context: Context) -> tuple[Expression, ...]:
    now, zone = context.now, context.zone
    match op:
        case "in_the_last":
            return _after(at, back(now, values.span(value), zone)), _up_to(at, now)
        case "in_the_next":
            return _after(at, now), _up_to(at, ahead(now, values.span(value), zone))
        case "before":
            return (_not_earlier_than(at, values.moment(value, zone), zone)[1],)
        case "after":
            return (_not_later_than(at, values.moment(value, zone), zone)[1],)
        case "on":
            low = high = values.moment(value, zone)
        case _:
            low, high = values.pair(value, lambda one: values.moment(one, zone))
    return _not_earlier_than(at, low, zone)[0], _not_later_than(at, high, zone)[0]


def _not_earlier_than(
    at: Expression, moment: values.Moment, zone: ZoneInfo
) -> tuple[Expression, Expression]:
    """Return the test that an instant is in or after the moment, and its opposite."""
    start = moment if isinstance(moment, datetime) else day_bounds(moment, zone)[0]
    return _not_before(at, start), _before(at, start)


def _not_later_than(
    at: Expression, moment: values.Moment, zone: ZoneInfo
) -> tuple[Expression, Expression]:
    """Return the test that an instant is before or in the moment, and its opposite."""
    if isinstance(moment, datetime):
        return _up_to(at, moment), _after(at, moment)
    end = day_bounds(moment, zone)[1]
    return _before(at, end), _not_before(at, end)


def _anniversary(at: Expression, days: int, context: Context) -> Expression:
    """Find the local day of an instant by ranges made here, not by MongoDB's own time zones."""
    coming = coming_days(context.today, days)
    if coming is None:
        return is_a("date", at)
    starts, ends = instants(*coming, context.zone)
    # An instant's range begins in the year before its UTC year, in that one or in the one after.
    in_one = [
        every(
            {"$gte": ["$$at", {"$arrayElemAt": ["$$starts", place]}]},
            {"$lt": ["$$at", {"$arrayElemAt": ["$$ends", place]}]},
        )
        for year in (-1, 0, 1)
        for place in [{"$add": ["$$year", year - FIRST_YEAR]}]
    ]
    variables = {
        "at": at,
        "year": {"$year": at},
        "starts": literal([first_not_before(one) for one in starts]),
        "ends": literal([first_not_before(one) for one in ends]),
    }
    found = {"$let": {"vars": variables, "in": either(*in_one)}}
    return {"$cond": [is_a("date", at), found, False]}


def _after(at: Expression, bound: datetime) -> Expression:
    return {"$gt": [at, literal(last_not_after(bound))]}


def _up_to(at: Expression, bound: datetime) -> Expression:
    return {"$lte": [at, literal(last_not_after(bound))]}


def _before(at: Expression, bound: datetime) -> Expression:
    return {"$lt": [at, literal(first_not_before(bound))]}


def _not_before(at: Expression, bound: datetime) -> Expression:
    return {"$gte": [at, literal(first_not_before(bound))]}


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
