"""Gives an empty workspace its demo data, once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.ingest import demo
from engine.ingest.batches import batches

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from engine.domain.customer import Customer
    from engine.domain.workspace import Workspace
    from engine.store.attributes import AttributeStore
    from engine.store.customers import CustomerStore
    from engine.store.orders import OrderStore
    from engine.store.seeding import SeedStore

SOURCE = "demo"
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Seeder:
    """Writes and removes demo data, all of it marked ``demo``."""

    customers: CustomerStore
    orders: OrderStore
    attributes: AttributeStore
    seeds: SeedStore
    workspace: Workspace

    def seed_if_new(self, now: datetime) -> bool:
        """Give demo data to a workspace that is empty and never had any; tell whether it did."""
        if not self.seeds.begin(now=now, lease=LEASE):
            return False
        # What is marked demo here was cut off half-way; what is not is somebody's data.
        self._remove()
        empty = self.customers.is_empty() and self.orders.is_empty()
        if empty:
            self._write(now)
        self.seeds.end()
        return empty

    def seed(self, now: datetime) -> None:
        """Write the demo data anew, beside whatever else is there."""
        self._remove()
        self._write(now)
        self.seeds.end()

    def remove(self) -> tuple[int, int]:
        """Delete what is only demo data, for good; return how many customers and orders it was."""
        self.seeds.end()
        return self._remove()

    def _remove(self) -> tuple[int, int]:
        orders = self.orders.remove(source=SOURCE)
        return self.customers.remove(source=SOURCE), orders

    def _write(self, now: datetime) -> None:
        customers, orders = demo.generate(now, self.workspace)
        types = self.attributes.learn(demo.ATTRIBUTES)
        taken = {name for name, type_ in demo.ATTRIBUTES.items() if types[name] is not type_}
        for people in batches(_without(taken, one) for one in customers):
            self.customers.insert(people, source=SOURCE)
        for bought in batches(orders):
            self.orders.insert(bought, source=SOURCE)


def _without(taken: AbstractSet[str], customer: Customer) -> Customer:
    """Return the customer less the attributes whose names mean something else here."""
    if taken.isdisjoint(customer.attributes):
        return customer
    kept = {name: value for name, value in customer.attributes.items() if name not in taken}
    return replace(customer, attributes=kept)
