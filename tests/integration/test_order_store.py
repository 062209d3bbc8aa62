"""Orders: a round trip, and that an upsert replaces the whole order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine.domain.order import Order, OrderItem, OrderStatus
from engine.store.orders import OrderStore
from engine.store.writes import WriteCounts

if TYPE_CHECKING:
    from pymongo.database import Database

NOON = datetime(2026, 3, 1, 12, 0, 0, 123_000, tzinfo=UTC)
TEA = OrderItem(
    sku="Tea-1",
    name="Tea $literal",
    category="Straße",
    quantity=-3,
    unit_price=Decimal("0.12345678901234567890"),
    amount=-37,
)
WHOLE = Order(
    order_id="Ö-1",
    customer_id="c",
    ordered_at=NOON,
    status=OrderStatus.REFUNDED,
    channel="Web",
    amount=-(2**53 - 1),
    items=(TEA, replace(TEA, sku=None, name=None, category=None)),
)


@pytest.fixture
def orders(database: Database[dict[str, Any]]) -> OrderStore:
    return OrderStore(database, "INR")


def test_an_order_is_read_back_to_the_last_digit(orders: OrderStore) -> None:
    assert orders.upsert([WHOLE], source="import") == WriteCounts(inserted=1)
    assert orders.of_customer("c") == (WHOLE,)
    assert orders.upsert([WHOLE], source="import") == WriteCounts(unchanged=1)


def test_inserting_and_upserting_store_the_same_document(
    orders: OrderStore, database: Database[dict[str, Any]]
) -> None:
    orders.upsert([WHOLE], source="x")
    upserted = database["orders"].find_one({}, {"_id": 0})
    database["orders"].delete_many({})
    assert orders.insert([WHOLE], source="x") == 1
    assert database["orders"].find_one({}, {"_id": 0}) == upserted
    assert upserted is not None
    assert (upserted["currency"], upserted["channel_folded"]) == ("INR", "web")
    assert upserted["items"][0]["category_folded"] == "strasse"
    assert upserted["quantity"] == -6


def test_an_upsert_replaces_the_whole_order_its_customer_and_its_items(orders: OrderStore) -> None:
    orders.upsert([WHOLE], source="import")
    other = replace(WHOLE, customer_id="d", channel=None, amount=5, items=())
    assert orders.upsert([other], source="import") == WriteCounts(updated=1)
    assert orders.of_customer("c") == ()
    assert orders.of_customer("d") == (other,)


def test_an_insert_leaves_an_order_that_is_there_already(orders: OrderStore) -> None:
    orders.upsert([WHOLE], source="import")
    again = [replace(WHOLE, amount=1), replace(WHOLE, order_id="new")]
    assert orders.insert(again, source="demo") == 1
    assert {one.order_id: one.amount for one in orders.of_customer("c")} == {
        "Ö-1": WHOLE.amount,
        "new": WHOLE.amount,
    }
    assert orders.remove(source="demo") == 1


def test_a_customers_orders_come_latest_first_and_no_more_than_asked_for(
    orders: OrderStore,
) -> None:
    days = [replace(WHOLE, order_id=str(n), ordered_at=NOON + timedelta(n)) for n in (1, 3, 2)]
    orders.upsert([*days, replace(WHOLE, order_id="x", customer_id="d")], source="import")
    assert [one.order_id for one in orders.of_customer("c")] == ["3", "2", "1"]
    assert [one.order_id for one in orders.of_customer("c", limit=2)] == ["3", "2"]
