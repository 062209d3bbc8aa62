"""Lengths of time that end now, or a while ago: the last 90 days, over a year ago."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from engine.ai.grammar.amounts import amount, ends_now, skip
from engine.ai.grammar.dates import period
from engine.ai.grammar.lexemes import Kind
from engine.ai.grammar.numbers import Number
from engine.ai.grammar.times import Days, Recent, earlier

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from engine.ai.grammar.lexemes import Lexeme
    from engine.ai.grammar.times import Time

_PERIODS = frozenset({"day", "week", "month", "quarter", "year"})
_DATES = frozenset({Kind.DAY, Kind.MONTH, Kind.NUMBER, Kind.CALENDAR})


def bound(lexemes: Sequence[Lexeme], at: int, today: date) -> tuple[Time, int] | None:
    """As in "Since 3 months" is for so long; "before the last 6 months" is earlier than that."""
    if not lexemes[at].among(Kind.SINCE, Kind.BEFORE):
        return None
    found = recent(lexemes, at + 1, today)
    if found is None:
        return None
    time, end = found
    if lexemes[at].kind is Kind.SINCE:  # also "since 3 months ago"
        if isinstance(time, Recent) and time.at:
            time = replace(time, at=False, older=False)
        return time, end
    if isinstance(time, Recent) and not time.op:
        return replace(time, older=True), end
    return None


def _until_now(lexemes: Sequence[Lexeme], at: int) -> int:
    """Return the index behind "to now", "till date", "until today"; 0 where there is none."""
    if at < len(lexemes) and lexemes[at].means(Kind.FLAG, "to_date"):
        return at + 1
    if at + 1 < len(lexemes) and lexemes[at].among(Kind.TO, Kind.UNTIL, Kind.PREP):
        end = skip(lexemes, at + 1)
        today = end < len(lexemes) and lexemes[end].means(Kind.CALENDAR, "today")
        return end + 1 if today or ends_now(lexemes, end) else 0
    return 0


class _Lead(NamedTuple):
    """What stands before a length of time."""

    start: int
    small: bool
    """A small word, such as "the"."""
    prep: bool
    op: str
    last: str
    """How "last" was said: last, past, previous; empty where it was not."""


def _led(lexemes: Sequence[Lexeme], at: int) -> _Lead:
    start = skip(lexemes, at, Kind.PREP)
    kinds = {lexemes[place].kind for place in range(at, start)}
    small, op, last = Kind.FILLER in kinds, "", ""
    if start < len(lexemes) and lexemes[start].kind is Kind.COMPARE:
        op, behind = lexemes[start].key, skip(lexemes, start + 1)
        small, start = small or behind > start + 1, behind
    this = start + 1 < len(lexemes) and lexemes[start].kind is Kind.THIS
    if this and lexemes[start + 1].kind is Kind.LAST:
        start, small = start + 1, True
    if start < len(lexemes) and lexemes[start].kind is Kind.LAST:
        last, start = lexemes[start].key, start + 1
    return _Lead(start, small, Kind.PREP in kinds, op, last)


def recent(  # noqa: PLR0911 - one return a way to say it
    lexemes: Sequence[Lexeme], at: int, today: date
) -> tuple[Time, int] | None:
    """Read [in|within|for|over] [the] [last] [over|at least] N units [ago]."""
    lead = _led(lexemes, at)
    length = amount(lexemes, lead.start)
    if length is None or lead.op in {"not_equals", "about"}:
        return None
    if lead.op == "equals":
        return _that_day(lexemes, length, today)
    counted = lexemes[lead.start].kind is Kind.NUMBER
    if lead.last and not counted:
        return _whole_unit(lead, length, today)
    n, unit, end, _ = length
    op = "" if lead.last and lead.op == "greater_than" else lead.op  # "over the last 3 months"
    if not op and end < len(lexemes) and lexemes[end].kind is Kind.POST:
        op, end = lexemes[end].key, end + 1
    number = lexemes[lead.start].data
    if isinstance(number, Number) and number.plus and not op:
        op = "greater_or_equal"
    if end < len(lexemes) and lexemes[end].means(Kind.AGO, "ago"):
        if not op and (until := _until_now(lexemes, end + 1)):
            return Recent(n, unit), until
        older = op in {"greater_than", "greater_or_equal"}
        return Recent(n, unit, older=older, at=not op, op=op), end + 1
    if end < len(lexemes) and lexemes[end].kind is Kind.BEFORE:
        dated = end + 1 < len(lexemes) and lexemes[end + 1].kind in _DATES
        found = Recent(n, unit, older=op != "less_than", at=not op, op=op)
        leads = lead.small and not lead.last and (lead.prep or counted)
        return None if dated else (replace(found, before=leads), end + 1)
    aged = end < len(lexemes) and lexemes[end].means(Kind.AGO, "old")
    if (not counted and not lead.prep and not op) or (aged and op and not lead.prep):
        return None
    return Recent(n, unit, op=op), end


def _that_day(
    lexemes: Sequence[Lexeme], length: tuple[int, str, int, str], today: date
) -> tuple[Time, int] | None:
    """As in "Exactly 10 days ago"."""
    n, unit, end, _ = length
    ago = end < len(lexemes) and lexemes[end].means(Kind.AGO, "ago")
    day = earlier(today, Recent(n, unit)) if ago else None
    return (Days(day, day, of_now=True), end + 1) if day else None


def _whole_unit(
    lead: _Lead, length: tuple[int, str, int, str], today: date
) -> tuple[Time, int] | None:
    """Tell "the last month", which goes until now, from "last month", which the calendar has."""
    n, unit, end, said = length
    rolling = lead.last == "past" or (lead.small and lead.last != "previous")
    if not rolling and said in _PERIODS:
        if not lead.prep or lead.last == "previous":
            return None  # read as a period of the calendar
        found = period(said, 1, today)
        return (Recent(n, unit, calendar=found), end) if found else None
    calendar = period(said, 1, today) if said == "quarter" else None
    return Recent(n, unit, calendar=calendar), end
