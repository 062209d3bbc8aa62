"""Stretches of time out of lexemes: the last 90 days, over a year ago, 3 to 6 months ago."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ai.grammar.amounts import amount, scaled, skip
from engine.ai.grammar.dates import FIRST_YEAR, LAST_YEAR, read_days
from engine.ai.grammar.leaning import lean
from engine.ai.grammar.lexemes import Kind, Lexeme
from engine.ai.grammar.numbers import Number
from engine.ai.grammar.ranges import after, bounded, decade, months
from engine.ai.grammar.recent import bound, recent
from engine.ai.grammar.times import Ahead, Days, Recent, Stretch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from engine.ai.grammar.times import Time

_BEGINS = frozenset(
    {
        *(Kind.LAST, Kind.NUMBER, Kind.UNIT, Kind.THIS, Kind.NEXT, Kind.DAY, Kind.MONTH),
        *(Kind.CALENDAR, Kind.COMPARE),
    }
)
"""Kinds that a time begins with behind a small word."""
_DATED = ("signup", "born", "first", "last", "tenure")
"""Heads that take a year without a preposition."""
_NEXT_WEEK = "Next week was taken as the next 7 days, from tomorrow on."
_LISTED = 3
"""Lexemes before the second year of "in 2023 or 2024"."""
_YOUNGEST = 13
"""Years from which "between 20 and 30 years" is an age."""


def fold_times(lexemes: Sequence[Lexeme], today: date) -> list[Lexeme]:
    """Return the lexemes with every stretch of time made one."""
    found: list[Lexeme] = []
    lexemes = _with_ages(_with_units(_with_months(lexemes)))
    at = 0
    while at < len(lexemes):
        read = _read(lexemes, at, today)
        if read is None:
            said = lexemes[at]
            found.append(replace(said, key="ever") if said.key == "to_date" else said)
            at += 1
            continue
        time, end = read
        time = _placed(time, lexemes, at, end)
        found.append(Lexeme(Kind.TIME, "", lexemes[at].first, lexemes[end - 1].end, time))
        at = end
    return lean(found, today)


def _with_months(lexemes: Sequence[Lexeme]) -> Sequence[Lexeme]:
    """Read "the quarter October-December" as months, from one to the other."""
    found: list[Lexeme] = []
    lexemes = _without_of(lexemes)
    for at, lexeme in enumerate(lexemes):
        month = at + 1 < len(lexemes) and lexemes[at + 1].kind is Kind.MONTH
        if month and lexeme.kind is Kind.UNIT:
            found.append(replace(lexeme, kind=Kind.FILLER, key="filler"))
            continue
        found.append(lexeme)
        if month and lexeme.kind is Kind.MONTH:
            found.append(Lexeme(Kind.TO, "to", lexeme.end, lexeme.end))
    return found


def _without_of(lexemes: Sequence[Lexeme]) -> Sequence[Lexeme]:
    """Read "in the month of April" as "in the month April"."""
    found = list(lexemes)
    for at in reversed(range(len(found) - 2)):
        unit, of, month = found[at : at + 3]
        if unit.means(Kind.UNIT, "month") and of.data == "of" and month.kind is Kind.MONTH:
            del found[at + 1]
    return found


def _with_units(lexemes: Sequence[Lexeme]) -> Sequence[Lexeme]:
    """Give "... but not in the last 2" the unit that was said before."""
    found: list[Lexeme] = []
    unit = ""
    for at, lexeme in enumerate(lexemes):
        found.append(lexeme)
        if lexeme.kind is Kind.UNIT:
            unit = lexeme.key
        after = lexemes[at + 1] if at + 1 < len(lexemes) else None
        counted = lexeme.kind is Kind.NUMBER and at > 0 and lexemes[at - 1].kind is Kind.LAST
        ends = after is None or after.among(Kind.AND, Kind.OR, Kind.COMMA, Kind.BUT, Kind.STOP)
        if counted and ends and unit:
            found.append(Lexeme(Kind.UNIT, unit, lexeme.first, lexeme.end))
    return found


def _with_ages(lexemes: Sequence[Lexeme]) -> Sequence[Lexeme]:
    """Read the years of "between 20 and 30 years" as an age."""
    found = list(lexemes)
    for at, lexeme in enumerate(found[:-1]):
        counts = at > 0 and found[at - 1].kind is Kind.NUMBER
        if lexeme.means(Kind.COUNTED, "years_old") and not counts:
            found[at] = replace(lexeme, kind=Kind.HEAD, key="age")  # "years of age above 30"
    for at, lexeme in enumerate(found[:-3]):
        high, unit = found[at + 2], found[at + 3]
        low = lexeme.data if lexeme.kind is Kind.NUMBER else None
        ranged = found[at + 1].among(Kind.AND, Kind.TO) and high.kind is Kind.NUMBER
        ago = at + 4 < len(found) and found[at + 4].means(Kind.AGO, "ago")
        recent = at > 0 and found[at - 1].kind is Kind.LAST
        if (
            ranged
            and isinstance(low, Number)
            and low.value >= _YOUNGEST
            and unit.means(Kind.UNIT, "year")
            and not ago
            and not recent
        ):
            found[at + 3] = replace(unit, kind=Kind.COUNTED, key="years_old")
    return found


def _placed(time: Time, lexemes: Sequence[Lexeme], at: int, end: int) -> Time:
    start = at
    while start < end - 1 and lexemes[start].among(
        Kind.PREP, Kind.FILLER, Kind.COMPARE, Kind.SINCE
    ):
        start += 1
    last = end - 1
    while last > start and lexemes[last].among(Kind.AGO, Kind.POST, Kind.BEFORE):
        last -= 1
    first_token, end_token = lexemes[start].first, lexemes[last].end
    if isinstance(time, Recent):
        if time.calendar is None and lexemes[start].kind is Kind.LAST and last > start:
            first_token = lexemes[start + 1].first
        return replace(time, first=first_token, end=end_token)
    if isinstance(time, Days):
        return replace(time, first_token=first_token, end_token=end_token)
    return time


def _read(lexemes: Sequence[Lexeme], at: int, today: date) -> tuple[Time, int] | None:
    place = at
    while place < len(lexemes) and lexemes[place].kind is Kind.PREP:
        place += 1
    behind = skip(lexemes, place)
    if place < behind < len(lexemes) and lexemes[behind].kind is Kind.PREP:
        return None  # "on it in the last year" is "on it", and then a time
    small = lexemes[at].means(Kind.FILLER, "filler") and at + 1 < len(lexemes)
    if small and lexemes[at + 1].kind not in _BEGINS:
        return None  # "any in the last year" is "any", and then a time
    for read in (decade, months, bounded, after, bound, _stretch, recent, _ahead, _period):
        if found := read(lexemes, at, today):
            return found
    return None


def _stretch(  # noqa: PLR0911 - one return a way not to be one
    lexemes: Sequence[Lexeme], at: int, _today: date
) -> tuple[Time, int] | None:
    """Between 3 and 6 months ago, 30 to 60 days ago."""
    start = at + lexemes[at].among(Kind.BETWEEN)
    near = lexemes[start].data if start < len(lexemes) else None
    if not isinstance(near, Number):
        return None
    middle = start + 1
    unit = ""
    if middle < len(lexemes) and lexemes[middle].kind is Kind.UNIT:
        unit, middle = lexemes[middle].key, middle + 1
    if not (middle < len(lexemes) and lexemes[middle].among(Kind.AND, Kind.TO, Kind.PREP)):
        return None
    if lexemes[middle].means(Kind.PREP, "in", "on"):
        return None  # "10k in the 6 months before that"
    far = amount(lexemes, middle + 1)
    if far is None:
        return None
    ago = far[2] < len(lexemes) and lexemes[far[2]].means(Kind.AGO, "ago")
    if not ago and far[3] not in {"month", "week", "day", "year"}:
        return None
    first = scaled(near, unit or far[3])
    if first is None:
        return None
    return Stretch(Recent(*first, older=True), Recent(far[0], far[1]), ago=ago), far[2] + ago


def _ahead(lexemes: Sequence[Lexeme], at: int, _today: date) -> tuple[Time, int] | None:
    start = skip(lexemes, at, Kind.PREP)
    if start < len(lexemes) and lexemes[start].means(Kind.CALENDAR, "tomorrow"):
        return Ahead(1), start + 1
    if start >= len(lexemes) or lexemes[start].kind is not Kind.NEXT:
        return None
    length = amount(lexemes, skip(lexemes, start + 1, Kind.PREP))
    if length is None:
        return None
    n, unit, end, _ = length
    days = {"day": 1, "week": 7}.get(unit)
    small = any(one.kind is Kind.FILLER for one in lexemes[at:start])
    bare = (
        unit == "week"
        and not small
        and not any(one.kind is Kind.NUMBER for one in lexemes[start:end])
    )
    return (Ahead(n * days, note=_NEXT_WEEK * bare), end) if days else None


def _period(lexemes: Sequence[Lexeme], at: int, today: date) -> tuple[Time, int] | None:
    start = skip(lexemes, at, Kind.PREP)
    if start >= len(lexemes):
        return None
    led = [one.kind for one in lexemes[max(0, at - 2) : at]]
    both = led == [Kind.PREP, Kind.BOTH]  # "in both 2024 and 2025"
    lead = start > at or both
    found = read_days(lexemes, start, today)
    if found is None:
        return None
    bare = lexemes[start].kind is Kind.NUMBER and found[1] == start + 1
    following = lexemes[found[1]] if found[1] < len(lexemes) else None
    if bare and (
        not (lead or _dated(lexemes, at))
        or (following and following.among(Kind.COUNTED, Kind.UNIT, Kind.POST))
    ):
        return None
    if lexemes[start].kind is Kind.MONTH and not lead and found[1] == start + 1:
        return None
    return found


def _dated(lexemes: Sequence[Lexeme], at: int) -> bool:
    """Whether a bare number can only be a year: "joined 2025", "in 2023 or 2024"."""
    if at and lexemes[at - 1].means(Kind.HEAD, *_DATED):
        return True
    while at >= _LISTED and lexemes[at - 1].among(Kind.AND, Kind.OR, Kind.COMMA):
        year, before = lexemes[at - 2].data, lexemes[at - 3]
        if not isinstance(year, Number) or not FIRST_YEAR <= year.value <= LAST_YEAR:
            return False
        if before.among(Kind.PREP, Kind.BOTH) or before.means(Kind.HEAD, *_DATED):
            return True
        at -= 2
    return False
