"""RULES.md, "Behaviours": what a customer's orders add up to, one order at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.domain.calendar import back, day_bounds
from engine.domain.order import Order, OrderStatus
from engine.domain.text import fold
from engine.rules.operators import COMPARATORS
from engine.rules.values import day, pair, span, typed
from tests.reference.conditions import Conditions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.domain.order import OrderItem
    from engine.domain.rules import OrderFilter, OrdersCondition
    from engine.domain.workspace import Workspace
    from engine.rules.catalogue import Catalogue

OF_ITEMS = {"category", "sku"}


@dataclass(frozen=True)
class Behaviours:
    """Tests a customer's orders at one instant."""

    now: datetime
    workspace: Workspace
    catalogue: Catalogue

    def holds(self, behaviour: OrdersCondition, orders: Sequence[Order]) -> bool:
        counted = [order for order in orders if self.counts(behaviour, order)]
        figure = figure_of(behaviour.aggregate, behaviour.of, counted)
        kind = self.catalogue.aggregate(behaviour.aggregate).result(behaviour.of)
        operator = COMPARATORS[behaviour.op]
        value = typed(kind, operator, behaviour.value, self.workspace)
        if figure is None:
            return False
        low, high = value if isinstance(value, tuple) else (value, value)
        return compares(behaviour.op, figure, exact(low), exact(high))

    def counts(self, behaviour: OrdersCondition, order: Order) -> bool:
        """Whether an order is one of those that the figure is about."""
        if not self.in_window(behaviour, order.ordered_at):
            return False
        # A `where` on status replaces the statuses that the figure counts by itself.
        asks_for_status = any(one.field == "status" for one in behaviour.where)
        if not asks_for_status and order.status not in counted_statuses(behaviour.aggregate):
            return False
        of_order = [one for one in behaviour.where if one.field not in OF_ITEMS]
        of_items = [one for one in behaviour.where if one.field in OF_ITEMS]
        if not all(self.order_passes(one, order) for one in of_order):
            return False
        # One and the same item meets all filters on items.
        return not of_items or any(
            all(self.item_passes(one, item) for one in of_items) for item in order.items
        )

    def in_window(self, behaviour: OrdersCondition, at: datetime) -> bool:
        window, value = behaviour.window
        zone = self.workspace.zone
        match window:
            case "in_the_last":
                return back(self.now, span(value), zone) < at <= self.now
            case "before_the_last":
                return at <= back(self.now, span(value), zone)
            case "between":
                first, last = pair(value, day)
                return day_bounds(first, zone)[0] <= at < day_bounds(last, zone)[1]
        assert window == "ever"
        return True

    def order_passes(self, one: OrderFilter, order: Order) -> bool:
        has = {
            "status": order.status.value,
            "channel": order.channel,
            "amount": order.amount,
            "quantity": sum(item.quantity for item in order.items),
        }[one.field]
        field = self.catalogue.order_field(one.field)
        return Conditions(self.now, self.workspace).holds(one, field, has)

    def item_passes(self, one: OrderFilter, item: OrderItem) -> bool:
        has = {"category": item.category, "sku": item.sku}[one.field]
        field = self.catalogue.order_field(one.field)
        return Conditions(self.now, self.workspace).holds(one, field, has)


def counted_statuses(aggregate: str) -> set[OrderStatus]:
    if aggregate == "sum":
        return {OrderStatus.COMPLETED, OrderStatus.REFUNDED}
    return {OrderStatus.COMPLETED}


def figure_of(aggregate: str, of: str | None, orders: Sequence[Order]) -> Fraction | None:  # noqa: PLR0911 - one return a figure
    """Return the figure over the orders that count; None where it is missing."""
    match aggregate:
        case "count":
            return Fraction(len(orders))
        case "distinct":
            return Fraction(len(distinct(str(of), orders)))
        case "days_between":
            times = sorted(order.ordered_at for order in orders)
            gaps = [later - earlier for earlier, later in pairwise(times)]
            days = [Fraction(gap // timedelta(microseconds=1), 86_400_000_000) for gap in gaps]
            return sum(days, Fraction()) / len(days) if days else None
    numbers = [Fraction(number(str(of), order)) for order in orders]
    if aggregate == "sum":
        return sum(numbers, Fraction())
    if not numbers:
        return None
    match aggregate:
        case "average":
            return sum(numbers, Fraction()) / len(numbers)
        case "minimum":
            return min(numbers)
    assert aggregate == "maximum"
    return max(numbers)


def number(of: str, order: Order) -> int:
    if of == "amount":
        return order.amount
    assert of == "quantity"
    return sum(item.quantity for item in order.items)


def distinct(of: str, orders: Sequence[Order]) -> set[str]:
    if of == "channel":
        texts = [order.channel for order in orders]
    else:
        items = [item for order in orders for item in order.items]
        texts = [{"category": item.category, "sku": item.sku}[of] for item in items]
    return {fold(text) for text in texts if text is not None}


def compares(op: str, figure: Fraction, low: Fraction, high: Fraction) -> bool:
    return {
        "equals": figure == low,
        "at_least": figure >= low,
        "at_most": figure <= low,
        "more_than": figure > low,
        "less_than": figure < low,
        "between": low <= figure <= high,
    }[op]


def exact(value: object) -> Fraction:
    """Return the number as the rule writes it: 0.1 is a tenth, not the double next to it."""
    return Fraction(str(value))
