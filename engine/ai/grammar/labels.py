"""What stands before a colon: a name for the audience, or what to leave out of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ai.grammar.lexemes import Kind, Lexeme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.lexemes import Text

LONGEST = 6
"""Lexemes of a label."""
_SAYS = frozenset(
    {
        *(Kind.VALUE, Kind.NUMBER, Kind.TIME, Kind.FIELD, Kind.ACTION, Kind.UNIT, Kind.QUOTED),
        *(Kind.NOT, Kind.COMPARE, Kind.LAST, Kind.DAY, Kind.MONTH, Kind.OPEN, Kind.ADDRESS),
    }
)
"""Kinds that say whom to look for: what holds one is no mere label."""


def without_label(
    lexemes: Sequence[Lexeme], text: Text
) -> tuple[Sequence[Lexeme], tuple[str, ...]]:
    """Return the lexemes without a label before a colon, and what to say of it.

    Behind what is left out ("Exclude Delhi: customers who ...") the colon parts as a comma does.
    """
    for at, lexeme in enumerate(lexemes[: LONGEST + 1]):
        said = text.phrase(lexeme.first, lexeme.end)
        dash = said == "-" and not text.tokens[lexeme.first].near
        if said != ":" and not dash:
            continue
        before = lexemes[:at]
        if any(one.kind is Kind.EXCEPT for one in before):
            return [*before, replace(lexeme, kind=Kind.COMMA), *lexemes[at + 1 :]], ()
        if not before or any(one.kind in _SAYS for one in before):
            return lexemes, ()
        if all(one.among(Kind.FILLER, Kind.NOUN, Kind.PREP) for one in before):
            return lexemes[at + 1 :], ()
        label = text.phrase(before[0].first, before[-1].end)
        return lexemes[at + 1 :], (f"“{label}” was taken as a mere label.",)
    return lexemes, ()
