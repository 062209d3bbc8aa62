"""Made-up customers, dirty on purpose: anything missing, hostile texts, orders at every edge."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from engine.domain.customer import Attribute, Customer
from engine.domain.delivery import Delivery, DeliveryStatus
from engine.domain.order import Order, OrderItem, OrderStatus
from engine.domain.text import nfc
from tests.reference.rules import Person

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from random import Random

T = TypeVar("T")

ATTRIBUTES = {
    "tier": "text",
    'odd "name" ? $1 ; --': "text",
    "score": "number",
    "vip": "boolean",
    "renews_at": "time",
    "sizes": "list",
}

# Few letters, so that tests hit: some fold to more letters, some are marks, some signs of patterns.
LETTERS = "aAåÅe\u0301éßẞsSiIİı%_.$*\\'\"? ñﬁ"  # noqa: RUF001 - a dotless i is meant
# Texts that mean something to somebody: as values they stand for themselves.
HOSTILE = (
    "$where",
    "$name",
    "$$ROOT",
    "'; DROP TABLE customers; --",
    "%",
    '{"$gt": ""}',
    "^a.*$",
    '"\\',
    "🙂",
    "a.b",
)
WORDS = ("a", "Å", "ß", "SS", "aß", " ", "$where", "%", "🙂🙂")
"""What orders are sold as, and through."""

AMOUNTS = (-250, 0, 1, 99, 100, 101, 500_000, 2**53 - 1)
NUMBERS = (-1, 0, 1, 2, 3, 30, 31, 0.1, 0.5, 2.5, 2**53)
QUANTITIES = (1, 1, 2, 3, 10, 2**31)
CAMPAIGNS = ("c1", "$c2", "never frozen")


@dataclass(frozen=True)
class People:
    """Makes customers who stand at these instants and on these days."""

    random: Random
    instants: Sequence[datetime]
    days: Sequence[date]

    def make(self, count: int) -> tuple[Person, ...]:
        """Return customers with ids of their own, in no order."""
        ids: dict[str, None] = {}
        while len(ids) < count:
            ids[self.text()] = None
        return tuple(self.person(f"o{number}", one) for number, one in enumerate(ids))

    def person(self, order_prefix: str, customer_id: str) -> Person:
        random, perhaps = self.random, self.perhaps
        attributes: dict[str, Attribute] = {
            "tier": self.text(),
            'odd "name" ? $1 ; --': self.text(),
            "score": float(random.choice(NUMBERS)),
            "vip": random.random() < 0.5,
            "renews_at": random.choice(self.instants),
            "sizes": self.texts(),
        }
        customer = Customer(
            customer_id=customer_id,
            email=perhaps(self.text()),
            city=perhaps(self.text()),
            birth_date=perhaps(random.choice(self.days)),
            signed_up_at=perhaps(random.choice(self.instants)),
            tags=self.texts(),
            attributes={name: one for name, one in attributes.items() if perhaps(one) is not None},
        )
        orders: list[Order] = []
        for number in range(random.choice((0, 0, 1, 2, 3, 4, 6))):
            orders.append(self.order(f"{order_prefix}-{number}", customer_id, orders))
        deliveries = (self.delivery(one, customer_id) for one in CAMPAIGNS[:2])
        return Person(customer, tuple(orders), tuple(one for one in deliveries if perhaps(one)))

    def order(self, order_id: str, customer_id: str, before: Sequence[Order]) -> Order:
        random = self.random
        status = random.choice((OrderStatus.COMPLETED, *OrderStatus))
        again = before and random.random() < 0.2  # two orders at one instant
        return Order(
            order_id=order_id,
            customer_id=customer_id,
            ordered_at=before[-1].ordered_at if again else random.choice(self.instants),
            status=status,
            channel=self.perhaps(random.choice(WORDS)),
            amount=random.choice(AMOUNTS),
            items=tuple(
                self.item(-1 if status is OrderStatus.REFUNDED else 1)
                for _ in range(random.randint(0, 3))
            ),
        )

    def item(self, sign: int) -> OrderItem:
        return OrderItem(
            sku=self.perhaps(self.random.choice(WORDS)),
            name=None,
            category=self.perhaps(self.random.choice(WORDS)),
            quantity=sign * self.random.choice(QUANTITIES),
            unit_price=Decimal("1.00"),
            amount=0,
        )

    def delivery(self, campaign_id: str, customer_id: str) -> Delivery:
        return Delivery(
            delivery_id="",
            campaign_id=campaign_id,
            customer_id=customer_id,
            status=self.random.choice(tuple(DeliveryStatus)),
            attempts=0,
        )

    def text(self) -> str:
        if self.random.random() < 0.1:
            return self.random.choice(HOSTILE)
        return nfc("".join(self.random.choices(LETTERS, k=self.random.randint(1, 4))))

    def texts(self) -> tuple[str, ...]:
        return tuple(self.text() for _ in range(self.random.randint(0, 3)))

    def perhaps(self, value: T) -> T | None:
        return value if self.random.random() < 0.75 else None
