"""Which days of the year come up in the next n local days: for birthdays and the like.

A day of the year is written ``month * 100 + day``: 29 February is 229. It is kept on 28 February
in common years. A range of such days wraps over the new year where its first is above its last.
"""

from __future__ import annotations

from calendar import isleap
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from engine.domain.calendar import EARLIEST, LATEST, day_bounds

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

FIRST_YEAR = EARLIEST.year - 1
LAST_YEAR = LATEST.year
"""Local years whose ranges may hold an instant of [EARLIEST, LATEST), and one to spare."""

_LONGEST_YEAR = 366
_LEAP_DAY = 229
_DAY_BEFORE = 228


def coming_days(today: date, n: int) -> tuple[int, int] | None:
    """Return the first and the last day of the year among the n days after today; None for all.

    >>> coming_days(date(2026, 12, 30), 7)
    (1231, 106)
    >>> coming_days(date(2026, 2, 21), 7)  # 2026 keeps 29 February on the 28th
    (222, 229)
    """
    if n >= _LONGEST_YEAR:
        return None
    first, last = today + timedelta(days=1), today + timedelta(days=n)
    high = _day_of_year(last)
    if high == _DAY_BEFORE and not isleap(last.year):
        high = _LEAP_DAY
    return _day_of_year(first), high


def instants(first: int, last: int, zone: ZoneInfo) -> tuple[list[datetime], list[datetime]]:
    """Return the local days from first to last of every year as half-open ranges of instants.

    Entry ``i`` of the two lists starts and ends the range that begins in ``FIRST_YEAR + i``.
    """
    wraps = 1 if first > last else 0
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    starts = [day_bounds(_in_year(year, first, leap_day=301), zone)[0] for year in years]
    ends = [day_bounds(_in_year(year + wraps, last, leap_day=228), zone)[1] for year in years]
    return starts, ends


def _day_of_year(day: date) -> int:
    return day.month * 100 + day.day


def _in_year(year: int, day: int, leap_day: int) -> date:
    if day == _LEAP_DAY and not isleap(year):
        day = leap_day
    return date(year, *divmod(day, 100))
