"""Points and stretches of time as conditions take them, whatever words they came in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Days:
    """Local days from ``first`` to ``last``, both in; None where there is no end."""

    first: date | None
    last: date | None
    notes: tuple[str, ...] = ()
    other: Days | None = None
    """What the same words may mean too: a date with the month first."""
    first_token: int = 0
    end_token: int = 0
    guessed: bool = False
    """No year was said, and the latest one was taken."""
    of_now: bool = False
    """Told from today, and no whole year: "this month", "yesterday"."""


@dataclass(frozen=True, slots=True)
class Recent:
    """The last ``n`` units until now; with ``older`` everything before them."""

    n: int
    unit: str
    older: bool = False
    at: bool = False
    """Said as a point ("3 months ago"), not as a bound."""
    op: str = ""
    """The comparison that was said ("over 90 days"), where one was."""
    calendar: Days | None = None
    """The calendar period the same words may mean."""
    first: int = 0
    end: int = 0
    """The tokens of the length itself."""
    before: bool = False
    """Said as what ends where another time begins ("in the 3 months before")."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Between ``near`` and ``far`` ago."""

    near: Recent
    far: Recent
    ago: bool = True
    """"Ago" was said; without it only a time of silence is meant ("inactive for 3 to 6 months")."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """The next ``n`` days, from tomorrow on (or from today, with ``today``)."""

    n: int
    today: bool = False
    note: str = ""
    """What was assumed."""


Time: TypeAlias = "Days | Recent | Stretch | Ahead"


def month_days(year: int, month: int) -> Days:
    """Return the days of a month."""
    after = date(year + month // 12, month % 12 + 1, 1)
    return Days(date(year, month, 1), after - timedelta(days=1))


def months_days(year: int, month: int, count: int) -> Days:
    """Return the days of ``count`` months that begin with one."""
    end = month - 1 + count - 1
    return Days(date(year, month, 1), month_days(year + end // 12, end % 12 + 1).last)


def year_days(year: int) -> Days:
    """Return the days of a year."""
    return Days(date(year, 1, 1), date(year, 12, 31))


def fiscal_days(year: int) -> Days:
    """Return the days of the Indian financial year that begins in April of ``year``."""
    note = f"The financial year {year}-{(year + 1) % 100:02d} was taken from 1 April to 31 March."
    return Days(date(year, 4, 1), date(year + 1, 3, 31), (note,))


def day_of(number: int, said: Days) -> Days | None:
    """Return another day of the same month: the 14 of "on 13 June or 14"; None if there is none."""
    first = said.first
    if first is None or first != said.last or said.of_now or said.other:
        return None
    try:
        day = first.replace(day=number)
    except ValueError:
        return None
    return replace(said, first=day, last=day)


def whole_years(days: Days) -> bool:
    """Whether days begin and end with a year of the calendar, or are open there."""
    begins = days.first is None or (days.first.month, days.first.day) == (1, 1)
    return begins and (days.last is None or (days.last.month, days.last.day) == (12, 31))


def moved(days: Days, year: int) -> Days:
    """Return days of one year, or their beginning, as those of another year."""
    start = days.first or days.last
    by = year - start.year if start else 0
    first, last = (one and _years_on(one, by) for one in (days.first, days.last))
    return replace(days, first=first, last=last, notes=(), guessed=False)


def _years_on(day: date, by: int) -> date:
    """Return the day some years later; the last of February for the last of February."""
    ends = (day + timedelta(days=1)).day == 1
    if ends:
        return month_days(day.year + by, day.month).last or day
    return day.replace(year=day.year + by)


def before_it(time: object, length: Recent) -> Stretch | Days | None:
    """Return the stretch of a length that ends where a time begins; None where that is unsaid."""
    if isinstance(time, Days) and time.first is not None and time.other is None:
        start = earlier(time.first, length)
        return Days(start, time.first - timedelta(days=1)) if start else None
    if not isinstance(time, Recent) or time.older or time.at or time.calendar or time.op:
        return None
    one, other = (_small(each) for each in (time, length))
    if one is None or other is None or one.unit != other.unit:
        return None
    far = replace(one, n=one.n + other.n, first=0, end=0)
    return Stretch(replace(one, older=True, first=0, end=0), far)


def _small(time: Recent) -> Recent | None:
    """Return a length in days or months; None for hours and minutes."""
    factor, unit = {
        "day": (1, "day"),
        "week": (7, "day"),
        "month": (1, "month"),
        "year": (12, "month"),
    }.get(time.unit, (0, ""))
    return Recent(time.n * factor, unit) if factor else None


def earlier(day: date, length: Recent) -> date | None:
    """Return the day that is so long before another; a month before the 31st is a month's end."""
    small = _small(length)
    if small is None:
        return None
    if small.unit == "day":
        return day - timedelta(days=small.n)
    year, month = divmod(day.year * 12 + day.month - 1 - small.n, 12)
    last = month_days(year, month + 1).last
    return last and last.replace(day=min(last.day, day.day))


def referred(time: Time, which: str) -> Time | None:
    """Return the time that points at another: the same, what came after it, or before it."""
    if which == "same":
        return time
    if isinstance(time, Days):
        day = timedelta(days=1)
        if which == "after":
            start = time.last + day if time.last else time.first
            return Days(start, None) if start else None
        return Days(None, time.first - day) if time.first else None
    if isinstance(time, Recent):
        if which == "after":
            return replace(time, older=False, at=False, op="") if time.older else None
        return replace(time, older=True, at=False, op="")
    return None


def same_time(one: Time | None, other: Time) -> bool:
    """Whether two times that were said are one, wherever they stand."""
    if isinstance(one, Recent) and isinstance(other, Recent):
        return replace(one, first=0, end=0) == replace(other, first=0, end=0)
    if isinstance(one, Days) and isinstance(other, Days):
        return (one.first, one.last) == (other.first, other.last)
    return False
