"""Instants, local days and windows, as RULES.md defines them.

Instants are aware datetimes in UTC. Local days belong to the workspace's one time zone.
A wall-clock time that a DST gap skips moves forward by the gap; one that occurs twice is the first.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal, get_args

from engine.errors import InvalidInput

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Unit = Literal["minute", "hour", "day", "week", "month", "year"]
UNITS: tuple[str, ...] = get_args(Unit)

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Instants taken from outside lie in [EARLIEST, LATEST); windows are clamped to the same range."""


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: elapsed for minutes and hours, by the calendar for the rest."""

    n: int
    unit: Unit


def back(now: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """Return the instant one ``span`` before ``now``; never before :data:`EARLIEST`."""
    return _shift(now, -span.n, span.unit, zone)


def ahead(now: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """Return the instant one ``span`` after ``now``; never after :data:`LATEST`."""
    return _shift(now, span.n, span.unit, zone)


def to_utc(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant of a naive wall-clock time in ``zone``."""
    first = wall.replace(tzinfo=zone, fold=0)
    # In a gap, fold=0 applies the offset before it, which lands the same gap's length later.
    return first.astimezone(UTC)


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """Return the local day that holds ``instant``, as :func:`day_bounds` has days.

    Where clocks go back over midnight, the wall shows the day before once more, for a while:

    >>> local_date(datetime(2010, 11, 7, 2, 45, tzinfo=UTC), ZoneInfo("America/St_Johns"))
    datetime.date(2010, 11, 7)
    """
    day = instant.astimezone(zone).date()
    return day if instant < day_bounds(day, zone)[1] else day + timedelta(days=1)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return a local day as a half-open range of instants ``[start, end)``."""
    midnight = datetime.combine(day, time.min)
    return to_utc(midnight, zone), to_utc(midnight + timedelta(days=1), zone)


def read_instant(text: str, zone: ZoneInfo) -> datetime | None:
    """Return the instant of an ISO 8601 text; one without an offset is wall-clock in ``zone``.

    None stands for one outside the years that are taken; raises ValueError for what is none.
    """
    parsed = datetime.fromisoformat(text.strip())
    try:
        instant = to_utc(parsed, zone) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except OverflowError:
        return None
    return instant if EARLIEST <= instant < LATEST else None


def parse_instant(text: str, zone: ZoneInfo) -> datetime:
    """Return what :func:`read_instant` does; raises InvalidInput for anything else."""
    try:
        instant = read_instant(text, zone)
    except ValueError:
        msg = f"{text!r} is not a date and time such as 2026-03-31T09:30:00Z"
        raise InvalidInput(msg) from None
    if instant is None:
        msg = f"{text!r} is not between the years 1900 and 2199"
        raise InvalidInput(msg)
    return instant


def parse_date(text: str) -> date:
    """Return the day of an ISO 8601 date, from 1900-01-01 to 2199-12-31."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        msg = f"{text!r} is not a date such as 2026-03-31"
        raise InvalidInput(msg) from None
    if not EARLIEST.date() <= day < LATEST.date():
        msg = f"{text!r} is not between the years 1900 and 2199"
        raise InvalidInput(msg)
    return day


def _shift(now: datetime, n: int, unit: Unit, zone: ZoneInfo) -> datetime:
    try:
        if unit in ("minute", "hour"):
            moved = now + timedelta(**{f"{unit}s": n})
        else:
            wall = now.astimezone(zone).replace(tzinfo=None, fold=0)
            moved = to_utc(_shift_wall(wall, n, unit), zone)
    except (OverflowError, ValueError):
        return LATEST if n > 0 else EARLIEST
    return min(max(moved, EARLIEST), LATEST)


def _shift_wall(wall: datetime, n: int, unit: Unit) -> datetime:
    if unit == "day":
        return wall + timedelta(days=n)
    if unit == "week":
        return wall + timedelta(weeks=n)
    months = wall.year * 12 + wall.month - 1 + n * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    month += 1
    return wall.replace(year=year, month=month, day=min(wall.day, monthrange(year, month)[1]))
