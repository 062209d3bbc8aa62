"""Clauses that hang on the one before so that no rule holds both: they are doubted, never read."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from engine.ai.grammar.clauses import Problem
from engine.ai.grammar.lexicon import THEN
from engine.ai.grammar.tree import Purchase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.clauses import Clause
    from engine.ai.grammar.lexemes import Text
    from engine.ai.grammar.sharing import Joined

_THEN = tuple(THEN.split("|"))
_THINGS = frozenset({"anything", "something", "everything", "things", "products", "any"})


def doubt_hanging(read: Sequence[Joined], text: Text) -> None:
    """Mark clauses that hang on the one before as not understood.

    "No orders except in May" is about the orders, not the customers; so is "bought anything but
    Footwear". "Bought Beauty and then Jewellery" is about what came first.
    """
    for before, one in pairwise(read):
        if one.conn in {"but", "except"} and _of_orders(before, one, text):
            one.clause.problems.append(_whole(before.clause, one.clause, "only"))
        elif _then(one, text) and _bought(before.clause) and _bought(one.clause):
            one.clause.problems.append(_whole(before.clause, one.clause, "sequence"))


def _of_orders(before: Joined, one: Joined, text: Text) -> bool:
    last = before.run[-1]
    if text.tokens[last.end - 1].word in _THINGS and _purchases(one.clause):
        return True
    if one.conn != "except" or one.clause.noun or one.clause.who:
        return False
    hanging = [tree for tree in _purchases(one.clause) if tree.elliptic]
    said = [tree for tree in _purchases(before.clause) if not tree.values]
    if any(tree.negated for tree in said):
        return bool(hanging)
    figure = any(tree.count or tree.amount or tree.units for tree in said)
    return figure and any(tree.values for tree in hanging)  # "spent 5k except on Beauty"


def _then(one: Joined, text: Text) -> bool:
    if text.phrase(one.run[0].first, one.run[0].end).casefold() == "then":
        return True
    return text.phrase(max(0, one.clause.first - 3), one.clause.first).casefold().endswith(_THEN)


def _bought(clause: Clause) -> bool:
    return any(not tree.negated for tree in _purchases(clause))


def _purchases(clause: Clause) -> list[Purchase]:
    return [item.tree for item in clause.items if isinstance(item.tree, Purchase)]


def _whole(before: Clause, clause: Clause, reason: str) -> Problem:
    return Problem(before.first, clause.end, reason, fatal=True)
