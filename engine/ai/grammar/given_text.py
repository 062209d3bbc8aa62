"""Texts given as they are: "name is Meera Vora", "customer id DEMO-00012", "gender = F"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ai.grammar.codes import CODE
from engine.ai.grammar.lexemes import Kind, Lexeme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.lexemes import Text
    from engine.ai.grammar.phrases import Table
    from engine.ai.grammar.tokens import Token

PART = "part"
"""Stands for the test of a single name, which may be all or a part of somebody's."""
_TESTS = {"surname": "ends_with", "last name": "ends_with", "first name": "starts_with"}
_ENDS = (Kind.WHO, Kind.PREP, Kind.HAVE, Kind.HEAD, Kind.NOT)
_INITIALS = {"f": "female", "m": "male"}
_LINKS = frozenset({"is", "=", "==", ":", "or", ",", "/", "equals", "equal", "to", "are"})


def given_text(lexemes: Sequence[Lexeme], at: int, text: Text) -> tuple[str, str, int] | None:
    """Return how a field is tested, with what, and the place behind; None where nothing is given.

    Args:
        lexemes: those of a clause.
        at: the place of a field that holds a name or a number of a customer.
        text: what was typed.
    """
    said, field = _said(lexemes[at], text), lexemes[at].key
    start = at + 1
    while start < len(lexemes) and (
        lexemes[start].kind is Kind.BE
        or lexemes[start].means(Kind.COMPARE, "equals")
        or _said(lexemes[start], text) == ":"
    ):
        start += 1
    end = start
    while end < len(lexemes) and lexemes[end].kind is Kind.UNKNOWN:
        end += 1
    told = start > at + 1 or said == "named" or (end > start and lexemes[start].key == CODE)
    if end == start or not told or (end < len(lexemes) and not lexemes[end].among(*_ENDS)):
        return None
    given = text.phrase(lexemes[start].first, lexemes[end - 1].end)
    if field != "name" or " " in given:
        return "equals", given, end
    return _TESTS.get(said, PART), given, end


def initial(
    tokens: Sequence[Token], at: int, named: Table, found: Sequence[Lexeme]
) -> Lexeme | None:
    """Return the value that the "F" of "gender = F" stands for, where it is in the data."""
    entry = next(iter(named.get(_INITIALS.get(tokens[at].word, ""), ())), None)
    back = len(found)
    while back and (
        tokens[found[back - 1].first].word in _LINKS or found[back - 1].key == "gender"
    ):
        back -= 1
        if found[back].means(Kind.FIELD, "gender") and entry is not None:
            return Lexeme(entry.kind, entry.key, at, at + 1, entry.data)
    return None


def number_with_sign(tokens: Sequence[Token], at: int, before: Lexeme | None) -> Lexeme | None:
    """Return the "+91" of "phone starts with +91" as a text."""
    signed = tokens[at].text == "+" and at + 1 < len(tokens) and tokens[at + 1].near
    if not signed or before is None or before.kind is not Kind.TEXT_TEST:
        return None
    return Lexeme(Kind.QUOTED, "", at, at + 2, f"+{tokens[at + 1].text}")


def _said(lexeme: Lexeme, text: Text) -> str:
    return " ".join(token.word for token in text.tokens[lexeme.first : lexeme.end])
