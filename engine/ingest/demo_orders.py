"""The demo's orders, made from its plan."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from engine.domain.order import Order, OrderItem, OrderStatus
from engine.ingest.demo_customers import CUSTOMER_ID
from engine.ingest.demo_plan import ORDERS, SEED
from engine.ingest.demo_shelf import CATEGORIES, SHELF

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from numpy.typing import NDArray

    from engine.domain.workspace import Workspace
    from engine.ingest.demo_plan import Plan

ORDER_ID = "DEMO-A{:06d}"
_CHANNELS = ("app", "web", "store")
_CHANNEL_SHARES = (0.45, 0.38, 0.17)
_LINES = (1, 2, 3, 4)
_LINE_SHARES = (0.58, 0.27, 0.1, 0.05)
_QUANTITIES = (1, 2, 3)
_QUANTITY_SHARES = (0.82, 0.14, 0.04)
_LIKES_FAVOURITE = 0.55
_CANCELLED, _REFUNDED = 0.035, 0.045
_PENDING = 0.4
_PENDING_FOR = timedelta(days=4)


def make_orders(planned: Plan, workspace: Workspace) -> Iterator[Order]:
    """Yield the orders in the order of their ids; those of one customer stand together.

    A refund gives back the first item of the customer's order before it. Only orders of the last
    four days are pending.
    """
    rng = np.random.default_rng((SEED, 2))
    shelf = [[(product, Decimal(product.price)) for product in products] for products in SHELF]
    lines = rng.choice(_LINES, ORDERS, p=_LINE_SHARES).tolist()
    channels = rng.choice(len(_CHANNELS), ORDERS, p=_CHANNEL_SHARES).tolist()
    quantities = rng.choice(_QUANTITIES, (ORDERS, len(_LINES)), p=_QUANTITY_SHARES).tolist()
    picks = rng.integers(0, 1 << 30, (ORDERS, len(_LINES))).tolist()
    categories = _categories(planned, rng).tolist()
    fate = rng.random(ORDERS).tolist()
    buyers = planned.buyer.tolist()
    before: Order | None = None
    for n in range(ORDERS):
        customer_id = CUSTOMER_ID.format(buyers[n] + 1)
        at = planned.ordered_at[n]
        status = _status(fate[n], at, planned.now)
        returned = before if before and before.customer_id == customer_id else None
        if status is OrderStatus.REFUNDED and returned and returned.amount > 0:
            items: tuple[OrderItem, ...] = (_given_back(returned.items[0]),)
        else:
            status = OrderStatus.COMPLETED if status is OrderStatus.REFUNDED else status
            made: dict[str, OrderItem] = {}
            for line in range(lines[n]):
                choices = shelf[categories[n][line]]
                product, price = choices[picks[n][line] % len(choices)]
                count = quantities[n][line]
                made[product.sku] = OrderItem(
                    sku=product.sku,
                    name=product.name,
                    category=product.category,
                    quantity=count,
                    unit_price=price,
                    amount=workspace.currency.round(count * price),
                )
            items = tuple(made.values())
        before = Order(
            order_id=ORDER_ID.format(n + 1),
            customer_id=customer_id,
            ordered_at=at,
            status=status,
            channel=_CHANNELS[channels[n]],
            amount=sum(item.amount for item in items),
            items=items,
        )
        yield before


def _categories(planned: Plan, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the category of each possible line of each order."""
    share = np.array([one.share for one in CATEGORIES])
    at_diwali = share * np.array([one.festive for one in CATEGORIES])
    shape = (ORDERS, len(_LINES))
    usual = rng.choice(len(CATEGORIES), shape, p=share / share.sum())
    for_diwali = rng.choice(len(CATEGORIES), shape, p=at_diwali / at_diwali.sum())
    drawn = np.where(rng.random(shape) < planned.festive[:, None], for_diwali, usual)
    wanted = planned.favourite[planned.buyer][:, None]
    return np.where(rng.random(shape) < _LIKES_FAVOURITE, wanted, drawn)


def _status(fate: float, at: datetime, now: datetime) -> OrderStatus:
    if now - at < _PENDING_FOR and fate > 1 - _PENDING:
        return OrderStatus.PENDING
    if fate < _CANCELLED:
        return OrderStatus.CANCELLED
    if fate < _CANCELLED + _REFUNDED:
        return OrderStatus.REFUNDED
    return OrderStatus.COMPLETED


def _given_back(item: OrderItem) -> OrderItem:
    return OrderItem(
        sku=item.sku,
        name=item.name,
        category=item.category,
        quantity=-item.quantity,
        unit_price=item.unit_price,
        amount=-item.amount,
    )
