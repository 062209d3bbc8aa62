"""Words that join what stands far behind them: not only A but also B; any of these: A; B."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ai.grammar.lexemes import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.lexemes import Lexeme


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
