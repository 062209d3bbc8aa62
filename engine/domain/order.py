"""An order: what one customer bought, or gave back, at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal


class OrderStatus(StrEnum):
    """Where an order stands. RULES.md says which statuses each figure counts."""

    COMPLETED = "completed"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderItem:
    """One line of an order."""

    sku: str | None
    name: str | None
    category: str | None
    quantity: int
    """Units; negative in a refund."""
    unit_price: Decimal
    """Major units, as given: a wholesale price may have more decimals than the currency."""
    amount: int
    """Minor units of the line: quantity times unit price, rounded half to even."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order. ``amount`` is in the currency's minor units, negative for a refund."""

    order_id: str
    customer_id: str
    ordered_at: datetime
    """Instant in UTC, to the millisecond."""
    status: OrderStatus
    channel: str | None
    amount: int
    items: tuple[OrderItem, ...] = ()

    @property
    def quantity(self) -> int:
        """Units over all items."""
        return sum(item.quantity for item in self.items)
