"""Calendar days and periods out of lexemes: 5 March 2025, Q1 2025, last month, FY 2024-25."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.ai.grammar.lexemes import Kind
from engine.ai.grammar.numbers import Number
from engine.ai.grammar.times import Days, fiscal_days, month_days, months_days, year_days

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.lexemes import Lexeme

FIRST_YEAR, LAST_YEAR = 1900, 2199
BARE_YEARS = range(1930, 2101)
"""Numbers that may be a year where nothing says so."""
_LONG_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2,4})")
_YEARS = re.compile(r"(\d{4})[-/](\d{1,2})")
_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_DAYS_OF_MONTH = 31
_SATURDAY = 5
_THIS_CENTURY = range(10, 32)
"""Numbers behind a month that may be a year as well as a day."""


def read_days(lexemes: Sequence[Lexeme], at: int, today: date) -> tuple[Days, int] | None:
    """Return the days that are named from a lexeme on, and the index behind them."""
    with suppress(ValueError, OverflowError):  # 31 February, the year 0
        for read in (_written, _fiscal_quarter, _quarter, _by_month, _relative, _year):
            if found := read(lexemes, at, today):
                return found
    return None


def _written(lexemes: Sequence[Lexeme], at: int, _today: date) -> tuple[Days, int] | None:
    lexeme = lexemes[at]
    if lexeme.kind is not Kind.DAY or not isinstance(lexeme.data, str):
        return None
    if match := _LONG_DAY.fullmatch(lexeme.data):
        year, month, day = map(int, match.groups())
        return _one(date(year, month, day)), at + 1
    if match := _DAY_FIRST.fullmatch(lexeme.data):
        day, month, year = map(int, match.groups())
        year += 2000 if year < 100 else 0  # noqa: PLR2004 - two digits
        if month > 12:  # noqa: PLR2004 - no month: written with the month first
            note = f"{lexeme.data} was read with the month first, as no month is above 12."
            return replace(_one(date(year, day, month)), notes=(note,)), at + 1
        found = _one(date(year, month, day))
        if day <= 12 and day != month:  # noqa: PLR2004 - months
            found = replace(found, other=_one(date(year, day, month)))
        return found, at + 1
    if (match := _YEARS.fullmatch(lexeme.data)) and 1 <= int(match[2]) <= 12:  # noqa: PLR2004
        year, other = map(int, match.groups())
        if (year + 1) % 100 != other:
            return month_days(_known(year), other), at + 1
    return _fiscal(lexemes, at, _today)


def _fiscal(lexemes: Sequence[Lexeme], at: int, today: date) -> tuple[Days, int] | None:
    """FY 2024-25, FY25, financial year 2024, this or last financial year, 2024-25."""
    lexeme = lexemes[at]
    if lexeme.kind is Kind.DAY and isinstance(lexeme.data, str):
        match = _YEARS.fullmatch(lexeme.data)
        if match and (int(match[1]) + 1) % 100 == int(match[2]):
            return fiscal_days(_known(int(match[1]))), at + 1
        return None
    if lexeme.means(Kind.CALENDAR, "fy") and at + 1 < len(lexemes):
        return _fiscal_named(lexemes, at + 1, today)
    if lexeme.among(Kind.LAST, Kind.THIS) and _is(lexemes, at + 1, Kind.CALENDAR, "fy"):
        begun = today.year if today.month >= 4 else today.year - 1  # noqa: PLR2004 - April
        return fiscal_days(begun - (lexeme.kind is Kind.LAST)), at + 2
    return None


def _fiscal_named(lexemes: Sequence[Lexeme], at: int, today: date) -> tuple[Days, int] | None:
    if found := _fiscal(lexemes, at, today):
        return found
    number = whole(lexemes[at])
    if number is None:
        return None
    year = number if number >= FIRST_YEAR else 2000 + number
    if _is(lexemes, at + 1, Kind.TO) and at + 2 < len(lexemes):
        tail = whole(lexemes[at + 2])
        if tail is not None and (year + 1) % 100 == tail % 100:
            return fiscal_days(_known(year)), at + 3
    return fiscal_days(_known(year) - 1), at + 1


def _part_of_year(lexemes: Sequence[Lexeme], at: int) -> tuple[int, int, int] | None:
    """Return (its months, which, the index behind) of "Q1", "H2", "third quarter"."""
    lexeme = lexemes[at]
    size, key, end = 3, 0, at
    if lexeme.means(Kind.CALENDAR, "quarter_of", "half_of") and at + 1 < len(lexemes):
        key, end = whole(lexemes[at + 1]) or 0, at + 2
        size = 6 if lexeme.key == "half_of" else 3
    elif lexeme.kind is Kind.CALENDAR and lexeme.key in _QUARTERS:
        if _is(lexemes, at + 1, Kind.UNIT, "quarter"):
            key, end = _QUARTERS[lexeme.key], at + 2
    elif _is(lexemes, at + 1, Kind.FILLER, "ordinal") and _is(
        lexemes, at + 2, Kind.UNIT, "quarter"
    ):
        key, end = whole(lexeme) or 0, at + 3
    return (size, key, end) if 1 <= key <= 12 // size else None


def _quarter(lexemes: Sequence[Lexeme], at: int, today: date) -> tuple[Days, int] | None:
    part = _part_of_year(lexemes, at)
    if part is None:
        return None
    size, key, end = part
    month = size * (key - 1) + 1
    after = end + (_is(lexemes, end, Kind.PREP) and end + 1 < len(lexemes))
    if after < len(lexemes):
        if fiscal := _fiscal(lexemes, after, today):
            return _fiscal_part(fiscal[0], size, key), fiscal[1]
        if year := _year_at(lexemes, after, today):
            return months_days(year[0], month, size), year[1]
    begun = today.year if month <= today.month else today.year - 1
    note = f"Without a year, the latest one that began was taken: {begun}."
    return replace(months_days(begun, month, size), notes=(note,), guessed=True), end


def _fiscal_quarter(lexemes: Sequence[Lexeme], at: int, today: date) -> tuple[Days, int] | None:
    """As in "FY26 Q4"; the year alone where no part of it follows."""
    fiscal = _fiscal(lexemes, at, today)
    part = _part_of_year(lexemes, fiscal[1]) if fiscal and fiscal[1] < len(lexemes) else None
    return (_fiscal_part(fiscal[0], *part[:2]), part[2]) if fiscal and part else fiscal


def _fiscal_part(fiscal: Days, size: int, key: int) -> Days:
    """Return the days of a quarter or a half of a financial year."""
    april = fiscal.first.year * 12 + 3 if fiscal.first else 0
    year, month = divmod(april + size * (key - 1), 12)
    return replace(months_days(year, month + 1, size), notes=fiscal.notes)


def _year_at(lexemes: Sequence[Lexeme], at: int, today: date) -> tuple[int, int] | None:
    """Return the year that is named, this year or last year, and the index behind it."""
    if year := _as_year(lexemes[at]):
        return year, at + 1
    if lexemes[at].among(Kind.LAST, Kind.THIS) and _is(lexemes, at + 1, Kind.UNIT, "year"):
        return today.year - (lexemes[at].kind is Kind.LAST), at + 2
    return None


def _by_month(lexemes: Sequence[Lexeme], at: int, today: date) -> tuple[Days, int] | None:
    """5 March 2025, March 5th, 2025, March 2025, 5th of March, March."""
    day, month_at, in_year = None, at, False
    number = whole(lexemes[at])
    if number is not None and 1 <= number <= _DAYS_OF_MONTH:
        month_at = at + 1
        if _is(lexemes, month_at, Kind.PREP, "in"):
            return None  # "three in April" is no day
        while (
            month_at < len(lexemes)
            and (lexemes[month_at].kind is Kind.FILLER or _is(lexemes, month_at, Kind.PREP))
            and month_at < at + 3
        ):
            month_at += 1
        day = number
    if not _is(lexemes, month_at, Kind.MONTH):
        return None
    month, end = int(lexemes[month_at].key), month_at + 1
    end += _is(lexemes, end, Kind.UNIT, "month") and not _is(lexemes, end + 1, Kind.AGO)
    if (
        day is None
        and end < len(lexemes)
        and (after := whole(lexemes[end])) is not None
        and (
            1 <= after <= _DAYS_OF_MONTH
            and not _is(lexemes, end + 1, Kind.UNIT, "day", "week", "month", "year")
            and not _is(lexemes, end + 1, Kind.COUNTED)
            and not _is(lexemes, end + 1, Kind.HEAD)
        )
    ):
        day, end = after, end + 1
        ordinal = _is(lexemes, end, Kind.FILLER, "ordinal")
        end += ordinal
        in_year = _is(lexemes, at - 1, Kind.PREP, "in") and not ordinal and after in _THIS_CENTURY
    comma = _is(lexemes, end, Kind.COMMA) or _is(lexemes, end, Kind.PREP)
    told = _year_at(lexemes, end + comma, today) if end + comma < len(lexemes) else None
    if told and not (_is(lexemes, end, Kind.COMMA) and told[1] > end + 2):
        year = told[0]
        return (_one(date(year, month, day)) if day else month_days(year, month)), told[1]
    year = today.year if (month, day or 1) <= (today.month, today.day) else today.year - 1
    found = _one(date(year, month, day)) if day else month_days(year, month)
    name = f"{found.first:%B}" if found.first else ""
    note = f"{name} without a year was taken as the latest: {year}."
    found = replace(found, notes=(note,), guessed=True)
    if in_year and day:  # "in May 25": of 2025, or the 25th
        return replace(month_days(2000 + day, month), other=replace(found, notes=())), end
    return found, end


def _relative(  # noqa: PLR0911 - one return a way to say it
    lexemes: Sequence[Lexeme], at: int, today: date
) -> tuple[Days, int] | None:
    lexeme = lexemes[at]
    if lexeme.kind is Kind.CALENDAR:
        day = {"today": 0, "yesterday": 1, "day_before": 2, "tomorrow": -1}.get(lexeme.key)
        if day is not None:
            return replace(_one(today - timedelta(days=day)), of_now=True), at + 1
        if lexeme.key == "ytd":
            return Days(date(today.year, 1, 1), today, of_now=True), at + 1
        month = Days(today.replace(day=1), today, of_now=True)
        return (month, at + 1) if lexeme.key == "mtd" else None
    if not lexeme.among(Kind.LAST, Kind.THIS):
        return None
    back = int(lexeme.kind is Kind.LAST)
    if _is(lexemes, at + 1, Kind.MONTH):
        month_of = int(lexemes[at + 1].key)
        year = today.year - (month_of > today.month or (back and month_of == today.month))
        return replace(month_days(year, month_of), of_now=True), at + 2
    ahead = not back and today.weekday() < _SATURDAY
    if _is(lexemes, at + 1, Kind.CALENDAR, "weekend") and not ahead:
        sunday = today + timedelta(days=6 - today.weekday() - 7 * back)
        return Days(sunday - timedelta(days=1), sunday, of_now=True), at + 2
    if not _is(lexemes, at + 1, Kind.UNIT):
        return None
    unit = lexemes[at + 1].key
    found = period(unit, back, today)
    return (replace(found, of_now=unit != "year"), at + 2) if found else None


def period(unit: str, back: int, today: date) -> Days | None:
    """Return the calendar period that holds today (``back`` 0), or the one before it (1)."""
    match unit:
        case "day":
            return _one(today - timedelta(days=back))
        case "week":
            monday = today - timedelta(days=today.weekday() + 7 * back)
            return Days(monday, monday + timedelta(days=6))
        case "month":
            year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
            return month_days(year, month + 1)
        case "quarter":
            year, quarter = divmod(today.year * 4 + (today.month - 1) // 3 - back, 4)
            return months_days(year, 3 * quarter + 1, 3)
        case "year":
            return year_days(today.year - back)
        case _:
            return None


def _year(lexemes: Sequence[Lexeme], at: int, _today: date) -> tuple[Days, int] | None:
    start = at + (_is(lexemes, at, Kind.FILLER) or _is(lexemes, at, Kind.UNIT, "year"))
    if start > at and not _is(lexemes, at, Kind.UNIT, "year"):
        return None
    year = _as_year(lexemes[start]) if start < len(lexemes) else None
    return (year_days(year), start + 1) if year else None


def _as_year(lexeme: Lexeme) -> int | None:
    number = whole(lexeme)
    plausible = number in BARE_YEARS
    return number if plausible and lexeme.end == lexeme.first + 1 else None


def whole(lexeme: Lexeme) -> int | None:
    """Return the whole number that a lexeme is, with nothing beside it; None for others."""
    number = lexeme.data
    if lexeme.kind is not Kind.NUMBER or not isinstance(number, Number):
        return None
    simple = not (number.currency or number.percent or number.plus or number.times)
    return int(number.value) if simple and number.value == int(number.value) else None


def _known(year: int) -> int:
    if not FIRST_YEAR < year < LAST_YEAR:
        raise ValueError
    return year


def _one(day: date) -> Days:
    _known(day.year)
    return Days(day, day)


def _is(lexemes: Sequence[Lexeme], at: int, kind: Kind, *keys: str) -> bool:
    if not 0 <= at < len(lexemes):
        return False
    return lexemes[at].kind is kind and (not keys or lexemes[at].key in keys)
