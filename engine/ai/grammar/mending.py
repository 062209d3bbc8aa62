"""What a misspelt word may be read as where it stands: a place, something bought, or any word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ai.grammar.heads import HEADS
from engine.ai.grammar.lexemes import Kind
from engine.ai.grammar.tokens import Shape
from engine.ai.grammar.values import ORDERS, Meaning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.phrases import Entry
    from engine.ai.grammar.tokens import Token

_SMALL = frozenset(
    {*("a", "an", "the", "any", "some", "our", "your", "new", "more", "only", "either", "both")}
)
_PLACING = frozenset({"from", "in", "at", "near", "outside", "around", "inside"})
_BUYING = frozenset(
    {
        *(one for key in ("order", "order_base") for one in HEADS[key].split("|")),
        "on",
    }
)
"""Words behind which something bought may stand: "bought", "spent 500 on"."""
_IDLE = frozenset({Kind.NOUN, Kind.FILLER, Kind.BE, Kind.HAVE, Kind.HEAD, Kind.FLAG})
"""Kinds that leave the rest as it is, or make it a condition on any order at all."""
_NAMING = frozenset({"named", "name", "surname"})
_NAME = 3
"""Words behind "name" that may be somebody's: "name is Meera Vora"."""
_WHERE = frozenset({"online", "in_store", "on_web", "in_app"})
"""Heads that tell the channel: "bought onlne"."""
_SHORT = 6
"""Letters below which a word that may be a product is not taken for one of these."""


def may_stand(word: str, entry: Entry | None, other: str, before: Sequence[Token]) -> bool:
    """Whether ``word`` may be read as ``other``, which means ``entry``, behind these tokens."""
    last = _last(before)
    if any(token.word in _NAMING for token in before[-_NAME:]):
        return False
    values = entry.data if entry is not None and isinstance(entry.data, Meaning) else None
    if last in _PLACING and values is not None:
        return any(field in {"city", "country"} or _ordered(field) for field, _ in values.options)
    if last not in _BUYING:
        return True
    inflected = word.startswith(other[:-1]) or other.startswith(word[:-1])
    told = entry is not None and entry.key in _WHERE and not inflected
    idle = entry is None or (entry.kind in _IDLE and not told)
    long = len(word) >= _SHORT and not inflected
    return not idle or long or sorted(word) == sorted(other)


def _ordered(field: str) -> bool:
    return field.startswith(ORDERS)


def _last(before: Sequence[Token]) -> str:
    """Return the last word that says something, numbers aside: "bought" of "bought 3 new"."""
    for token in reversed(before):
        if token.word not in _SMALL and token.shape is not Shape.NUMBER:
            return token.word
    return ""
