"""Words for the ways that orders come, such as "online", to values in the data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ai.grammar.lexemes import Kind, Lexeme
from engine.ai.grammar.values import Meaning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

CHANNEL = "orders.channel"
_CHANNELS = {
    "online": ("web", "app", "website", "online"),
    "in_store": ("store", "in-store", "offline", "shop", "pos", "retail"),
    "on_web": ("web", "website", "site", "online"),
    "in_app": ("app", "mobile", "mobile app"),
}
"""What shops call their channels, by the grammar's word."""


def as_values(lexemes: Iterable[Lexeme], channels: Mapping[str, str]) -> Sequence[Lexeme]:
    """Return the lexemes with words for channels as values; ``channels`` are those in the data."""
    return [_value(one, channels) if one.means(Kind.HEAD, *_CHANNELS) else one for one in lexemes]


def _value(lexeme: Lexeme, channels: Mapping[str, str]) -> Lexeme:
    known = [channels[name] for name in _CHANNELS[lexeme.key] if name in channels]
    if lexeme.key != "online":
        known = known[:1]
    if not known:
        return replace(lexeme, kind=Kind.UNKNOWN)
    read_as = " or ".join(known) if lexeme.key == "online" else ""
    meaning = Meaning(tuple((CHANNEL, one) for one in known), read_as)
    return replace(lexeme, kind=Kind.VALUE, key=CHANNEL, data=meaning)
