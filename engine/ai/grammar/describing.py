"""Customers' values that describe what was bought: "bought gold jewellery", "mens footwear"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ai.grammar.lexemes import Kind
from engine.ai.grammar.tree import Values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.frames import Frame
    from engine.ai.grammar.lexemes import Lexeme, Text

_BUYS = frozenset(
    {
        *("bought", "brought", "purchased", "ordered", "buy", "buys", "purchase", "order"),
        *("buying", "purchasing", "ordering"),
    }
)
_VERBS = frozenset({"order", "order_base", "never_ordered"})
_THINGS = frozenset({"speaker", "speakers", "fans", "holder", "holders", "base", "accounts"})
_METALS = frozenset({"gold", "silver", "platinum", "bronze"})
_FOR_WHOM = frozenset({"mens", "womens", "mans", "womans"})
_PLACES = frozenset({"city", "country"})
_BETWEEN = (Kind.FILLER, Kind.VALUE, Kind.BOTH, Kind.EITHER, Kind.COUNTED)


def describes(lexemes: Sequence[Lexeme], at: int, frame: Frame | None, text: Text) -> bool:
    """Whether the value at a place says what was bought, rather than who bought it.

    It does between an order verb (or "spent ... on") and a category, alone behind the verb, behind
    "for", "in" or "of" where a place cannot be meant, and as "mens" before a category.
    """
    values, after = lexemes[at].data, lexemes[at + 1] if at + 1 < len(lexemes) else None
    if not isinstance(values, Values) or _ordered(values):
        return False
    if after is not None and _of_a_kind(lexemes[at], after, text):
        return True
    told = after is not None and after.among(Kind.NOUN, Kind.FIELD)  # "ordered gold members"
    start = at - 1
    while start >= 0 and (lexemes[start].kind in _BETWEEN or _counts(lexemes[start])):
        start -= 1
    if frame is None or not frame.of_orders or told or start < 0:
        return False
    said = _said(lexemes[start], text)
    if lexemes[start].kind is Kind.HEAD:
        return lexemes[start].key in _VERBS and said.split()[-1] in _BUYS
    placed = bool(_PLACES & set(values.fields))
    return lexemes[start].kind is Kind.PREP and not placed and _leads(said, frame)


def is_thing(lexemes: Sequence[Lexeme], at: int, text: Text) -> bool:
    """Whether a noun for people is what was bought: "bought speakers", "spent 500 on fans"."""
    start = at - 1
    while start >= 0 and (lexemes[start].kind in _BETWEEN or _counts(lexemes[start])):
        start -= 1
    if start < 0 or _said(lexemes[at], text) not in _THINGS:
        return False
    said = _said(lexemes[start], text)
    bought = lexemes[start].key in _VERBS and said.split()[-1] in _BUYS
    return bought or said == "on"


def lists_on(lexeme: Lexeme, past: Frame | None, text: Text) -> bool:
    """Whether a metal is the next thing that was bought: "bought footwear and gold"."""
    if past is None or past.head != "order" or not past.values:
        return False
    joined = past.end == lexeme.first - 1 and text.tokens[past.end].word in {"and", "or", "&"}
    return joined and _said(lexeme, text) in _METALS


def _of_a_kind(lexeme: Lexeme, after: Lexeme, text: Text) -> bool:
    """Whether a category behind is told by the word: "mens footwear", "gold jewellery"."""
    if not isinstance(after.data, Values) or not _ordered(after.data):
        return False
    said = _said(lexeme, text)
    return said in _FOR_WHOM or (said in _METALS and "jewel" in _said(after, text))


def _leads(said: str, frame: Frame) -> bool:
    """Whether a preposition goes on about what was bought: "footwear for women"."""
    if frame.head == "order":
        return said in {"on", "for"} or (said in {"in", "of"} and bool(frame.values))
    return said == "on"


def _ordered(values: Values) -> bool:
    return any(field.startswith("orders.") for field in values.fields)


def _counts(lexeme: Lexeme) -> bool:
    """Whether a number may be that of what was bought: "bought 3 gold rings"."""
    unit = getattr(lexeme.data, "unit", None)
    return lexeme.kind is Kind.QUANTITY and unit in {"", "items", "products"}


def _said(lexeme: Lexeme, text: Text) -> str:
    return " ".join(token.word for token in text.tokens[lexeme.first : lexeme.end])
