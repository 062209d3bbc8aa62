"""Times told by the ones they stand beside: "13 or 14 June", "in the 3 months before that"."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ai.grammar.dates import whole
from engine.ai.grammar.lexemes import Kind, Lexeme, joined
from engine.ai.grammar.times import Days, Recent, before_it, day_of, moved, whole_years

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

LISTS = frozenset({Kind.AND, Kind.OR, Kind.COMMA})
_DAYS_OF_MONTH = 31


def as_time(lexeme: Lexeme, time: Days) -> Lexeme:
    """Return a lexeme as the time that it says."""
    placed = replace(time, first_token=lexeme.first, end_token=lexeme.end)
    return replace(lexeme, kind=Kind.TIME, key="", data=placed)


def days_in_lists(found: list[Lexeme]) -> None:
    """Read the 13 of "on 13 or 14 June"."""
    for at in reversed(range(len(found) - 2)):
        number, after = whole(found[at]), _listed_behind(found, at)
        if number is None or not 1 <= number <= _DAYS_OF_MONTH or after is None or not at:
            continue
        days = found[after].data
        led = found[at - 1].among(Kind.PREP, Kind.FILLER, Kind.HEAD, Kind.NOT, Kind.BOTH, *LISTS)
        if led and isinstance(days, Days) and (time := day_of(number, days)):
            found[at] = as_time(found[at], time)


def months_in_lists(found: list[Lexeme], today: date) -> None:
    """Give "in May or July 2025", "Q1 or Q3 2025" the year of the last."""
    for at in reversed(range(len(found) - 2)):
        after, time = _listed_behind(found, at), found[at].data
        said = found[after].data if after is not None else None
        if not (isinstance(time, Days) and time.guessed and isinstance(said, Days)):
            continue
        if said.guessed or said.of_now or said.first is None or whole_years(said):
            continue
        same = moved(time, said.first.year)
        late = same.first is not None and same.first > today  # "in November or January 2026"
        found[at] = replace(found[at], data=moved(time, said.first.year - 1) if late else same)


def _listed_behind(found: Sequence[Lexeme], at: int) -> int | None:
    """Return the place of the time that stands behind "or", "and" or a comma."""
    place = at + 1 + (at + 1 < len(found) and found[at + 1].means(Kind.FILLER, "ordinal"))
    start = place
    while place < len(found) and found[place].kind in LISTS:
        place += 1
    said = start < place < len(found) and found[place].kind is Kind.TIME
    return place if said else None


def before_that(lexemes: Sequence[Lexeme]) -> list[Lexeme]:
    """Read "in the 3 months before that" as what ends where the time before begins."""
    found: list[Lexeme] = []
    said: object = None
    for lexeme in lexemes:
        time = lexeme.data
        again = lexeme.means(Kind.AGAIN, "before") and bool(found)
        length = found[-1].data if again else time
        if isinstance(length, Recent) and (again or length.before) and said is not None:
            parts = (found.pop(), lexeme) if again else (lexeme,)
            plain = not length.op and (length.before or not (length.older or length.at))
            earlier = before_it(said, length) if plain else None
            kind = Kind.UNKNOWN if earlier is None else Kind.TIME
            found.append(joined(kind, "", parts, earlier))
        else:
            found.append(lexeme)
        if len(found) > 1 and found[-1].kind is not Kind.TIME and found[-2].kind is Kind.TIME:
            said = found[-2].data
    return found
