"""Days between bounds out of lexemes: since March, before 2024, from 1 to 15 June, April or May."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.ai.grammar.amounts import ends_now, skip
from engine.ai.grammar.dates import BARE_YEARS, FIRST_YEAR, LAST_YEAR, read_days, whole
from engine.ai.grammar.lexemes import Kind, Lexeme
from engine.ai.grammar.numbers import Number
from engine.ai.grammar.times import Days, day_of, months_days, moved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.times import Time

_FORTIES, _NINETIES, _CENTURY = 40, 90, 1900
"""Decades that are those of the last century behind "born"."""
_FIGURES = ("total_spend", "average", "maximum", "minimum", "every_order", "order_count")
_DATED = ("order", "order_base", "signup", "born", "first", "last")
"""Heads behind which a range of years is no range of amounts."""
_COMPARED = {
    "less_than": Kind.BEFORE,
    "less_or_equal": Kind.UNTIL,
    "greater_than": Kind.AFTER,
    "greater_or_equal": Kind.SINCE,
}
"""What comparisons say of a day: "signed_up_at >= 2025-01-01"."""


def after(lexemes: Sequence[Lexeme], at: int, today: date) -> tuple[Time, int] | None:
    """Since, after, before, until, from ... onwards."""
    lexeme = lexemes[at]
    kind = lexeme.kind
    if kind is Kind.COMPARE and _is_date(lexemes, at + 1):
        kind = _COMPARED.get(lexeme.key, kind)
    if at and lexeme.data == "from" and lexemes[at - 1].means(Kind.FLAG, "to_date"):
        kind = Kind.SINCE  # "till now from March"
    if kind not in {Kind.SINCE, Kind.AFTER, Kind.BEFORE, Kind.UNTIL}:
        return None
    if found := _point(lexemes, at + 1, today):
        days, end = found
        return _open(kind, days), end
    return None


def decade(lexemes: Sequence[Lexeme], at: int, _today: date) -> tuple[Time, int] | None:
    """In the 1990s; behind "born" in the 90s or the nineties, too."""
    start = skip(lexemes, at, Kind.PREP)
    number = lexemes[start].data if start < len(lexemes) else None
    if not isinstance(number, Number) or number.value % 10:
        return None
    marked = start + 1 < len(lexemes) and lexemes[start + 1].means(Kind.FILLER, "decade")
    if not (marked or number.decade):
        return None
    year = int(number.value)
    if _behind_born(lexemes, at) and _FORTIES <= year <= _NINETIES:
        year += _CENTURY
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return Days(date(year, 1, 1), date(year + 9, 12, 31)), start + 1 + marked


def _behind_born(lexemes: Sequence[Lexeme], at: int) -> bool:
    """Whether "born" stands before, or before a list: "born in the 80s or 90s"."""
    kinds = (Kind.OR, Kind.AND, Kind.COMMA, Kind.NUMBER, Kind.FILLER, Kind.PREP)
    while at > 0 and lexemes[at - 1].among(*kinds):
        at -= 1
    return at > 0 and lexemes[at - 1].means(Kind.HEAD, "born")


def _is_date(lexemes: Sequence[Lexeme], at: int) -> bool:
    """Whether a day follows that can be no number: 2025-01-01, 1 January 2026."""
    if at >= len(lexemes) or lexemes[at].kind is Kind.DAY:
        return at < len(lexemes)
    month = _skip_ordinal(lexemes, at + 1)
    named = month < len(lexemes) and lexemes[month].kind is Kind.MONTH
    return lexemes[at].kind is Kind.NUMBER and named


def bounded(  # noqa: PLR0911 - one return a way not to be one
    lexemes: Sequence[Lexeme], at: int, today: date
) -> tuple[Time, int] | None:
    """Between DATE and DATE, from DATE to DATE, DATE to DATE, from DATE onwards."""
    lead = lexemes[at]
    if not (
        lead.among(Kind.BETWEEN, Kind.PREP, Kind.SINCE, Kind.AFTER)
        or lead.among(Kind.DAY, Kind.MONTH, Kind.NUMBER, Kind.CALENDAR)
    ):
        return None
    start = at + lead.among(Kind.BETWEEN, Kind.PREP, Kind.SINCE, Kind.AFTER)
    first = _point(lexemes, start, today)
    bare = _first_of_pair(lexemes, start, today) if first is None else None
    lone = first is not None and lead.kind is Kind.NUMBER and first[1] == at + 1
    if lone and not _years_of_orders(lexemes, at):
        return None  # "2000 and above" is a number
    if first and first[1] == start + 1 and _measured(lexemes, at, start):
        return None  # "spent between 2000 and 2025"
    middle = first[1] if first else (bare[1] if bare else 0)
    if not middle or middle >= len(lexemes):
        return None
    join = lexemes[middle]
    onwards = join.means(Kind.POST, "greater_or_equal") or join.means(Kind.FLAG, "to_date")
    if onwards and first and not lead.among(Kind.BETWEEN):
        return _open(Kind.SINCE, first[0]), middle + 1
    if not _joins(lexemes, middle, lead):
        return None
    before = join.kind is Kind.BEFORE or (
        middle + 1 < len(lexemes) and lexemes[middle + 1].kind is Kind.BEFORE
    )
    last = _last_point(lexemes, middle + 1 + (join.kind is Kind.AND and before), today)
    last = last or _last_day(lexemes, middle + 1, first[0] if first else None)
    if last is None or last[0].last is None or last[0].first is None:
        return None
    begin = first[0] if first else _with_year(bare[0] if bare else 0, last[0])
    if begin is None or begin.first is None:
        return None
    end_day = last[0].first - timedelta(days=1) if before else last[0].last
    start_day = begin.first
    if lead.kind is Kind.AFTER and begin.last:
        start_day = begin.last + timedelta(days=1)
    start_day = _same_year(start_day, begin, last[0], end_day)
    found = _from_to(begin, start_day, last[0], end_day)
    return (found, last[1]) if found else None


def _from_to(begin: Days, start: date, last: Days, end: date) -> Days | None:
    notes = (*(begin.notes if begin.first == start else ()), *last.notes)
    guessed = begin.guessed and last.guessed
    if start > end and guessed:  # "between May and July", asked in June
        start = start.replace(year=start.year - 1)
        notes = (f"Without a year, the latest was taken: {start:%B %Y} to {end:%B %Y}.",)
    if start > end:
        return None
    return Days(start, end, tuple(dict.fromkeys(notes)), guessed=guessed)


def _years_of_orders(lexemes: Sequence[Lexeme], at: int) -> bool:
    """Whether bare numbers are years: "ordered 2023 to 2025", "2024 to now"."""
    if at + 2 >= len(lexemes) or not lexemes[at + 1].among(Kind.TO, Kind.UNTIL):
        return False
    until = lexemes[at + 2]
    if ends_now(lexemes, at + 2) or until.means(Kind.CALENDAR, "today"):
        return True
    verb = at > 0 and lexemes[at - 1].means(Kind.HEAD, *_DATED)
    years = [whole(lexemes[at]) or 0, whole(until) or 0]
    return verb and all(year in BARE_YEARS and year % 100 for year in years)


def _measured(lexemes: Sequence[Lexeme], at: int, start: int) -> bool:
    """Whether a figure stands before what would be years of a range, or a round number in it."""
    head = lexemes[at - 1] if at else None
    if (
        head is None
        or lexemes[at].kind is not Kind.BETWEEN
        or lexemes[start].kind is not Kind.NUMBER
    ):
        return False
    if head.kind is Kind.FIELD or head.means(Kind.HEAD, *_FIGURES):
        return True
    years = [number for one in lexemes[start : start + 3] if (number := whole(one)) is not None]
    return head.means(Kind.HEAD, "spend") and any(year % 100 == 0 for year in years)


def months(lexemes: Sequence[Lexeme], at: int, today: date) -> tuple[Time, int] | None:
    """April or May this year: months that follow each other."""
    start = skip(lexemes, at, Kind.PREP)
    found: list[int] = []
    place = start
    while place < len(lexemes) and lexemes[place].kind is Kind.MONTH:
        found.append(int(lexemes[place].key))
        place += 1
        join = place
        while join < len(lexemes) and lexemes[join].among(Kind.OR, Kind.COMMA):
            join += 1
        if join == place or join >= len(lexemes) or lexemes[join].kind is not Kind.MONTH:
            break
        place = join
    if len(found) < 2 or any(b - a != 1 for a, b in pairwise(found)):  # noqa: PLR2004 - a list
        return None
    if not any(one.kind is Kind.OR for one in lexemes[start:place]):
        return None
    year = (
        read_days(lexemes, skip(lexemes, place, Kind.PREP), today) if place < len(lexemes) else None
    )
    first, last = (year[0].first, year[0].last) if year else (None, None)
    if (
        year
        and first
        and last
        and (first, last) == (date(first.year, 1, 1), date(first.year, 12, 31))
    ):
        whole = months_days(first.year, found[0], len(found))
        return whole, year[1]
    begun = today.year - (found[0] > today.month)
    note = f"Months without a year were taken as the latest: {begun}."
    return replace(months_days(begun, found[0], len(found)), notes=(note,), guessed=True), place


def _open(kind: Kind, days: Days) -> Days:
    first, last = days.first, days.last
    day = timedelta(days=1)
    if kind is Kind.SINCE:
        found = replace(days, last=None)
    elif kind is Kind.AFTER:
        found = replace(days, first=last + day if last else None, last=None)
    elif kind is Kind.BEFORE:
        found = replace(days, first=None, last=first - day if first else None)
    else:
        found = replace(days, first=None)
    return replace(found, other=_open(kind, days.other)) if days.other else found


def _same_year(start: date, begin: Days, last: Days, end: date) -> date:
    """As in "Jan to March 2025" takes its year from the end."""
    if begin.guessed and not last.guessed:
        year = end.year if (start.month, start.day) <= (end.month, end.day) else end.year - 1
        return start.replace(year=year)
    return start


def _joins(lexemes: Sequence[Lexeme], at: int, lead: Lexeme) -> bool:
    join = lexemes[at]
    if join.among(Kind.TO, Kind.UNTIL):
        return True
    if join.kind is Kind.AND:
        before = at + 1 < len(lexemes) and lexemes[at + 1].kind is Kind.BEFORE
        return lead.kind is Kind.BETWEEN or (lead.among(Kind.AFTER, Kind.SINCE) and before)
    return join.kind is Kind.BEFORE and lead.among(Kind.AFTER, Kind.SINCE)


def _first_of_pair(lexemes: Sequence[Lexeme], at: int, _today: date) -> tuple[int, int] | None:
    """The 1 of "1 to 15 March 2025"."""
    number = lexemes[at].data if at < len(lexemes) else None
    if isinstance(number, Number) and number.value == int(number.value) and 1 <= number.value <= 31:  # noqa: PLR2004
        end = _skip_ordinal(lexemes, at + 1)
        return int(number.value), end
    return None


def _skip_ordinal(lexemes: Sequence[Lexeme], at: int) -> int:
    return at + (at < len(lexemes) and lexemes[at].means(Kind.FILLER, "ordinal"))


def _with_year(day: int, last: Days) -> Days | None:
    if last.first is None or last.first != last.last or not day or day > last.first.day:
        return None
    start = last.first.replace(day=day)
    return Days(start, start, last.notes)


def _last_day(lexemes: Sequence[Lexeme], at: int, first: Days | None) -> tuple[Days, int] | None:
    """Return the 10 of "June 5 to 10", with the year that may follow."""
    number = whole(lexemes[at]) if at < len(lexemes) and first else None
    day = day_of(number, first) if number and first else None
    end = _skip_ordinal(lexemes, at + 1)
    counts = end < len(lexemes) and lexemes[end].among(Kind.COUNTED, Kind.UNIT, Kind.HEAD)
    if counts or day is None:
        return None
    comma = end + (end < len(lexemes) and lexemes[end].kind is Kind.COMMA)
    year = whole(lexemes[comma]) if comma < len(lexemes) else None
    return (moved(day, year), comma + 1) if year in BARE_YEARS and year else (day, end)


def _last_point(lexemes: Sequence[Lexeme], at: int, today: date) -> tuple[Days, int] | None:
    """Return the end of a stretch, which may be now."""
    if ends_now(lexemes, skip(lexemes, at)):
        return Days(today, today, of_now=True), skip(lexemes, at) + 1
    return _point(lexemes, at, today)


def _point(lexemes: Sequence[Lexeme], at: int, today: date) -> tuple[Days, int] | None:
    at = skip(lexemes, at, Kind.PREP)
    found = read_days(lexemes, at, today) if at < len(lexemes) else None
    if found and found[1] < len(lexemes) and lexemes[found[1]].among(Kind.COUNTED):
        return None
    return found
