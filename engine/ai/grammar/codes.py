"""Codes of letters and digits, such as "APP-999": one thing, never a word and a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ai.grammar.lexemes import Kind, Lexeme
from engine.ai.grammar.numbers import CURRENCIES
from engine.ai.grammar.tokens import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.phrases import Table
    from engine.ai.grammar.tokens import Token

CODE = "code"
"""Key of what is unknown as it is a code."""
_CALLED = frozenset({"sku", "skus", "id", "ids", "code", "codes"})
"""Words behind which a code stands."""


def coded(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word is joined to the number behind it, with or without a hyphen."""
    if at + 1 >= len(tokens) or tokens[at].shape is not Shape.WORD:
        return False
    behind = tokens[at + 1]
    return behind.shape is Shape.NUMBER and (behind.near or behind.glued)


def begins_code(tokens: Sequence[Token], at: int, named: Table) -> bool:
    """Whether a word and the number joined to it look like codes that are in the data."""
    alike = (one.words for one in named.get(tokens[at].word, ()) if len(one.words) > 1)
    return coded(tokens, at) and any(words[1].isdigit() for words in alike)


def code(
    tokens: Sequence[Token], at: int, own: Table, named: Table, before: Lexeme | None
) -> Lexeme | None:
    """Return a code that is not in the data; None where the words may say something else.

    "Under-25" is no code. "APP-999" is one where there is an "APP-001", "X-7" where nothing is
    called X, and any word with a number behind "SKU".
    """
    word = tokens[at].word
    called = at > 0 and tokens[at - 1].word in _CALLED and _single(before)
    if called and tokens[at].shape is Shape.NUMBER:
        return Lexeme(Kind.UNKNOWN, CODE, at, at + 1, tokens[at].text)
    spaced = called and at + 1 < len(tokens) and tokens[at + 1].shape is Shape.NUMBER
    if not (coded(tokens, at) or (spaced and tokens[at].shape is Shape.WORD)):
        return None
    strange = word not in own and word not in named and len(word) > 1 and word not in CURRENCIES
    if not (called or strange or begins_code(tokens, at, named)):
        return None
    end = at + 2
    while end < len(tokens) and tokens[end].glued:
        end += 1
    text = "".join(("-" if one.glued else "") + one.text for one in tokens[at:end])
    return Lexeme(Kind.UNKNOWN, CODE, at, end, text)


def _single(before: Lexeme | None) -> bool:
    """Whether a word for codes is followed by one, rather than counted: "sku 12"."""
    return before is not None and before.among(Kind.COUNTED, Kind.FIELD, Kind.FILLER, Kind.UNKNOWN)
