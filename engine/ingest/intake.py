"""The intake: records through the door and into MongoDB, a batch at a time."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from engine.domain.customer import REMOVABLE, Customer
from engine.domain.erasure import is_nobody
from engine.domain.order import Order
from engine.domain.outcomes import RowOutcome, Taken
from engine.errors import InvalidInput
from engine.ingest.complaints import problem
from engine.ingest.customer_records import CustomerRecords
from engine.ingest.door import Admitted, admit
from engine.ingest.eraser import erased_customer
from engine.ingest.fields import ATTRIBUTE_PREFIX
from engine.ingest.order_records import OrderRecords
from engine.ingest.rejects import BadValue, Reason
from engine.store.customers import OrderProfile
from engine.store.writes import TooLarge, WriteCounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.domain.customer import AttributeType
    from engine.domain.workspace import Workspace
    from engine.ingest.eraser import TurnedAway
    from engine.store.attributes import AttributeStore
    from engine.store.customers import CustomerStore
    from engine.store.orders import OrderStore

SOURCE = "api"
"""What documents are marked with unless the caller says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Checks batches of records and writes what can be taken."""

    customers: CustomerStore
    orders: OrderStore
    attributes: AttributeStore
    workspace: Workspace
    turned_away: TurnedAway
    _types: dict[str, AttributeType] = field(default_factory=dict)
    """Attributes met so far: a type once seen stays."""

    def take_orders(
        self, rows: Sequence[object], *, source: str, revision: int | None = None
    ) -> Taken:
        """Write orders, after the customers they name; raises StoreUnavailable."""
        admitted = self.admit_orders(rows)
        # Of one id twice in a batch the later row holds.
        orders = {order.order_id: order for order in admitted.good.values()}
        if not orders:
            return _taken(rows, admitted, {}, WriteCounts())
        made = self._make_missing({one.customer_id for one in orders.values()}, source)
        counts = self.orders.take(tuple(orders.values()), source=source, revision=revision)
        self._refuse_erased(admitted)
        ids = {row: order.order_id for row, order in admitted.good.items()}
        at = (made + counts).at
        return _taken(rows, admitted, ids, replace(counts, at=at))

    def take_customers(
        self, rows: Sequence[object], *, source: str, revision: int | None = None
    ) -> Taken:
        """Set what customers' records give; raises StoreUnavailable."""
        admitted = self.admit_customers(rows)
        people: dict[str, Customer] = {}
        for one in admitted.good.values():
            earlier = people.get(one.customer_id)
            people[one.customer_id] = one if earlier is None else _over(earlier, one)
        try:
            counts = self.customers.upsert(tuple(people.values()), source=source, revision=revision)
        except TooLarge as error:
            counts = error.counts
            _refuse_large(admitted, {tuple(people)[place] for place in error.places})
        self._refuse_erased(admitted)
        ids = {row: one.customer_id for row, one in admitted.good.items()}
        return _taken(rows, admitted, ids, counts)

    def check_orders(self, rows: Sequence[object]) -> tuple[RowOutcome, ...]:
        """Say what would become of orders."""
        admitted = self.admit_orders(rows)
        ids = {row: order.order_id for row, order in admitted.good.items()}
        return _outcomes(rows, admitted, ids)

    def check_customers(self, rows: Sequence[object]) -> tuple[RowOutcome, ...]:
        """Say what would become of customers."""
        admitted = self.admit_customers(rows)
        ids = {row: one.customer_id for row, one in admitted.good.items()}
        return _outcomes(rows, admitted, ids)

    def attribute_type(self, name: str) -> AttributeType | None:
        """Return what type an attribute has; None where it has none yet."""
        if name not in self._types:
            self._types.update(self.attributes.types())
        return self._types.get(name)

    def types(self) -> dict[str, AttributeType]:
        """Return the types of all attributes as they are now."""
        self._types.update(self.attributes.types())
        return self._types

    def admit_orders(self, rows: Sequence[object]) -> Admitted[Order]:
        """Check orders and write nothing."""
        admitted = admit(rows, OrderRecords(self.workspace), "order_id")
        self._refuse_erased(admitted)
        return admitted

    def admit_customers(self, rows: Sequence[object]) -> Admitted[Customer]:
        """Check customers; of what they say only the types of new attributes are written."""
        is_fresh = False
        learnt: dict[str, AttributeType] = {}
        while True:
            reader = CustomerRecords(self.workspace, self._types)
            admitted = admit(rows, reader, "customer_id")
            if not reader.learnt:
                admitted.learnt.update(learnt)
                self._refuse_erased(admitted)
                return admitted
            # Somebody else may have met these names first. Nobody forgets a type, so this ends.
            if is_fresh:
                with suppress(InvalidInput):  # no room: the next reading refuses by row
                    self.attributes.learn(reader.learnt)
            found = self.attributes.types()
            learnt = {name: found[name] for name in reader.learnt if is_fresh and name in found}
            self._types.update(found)
            is_fresh = True

    def _refuse_erased(self, admitted: Admitted[Any]) -> None:
        """Ask before a write and again after it: engine.ingest.eraser says why."""
        names = {one.customer_id for one in admitted.good.values()}
        gone = self.turned_away(tuple(names)) if names else frozenset()
        if gone:
            told = (problem("customer_id", erased_customer()),)
            for row, one in tuple(admitted.good.items()):
                if one.customer_id in gone:
                    admitted.refuse(row, one.order_id if isinstance(one, Order) else None, told)

    def _make_missing(self, customer_ids: set[str], source: str) -> WriteCounts:
        # An order of somebody erased, as an export gives it, is for the books and makes nobody.
        named = {one for one in customer_ids if not is_nobody(one)}
        missing = named - self.customers.known(tuple(named))
        stubs = [OrderProfile(customer_id=one, fields={}) for one in sorted(missing)]
        return self.customers.upsert_from_orders(stubs, source=source)


def _refuse_large(admitted: Admitted[Customer], customer_ids: set[str]) -> None:
    detail = "with what is stored of this customer it would pass 16 MB; nothing of it was taken"
    told = (problem("", BadValue(Reason.TOO_LONG, "", detail)),)
    for row, one in tuple(admitted.good.items()):
        if one.customer_id in customer_ids:
            admitted.refuse(row, None, told)


def _over(earlier: Customer, later: Customer) -> Customer:
    """Return what two records of one customer say together; the later one where both do."""
    given = {name: value for name in REMOVABLE if (value := getattr(later, name))}
    nothing = Customer(customer_id=later.customer_id)
    gone = {name: getattr(nothing, name) for name in REMOVABLE if name in later.unset}
    attributes = {
        name: value
        for name, value in earlier.attributes.items()
        if ATTRIBUTE_PREFIX + name not in later.unset
    }
    said = {*given, *(ATTRIBUTE_PREFIX + name for name in later.attributes)}
    return replace(
        earlier,
        **(gone | given),
        attributes={**attributes, **later.attributes},
        unset=earlier.unset.difference(said) | later.unset,
    )


def _taken(
    rows: Sequence[object], admitted: Admitted[Any], ids: dict[int, str], counts: WriteCounts
) -> Taken:
    return Taken(
        received=len(rows),
        refused=len(admitted.refused),
        created=counts.inserted,
        updated=counts.updated,
        unchanged=counts.unchanged,
        rows=_outcomes(rows, admitted, ids),
        cluster_time=counts.at,
        learnt=admitted.learnt,
    )


def _outcomes(
    rows: Sequence[object], admitted: Admitted[Any], ids: dict[int, str]
) -> tuple[RowOutcome, ...]:
    refused = admitted.refused
    return tuple(
        [
            refused[row] if row in refused else RowOutcome(row, ids[row], "stored")
            for row in range(len(rows))
        ]
    )
