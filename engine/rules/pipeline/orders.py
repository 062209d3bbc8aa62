"""Lookups into a customer's orders: the lifetime's figures, and behaviours.

A lookup filters and adds up inside, so what it adds to a customer is one small document, or none
where no order counts. Sums that averages are made of are Decimal128: exact to 34 digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.domain.order import OrderStatus
from engine.rules.operators import COMPARATORS
from engine.rules.pipeline.conditions import Place, condition_test
from engine.rules.pipeline.expressions import (
    SIGNS,
    decimal,
    every,
    list_or_empty,
    literal,
    only,
    or_zero,
)
from engine.rules.pipeline.instants import window
from engine.rules.values import typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.rules import OrderFilter, OrdersCondition
    from engine.rules.pipeline.context import Context
    from engine.rules.pipeline.expressions import Expression, Stage

COMPLETED = OrderStatus.COMPLETED.value
SPENT = (COMPLETED, OrderStatus.REFUNDED.value)
_DAY = timedelta(days=1) // timedelta(milliseconds=1)

_OF_THE_ORDER: Mapping[str, Place] = {
    "status": Place("$status", "$status"),
    "channel": Place("$channel", "$channel_folded"),
    "amount": Place("$amount", "$amount"),
    "quantity": Place("$quantity", "$quantity"),
}
_OF_AN_ITEM: Mapping[str, Place] = {
    "category": Place("$$item.category", "$$item.category_folded"),
    "sku": Place("$$item.sku", "$$item.sku_folded"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number to compare: ``amount``, or the quotient of it and ``over`` where that is given.

    A quotient is compared through amount and value times ``over``, exactly; it is missing where
    ``over`` is not above 0, and any figure where its amount is no number.
    """

    amount: Expression
    over: Expression | None = None

    @property
    def known(self) -> Expression:
        """Whether the customer has the figure."""
        return {"$isNumber": self.amount} if self.over is None else {"$gt": [self.over, 0]}

    def compared(self, op: str, value: object, scale: int = 1) -> Expression:
        """Return the test; ``scale`` is how many of the figure's units the value's one has."""
        if op == "between" and isinstance(value, tuple):
            low, high = (self._operand(one, scale) for one in value)
            tests = [{"$gte": [self.amount, low]}, {"$lte": [self.amount, high]}]
            return every(self.known, *tests)
        return every(self.known, {SIGNS[op]: [self.amount, self._operand(value, scale)]})

    def _operand(self, value: object, scale: int) -> Expression:
        if self.over is None:
            return literal(value)
        # A double's shortest text is the decimal that the rule says.
        return {"$multiply": [decimal(Decimal(str(value)) * scale), self.over]}


def lookup(collection: str, stages: list[Stage]) -> Stage:
    """Return a lookup by the customer's id, less the name its result is given."""
    by_id = {"localField": "customer_id", "foreignField": "customer_id"}
    return {"from": collection, **by_id, "pipeline": stages}


def lifetime_stages() -> list[Stage]:
    """Return what a lookup of every lifetime aggregate does with a customer's orders."""
    completed = {"$eq": ["$status", COMPLETED]}
    at = {"$cond": [completed, "$ordered_at", None]}  # $min and $max leave nulls out
    figures = {
        "order_count": {"$sum": {"$cond": [completed, 1, 0]}},
        "total_spend": {"$sum": "$amount"},
        "completed_amount": {"$sum": {"$cond": [completed, {"$toDecimal": "$amount"}, 0]}},
        "first_order_at": {"$min": at},
        "last_order_at": {"$max": at},
    }
    return [{"$match": {"status": {"$in": list(SPENT)}}}, {"$group": {"_id": None, **figures}}]


def lifetime_figure(name: str, found: str) -> Figure:
    """Return one of the lifetime's numbers, from the result of the lookup named ``found``."""
    count = or_zero(only(f"{found}.order_count"))
    if name == "average_order_value":
        return Figure(only(f"{found}.completed_amount"), over=count)
    return Figure(or_zero(only(f"{found}.{name}")))


def behaviour_stages(node: OrdersCondition, context: Context) -> list[Stage]:
    """Return what a behaviour's lookup does with a customer's orders."""
    wanted: dict[str, object] = {}
    if all(one.field != "status" for one in node.where):
        wanted["status"] = {"$in": list(SPENT if node.aggregate == "sum" else (COMPLETED,))}
    if bounds := window(*node.window, context):
        wanted["ordered_at"] = bounds
    stages: list[Stage] = [{"$match": wanted}] if wanted else []
    if node.where:
        stages.append({"$match": {"$expr": _where(node.where, context)}})
    if node.aggregate == "distinct":
        return stages + _distinct(str(node.of))
    return [*stages, {"$group": {"_id": None, **_accumulators(node)}}]


def behaviour_test(node: OrdersCondition, found: str, context: Context) -> Expression:
    """Return the test of a behaviour, from the result of the lookup named ``found``."""
    kind = context.catalogue.aggregate(node.aggregate).result(node.of)
    value = typed(kind, COMPARATORS[node.op], node.value, context.workspace)
    n, figure = or_zero(only(f"{found}.n")), only(f"{found}.figure")
    match node.aggregate:
        case "count" | "distinct":
            return Figure(n).compared(node.op, value)
        case "sum":
            return Figure(or_zero(figure)).compared(node.op, value)
        case "average":
            return Figure(figure, over=n).compared(node.op, value)
        case "days_between":
            elapsed = {"$subtract": [only(f"{found}.last"), only(f"{found}.first")]}
            gaps = {"$subtract": [n, 1]}
            return Figure(elapsed, over=gaps).compared(node.op, value, _DAY)
        case _:
            return Figure(figure).compared(node.op, value)


def _accumulators(node: OrdersCondition) -> Mapping[str, object]:
    of = f"${node.of}"
    accumulators: Mapping[str, Mapping[str, object]] = {
        "count": {"n": {"$sum": 1}},
        "sum": {"figure": {"$sum": of}},
        "average": {"n": {"$sum": 1}, "figure": {"$sum": {"$toDecimal": of}}},
        "minimum": {"figure": {"$min": of}},
        "maximum": {"figure": {"$max": of}},
        "days_between": {
            "n": {"$sum": 1},
            "first": {"$min": "$ordered_at"},
            "last": {"$max": "$ordered_at"},
        },
    }
    return accumulators[node.aggregate]


def _distinct(of: str) -> list[Stage]:
    """Count distinct folded texts: of an order's own field, or of all its items."""
    unwound: list[Stage] = [] if of in _OF_THE_ORDER else [{"$unwind": "$items"}]
    path = f"{of}_folded" if of in _OF_THE_ORDER else f"items.{of}_folded"
    return [
        *unwound,
        {"$match": {path: {"$type": "string"}}},
        {"$group": {"_id": f"${path}"}},
        {"$count": "n"},
    ]


def _where(filters: tuple[OrderFilter, ...], context: Context) -> Expression:
    """Return the test of an order: its own filters, and one item that passes all items' filters."""
    tests = [_filter(one, _OF_THE_ORDER, context) for one in filters if one.field in _OF_THE_ORDER]
    of_items = [_filter(one, _OF_AN_ITEM, context) for one in filters if one.field in _OF_AN_ITEM]
    if of_items:
        items = list_or_empty("$items")
        each = {"$map": {"input": items, "as": "item", "in": every(*of_items)}}
        tests.append({"$anyElementTrue": [each]})
    return every(*tests)


def _filter(one: OrderFilter, places: Mapping[str, Place], context: Context) -> Expression:
    field = context.catalogue.order_field(one.field)
    return condition_test(one, field, places[one.field], context)
