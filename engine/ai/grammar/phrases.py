"""The table of the grammar's own phrases, by their first word."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from engine.ai.grammar import heads, lexicon, naming, refusals, time_words
from engine.ai.grammar.lexemes import Kind
from engine.ai.grammar.tokens import plain, tokenise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.ai.grammar.tokens import Token


class Entry(NamedTuple):
    """One phrase and what it means. ``glued``: only where hyphens join it, or a field calls it."""

    words: tuple[str, ...]
    kind: Kind
    key: str
    data: object = None
    glued: bool = False


Table: TypeAlias = "dict[str, list[Entry]]"


def add(table: Table, phrase: str, kind: Kind, key: str, data: object = None) -> None:
    """Add a phrase as it is tokenised; the first meaning given to a phrase stays."""
    words = split(phrase)
    if words:
        entries = table.setdefault(words[0], [])
        if all(entry.words != words or entry.kind is not kind for entry in entries):
            entries.append(Entry(words, kind, key, data))


def split(phrase: str) -> tuple[str, ...]:
    """Return the words of a phrase as tokens have them."""
    simple = tuple(phrase.split(" "))
    if all(word.isalpha() and word.isascii() for word in simple):
        return simple  # what tokens would say, fifty times as fast
    return tuple(token.word for token in tokenise(plain(phrase)))


def ordered(table: Table) -> Table:
    """Return the table with the longest phrases first."""
    return {
        word: sorted(entries, key=lambda entry: -len(entry.words))
        for word, entries in table.items()
    }


def words_of(table: Table) -> frozenset[str]:
    """Return every word that occurs in a phrase."""
    return frozenset(
        word for entries in table.values() for entry in entries for word in entry.words
    )


def longest(table: Table, tokens: Sequence[Token], at: int) -> Entry | None:
    """Return the longest phrase that begins at a token."""
    for entry in table.get(tokens[at].word, ()):
        size = len(entry.words)
        if size == 1:
            return entry
        if tuple(token.word for token in tokens[at : at + size]) == entry.words:
            return entry
    return None


@lru_cache(maxsize=1)
def own() -> Table:  # noqa: C901, PLR0912 - one line or loop a kind, in the order that decides
    """Return the table of the grammar's own words."""
    table: Table = {}
    for phrase in refusals.INJECTIONS.split("|"):
        add(table, phrase, Kind.ACTION, "injection")
    for phrase in refusals.ACTIONS.split("|"):
        add(table, phrase, Kind.ACTION, "action")
    _add_all(table, Kind.EXCEPT, {"but": lexicon.BUT_FOR})
    for kind, behind in lexicon.BEHIND.items():
        _add_all(table, kind, {"behind": behind})
    for kind, phrases in lexicon.JOINING.items():
        _add_all(table, kind, {kind.value: phrases})
    for kind, phrases in lexicon.SIGNS.items():
        _add_all(table, kind, {"sign": phrases})
    _add_all(table, Kind.AND, {"then": lexicon.THEN})
    _add_all(table, Kind.EITHER, {"listed": lexicon.LISTED})
    _add_all(table, Kind.BOTH, {"not_only": lexicon.NOT_ONLY})
    _add_all(table, Kind.NOT, {"not": lexicon.NOT, "all_of_it": lexicon.NOT_THE_CASE})
    _add_all(table, Kind.HEAD, heads.HEADS)
    _add_all(table, Kind.FLAG, heads.FLAGS)
    _add_all(table, Kind.FIELD, naming.FIELD_WORDS)
    for domain, names in naming.DOMAINS.items():
        for name in names.split("|"):
            for behind in ("", " address", " addresses", " id", " ids", " account", " accounts"):
                add(table, name + behind, Kind.ADDRESS, domain, domain)
            add(table, f"{name} email", Kind.ADDRESS, domain, domain)
    _add_all(table, Kind.AGAIN, time_words.AGAIN)
    for lead in ("in", "within", "during", "over", "of", "for", "from", ""):
        for this in ("that", "the same", "this same", "that same", "those", "these", "those same"):
            for period in time_words.PERIODS.split("|"):
                add(table, f"{lead} {this} {period}".strip(), Kind.AGAIN, "same")
    _add_all(table, Kind.COMPARE, lexicon.COMPARE)
    _add_all(table, Kind.POST, lexicon.POST)
    for kind, keys in time_words.TIMING.items():
        _add_all(table, kind, keys)
    _add_all(table, Kind.UNIT, time_words.UNITS)
    _add_all(table, Kind.COUNTED, heads.COUNTED)
    _add_all(table, Kind.TEXT_TEST, lexicon.TEXT_TESTS)
    for number, names in enumerate(time_words.MONTHS, 1):
        _add_all(table, Kind.MONTH, {str(number): names})
    for reason, phrases in refusals.REFUSED.items():
        _add_all(table, Kind.REFUSED, {reason: phrases})
    _add_all(table, Kind.BE, {"be": lexicon.BE})
    _add_all(table, Kind.HAVE, {"have": lexicon.HAVE})
    _add_all(table, Kind.PREP, {"in": lexicon.INSIDE, "on": "on"})
    _add_all(table, Kind.PREP, {"prep": lexicon.PREPOSITIONS})
    _add_all(table, Kind.NOUN, {"noun": lexicon.NOUNS})
    _add_all(table, Kind.FILLER, {"every": lexicon.EVERY})
    _add_all(table, Kind.FILLER, {"filler": lexicon.FILLERS})
    return ordered(table)


def _add_all(table: Table, kind: Kind, keys: Mapping[str, str]) -> None:
    for key, phrases in keys.items():
        for phrase in phrases.split("|"):
            add(table, phrase, kind, key)
