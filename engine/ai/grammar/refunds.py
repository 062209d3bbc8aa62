"""Amounts of refunds: a refund is an order of a negative amount, and words tell how large it is.

And what was spent "excluding refunds", which is what orders that are completed come to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ai.grammar.choosing import Unsayable
from engine.ai.grammar.lexemes import Kind
from engine.ai.grammar.tree import Group, Purchase, Values, all_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.choosing import Document, Picker
    from engine.ai.grammar.lexemes import Lexeme
    from engine.ai.grammar.quantities import Quantity
    from engine.ai.grammar.tree import Tree

_REFUNDED = "refunded"
_TURNED = {
    "greater_than": "less_than",
    "greater_or_equal": "less_or_equal",
    "less_than": "greater_than",
    "less_or_equal": "greater_or_equal",
    "more_than": "less_than",
    "at_least": "at_most",
    "at_most": "at_least",
}
"""Comparisons of amounts, and what they become where both sides are negated."""
_COMPLETED = Values((("orders.status", ("completed",)),))
_FIGURES = ("spend", "total_spend", "average", "orders", "order_count")
"""Heads that a figure follows."""
_ENDS = {"maximum": "minimum", "minimum": "maximum"}


def of_refunds(purchase: Purchase) -> bool:
    """Whether all orders that a condition is about are refunds.

    Raises Unsayable where amounts are asked of refunds and of other orders at once.
    """
    statuses = [one.options[0][1] for one in purchase.values if "orders.status" in one.fields]
    refunded = any(_REFUNDED in some for some in statuses)
    amount = purchase.amount or purchase.each
    if refunded and amount is not None and any(len(some) > 1 for some in statuses):
        raise Unsayable(purchase.first, purchase.end)
    return refunded


def measure(name: str) -> str:
    """Return what is measured of negative amounts: the largest refund is the lowest of them."""
    return _ENDS.get(name, name)


def turned(compared: Document, given: Quantity, picker: Picker) -> Document:
    """Return an operator and a value for the negative of the amount that the words tell."""
    op, value = str(compared["op"]), compared["value"]
    values = value if isinstance(value, list) else [value]
    found = [_negative(str(one)) for one in reversed(values)]
    said = picker.phrase(given.first, given.end)
    picker.note(
        f"A refund is an order of a negative amount; “{said}” was asked of what was paid back."
    )
    turned_op = _TURNED.get(op, op)
    return {**compared, "op": turned_op, "value": found if op == "between" else found[0]}


def _negative(value: str) -> str:
    return value if float(value) == 0 else f"-{value}"


def without_refunds(lexemes: Sequence[Lexeme]) -> list[Lexeme]:
    """Return the lexemes with "total spend excluding refunds over 10k" as one condition."""
    found = list(lexemes)
    for at in range(len(found) - 4, -1, -1):
        head, leaves, what, figure = found[at : at + 4]
        excluded = leaves.among(Kind.EXCEPT, Kind.NOT) and _refunds(what.data)
        if head.means(Kind.HEAD, *_FIGURES) and excluded and figure.kind is Kind.QUANTITY:
            completed = replace(_COMPLETED, first=what.first, end=what.end)
            found[at + 1 : at + 3] = [replace(what, first=leaves.first, data=completed)]
    return found


def spent_without(base: Tree, excluded: Purchase) -> Tree | None:
    """Return what "spent over 10k excluding refunds" says of the money; None where it says none."""
    said = base.children if isinstance(base, Group) and base.kind == "all" else (base,)
    others, spent = said[:-1], said[-1] if said else None
    if not isinstance(spent, Purchase) or spent.measure != "sum":
        return None
    if [_refunds(one) for one in excluded.values] != [True]:
        return None
    if not replace(excluded, values=(), time=None).bare:
        return None
    time = spent.time or excluded.time
    return all_of(*others, replace(spent, values=(*spent.values, _COMPLETED), time=time))


def _refunds(values: object) -> bool:
    return isinstance(values, Values) and values.options == (("orders.status", (_REFUNDED,)),)
