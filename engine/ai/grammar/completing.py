"""What a clause leaves to the next to say: "no A and no B bought", "e-mail or phone missing"."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.ai.grammar.clauses import SILENT, Item, Level, Problem
from engine.ai.grammar.lexemes import Kind
from engine.ai.grammar.tree import Fork, Named, Purchase, Test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.lexemes import Lexeme, Text
    from engine.ai.grammar.sharing import Joined
    from engine.ai.grammar.tree import Tree

_JOINS = frozenset({"and", "or", "nor", "comma"})


def complete(read: Sequence[Joined], text: Text) -> None:
    """Give clauses the verb, or the word for missing, that stands behind the last of them."""
    for before, one in pairwise(read):
        _figures_go_on(before, one)
        _things_go_on(before, one, text)
    bought = False
    for before, one in reversed(list(pairwise(read))):
        _counted(before, one)
        tree = one.clause.items[0].tree if len(one.clause.items) == 1 else None
        bought = bought or _verb_behind(one.run)
        if one.conn in _JOINS and isinstance(tree, Purchase) and bought:
            bought = _bought(before, tree)
            continue
        bought = False
        if one.conn in _JOINS and isinstance(tree, Test) and tree.op == "is_set":
            _missing(before, tree, one)


def _figures_go_on(before: Joined, one: Joined) -> None:
    """As in "Spent over 5k in 2024 or 2025": the figure is that of either year."""
    said = _last(before)
    tree = one.clause.items[0].tree if len(one.clause.items) == 1 else None
    if one.conn not in {"or", "comma"} or not isinstance(said, Purchase) or said.negated:
        return
    if not isinstance(tree, Purchase) or not tree.goes_on or tree.negated:
        return
    whole = replace(said, time=tree.time, goes_on=True, elliptic=True, led=False)
    whole = replace(whole, first=tree.first, end=tree.end)
    one.clause.items[0] = replace(one.clause.items[0], tree=whole)


def _things_go_on(before: Joined, one: Joined, text: Text) -> None:
    """As in "haven't bought Footwear in 6 months but bought before that": Footwear, or anything."""
    said, tree = _last(before), one.clause.items[0].tree if len(one.clause.items) == 1 else None
    kinds = {lexeme.kind for lexeme in one.run}
    again = Kind.AGAIN in kinds and Kind.TIME not in kinds
    if not (isinstance(said, Purchase) and isinstance(tree, Purchase) and again and said.values):
        return
    if not replace(tree, time=None).bare or tree.elliptic or said.negated == tree.negated:
        return
    phrase = text.phrase(tree.first, tree.end)
    names = ", ".join(name for values in said.values for name in values.options[0][1])
    options = ((names, replace(tree, values=said.values)), ("anything", tree))
    order = -1 if tree.negated else 1  # "bought Footwear in 2024 but not bought after that"
    fork = Fork(phrase, f"What is “{phrase}” about?", options[::order])
    one.clause.items[0] = replace(one.clause.items[0], tree=fork)


def _counted(before: Joined, one: Joined) -> None:
    """As in "More than 2 but fewer than 6 Footwear orders in 2025": what is counted is the same."""
    target, whole = _last(before), one.clause.items[0].tree if one.clause.items else None
    if not isinstance(target, Purchase) or not isinstance(whole, Purchase):
        return
    figure = target.count or target.units or target.distinct
    shared = figure is not None and figure.shared
    ranged = one.conn in {"but", "and"} and whole.elliptic and not target.ever
    if not shared and not (ranged and _bounds(target, whole)):
        return
    tree = replace(target, values=target.values or whole.values, time=target.time or whole.time)
    before.clause.items[-1] = replace(before.clause.items[-1], tree=tree)


def _bounds(low: Purchase, high: Purchase) -> bool:
    """Whether two amounts bound one: "spent over 5k but below 10k on Beauty"."""
    one, other = low.amount, high.amount
    if one is None or other is None or low.negated or high.negated:
        return False
    up, down = one.op.startswith("greater"), other.op.startswith("less")
    return up and down and one.value < other.value


def _verb_behind(run: Sequence[Lexeme]) -> bool:
    kinds = [one.kind for one in run if one.among(Kind.VALUE, Kind.HEAD)]
    return kinds == [Kind.VALUE, Kind.HEAD]


def _bought(before: Joined, purchase: Purchase) -> bool:
    """As in "No Footwear and no Beauty bought this year": the first is not bought, either."""
    named = _last(before)
    if not isinstance(named, Named) or not (named.negated and purchase.negated):
        return False
    field = purchase.values[0].fields[0] if len(purchase.values) == 1 else ""
    if field not in named.values.fields:
        return False
    values = replace(named.values, options=((field, named.values.of(field)),))
    tree = replace(purchase, values=(values,), first=named.first, end=named.end)
    before.clause.items[-1] = replace(before.clause.items[-1], tree=tree, verb=True)
    return True


def _missing(before: Joined, test: Test, one: Joined) -> None:
    """As in "E-mail or phone missing": a field alone, and one with what both of them are."""
    here = [lexeme for lexeme in one.run if lexeme.kind is Kind.FIELD]
    field = next((lexeme for lexeme in reversed(before.run) if lexeme.kind not in SILENT), None)
    said = bool(here) and test.end > here[0].end  # the word for missing
    if not said or field is None or field.kind is not Kind.FIELD:
        return
    clause, last = before.clause, _last(before)
    tree = replace(test, field=field.key, first=field.first, end=field.end)
    both = one.conn != "and" or any(lexeme.kind is Kind.BOTH for lexeme in one.run)
    if isinstance(last, Test) and last.field == field.key and last.end == field.end:
        if both or last.negated == test.negated:
            clause.items[-1] = replace(clause.items[-1], tree=tree)
        else:  # "have e-mail and phone missing"
            clause.problems.append(Problem(field.first, one.clause.end, fatal=True))
    elif clause.problems and clause.problems[-1].end == field.end:
        level = Level.WHO if clause.who else Level.BEHIND if clause.noun else Level.BEFORE
        del clause.problems[-1]
        clause.items.append(Item(level, tree, verb=False))


def _last(one: Joined) -> Tree | None:
    return one.clause.items[-1].tree if one.clause.items else None
