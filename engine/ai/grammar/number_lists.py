"""Lists of numbers: "2, 3 or 4 orders" is from 2 to 4, "100, 200 or 300" any of them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from engine.ai.grammar.lexemes import Kind, Lexeme
from engine.ai.grammar.numbers import Number

if TYPE_CHECKING:
    from collections.abc import Sequence

_FEWEST = 3
"""Numbers of a list; two are read as they are joined."""


def fold_numbers(lexemes: Sequence[Lexeme]) -> list[Lexeme]:
    """Return the lexemes with lists of bare numbers put as a range, or as alternatives."""
    found: list[Lexeme] = []
    at = 0
    while at < len(lexemes):
        numbers, end = _list(lexemes, at)
        if len(numbers) < _FEWEST:
            found.append(lexemes[at])
            at += 1
            continue
        low, high = numbers[0], numbers[-1]
        if _consecutive(numbers):
            found += [low, Lexeme(Kind.TO, "to", low.end, low.end), high]
        else:
            for number in numbers[:-1]:
                found += [number, Lexeme(Kind.OR, "or", number.end, number.end)]
            found.append(high)
        at = end
    return found


def _list(lexemes: Sequence[Lexeme], at: int) -> tuple[list[Lexeme], int]:
    """Return the numbers of a list whose last join is "or", and the index behind it."""
    found: list[Lexeme] = []
    place = at
    while place < len(lexemes) and _bare(lexemes[place]):
        found.append(lexemes[place])
        join = place + 1
        while join < len(lexemes) and lexemes[join].among(Kind.COMMA, Kind.OR):
            join += 1
        if join == place + 1 or join == len(lexemes) or not _bare(lexemes[join]):
            break
        place = join
    listed = len(found) > 1 and lexemes[place - 1].kind is Kind.OR
    return (found, place + 1) if listed else ([], at)


def _bare(lexeme: Lexeme) -> bool:
    number = lexeme.data
    if lexeme.kind is not Kind.NUMBER or not isinstance(number, Number):
        return False
    return not (number.plus or number.percent or number.decade)


def _consecutive(numbers: Sequence[Lexeme]) -> bool:
    values = [one.data.value for one in numbers if isinstance(one.data, Number)]
    coined = any(isinstance(one.data, Number) and one.data.currency for one in numbers)
    return not coined and all(high == low + 1 and low == int(low) for low, high in pairwise(values))
