"""How far a denial reaches over "or": "but not in Surat or on silver", "no Beauty or Grocery"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ai.grammar.lexemes import Kind
from engine.ai.grammar.tree import Named, Purchase, Test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.clauses import Clause
    from engine.ai.grammar.lexemes import Lexeme, Text
    from engine.ai.grammar.runs import Run
    from engine.ai.grammar.sharing import Joined

_NO = frozenset({"no", "without", "zero"})
_ARE_NOT = ("are not", "arent", "is not", "isnt", "neither")
_SMALL = frozenset({"in", "from", "on", "with", "at", "of", "tagged", "a", "an", "the"})


def spreads(before: Joined, clause: Clause, run: Run, text: Text) -> bool:
    """Whether the denial of a clause holds for the one behind "or", which does not say it.

    It does for what is named behind "but not", for what was bought behind "no" and for a second
    participle behind "haven't"; an own verb, or a figure, begins another alternative.
    """
    if run.lexemes[0].kind is Kind.WHO or clause.noun or clause.negated or run.either:
        return False
    trees = [item.tree for item in clause.items]
    if before.clause.perfect and participle(run.lexemes, text):
        timed = any(getattr(item.tree, "time", None) for item in before.clause.items)
        plain = bool(trees) and all(map(_plain, trees)) and not timed
        return plain or _only_verb(before.clause)
    excluded = before.clause.spread or (before.conn == "but" and before.clause.denies)
    named = bool(trees) and all(isinstance(tree, (Named, Test)) for tree in trees)
    if named and (excluded or _denial(before, text).endswith(_ARE_NOT)):
        return _behind_small_word(run, text)
    said = [item.tree for item in before.clause.items]
    objects = _object_denied(before, text) and bool(said) and _things(said[-1])
    return objects and bool(trees) and all(map(_things, trees)) and not _verb(run, text)


def participle(lexemes: Sequence[Lexeme], text: Text) -> bool:
    """Whether lexemes begin with a verb that has no "have" of its own."""
    first = next((one for one in lexemes if one.kind is not Kind.FILLER), None)
    if first is None or first.kind is not Kind.HEAD:
        return False
    return text.tokens[first.first].word not in {"have", "has", "had"}


def _only_verb(clause: Clause) -> bool:
    """Whether a clause says "ordered" and nothing else, so that more of it follows."""
    trees = [item.tree for item in clause.items]
    return len(trees) == 1 and isinstance(trees[0], Purchase) and trees[0].bare


def _plain(tree: object) -> bool:
    """Whether something is said of orders without a figure."""
    figures = ("count", "amount", "each", "units", "each_units", "distinct")
    return isinstance(tree, Purchase) and all(getattr(tree, one) is None for one in figures)


def _things(tree: object) -> bool:
    return isinstance(tree, Purchase) and bool(tree.values) and _plain(tree)


def _object_denied(before: Joined, text: Text) -> bool:
    """Whether "no" stands before what was bought, rather than a denial before a verb."""
    return before.clause.spread or _denial(before, text).split(" ")[0] in _NO


def _denial(before: Joined, text: Text) -> str:
    """Return the words that deny a clause, as they compare."""
    denial = next((one for one in before.run if one.kind is Kind.NOT), None)
    if denial is None:
        return ""
    led = denial.first and text.tokens[denial.first - 1].word in {"are", "is"}
    first = denial.first - 1 if led else denial.first
    return " ".join(one.word for one in text.tokens[first : denial.end])


def _behind_small_word(run: Run, text: Text) -> bool:
    """Whether a run is a value, or one behind a preposition, without a verb."""
    first = run.lexemes[0]
    small = text.tokens[first.first].word in _SMALL
    return (small or first.kind is Kind.VALUE) and not any(
        one.among(Kind.BE, Kind.HEAD) for one in run.lexemes
    )


def _verb(run: Run, text: Text) -> bool:
    noun = {"order", "orders", "purchase", "purchases"}
    return any(
        one.kind is Kind.HAVE
        or (one.kind is Kind.HEAD and text.tokens[one.end - 1].word not in noun)
        for one in run.lexemes
    )
