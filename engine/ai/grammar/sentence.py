"""A sentence: clauses and what joins them, read into one tree.

What joins, from the loosest to the tightest: "except" and "but"; noun phrases with "or" and "and";
within a noun phrase what follows "who", what stands behind the noun, what stands before it. On each
of these levels "and" binds tighter than "or", and where both occur the other reading is a choice.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.ai.grammar.clause_reader import ClauseReader
from engine.ai.grammar.clauses import Clause, Context, Problem
from engine.ai.grammar.completing import complete
from engine.ai.grammar.denials import spreads
from engine.ai.grammar.exclusive import exclude_both, says_not_both
from engine.ai.grammar.hanging import doubt_hanging
from engine.ai.grammar.lexemes import Kind, Lexeme
from engine.ai.grammar.noun_phrases import NounPhrase, Part, PhraseJoiner
from engine.ai.grammar.placing import begins, fill, is_alternative, leaves
from engine.ai.grammar.runs import Run, dangling, runs
from engine.ai.grammar.sharing import Joined, share_times
from engine.ai.grammar.tree import EVERYONE, Named, all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.lexemes import Text
    from engine.ai.grammar.tree import Tree
    from engine.rules.catalogue import Catalogue

MOST_CLAUSES = 60
_EVERYONE = frozenset({"everyone", "everybody", "anyone", "anybody", "all"})
_ADDS = ("plus", "as well as", "along with", "together with", "in addition to", "and also")
"""What adds a group where its noun follows."""


@dataclass(slots=True)
class Sentence:
    """What was read. ``tree`` is None where nothing was, or nothing may be used."""

    tree: Tree | None
    problems: list[Problem]
    unions: bool = False
    """An "or" joins conditions, so nothing may be left out."""
    said: bool = False
    """There is a noun for customers, so that nothing else means everyone."""
    clauses: list[Clause] = field(default_factory=list)


class SentenceReader:
    """Reads sentences of one text."""

    def __init__(self, text: Text, catalogue: Catalogue) -> None:
        self._text, self._catalogue = text, catalogue
        self._context = Context()

    def read(self, lexemes: Sequence[Lexeme]) -> Sentence:
        """Return the tree of the lexemes, and what was not understood."""
        problems: list[Problem] = []
        inner: list[Clause] = []
        flat, unions = self._without_groups(lexemes, problems, inner)
        read: list[Joined] = []
        some = runs(flat)[:MOST_CLAUSES]
        for run, following in zip(some, [*some[1:], None], strict=False):
            last = read[-1] if read else None
            before = last.clause if last else None
            clause, join = self._clause(run, last)
            unions = unions or join == "or"
            unread = not clause.items and join in {"and", "comma"} and _only_unknown(run.lexemes)
            if unread and before and before.items and isinstance(before.items[-1].tree, Named):
                clause.problems = [replace(one, fatal=True) for one in clause.problems]
            if dangling(run, following):
                fatal = Problem(run.lexemes[-1].first, run.lexemes[-1].end, fatal=True)
                clause.problems.append(fatal)
            read.append(Joined(join, clause, run.lexemes, comma=run.comma, either=run.either))
        complete(read, self._text)
        doubt_hanging(read, self._text)
        share_times(read, self._text)
        groups: list[list[list[Part]]] = [[[Part()]]]
        for one, after in zip(read, [*read[1:], None], strict=False):
            again = after is not None and after.conn in {"but", "except"}
            if one.conn == "stop" and len(groups[-1]) > 1:
                groups.append([[Part()]])
            elif is_alternative(groups[-1][-1], one, again=again) or self._or_else(one):
                groups[-1].append([Part()])
            parts = groups[-1][-1]
            self._place(parts, one)
            if parts[-1].excludes or one.clause.negated:
                one.clause.problems = [replace(each, fatal=True) for each in one.clause.problems]
            problems += one.clause.problems
        clauses = [one.clause for one in read]
        said = any(clause.noun for clause in clauses)
        joiner = PhraseJoiner(self._text, self._catalogue)
        found = [
            any_of(*trees)
            for group in groups
            if (trees := [tree for parts in group if (tree := joiner.joined(parts)) is not None])
        ]
        return Sentence(
            all_of(*found) if found else None,
            problems,
            unions,
            said,
            [*inner, *clauses],
        )

    # --- clauses -----------------------------------------------------------------------------

    def _clause(self, run: Run, last: Joined | None) -> tuple[Clause, str]:
        """Read a clause, with the denial of the one before where that goes on."""
        conn, before = run.conn, last.clause if last else None
        context = copy(self._context)
        clause = self._reader(self._context).read(run.lexemes)
        if conn == "nor":
            self._context = context
            return self._reader(self._context).read(run.lexemes, denied=True), "and"
        if last is None or before is None or not before.negated or clause.denies:
            return clause, conn
        if conn in {"but", "except"}:
            return clause, conn
        goes_on = conn == "or" and not run.comma and spreads(last, clause, run, self._text)
        if clause.ellipsis or goes_on or (before.bare and clause.bare_verb):
            self._context = context
            denied = self._reader(self._context).read(run.lexemes, denied=True)
            denied.spread = goes_on
            denied.perfect = goes_on and before.perfect
            return denied, "and"
        return clause, conn

    def _reader(self, context: Context) -> ClauseReader:
        return ClauseReader(self._text, self._catalogue, context)

    def _without_groups(
        self, lexemes: Sequence[Lexeme], problems: list[Problem], clauses: list[Clause]
    ) -> tuple[list[Lexeme], bool]:
        """Read what stands in parentheses first, and put it in as one lexeme."""
        found: list[Lexeme] = []
        opened: list[int] = []
        unions = False
        for lexeme in lexemes:
            if lexeme.kind is Kind.OPEN:
                opened.append(len(found))
                found.append(lexeme)
            elif lexeme.kind is Kind.CLOSE and opened:
                start = opened.pop()
                inner = found[start + 1 :]
                del found[start:]
                if not inner:
                    continue
                if (
                    len(inner) == 1
                    and inner[0].end == inner[0].first + 1
                    and self._enumerates(inner[0])
                ):
                    continue
                if says_not_both(inner):
                    found += [Lexeme(Kind.BUT, "but", inner[0].first, inner[0].first), *inner]
                    continue
                if len(inner) == 1 and inner[0].among(Kind.VALUE, Kind.TIME, Kind.QUANTITY):
                    found += inner
                    continue
                sentence = self.read(inner)
                problems += sentence.problems
                unions = unions or sentence.unions
                clauses += sentence.clauses
                if sentence.tree is not None and sentence.tree != EVERYONE:
                    found.append(
                        Lexeme(Kind.GROUP, "", inner[0].first, inner[-1].end, sentence.tree)
                    )
            elif lexeme.kind is not Kind.CLOSE:
                found.append(lexeme)
        return [one for one in found if one.kind is not Kind.OPEN], unions

    def _enumerates(self, lexeme: Lexeme) -> bool:
        """Whether it is the (a) or (1) of an enumeration."""
        said = self._text.phrase(lexeme.first, lexeme.end)
        return len(said) == 1 and said.isalnum()

    def _said(self, run: Sequence[Lexeme]) -> str:
        """Return the first words of a run."""
        return self._text.phrase(run[0].first, run[0].end).casefold() if run else ""

    def _excludes_those(self, clause: Clause, run: Sequence[Lexeme]) -> bool:
        """Whether "not" stands before a whole noun phrase: "but not women who ..."."""
        said = self._said(run)
        if not run or run[0].kind is not Kind.NOT or said.startswith("non") or not clause.noun:
            return False
        behind = next((one for one in run[1:] if one.kind is not Kind.FILLER), None)
        return behind is not None and (behind.kind is Kind.NOUN or len(clause.items) > 1)

    # --- placing -----------------------------------------------------------------------------

    def _place(self, parts: list[Part], one: Joined) -> None:
        last = parts[-1].phrases[-1] if parts[-1].phrases else None
        if last is not None and says_not_both(one.run) and exclude_both(last):
            one.clause.problems = []
            return
        joins = {"but", "and"} if self._said(one.run) != "no" else {"but", "and", "comma", ""}
        if self._excludes_those(one.clause, one.run) and one.conn in joins:
            one.clause = self._reader(self._context).read(one.run[1:])
            one.conn = "except"
        if one.conn == "but" and self._but_for(parts, one):
            one.conn = "except"
        clause, conn, comma = one.clause, one.conn, one.comma
        if conn == "except" or (conn in {"but", "stop"} and parts[-1].phrases):
            parts.append(Part(excludes=conn == "except"))
        elif parts[-1].excludes and parts[-1].phrases and leaves(parts, one):
            parts.append(Part())
        part = parts[-1]
        if not clause.items and not clause.noun and not clause.who:
            return
        if not part.phrases or begins(part.phrases[-1], clause):
            those = any(lexeme.kind is Kind.NOUN for lexeme in one.run[:3])
            adds = self._text.phrase(max(0, clause.first - 3), clause.first).casefold()
            part.phrases.append(
                NounPhrase(conn=conn, comma=comma, those=those, adds=adds.endswith(_ADDS))
            )
            fill(part.phrases[-1], replace(one, conn="", comma=False), self._text)
            if one.clause.noun and not one.clause.who:
                part.phrases[-1].either = one.either
        else:
            fill(part.phrases[-1], one, self._text)

    def _but_for(self, parts: Sequence[Part], one: Joined) -> bool:
        """Whether "but" leaves out: "everyone in Pune but VIPs", not "but with an e-mail"."""
        first = next((lexeme for lexeme in one.run if lexeme.kind is not Kind.FILLER), None)
        everyone = {token.word for token in self._text.tokens[:2]} & _EVERYONE
        if first is None or not (everyone and one.clause.items and len(parts) == 1):
            return False
        named = first.kind is Kind.VALUE and isinstance(one.clause.items[0].tree, Named)
        return bool(parts[0].phrases) and (named or first.kind is Kind.NOUN)

    def _or_else(self, one: Joined) -> bool:
        """Whether a comma and "or else" part all that is before from what follows."""
        before = self._text.phrase(max(0, one.clause.first - 2), one.clause.first).casefold()
        return one.conn == "or" and one.comma and before in {"or else", "or alternatively"}


def _only_unknown(run: Sequence[Lexeme]) -> bool:
    return all(one.among(Kind.UNKNOWN, Kind.PREP, Kind.FILLER, Kind.QUOTED) for one in run)
