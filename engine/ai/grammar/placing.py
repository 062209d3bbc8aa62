"""Where a clause goes: on with the noun phrase before it, a phrase of its own, an alternative."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ai.grammar.clauses import Clause, Level
from engine.ai.grammar.joining import BEHIND, Entry
from engine.ai.grammar.tree import Named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.lexemes import Text
    from engine.ai.grammar.noun_phrases import NounPhrase, Part
    from engine.ai.grammar.sharing import Joined
    from engine.ai.grammar.tree import Tree


def leaves(parts: list[Part], one: Joined) -> bool:
    """Whether a clause behind "except ..." goes on with what is looked for."""
    clause, conn = one.clause, one.conn
    if conn == "comma" and len(parts) == 2 and not parts[0].phrases:  # noqa: PLR2004
        return True
    if conn == "comma" and clause.items and _names(parts[-1]) and not _names_only(clause):
        return True  # "..., leaving out Delhi, with at least 4 orders"
    first = parts[-1].phrases[0].entries
    if first.get(Level.WHO) and conn == "and" and not one.comma:
        return False  # "... except those who have no e-mail and ordered last week"
    verbs = any(entry.verb for entries in first.values() for entry in entries)
    verb = bool(clause.items) and all(item.verb for item in clause.items)
    return (
        (conn == "and" or (conn == "comma" and clause.who))
        and verb
        and not verbs
        and not clause.noun
    )


def begins(phrase: NounPhrase, clause: Clause) -> bool:
    """Whether a clause begins a noun phrase of its own."""
    levels = {item.level for item in clause.items}
    if Level.WHO in phrase.entries and Level.WHO in levels and len(levels) > 1:
        return True
    if not clause.noun:
        return False
    coordinated = (
        not phrase.noun and set(phrase.entries) == {Level.BEFORE} and Level.BEFORE in levels
    )
    before = phrase.entries.get(Level.BEFORE, ())
    plain = all(not (entry.verb or entry.told) for entry in before)
    return not (coordinated and plain)


def fill(phrase: NounPhrase, one: Joined, text: Text) -> None:
    """Put the conditions of a clause into a noun phrase, each on its level."""
    clause, conn = one.clause, one.conn
    open_level = phrase.open_level()
    fresh = not phrase.entries and not phrase.noun
    coordinated = clause.noun and not phrase.noun and not fresh
    by_level: dict[Level, list[tuple[Tree, bool]]] = {}
    for item in clause.items:
        level = item.level
        if not fresh and not coordinated and level is not Level.WHO:
            level = open_level
        lone = one.conn == "or" and not fresh and not phrase.entries.get(level)
        if lone and not coordinated and phrase.last is not None:
            level = phrase.last  # else the "or" would be lost between two levels
        by_level.setdefault(level, []).append((item.tree, item.verb))
    phrase.noun = phrase.noun or clause.noun
    for level, items in by_level.items():
        entries = phrase.entries.setdefault(level, [])
        phrase.last = level
        entries.append(
            Entry(
                conn if entries else "",
                tuple(tree for tree, _ in items),
                verb=items[-1][1],
                comma=one.comma and bool(entries),
                either=one.either,
                told=(not phrase.noun or level is Level.WHO) and _told(clause, text),
                first=clause.first,
                end=clause.end,
            )
        )
    if clause.who:
        phrase.entries.setdefault(Level.WHO, [])


def _told(clause: Clause, text: Text) -> bool:
    """Whether a preposition stands between the conditions of a clause."""
    words = {token.word for token in text.tokens[clause.first + 1 : clause.end]}
    return len(clause.items) > 1 and not words.isdisjoint(BEHIND)


def _names(part: Part) -> bool:
    """Whether all that an "except" leaves out so far are values by their names."""
    entries = [one for phrase in part.phrases for some in phrase.entries.values() for one in some]
    return all(isinstance(tree, Named) for entry in entries for tree in entry.trees)


def _names_only(clause: Clause) -> bool:
    return clause.noun or any(isinstance(item.tree, Named) for item in clause.items)


def is_alternative(parts: Sequence[Part], one: Joined, *, again: bool) -> bool:
    """Whether a whole noun phrase with a "who" of its own follows one that a "but" has narrowed.

    As in "gold members who ..., but not ..., or platinum members who ...". Or what follows is
    narrowed ``again`` by a "but" of its own: "bought A but not B, or bought B but not A".
    """
    clause = one.clause
    levels = {item.level for item in clause.items}
    if again and one.conn == "or" and len(parts) > 1 and bool(clause.items):
        return True
    narrowed = len(parts) > 1 and bool(parts[0].phrases) and parts[0].phrases[0].noun
    own = clause.noun and Level.WHO in levels and len(levels) > 1
    return one.conn == "or" and narrowed and own
