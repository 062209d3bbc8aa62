"""A shop whose customers and orders change at random: the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.domain.customer import AttributeType, Customer
from engine.domain.order import Order, OrderItem, OrderStatus
from engine.store.attributes import AttributeStore
from engine.store.customers import CustomerStore
from engine.store.orders import OrderStore

if TYPE_CHECKING:
    from pymongo.database import Database

START = datetime(2026, 1, 1, tzinfo=UTC)
CITIES = (None, "Pune", "MUMBAI", "Straße", "pune")
TAGS = ("A", "b", "ß", "vip")
CATEGORIES = (None, "Shoes", "shoes", "Hat")


@dataclass
class BusyShop:
    """Writes as imports, the API and operators do: upserts, deletes, updates of many."""

    database: Database[dict[str, Any]]
    seed: int
    customers: int = 400
    orders: int = 2_000
    new_attributes: bool = True
    random: random.Random = field(init=False)
    written: int = field(default=0, init=False)
    """Documents that writes were asked for."""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311 - drawn data, not a secret
        self.customer_store = CustomerStore(self.database)
        self.order_store = OrderStore(self.database, "INR")
        self.attributes = AttributeStore(self.database)
        self.attributes.learn({"tier": AttributeType.TEXT})

    def write(self) -> None:
        """Do one write, of one document or many."""
        kind = self.random.random()
        if kind < 0.35:
            people = {one.customer_id: one for one in map(self._customer, self._some(30))}
            self.customer_store.upsert(list(people.values()), source="api")
            self.written += len(people)
        elif kind < 0.75:
            made = {one.order_id: one for one in map(self._order, self._some(60))}
            self.order_store.upsert(list(made.values()), source="api")
            self.written += len(made)
        elif kind < 0.85:
            gone = [self._order_id() for _ in self._some(20)]
            self.database["orders"].delete_many({"order_id": {"$in": gone}})
            self.written += len(gone)
        elif kind < 0.93:
            left = [self._customer_id() for _ in self._some(5)]
            self.database["customers"].delete_many({"customer_id": {"$in": left}})
            self.written += len(left)
        elif kind < 0.97:
            self._update_many()
        elif self.new_attributes and kind < 0.975:
            name, type_ = f"a{self.random.randrange(8)}", self.random.choice(list(AttributeType))
            self.attributes.learn({name: type_})

    def _update_many(self) -> None:
        change = self.random.choice(
            ({"status": "cancelled"}, {"customer_id": self._customer_id()}, {"amount": 1})
        )
        done = self.database["orders"].update_many(
            {"customer_id": self._customer_id()}, {"$set": change}
        )
        self.written += done.matched_count

    def _some(self, most: int) -> range:
        return range(self.random.randint(1, most))

    def _customer_id(self) -> str:
        return f"c{self.random.randrange(self.customers)}"

    def _order_id(self) -> str:
        return f"o{self.random.randrange(self.orders)}"

    def _customer(self, _: int) -> Customer:
        draw = self.random
        return Customer(
            customer_id=self._customer_id(),
            name=f"Näme {draw.randrange(50)}",
            city=draw.choice(CITIES),
            tags=tuple(draw.sample(TAGS, draw.randrange(3))),
            attributes={"tier": draw.choice(("Gold", "silver"))} if draw.random() < 0.3 else {},
        )

    def _order(self, _: int) -> Order:
        return self.order(self._order_id())

    def order(self, order_id: str) -> Order:
        """Draw an order of this id."""
        draw = self.random
        return Order(
            order_id=order_id,
            customer_id=self._customer_id(),
            ordered_at=START + timedelta(minutes=draw.randrange(100_000)),
            status=draw.choice(list(OrderStatus)),
            channel=draw.choice((None, "Web", "store")),
            amount=draw.randrange(-1_000, 100_000),
            items=tuple(
                OrderItem(
                    sku=f"S{draw.randrange(30)}",
                    name="x",
                    category=draw.choice(CATEGORIES),
                    quantity=1,
                    unit_price=Decimal(1),
                    amount=draw.randrange(1_000),
                )
                for _ in range(draw.randrange(4))
            ),
        )
