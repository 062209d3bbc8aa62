"""Clauses that hang on the one before so that no rule holds both: they are doubted, never read."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from engine.ai.grammar.clauses import Problem
from engine.ai.grammar.denials import participle
from engine.ai.grammar.lexemes import Kind
from engine.ai.grammar.lexicon import THEN
from engine.ai.grammar.times import Recent
from engine.ai.grammar.tree import Moment, Named, Purchase, Test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.clauses import Clause
    from engine.ai.grammar.lexemes import Text
    from engine.ai.grammar.sharing import Joined

_THEN = tuple(THEN.split("|"))
_LEAST = frozenset({"over", "more", "than", "at", "least", "a", "the", "about", "some", "up", "to"})
"""Words between "for" and a length of time."""
_THOUSAND, _FEW = 1_000, 100
"""A bare amount below the second is doubted behind one from the first on."""
_THINGS = frozenset({"anything", "something", "everything", "things", "products", "any"})


def doubt_hanging(read: Sequence[Joined], text: Text) -> None:
    """Mark clauses that hang on the one before as not understood.

    "No orders except in May" is about the orders, not the customers; so is "bought anything but
    Footwear". "Bought Beauty and then Jewellery" is about what came first.
    """
    for each in read:
        _doubt_lasting(each.clause, text)
    for before, one in pairwise(read):
        doubtful = _excepts_amount(before.clause, one.clause) or _small(before.clause, one.clause)
        doubtful = doubtful or _half_said(before, one) or _not_both(before, one, text)
        doubtful = doubtful or _never_or(before, one, text) or _but_not_or(before, one)
        doubtful = doubtful or (one.clause.spread and len(one.clause.items) > 1)  # "gold in Pune"
        if _denies_figure(before, one) or doubtful:
            one.clause.problems.append(Problem(one.clause.first, one.clause.end, fatal=True))
        if one.conn in {"but", "except"} and _of_orders(before, one, text):
            one.clause.problems.append(_whole(before.clause, one.clause, "only"))
        elif _then(one, text) and _bought(before.clause) and _bought(one.clause):
            one.clause.problems.append(_whole(before.clause, one.clause, "sequence"))


def _doubt_lasting(clause: Clause, text: Text) -> None:
    """Take out what went on for so long: "ordered for 3 years" is no order within 3 years."""
    kept = []
    for item in clause.items:
        tree = item.tree
        if isinstance(tree, (Purchase, Moment)) and _lasting(tree, text):
            clause.problems.append(Problem(tree.first, tree.end, "lasting"))
        else:
            kept.append(item)
    clause.items = kept


def _lasting(tree: Purchase | Moment, text: Text) -> bool:
    time = tree.time
    if tree.negated or not isinstance(time, Recent) or time.at or time.older:
        return False
    if isinstance(tree, Purchase) and (tree.idle or (tree.count and not tree.count.value)):
        return False
    place = time.first - 1
    while place > 0 and text.tokens[place].word in _LEAST:
        place -= 1
    return place >= 0 and text.tokens[place].word == "for"


def _denies_figure(before: Joined, one: Joined) -> bool:
    """Whether a denial would go on to a figure: "haven't ordered in 2025, 3 times in 2024"."""
    if one.clause.denies or one.conn == "nor":
        return False
    said, hanging = _purchases(before.clause), _purchases(one.clause)
    plain = bool(said) and said[-1].negated and not _figures(said[-1])
    return plain and any(tree.elliptic and tree.negated and _figures(tree) for tree in hanging)


def _excepts_amount(before: Clause, clause: Clause) -> bool:
    """Whether one amount is taken out of a range: "between 5k and 10k but not 7k"."""
    ranged = any(
        tree.amount is not None and tree.amount.op == "between" for tree in _purchases(before)
    )
    return ranged and any(
        tree.elliptic and tree.negated and tree.amount is not None and not tree.amount.op
        for tree in _purchases(clause)
    )


def _half_said(before: Joined, one: Joined) -> bool:
    """Whether what was bought may go on to "or": "no Beauty or app orders in 2025"."""
    said, trees = before.clause.items[-1:], _purchases(one.clause)
    if one.conn != "or" or one.comma or not said or not trees or not trees[0].values:
        return False
    tree, plain = said[0].tree, not _figures(trees[0])
    several = isinstance(tree, Named) and tree.negated and len(tree.values.fields) > 1
    of_orders = isinstance(tree, Named) and tree.values.fields[-1].startswith("orders.")
    return several and of_orders and plain and one.run[0].kind is Kind.VALUE


def _never_or(before: Joined, one: Joined, text: Text) -> bool:
    """Whether "never" may go on to a second verb: "never bought Beauty or ordered on the app"."""
    said, trees = _purchases(before.clause)[-1:], _purchases(one.clause)
    if one.conn != "or" or one.comma or one.clause.who or one.clause.negated or not trees:
        return False
    if not said or not said[0].negated or said[0].time is not None:
        return False
    words = {token.word for token in text.tokens[before.clause.first : before.clause.end]}
    never = "never" in words and not _figures(trees[0])
    perfect = before.clause.perfect and _figures(said[0])  # "haven't spent 5k or ordered twice"
    return (never or perfect) and participle(one.run, text)


def _but_not_or(before: Joined, one: Joined) -> bool:
    """Whether "but not" may go on to a condition: "but not in Pune or ordered last month"."""
    if one.conn != "or" or one.comma or one.either or before.conn != "but":
        return False
    said, clause = [item.tree for item in before.clause.items], one.clause
    named = bool(said) and all(isinstance(tree, (Named, Test)) for tree in said)
    anew = clause.who or clause.noun or clause.negated or not clause.items
    return before.clause.denies and named and not anew


def _not_both(before: Joined, one: Joined, text: Text) -> bool:
    """Whether "do not have A and B", "no A and B" may be neither, or not both."""
    said = [item.tree for item in (*before.clause.items[-1:], *one.clause.items[:1])]
    set_ = bool(before.clause.items and one.clause.items)
    set_ = set_ and all(
        isinstance(tree, Test) and tree.op == "is_set" and tree.negated for tree in said
    )
    joined = text.tokens[one.clause.first - 1].word in {"and", "&"}
    both = any(lexeme.kind is Kind.BOTH for lexeme in one.run)  # "email & phone both missing"
    return set_ and joined and not both and not one.clause.denies


def _small(before: Clause, clause: Clause) -> bool:
    """Whether a number may be short for thousands: "spent 5k in April and 10 in May"."""
    said = [tree.amount for tree in _purchases(before)]
    large = any(one is not None and one.value >= _THOUSAND for one in said)
    return large and any(
        tree.elliptic
        and tree.amount is not None
        and not tree.amount.currency
        and tree.amount.value < _FEW
        for tree in _purchases(clause)
    )


def _figures(tree: Purchase) -> bool:
    return any(one is not None for one in (tree.count, tree.amount, tree.each, tree.units))


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
