"""What somebody wrote past the engine keeps nobody from the figures of all others."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from bson import Decimal128, Int64
from bson.datetime_ms import DatetimeMS

from engine.domain.clock import SystemClock
from engine.domain.customer import AttributeType
from engine.mirror import stack
from engine.mirror.mirror import Mirror
from engine.store.attributes import AttributeStore
from tests.reference.busy_shop import BusyShop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pymongo.database import Database

    from engine.domain.workspace import Workspace

AT = datetime(2026, 1, 5, tzinfo=UTC)
TYPES = {
    "visits": AttributeType.NUMBER,
    "likes": AttributeType.BOOLEAN,
    "seen": AttributeType.TIME,
    "sizes": AttributeType.LIST,
}
CUSTOMERS: list[dict[str, Any]] = [
    {"customer_id": 5},
    {"customer_id": None},
    {"customer_id": ["a"]},
    {"name": 5, "city": b"x", "seed": "x", "tags": "vip", "tags_folded": [1, None, ["a"]]},
    {"signed_up_at": DatetimeMS(2**63 - 1), "birth_date": "31/12/1990"},
    {"signed_up_at": "2026-01-01", "birth_date": "99999-01-01"},
    {"signed_up_at": DatetimeMS(-(2**63)), "birth_date": "0000-01-01"},
    {"birth_date": AT, "tags": ["x"] * 50_000, "tags_folded": ["x"] * 50_000},
    {"attributes": "text", "attributes_folded": 7},
    {"attributes": {"visits": Decimal128("NaN"), "likes": "yes", "seen": 5, "sizes": "M"}},
    {"attributes": {"visits": float("nan"), "seen": DatetimeMS(2**62), "sizes": [1, "M"]}},
]
ORDERS: list[dict[str, Any]] = [
    {"order_id": 5},
    {"order_id": None, "customer_id": "c1"},
    {"customer_id": 7},
    {"customer_id": None},
    {"status": "lost", "channel": 5, "amount": Decimal128("5"), "quantity": "2"},
    {"status": 1, "amount": float("nan"), "ordered_at": "2026"},
    {"ordered_at": DatetimeMS(9 * 10**15), "amount": Int64(2**63 - 1)},
    {"ordered_at": DatetimeMS(-(2**63))},
    {"items": "one"},
    {"items": {"sku": "a"}},
    {"items": [None, "a", ["b"], {"sku": 5, "category": ["c"]}, {"sku": "d"}]},
]


@pytest.fixture
def mirror(
    database: Database[dict[str, Any]], workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Mirror]:
    monkeypatch.setattr(stack, "BASE_SHARE", 1_000)  # so that another lowest layer was read anew
    BusyShop(database, seed=1)
    with closing(Mirror(database, workspace, SystemClock())) as mirror:
        yield mirror


def write(database: Database[dict[str, Any]]) -> None:
    AttributeStore(database).learn(TYPES)
    database["attributes"].insert_many(
        [{"_id": 5, "type": "text"}, {"_id": "a\0", "type": "text"}, {"_id": "b", "type": "odd"}]
    )
    people = [{"customer_id": f"f{n}"} | one for n, one in enumerate(CUSTOMERS)]
    database["customers"].insert_many([{"customer_id": "c1"}, *people])
    plain = {"customer_id": "c1", "ordered_at": AT, "status": "completed", "amount": 100}
    database["orders"].insert_many(
        [{"order_id": f"f{n}"} | plain | one for n, one in enumerate([{}, *ORDERS])]
    )


def test_what_the_engine_would_not_take_is_missing_and_all_else_is_there(
    database: Database[dict[str, Any]], mirror: Mirror, workspace: Workspace
) -> None:
    lowest = mirror.snapshot().layers[0]
    attributes = set(mirror.snapshot().attribute_types)
    write(database)
    database["customers"].update_many({}, {"$set": {"touched": 1}})
    database["orders"].update_many({}, {"$set": {"touched": 1}})
    here, there = mirror.verify()
    assert here == there
    assert (here.customers, here.orders) == (9, 8)
    followed = mirror.snapshot()
    assert followed.layers[0].orders.equals(lowest.orders)
    assert set(followed.attribute_types) == attributes | set(TYPES)
    with closing(Mirror(database, workspace, SystemClock())) as later:
        read = later.snapshot()
    for found in (followed, read):
        assert found.orders["ordered_at"].null_count() == 3
        assert found.orders["status"].null_count() == 2
        assert found.orders["amount"].null_count() == 2
        assert found.column("birth_date").null_count() == 9
        assert found.column("signed_up_at").null_count() == 9
        assert found.column("attributes.visits").null_count() == 9


@pytest.mark.parametrize(
    "change",
    [
        lambda database: database["customers"].update_one(
            {"customer_id": "c1"}, {"$set": {"customer_id": "n1"}}
        ),
        lambda database: database["customers"].update_one(
            {"customer_id": "c1"}, {"$set": {"customer_id": 7}}
        ),
        lambda database: database["customers"].update_one(
            {"customer_id": 5}, {"$set": {"customer_id": "f0"}}
        ),
        lambda database: database["orders"].update_one(
            {"order_id": "f0"}, [{"$set": {"order_id": "n0"}}]
        ),
        lambda database: database["orders"].update_one(
            {"order_id": "f0"}, {"$unset": {"customer_id": 1}}
        ),
        lambda database: database["orders"].delete_one({"order_id": 5}),
        lambda database: database["customers"].insert_one({"customer_id": 8}),
    ],
    ids=["renamed", "to a number", "to text", "order renamed", "unlinked", "deleted", "another"],
)
def test_a_change_of_ids_is_followed_and_nothing_read_anew(
    database: Database[dict[str, Any]],
    mirror: Mirror,
    change: Callable[[Database[dict[str, Any]]], object],
) -> None:
    write(database)
    lowest = mirror.snapshot().layers[0]
    change(database)
    here, there = mirror.verify()
    assert here == there
    assert mirror.snapshot().layers[0] is lowest
