"""Times that lean on those beside them: "2025, not 2026", "13 or 14 June", "2025, not in May"."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from engine.ai.grammar.dates import BARE_YEARS, whole
from engine.ai.grammar.lexemes import Kind, Lexeme, joined
from engine.ai.grammar.numbers import Number
from engine.ai.grammar.time_lists import as_time, before_that, days_in_lists, months_in_lists
from engine.ai.grammar.times import (
    Days,
    day_of,
    fiscal_days,
    month_days,
    moved,
    whole_years,
    year_days,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_JOINS = frozenset(
    {*(Kind.AND, Kind.OR, Kind.COMMA, Kind.BUT, Kind.EXCEPT, Kind.NOT, Kind.NOR), Kind.BOTH}
)
_ALTERNATIVES = frozenset({Kind.OR, Kind.NOT, Kind.NOR, Kind.EXCEPT})
_ENDS = frozenset({*_JOINS, Kind.STOP, Kind.CLOSE, Kind.WHO})
_ORDERING = frozenset({"order", "order_base", "orders", "buyers", "spend", "repeat"})
_TWO_DIGITS = range(10, 100)


def lean(lexemes: Sequence[Lexeme], today: date) -> list[Lexeme]:
    """Return lexemes whose times were folded, with the times that lean on others read, too.

    A bare number in the place of a time that names none is made unknown, never an amount.
    """
    found = before_that(lexemes)
    days_in_lists(found)
    months_in_lists(found, today)
    found = _years_in_pairs(found)
    for at in range(len(found)):
        before = _leans_on(found, at)
        if before is not None:
            found[at] = _read_behind(found, at, before, today)
        elif _neither(found, at):
            found[at] = as_time(found[at], year_days(whole(found[at]) or 0))
    return found


def _leans_on(found: Sequence[Lexeme], at: int) -> int | None:
    """Return the place of the time that a lexeme is joined to by nothing but small words.

    A month without a year may have a verb of its own: "in 2025 but haven't ordered in May".
    """
    place = at - 1
    verb = found[at].kind is Kind.TIME
    small = {*_JOINS, Kind.FILLER, *((Kind.HEAD, Kind.HAVE) if verb else ())}
    while place >= 0 and found[place].kind in small:
        place -= 1
    if place < 0 or found[place].kind is not Kind.TIME:
        return None
    kinds = {one.kind for one in found[place + 1 : at]}
    heads = Kind.HEAD in kinds and Kind.NOT not in kinds
    return None if heads or kinds.isdisjoint(_JOINS) else place


def _neither(found: Sequence[Lexeme], at: int) -> bool:
    """Whether a number is the first year of "in neither 2024 nor 2025"."""
    led = at > 1 and found[at - 1].kind is Kind.NOT and found[at - 2].means(Kind.PREP, "in")
    number = whole(found[at]) or 0
    return led and number in BARE_YEARS and _ends(found, at + 1)


def _read_behind(found: Sequence[Lexeme], at: int, before: int, today: date) -> Lexeme:
    """Read "2026" of "in 2025 but not 2026", and "May" of "in 2025, not in May"."""
    whole_of = _left_out_of(found, before)
    lexeme, said = found[at], found[whole_of].data
    if isinstance(lexeme.data, Days) and isinstance(said, Days):
        kinds = {one.kind for one in found[before:at]}
        days = _in_year_of(said, lexeme.data, own=Kind.HEAD in kinds)
        if whole_years(said) and kinds.isdisjoint({Kind.NOT, Kind.EXCEPT}) and whole_of == before:
            same = (days.first, days.last) == (lexeme.data.first, lexeme.data.last)
            days = lexeme.data if same else replace(lexeme.data, other=days)  # "... and in May"
        return replace(lexeme, data=days)
    if not lexeme.among(Kind.NUMBER, Kind.MONTH) or not _ends(found, at + 1):
        return lexeme
    listed = whole_of if lexeme.kind is Kind.MONTH else before
    either = any(one.kind in _ALTERNATIVES for one in found[listed:at])
    time = _bare(lexeme, said, today, either=either) if isinstance(said, Days) else None
    number = whole(lexeme) or 0
    asks = either or (isinstance(said, Days) and number in BARE_YEARS)
    if time is not None:
        return as_time(lexeme, time)
    if asks and (number in _TWO_DIGITS or number in BARE_YEARS):
        return replace(lexeme, kind=Kind.UNKNOWN, key="", data=None)
    return lexeme


def _left_out_of(found: Sequence[Lexeme], at: int) -> int:
    """Return the place of the time that one is left out of: the year of "in 2025, not in May"."""
    before = _leans_on(found, at)
    if before is None or not any(one.among(Kind.EXCEPT, Kind.NOT) for one in found[before:at]):
        return at
    return _left_out_of(found, before)


def _bare(lexeme: Lexeme, said: Days, today: date, *, either: bool) -> Days | None:
    """Return the time that a number or a month by itself is behind another time."""
    if lexeme.kind is Kind.NUMBER:
        number = whole(lexeme) or 0
        return _year(number, said) or day_of(number, said)
    if not either:
        return None  # "in March and April" may be in both, or in the two together
    month = int(lexeme.key)
    year = today.year - (month > today.month)
    note = f"{date(year, month, 1):%B} without a year was taken as the latest: {year}."
    return _in_year_of(said, replace(month_days(year, month), notes=(note,), guessed=True))


def _ends(found: Sequence[Lexeme], at: int) -> bool:
    """Whether nothing follows that a number would count, or a month would be "may" for."""
    while at < len(found) and found[at].kind is Kind.FILLER:
        at += 1
    if at == len(found) or found[at].kind in _ENDS:
        return True
    after = found[at + 1] if at + 1 < len(found) else None
    placed = after is not None and not after.among(Kind.NUMBER, Kind.TIME, Kind.FILLER)
    return found[at].kind is Kind.PREP and placed


def _year(number: int, said: Days) -> Days | None:
    if number not in BARE_YEARS or not number % 100:
        return None  # 2000 may be an amount
    return year_days(number) if whole_years(said) else None


def _in_year_of(said: Days, days: Days, *, own: bool = False) -> Days:
    """Take the year that was said before for days that were said without one.

    Where they need not be of that year, as they are not within what was said or have a verb of
    their ``own``, the latest year is the other reading.
    """
    first, last = said.first, said.last
    if not days.guessed or days.first is None or days.last is None or not (first and last):
        return days
    if said.guessed:
        return days
    years = range(first.year, last.year + 1)
    within = [
        one
        for one in (moved(days, year) for year in years)
        if one.first and one.last and first <= one.first and one.last <= last
    ]
    name = f"{days.first:%B}"
    if len(within) > 1:
        return days
    same = within[0] if within else moved(days, last.year)
    if (same.first, same.last) == (days.first, days.last):
        return days
    sure = bool(within) and not own
    note = f"{name} was taken as that of {same.first.year if same.first else last.year}."
    return replace(same, notes=(note,), other=None if sure else replace(days, notes=()))


def _years_in_pairs(lexemes: Sequence[Lexeme]) -> list[Lexeme]:
    """Read "in 25-26" as the financial year, and no other number behind "in" as an amount."""
    found: list[Lexeme] = []
    at = 0
    while at < len(lexemes):
        end = _bare_behind_in(lexemes, at)
        if not end or lexemes[at].kind is not Kind.PREP:
            found.append(lexemes[at])
        if not end:
            at += 1
            continue
        numbers = [number for one in lexemes[at + 1 : end] if (number := whole(one)) is not None]
        first, last = numbers[0], numbers[-1]
        parts = lexemes[at + 1 : end]
        if len(numbers) > 1 and first in _TWO_DIGITS and last == first + 1:
            found.append(as_time(joined(Kind.TIME, "", parts), fiscal_days(2000 + first)))
        else:
            found.append(joined(Kind.UNKNOWN, "", parts))
        at = end
    return found


def _bare_behind_in(lexemes: Sequence[Lexeme], at: int) -> int:
    """Return the index behind bare numbers below a hundred that "in" or "on" asks to be a time."""
    end = at + 2
    if not at or end > len(lexemes) or not _short(lexemes[at + 1]):
        return 0
    if not _asks_for_time(lexemes, at):
        return 0
    if end + 1 < len(lexemes) and lexemes[end].kind is Kind.TO and _short(lexemes[end + 1]):
        end += 2
    elif not lexemes[at].among(Kind.PREP, Kind.TIME, Kind.TO):
        return 0
    joins = end + 1 < len(lexemes) and lexemes[end].kind in _JOINS
    listed = joins and lexemes[end + 1].among(Kind.NUMBER, Kind.TIME)
    return end if _ends(lexemes, end) and not listed else 0


def _asks_for_time(lexemes: Sequence[Lexeme], at: int) -> bool:
    """Whether a time must follow a lexeme: "ordered in", "in 2025 but not"."""
    ranged = lexemes[at].kind is Kind.TO and lexemes[at - 1].kind is Kind.TIME
    if ranged or lexemes[at].kind is Kind.TIME:
        return True  # "in week 25", "in May 25-26"
    if not lexemes[at].means(Kind.PREP, "in", "on"):
        return lexemes[at].kind in _ALTERNATIVES and _leans_on(lexemes, at + 1) is not None
    head = lexemes[at - 1]
    figure = head.among(Kind.HEAD, Kind.FIELD, Kind.COMPARE, Kind.BE)
    return head.means(Kind.HEAD, *_ORDERING) or not figure


def _short(lexeme: Lexeme) -> bool:
    number = lexeme.data
    bare = isinstance(number, Number) and not number.spoken and number.scale == 1
    return bare and (whole(lexeme) or 100) < 100  # noqa: PLR2004 - two digits
