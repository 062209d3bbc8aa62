"""Names of saved segments and campaigns: they count only where one is spoken of beside them.

A segment may be called "Customers", "Pune" or "Jazz"; none of these means it in "customers in Pune
who like jazz".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ai.grammar.lexemes import Kind
from engine.ai.grammar.values import CAMPAIGN, SEGMENT, Meaning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.ai.grammar.lexemes import Lexeme
    from engine.ai.grammar.phrases import Entry, Table
    from engine.ai.grammar.tokens import Token

_CALLED = frozenset({"called", "named", "the", ":"})
_JOINS = frozenset({"and", "or", ",", "&", "/", "nor"})
_WIDELY = _JOINS | {"but", "not", "in", "except", "also", "the"}
"""What may stand between names that mean nothing else: "segment A but not in B"."""
_SAVED = {
    SEGMENT: frozenset({"segment", "segments", "audience", "audiences", "list", "group"}),
    CAMPAIGN: frozenset({"campaign", "campaigns", "mailing", "message", "newsletter"}),
}


def meant(
    tokens: Sequence[Token], at: int, named: Table, found: Sequence[Lexeme]
) -> tuple[Entry | None, bool]:
    """Return the longest name of a field or value that is meant at a token, and if it is saved."""
    for entry in _fitting(tokens, at, named):
        kept, saved = narrowed(entry, tokens, (at, at + len(entry.words)), named, found)
        if kept is not None:
            return kept, saved
    return None, False


def narrowed(
    entry: Entry,
    tokens: Sequence[Token],
    place: tuple[int, int],
    named: Table,
    found: Sequence[Lexeme],
) -> tuple[Entry | None, bool]:
    """Return an entry with the meanings that it has where it stands, and if they are saved."""
    if not isinstance(entry.data, Meaning):
        return entry, False
    options = entry.data.options
    for key in _SAVED:
        kept = tuple(one for one in options if one[0] == key)
        joins = _WIDELY if kept == options and place[1] > place[0] + 1 else _JOINS
        if kept and (
            _beside(key, tokens, place, named, found)
            or _listed(key, tokens, place[0], found, joins)
        ):
            return entry._replace(key=key, data=replace(entry.data, options=kept)), True
    kept = tuple(one for one in options if one[0] not in _SAVED)
    if not kept:
        return None, False
    return entry._replace(key=kept[0][0], data=replace(entry.data, options=kept)), False


def _fitting(tokens: Sequence[Token], at: int, table: Table) -> Iterator[Entry]:
    for entry in table.get(tokens[at].word, ()):
        words = tuple(token.word for token in tokens[at : at + len(entry.words)])
        if words == entry.words:
            yield entry


def _beside(
    key: str,
    tokens: Sequence[Token],
    place: tuple[int, int],
    named: Table,
    found: Sequence[Lexeme],
) -> bool:
    """Whether "segment" stands before a name, or behind it or a list that it begins."""
    first, end = place
    while first and tokens[first - 1].word in _CALLED:
        first -= 1
    if first and tokens[first - 1].word in _SAVED[key] and not _used(key, found, first - 1):
        return True
    return _follows(key, tokens, end, named)


def _used(key: str, found: Sequence[Lexeme], at: int) -> bool:
    """Whether the "segment" at a token belongs to the name before it: "Win back segment"."""
    return any(one.end == at and one.means(Kind.VALUE, key) for one in found)


def _listed(
    key: str, tokens: Sequence[Token], first: int, found: Sequence[Lexeme], joins: frozenset[str]
) -> bool:
    """Whether a name of the same kind stands before, but for "and": "segments A and B"."""
    start = first
    while first and tokens[first - 1].word in joins:
        first -= 1
    return first < start and any(one.end == first and one.means(Kind.VALUE, key) for one in found)


def _follows(key: str, tokens: Sequence[Token], end: int, named: Table) -> bool:
    """Whether "segment" follows, or another name and then "segment": "the A or B segment"."""
    if end < len(tokens) and tokens[end].word in _SAVED[key]:
        return True
    while end < len(tokens) and tokens[end].word in _JOINS:
        end += 1
        for entry in _fitting(tokens, end, named) if end < len(tokens) else ():
            options = entry.data.options if isinstance(entry.data, Meaning) else ()
            if any(field == key for field, _ in options):
                return _follows(key, tokens, end + len(entry.words), named)
    return False
