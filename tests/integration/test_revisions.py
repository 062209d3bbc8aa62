"""Whatever order deliveries come in, and however often, the latest accepted write holds."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.domain.customer import Customer
from engine.domain.order import Order, OrderStatus
from engine.store.customers import CustomerStore, OrderProfile, Said
from engine.store.orders import OrderStore
from engine.store.writes import WriteCounts

if TYPE_CHECKING:
    from pymongo.database import Database

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BURSTS = count()
CITIES = st.sampled_from(["Pune", "Mumbai", "Delhi"])


@dataclass(frozen=True)
class Message:
    """What one accepted batch says: of an order and of its customer, or of a customer."""

    city: str | None
    name: str | None
    tier: str | None
    tags: tuple[str, ...]
    order: tuple[str, int] | None
    """Of an order: its id and the hour it was made at."""


MESSAGES = st.builds(
    Message,
    city=st.none() | CITIES,
    name=st.none() | st.sampled_from(["Asha", "Ravi"]),
    tier=st.none() | st.sampled_from(["gold", "silver"]),
    tags=st.sampled_from([(), ("vip",), ("vip", "early")]),
    order=st.none() | st.tuples(st.sampled_from(["o1", "o2"]), st.integers(0, 2)),
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Message], list[int]]:
    """What was accepted, in order, and in which order it is delivered: each at least once."""
    accepted = draw(st.lists(MESSAGES, min_size=2, max_size=6))
    numbers = range(len(accepted))
    again = draw(st.lists(st.sampled_from(numbers), max_size=4))
    return accepted, draw(st.permutations([*numbers, *again]))


@pytest.fixture
def orders(database: Database[dict[str, Any]]) -> OrderStore:
    return OrderStore(database, "INR")


@pytest.fixture
def customers(database: Database[dict[str, Any]]) -> CustomerStore:
    return CustomerStore(database)


def order(order_id: str, amount: int, *, customer_id: str = "c", hour: int = 0) -> Order:
    return Order(
        order_id=order_id,
        customer_id=customer_id,
        ordered_at=NOON + timedelta(hours=hour),
        status=OrderStatus.COMPLETED,
        channel="Web",
        amount=amount,
    )


def test_an_older_revision_changes_nothing_and_a_newer_one_replaces(orders: OrderStore) -> None:
    assert counted(orders.upsert([order("o", 2)], source="api", revision=2)) == (1, 0, 0)
    assert counted(orders.upsert([order("o", 1)], source="api", revision=1)) == (0, 0, 1)
    assert counted(orders.upsert([order("o", 9)], source="api", revision=2)) == (0, 0, 1)
    assert orders.of_customer("c") == (order("o", 2),)
    assert counted(orders.upsert([order("o", 3)], source="api", revision=3)) == (0, 1, 0)
    assert orders.of_customer("c") == (order("o", 3),)


def test_a_revision_replaces_what_was_written_without_one(orders: OrderStore) -> None:
    orders.upsert([order("o", 1)], source="import")
    assert counted(orders.upsert([order("o", 2)], source="api", revision=1)) == (0, 1, 0)
    assert counted(orders.upsert([order("o", 3)], source="import")) == (0, 1, 0)
    assert orders.of_customer("c") == (order("o", 3),)


def test_a_revisioned_write_stores_the_same_order_and_its_revision(
    orders: OrderStore, database: Database[dict[str, Any]]
) -> None:
    orders.upsert([order("$o", 1)], source="$x")
    plain = database["orders"].find_one({}, {"_id": 0})
    database["orders"].delete_many({})
    orders.upsert([order("$o", 1)], source="$x", revision=7)
    assert plain is not None
    assert database["orders"].find_one({}, {"_id": 0}) == {**plain, "revision": 7}


def test_a_revisioned_write_stores_the_same_customer_and_its_revisions(
    customers: CustomerStore, database: Database[dict[str, Any]]
) -> None:
    asha = Customer(
        customer_id="$c", city="$city", signed_up_at=NOON, tags=("$a",), attributes={"tier": "$x"}
    )
    customers.upsert([asha], source="$x")
    plain = database["customers"].find_one({}, {"_id": 0})
    database["customers"].delete_many({})
    customers.upsert([asha], source="$x", revision=7)
    found = database["customers"].find_one({}, {"_id": 0, "order_derived": 0})
    assert plain is not None
    kept = {"city": 7, "signed_up_at": 7, "tags": 7, "attributes": {"tier": 7}}
    assert found == {**plain, "revisions": kept}


def test_an_older_message_still_gives_a_customer_what_no_later_one_gave(
    customers: CustomerStore,
) -> None:
    later = Customer(customer_id="c", name="Asha", attributes={"tier": "gold"})
    older = Customer(customer_id="c", name="Ravi", city="Pune", attributes={"tier": "no", "n": 1.0})
    customers.upsert([later], source="api", revision=2)
    customers.upsert([older], source="api", revision=1)
    found = customers.get("c")
    assert (found.name, found.city) == ("Asha", "Pune")
    assert found.attributes == {"tier": "gold", "n": 1.0}


def counted(counts: WriteCounts) -> tuple[int, int, int]:
    return counts.inserted, counts.updated, counts.unchanged


def deliver(
    customers: CustomerStore, orders: OrderStore, customer_id: str, message: Message, revision: int
) -> None:
    if message.order is None:
        given_ = Customer(
            customer_id=customer_id,
            city=message.city,
            name=message.name,
            tags=message.tags,
            attributes={} if message.tier is None else {"tier": message.tier},
        )
        customers.upsert([given_], source="api", revision=revision)
        return
    name, hour = message.order
    order_id = f"{customer_id}-{name}"
    placed = order(order_id, revision, customer_id=customer_id, hour=hour)
    said = {"city": message.city, "name": message.name}
    fields = {
        field: Said(value=value, ordered_at=placed.ordered_at, order_id=order_id)
        for field, value in said.items()
        if value is not None
    }
    profile = OrderProfile(customer_id=customer_id, fields=fields)
    customers.upsert_from_orders([profile], source="api", revision=revision)
    orders.upsert([placed], source="api", revision=revision)


@given(history=histories())
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_order_and_any_duplication_ends_as_one_delivery_in_order(
    orders: OrderStore,
    customers: CustomerStore,
    database: Database[dict[str, Any]],
    history: tuple[list[Message], list[int]],
) -> None:
    accepted, deliveries = history
    ids = [f"c{next(BURSTS)}" for _ in range(2)]
    for customer_id, sequence in zip(ids, (range(len(accepted)), deliveries), strict=True):
        for number in sequence:
            deliver(customers, orders, customer_id, accepted[number], number + 1)
    ends = [
        (
            [stored(one, customer_id) for one in database["customers"].find(mine)],
            [stored(one, customer_id) for one in database["orders"].find(mine).sort("order_id")],
        )
        for customer_id in ids
        for mine in [{"customer_id": customer_id}]
    ]
    assert ends[0] == ends[1]


def stored(document: dict[str, Any], customer_id: str) -> dict[str, Any]:
    """What a document says, less what differs from customer to customer."""
    ours = {"_id", "seed", "customer_id", "customer_id_folded"}

    def without(value: object) -> object:
        if isinstance(value, dict):
            kept = {key: without(inner) for key, inner in sorted(value.items()) if key not in ours}
            return {key: inner for key, inner in kept.items() if inner != {}}
        return value.removeprefix(customer_id) if isinstance(value, str) else value

    plain = without(document)
    assert isinstance(plain, dict)
    return plain


def test_writers_of_the_same_new_order_at_once_leave_the_latest(orders: OrderStore) -> None:
    ids = [f"o{number}" for number in range(200)]
    together = threading.Barrier(6)
    counts: list[WriteCounts] = []

    def write(revision: int) -> None:
        together.wait()
        batch = [order(one, revision) for one in ids]
        counts.append(orders.upsert(batch, source="api", revision=revision))

    threads = [threading.Thread(target=write, args=[revision]) for revision in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = sum(counts, WriteCounts())
    assert total.inserted == len(ids)
    assert total.inserted + total.updated + total.unchanged == 6 * len(ids)
    found = orders.of_customer("c", limit=1_000)
    assert sorted(one.order_id for one in found) == sorted(ids)
    assert {one.amount for one in found} == {6}
