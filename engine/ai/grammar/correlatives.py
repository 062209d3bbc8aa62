"""Words that reach far behind them: not only A but also B; any of these: A; B; not both A and B."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ai.grammar.lexemes import Kind, Lexeme

if TYPE_CHECKING:
    from collections.abc import Sequence

_PARTS = (Kind.BUT, Kind.EXCEPT, Kind.STOP, Kind.CLOSE)
_JOINS = (*_PARTS, Kind.AND, Kind.OR, Kind.NOR, Kind.COMMA)


def correlated(lexemes: Sequence[Lexeme]) -> list[Lexeme]:
    """Return the lexemes with what such words say put where it joins.

    "Not only A but B" is both; without a "but" it says that there is more, which nobody knows.
    Behind "any of these:" commas and semicolons part alternatives, up to what leaves out.
    """
    found: list[Lexeme] = []
    only = listed = False
    for lexeme in lexemes:
        one = lexeme
        if lexeme.means(Kind.BOTH, "not_only"):
            only = True
        elif only and lexeme.kind is Kind.BUT:
            one, only = replace(lexeme, kind=Kind.AND, key="and"), False
        elif lexeme.means(Kind.EITHER, "listed"):
            listed = True
        elif listed and lexeme.among(Kind.COMMA, Kind.STOP):
            one = replace(lexeme, kind=Kind.OR, key="or")
        listed = listed and not lexeme.among(Kind.BUT, Kind.EXCEPT, Kind.CLOSE)
        only = only and lexeme.kind is not Kind.AND
        found.append(one)
    if only:
        return [
            replace(one, kind=Kind.REFUSED, key="open") if one.key == "not_only" else one
            for one in found
        ]
    return found


def denied_together(lexemes: Sequence[Lexeme]) -> list[Lexeme]:
    """Return the lexemes with parentheses around what one "not" denies together.

    That is the two of "not both A and B", and all that follows "it is not the case that", up to
    what a comma and "and" adds; any other comma leaves open how far it reaches.
    """
    found = list(lexemes)
    for at in range(len(found) - 1, -1, -1):
        if found[at].means(Kind.NOT, "all_of_it"):
            end = _until(found, at + 1, (*_PARTS, Kind.COMMA))
            comma = end < len(found) and found[end].kind is Kind.COMMA
            if comma and not (end + 1 < len(found) and found[end + 1].among(Kind.AND, *_PARTS)):
                found[at] = replace(found[at], kind=Kind.REFUSED, key="open")
            _enclose(found, at + 1, end)
        elif found[at].kind is Kind.BOTH and at and found[at - 1].kind is Kind.NOT:
            joined = _until(found, at + 1, _JOINS)
            end = _until(found, joined + 1, _JOINS)
            last = end == len(found) or found[end].among(*_PARTS)
            if joined < len(found) and found[joined].kind is Kind.AND and last:
                del found[at]
                _enclose(found, at, end - 1)
    return found


def _until(lexemes: Sequence[Lexeme], start: int, kinds: Sequence[Kind]) -> int:
    """Return where the first lexeme of these kinds is from a place on, or the end."""
    places = (at for at in range(start, len(lexemes)) if lexemes[at].among(*kinds))
    return next(places, len(lexemes))


def _enclose(lexemes: list[Lexeme], start: int, end: int) -> None:
    if start < end:
        last = lexemes[end - 1].end
        lexemes.insert(end, Lexeme(Kind.CLOSE, ")", last, last))
        first = lexemes[start].first
        lexemes.insert(start, Lexeme(Kind.OPEN, "(", first, first))
