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
