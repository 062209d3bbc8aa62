"""Noun phrases, and what "and", "or" and "except" between them say."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.ai.grammar.clauses import Level
from engine.ai.grammar.joining import Entry, resolved
from engine.ai.grammar.refunds import spent_without
from engine.ai.grammar.tree import (
    EVERYONE,
    Fork,
    Group,
    Named,
    Negation,
    Purchase,
    all_of,
    any_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.lexemes import Text
    from engine.ai.grammar.tree import Tree
    from engine.rules.catalogue import Catalogue


@dataclass(slots=True)
class NounPhrase:
    """Conditions by level, and how those of one level are joined."""

    entries: dict[Level, list[Entry]] = field(default_factory=dict)
    noun: bool = False
    last: Level | None = None
    """The level that was filled last."""
    conn: str = ""
    comma: bool = False
    either: bool = False
    those: bool = False
    """It begins with its noun: "anyone who", "those in"."""
    adds: bool = False
    """Words that add stand before it: "plus", "as well as"."""

    def open_level(self) -> Level:
        """Return the level that a clause without a noun goes on with."""
        if Level.WHO in self.entries:
            return Level.WHO
        return Level.BEHIND if self.noun else Level.BEFORE


@dataclass(slots=True)
class Part:
    """Noun phrases up to the next "but" or "except"."""

    excludes: bool = False
    phrases: list[NounPhrase] = field(default_factory=list)


class PhraseJoiner:
    """Makes one tree of the parts of a sentence."""

    def __init__(self, text: Text, catalogue: Catalogue) -> None:
        self._text, self._catalogue = text, catalogue

    def joined(self, parts: list[Part]) -> Tree | None:
        """Return the tree of the parts; None where they hold nothing."""
        found: Tree | None = None
        for part in parts:
            if not part.phrases:
                continue
            if part.excludes:
                found = self._excluded(found, part)
                continue
            tree = self._phrases(part)
            found = tree if found is None or found == EVERYONE else all_of(found, tree)
        return found

    def _phrases(self, part: Part) -> Tree:
        trees = [self._phrase(phrase) for phrase in part.phrases]
        if len(trees) == 1:
            return trees[0]
        entries = [
            Entry(phrase.conn if index else "", (tree,), comma=phrase.comma, either=phrase.either)
            for index, (phrase, tree) in enumerate(zip(part.phrases, trees, strict=True))
        ]
        conns = {entry.conn for entry in entries[1:]}
        whole = resolved(entries, self._text, sentence=True)
        if conns == {"or"} and (shared := self._shared(part)) is not None:
            place = self._text.phrase(*shared[1])
            options = (("all that is named before", shared[0]), ("the last of it only", whole))
            return Fork(place, f"Whom does “{place}” speak of?", options)
        if "or" in conns or not conns <= {"and", "comma"}:
            return whole
        phrase = "and"
        union = any_of(*trees)
        added = any(one.adds and one.those for one in part.phrases[1:])
        likely_union = added or _groups(part.phrases, trees) or _clash(trees, self._catalogue)
        options = (("anyone in one of the groups", union), ("only who is in all of them", whole))
        return Fork(
            phrase,
            "Does “and” add a group, or narrow it?",
            options if likely_union else options[::-1],
        )

    def _shared(self, part: Part) -> tuple[Tree, tuple[int, int]] | None:
        """As in "Women or vip customers in Pune who ...": what stands behind may hold for both."""
        *others, last = part.phrases
        behind = [level for level in (Level.BEHIND, Level.WHO) if last.entries.get(level)]
        bare = all(
            not one.entries.get(level) for one in others for level in (Level.BEHIND, Level.WHO)
        )
        own = any(entry.told for one in others for entry in one.entries.get(Level.BEFORE, ()))
        if own or not (behind and bare and last.entries.get(Level.BEFORE)):
            return None
        heads = [
            self._phrase(NounPhrase({Level.BEFORE: one.entries.get(Level.BEFORE, [])}))
            for one in part.phrases
        ]
        tails = [resolved(last.entries[level], self._text, sentence=True) for level in behind]
        entry = last.entries[behind[0]][0]
        return all_of(any_of(*heads), *tails), (entry.first, last.entries[behind[-1]][-1].end)

    def _phrase(self, phrase: NounPhrase) -> Tree:
        trees = [
            resolved(phrase.entries[level], self._text, sentence=phrase.noun or level is Level.WHO)
            for level in sorted(phrase.entries)
            if phrase.entries[level]
        ]
        if not trees:
            return EVERYONE
        behind = phrase.entries.get(Level.BEHIND, [])
        loose = any(entry.conn == "or" for entry in behind)
        if loose and Level.BEFORE in phrase.entries and Level.WHO not in phrase.entries:
            first, rest = behind[0], behind[1:]
            before = resolved(phrase.entries[Level.BEFORE], self._text, sentence=True)
            flat = [replace(first, trees=(before, *first.trees)), *rest]
            place = self._text.phrase(first.first, behind[-1].end)
            options = (
                ("the first words hold for all of it", all_of(*trees)),
                ("they hold up to the “or” only", resolved(flat, self._text, sentence=True)),
            )
            return Fork(place, f"How far do the first words of “{place}” reach?", options)
        whole = all_of(*trees)
        return self._anew(phrase, trees[:-1], whole) if trees[:-1] else whole

    def _anew(self, phrase: NounPhrase, before: Sequence[Tree], whole: Tree) -> Tree:
        """As in "in Pune who are vip or in Mumbai": nobody in Mumbai is in Pune."""
        entries = phrase.entries.get(Level.WHO, [])
        alone = {entry.conn for entry in entries[1:]} == {"or"}
        if not alone or not any(
            _clash([*before, *entry.trees], self._catalogue) for entry in entries[1:]
        ):
            return whole
        flat = any_of(
            all_of(*before, *entries[0].trees), *(all_of(*one.trees) for one in entries[1:])
        )
        place = self._text.phrase(entries[0].first, entries[-1].end)
        options = (
            ("they hold up to the “or” only", flat),
            ("the first words hold for all of it", whole),
        )
        return Fork(place, f"How far do the first words of “{place}” reach?", options)

    def _excluded(self, found: Tree | None, part: Part) -> Tree:
        """Everything so far, without the noun phrases of an "except"."""
        base = found if found is not None else EVERYONE
        trees = []
        for phrase in part.phrases:
            for level in (Level.BEFORE, Level.BEHIND):
                phrase.entries[level] = [
                    replace(
                        entry,
                        conn="or" if entry.conn in {"and", "comma"} else entry.conn,
                        trees=tuple(_unjoined(tree) for tree in entry.trees),
                    )
                    for entry in phrase.entries.get(level, [])
                ]
            trees.append(self._phrase(phrase))
        excluded = any_of(*trees)
        out = all_of(base, Negation(excluded)) if base != EVERYONE else Negation(excluded)
        last = part.phrases[-1]
        if isinstance(excluded, Purchase) and not last.noun:
            spent = spent_without(base, excluded)
            if spent is not None:
                options = (("the money, without refunds", spent), ("who had no refund", out))
                place = self._text.phrase(excluded.first, excluded.end)
                return Fork(place, f"What is left out by “{place}”?", options)
        if (
            Level.WHO in last.entries
            and last.entries[Level.WHO]
            and (last.entries.get(Level.BEFORE) or last.entries.get(Level.BEHIND))
            and len(part.phrases) == 1
        ):
            who = resolved(last.entries[Level.WHO], self._text, sentence=True)
            rest = self._phrase(
                NounPhrase(
                    {
                        level: entries
                        for level, entries in last.entries.items()
                        if level is not Level.WHO
                    }
                )
            )
            wide = all_of(*(() if base == EVERYONE else (base,)), Negation(rest), who)
            options = (
                ("what follows “who” is said of those left out", out),
                ("it is said of those looked for", wide),
            )
            entry = last.entries[Level.WHO][0]
            return Fork(
                self._text.phrase(entry.first, entry.end),
                "Whom does the last “who” speak of?",
                options if last.noun else options[::-1],
            )
        if (
            isinstance(base, Group)
            and base.kind == "any"
            and isinstance(base.children[-1], (Group, Named, Purchase))
        ):
            narrow = any_of(*base.children[:-1], all_of(base.children[-1], Negation(excluded)))
            return Fork(
                "except",
                "What does the exception hold for?",
                (("all of it", out), ("the last part only", narrow)),
            )
        return out


def _groups(phrases: Sequence[NounPhrase], trees: Sequence[Tree]) -> bool:
    """Whether each names customers of its own: "vip customers and gold customers"."""
    named = all(one.noun for one in phrases) and all(one.conn == "and" for one in phrases[1:])
    return named and not any(isinstance(tree, Named) and tree.negated for tree in trees)


def _unjoined(tree: Tree) -> Tree:
    """Without A and B: neither of them may be in."""
    if isinstance(tree, Named) and tree.values.joined == "and":
        return replace(tree, values=replace(tree.values, joined="or"))
    if isinstance(tree, Purchase) and any(one.joined == "and" for one in tree.values):
        return replace(tree, values=tuple(replace(one, joined="or") for one in tree.values))
    return tree


def _clash(trees: Sequence[Tree], catalogue: Catalogue) -> bool:
    """Whether noun phrases ask for different values of one field, as nobody has both."""
    seen: set[str] = set()
    for tree in trees:
        for leaf in tree.children if isinstance(tree, Group) else (tree,):
            if isinstance(leaf, Named) and not leaf.negated:
                name = leaf.values.fields[0]
                if name not in catalogue.fields or catalogue.fields[name].type.value != "text":
                    continue
                if name in seen:
                    return True
                seen.add(name)
    return False
