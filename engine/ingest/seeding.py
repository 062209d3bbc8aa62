"""Gives an empty workspace its demo data, once."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from engine.domain.customer import Customer
from engine.domain.order import Order
from engine.errors import Conflict
from engine.ingest import demo
from engine.ingest.batches import batches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from engine.domain.clock import Clock
    from engine.domain.workspace import Workspace
    from engine.ingest.eraser import TurnedAway
    from engine.store.attributes import AttributeStore
    from engine.store.customers import CustomerStore
    from engine.store.orders import OrderStore
    from engine.store.seeding import SeedStore

T = TypeVar("T", Customer, Order)

SOURCE = "demo"
WRITING, REMOVING = "writing", "removing"
POLL_SECONDS = 0.2
LEASE = timedelta(seconds=10)
"""Making the data takes 1 s, and each of its batches less."""
_ELSEWHERE = "somebody else is writing or removing the demo data; try again in a moment"


@dataclass(frozen=True, slots=True)
class Seeder:
    """Writes and removes demo data, all of it marked ``demo``."""

    customers: CustomerStore
    orders: OrderStore
    attributes: AttributeStore
    seeds: SeedStore
    turned_away: TurnedAway
    workspace: Workspace
    clock: Clock

    def seed_if_new(self) -> bool:
        """Give demo data to a workspace that is empty and never had any; tell whether it did."""
        if self.seeds.was_given() or (claim := self._claim(WRITING)) is None:
            return False
        # Somebody may have been quicker. What is marked demo here was cut off half-way; what is
        # not is somebody's data.
        wanted = not self.seeds.was_given()
        if wanted:
            self._remove()
            wanted = self.customers.is_empty() and self.orders.is_empty()
        if wanted:
            self._write(claim)
        self.seeds.give_back(claim)
        return wanted

    def seed_when_new(self) -> bool:
        """As :meth:`seed_if_new`, once whoever is at it is done, or was cut off and lapsed."""
        while True:
            with suppress(Conflict):  # held up for so long that somebody else began anew
                if self.seed_if_new():
                    return True
                if self.seeds.was_given():
                    return False
            time.sleep(POLL_SECONDS)

    def seed(self) -> None:
        """Write the demo data anew, beside whatever else is there.

        Raises Conflict where somebody else writes or removes it at this moment.
        """
        claim = self._claimed(WRITING)
        self._remove()
        self._write(claim)
        self.seeds.give_back(claim)

    def settle(self) -> None:
        """Finish what was cut off, and write the data anew if it is in another currency.

        What was cut off the first time is left to :meth:`seed_if_new`.
        """
        was = self.seeds.cut_off(now=self.clock.now()) if self.seeds.was_given() else None
        moved = self.orders.currency(SOURCE) not in (None, self.workspace.currency.code)
        with suppress(Conflict):  # somebody else is at it
            if was == REMOVING:
                self.remove()
            elif was == WRITING or moved:
                self.seed()

    def remove(self) -> tuple[int, int]:
        """Delete what is only demo data, for good; return how many customers and orders it was.

        Raises Conflict where somebody else writes or removes it at this moment.
        """
        claim = self._claimed(REMOVING)
        removed = self._remove()
        self.seeds.give_back(claim)
        return removed

    def _claimed(self, doing: str) -> str:
        claim = self._claim(doing)
        if claim is None:
            raise Conflict(_ELSEWHERE)
        return claim

    def _claim(self, doing: str) -> str | None:
        now = self.clock.now()
        return self.seeds.claim(doing, now=now, until=now + LEASE)

    def _remove(self) -> tuple[int, int]:
        orders = self.orders.remove(source=SOURCE)
        return self.customers.remove(source=SOURCE), orders

    def _write(self, claim: str) -> None:
        customers, orders = demo.generate(self.clock.now(), self.workspace)
        types = self.attributes.learn(demo.ATTRIBUTES)
        taken = {name for name, type_ in demo.ATTRIBUTES.items() if types[name] is not type_}
        for people in batches(_without(taken, one) for one in customers):
            self._hold(claim)
            self.customers.insert(self._kept(people), source=SOURCE)
            self._kept(people)
        for bought in batches(orders):
            self._hold(claim)
            self.orders.insert(self._kept(bought), source=SOURCE)
            self._kept(bought)

    def _kept(self, batch: Sequence[T]) -> list[T]:
        """Return what names no erased customer; asked again after a write, see Eraser."""
        erased = self.turned_away([one.customer_id for one in batch])
        return [one for one in batch if one.customer_id not in erased]

    def _hold(self, claim: str) -> None:
        if not self.seeds.renew(claim, until=self.clock.now() + LEASE):
            raise Conflict(_ELSEWHERE)


def _without(taken: AbstractSet[str], customer: Customer) -> Customer:
    """Return the customer less the attributes whose names mean something else here."""
    if taken.isdisjoint(customer.attributes):
        return customer
    kept = {name: value for name, value in customer.attributes.items() if name not in taken}
    return replace(customer, attributes=kept)
