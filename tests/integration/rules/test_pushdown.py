"""What the drawn rules of test_pipeline_against_reference.py do not reach."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import MongoClient

from engine.domain.customer import Customer
from engine.domain.order import Order, OrderItem, OrderStatus
from engine.errors import StoreUnavailable
from engine.rules.catalogue import Catalogue
from engine.rules.pipeline.compiler import count_pipeline, member_pipeline
from engine.store import pushdown
from engine.store.pushdown import PushdownStore
from tests.reference.generated_rules import rule_of
from tests.reference.people import HOSTILE
from tests.reference.rules import Person
from tests.reference.stored import store

if TYPE_CHECKING:
    from pymongo.database import Database

    from engine.domain.workspace import Workspace

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
CATALOGUE = Catalogue.build({"$odd.name": "text", "size": "number", "kinds": "list"})
LARGEST = 2**53 - 1

Found = tuple[str, ...]


class Shop:
    """A database of a few people, and rules asked of it."""

    def __init__(self, database: Database[dict[str, Any]], workspace: Workspace) -> None:
        self.database = database
        self.workspace = workspace
        self.pushdown = PushdownStore(database)

    def pipeline(self, node: dict[str, Any]) -> list[dict[str, Any]]:
        return member_pipeline(rule_of(node), NOW, self.workspace, CATALOGUE, {})

    def members(self, node: dict[str, Any]) -> Found:
        found = self.pushdown.members(self.pipeline(node))
        counted = count_pipeline(rule_of(node), NOW, self.workspace, CATALOGUE, {})
        assert self.pushdown.count(counted) == len(found)
        return found


@pytest.fixture
def shop(database: Database[dict[str, Any]], workspace: Workspace) -> Shop:
    return Shop(database, workspace)


def order(customer_id: str, number: int, amount: int = 100) -> Order:
    item = OrderItem(
        sku=None,
        name=None,
        category="Shoes",
        quantity=1,
        unit_price=Decimal(1),
        amount=amount,
    )
    return Order(
        order_id=f"{customer_id}-{number}",
        customer_id=customer_id,
        ordered_at=NOW - timedelta(days=number),
        status=OrderStatus.COMPLETED,
        channel=None,
        amount=amount,
        items=(item,),
    )


def test_nobody_is_nobody_and_everyone_is_everyone(shop: Shop) -> None:
    assert shop.members({"all": []}) == ()
    store(shop.database, [Person(Customer(customer_id=one)) for one in ("b", "é", "a", "Z", "🙂")])
    assert shop.members({"all": []}) == ("Z", "a", "b", "é", "🙂")
    assert shop.members({"any": []}) == ()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("op", ["equals", "contains", "starts_with", "ends_with", "in"])
def test_a_hostile_text_finds_itself_alone(shop: Shop, text: str, op: str) -> None:
    people = [Person(Customer(customer_id=str(n), city=one)) for n, one in enumerate(HOSTILE)]
    store(shop.database, [*people, Person(Customer(customer_id="none"))])
    value = [text] if op == "in" else text
    ids = (str(HOSTILE.index(text)),)
    assert shop.members({"field": "city", "op": op, "value": value}) == ids
    others = (*sorted({str(n) for n in range(len(HOSTILE))} - set(ids)), "none")
    assert shop.members({"field": "city", "op": f"not_{op}", "value": value}) == others


def test_an_attribute_may_have_a_name_that_is_a_path_elsewhere(shop: Shop) -> None:
    shop.database["customers"].insert_many(
        [
            {
                "customer_id": "a",
                "attributes": {"$odd.name": "Big"},
                "attributes_folded": {"$odd.name": "big"},
            },
            {"customer_id": "b", "attributes": {"odd": {"name": "Big"}}},
        ]
    )
    assert shop.members({"field": "attributes.$odd.name", "op": "equals", "value": "BIG"}) == ("a",)
    assert shop.members({"field": "attributes.$odd.name", "op": "is_not_set"}) == ("b",)


WRONG: dict[str, Any] = {
    "city": 5,
    "city_folded": 5,
    "birth_date": NOW,
    "signed_up_at": "2026-03-01",
    "tags": "vip",
    "tags_folded": "vip",
    "attributes": {"size": "large", "kinds": 7},
    "attributes_folded": {"kinds": 7},
    "seed": "x",
}


@pytest.mark.parametrize("wrong", [{}, dict.fromkeys(WRONG), WRONG], ids=["no", "null", "wrong"])
def test_a_value_of_another_type_is_a_missing_one(shop: Shop, wrong: dict[str, Any]) -> None:
    shop.database["customers"].insert_one({"customer_id": "a", **wrong})
    day, span = "2026-03-01", {"n": 300, "unit": "year"}
    positive: list[dict[str, Any]] = [
        *({"field": "city", "op": op, "value": "5"} for op in ("equals", "contains")),
        *({"field": "city", "op": op, "value": "5"} for op in ("starts_with", "ends_with")),
        {"field": "city", "op": "in", "value": ["5"]},
        *({"field": "attributes.size", "op": op, "value": -9} for op in ("less_than", "equals")),
        {"field": "attributes.size", "op": "greater_than", "value": -9},
        {"field": "attributes.size", "op": "between", "value": [-9, 9]},
        *({"field": name, "op": "before", "value": day} for name in ("birth_date", "signed_up_at")),
        *({"field": name, "op": "after", "value": day} for name in ("birth_date", "signed_up_at")),
        *(
            {"field": name, "op": op, "value": span}
            for name in ("birth_date", "signed_up_at", "last_order_at")
            for op in ("in_the_last", "in_the_next")
        ),
        *(
            {"field": name, "op": "anniversary_in_the_next", "value": {"n": n, "unit": "day"}}
            for name in ("birth_date", "signed_up_at")
            for n in (7, 365, 366)
        ),
        *({"field": name, "op": "is_set"} for name in ("city", "birth_date", "signed_up_at")),
        {"field": "attributes.size", "op": "is_set"},
        *({"field": name, "op": "is_not_empty"} for name in ("tags", "attributes.kinds")),
        {"field": "tags", "op": "contains_any", "value": ["vip"]},
        {"field": "attributes.kinds", "op": "contains_all", "value": ["vip"]},
        {"field": "days_since_last_order", "op": "less_than", "value": 2**53},
        {"field": "days_since_last_order", "op": "greater_than", "value": -(2**53)},
        {"field": "average_order_value", "op": "less_than", "value": "9.00"},
        {"random_bucket": {"salt": "s", "from": 0, "to": 100}},
    ]
    for node in positive:
        assert shop.members(node) == (), node
        assert shop.members({"not": node}) == ("a",), node


def test_sums_and_averages_past_64_bits_are_exact(shop: Shop) -> None:
    """1,100 orders of the largest amount come to more than 2**63; the other misses one unit."""
    full = [order("full", number, LARGEST) for number in range(1_100)]
    short = [order("short", number, LARGEST) for number in range(1_100)]
    short[7] = replace(short[7], amount=LARGEST - 1)
    people = [("full", full), ("short", short)]
    store(shop.database, [Person(Customer(customer_id=i), tuple(some)) for i, some in people])
    largest = shop.workspace.currency.text(LARGEST)
    average = {"orders": "average", "of": "amount", "ever": True, "value": largest}
    assert shop.members({**average, "op": "equals"}) == ("full",)
    assert shop.members({**average, "op": "less_than"}) == ("short",)
    lifetime = {"field": "average_order_value", "value": largest}
    assert shop.members({**lifetime, "op": "greater_or_equal"}) == ("full",)
    assert shop.members({**lifetime, "op": "less_than"}) == ("short",)
    total = {"orders": "sum", "of": "amount", "ever": True, "value": largest}
    assert shop.members({**total, "op": "more_than"}) == ("full", "short")
    assert shop.members({"field": "total_spend", "op": "less_than", "value": largest}) == ()


def test_figures_compare_as_the_decimals_that_the_rule_writes(shop: Shop) -> None:
    """Neither 1.4 nor 0.1 is a double, so neither may pass through one."""
    five = [order("a", number) for number in range(5)]
    five[0] = replace(five[0], items=five[0].items * 3)  # 7 units in 5 orders
    second = replace(order("b", 0), order_id="b-1", ordered_at=NOW - timedelta(seconds=8_640))
    people = [("a", five), ("b", [order("b", 0), second])]
    store(shop.database, [Person(Customer(customer_id=i), tuple(some)) for i, some in people])
    average = {"orders": "average", "of": "quantity", "ever": True}
    assert shop.members({**average, "op": "equals", "value": 1.4}) == ("a",)
    assert shop.members({**average, "op": "at_least", "value": 1.4}) == ("a",)
    assert shop.members({**average, "op": "at_most", "value": 1.399999}) == ("b",)
    gap = {"orders": "days_between", "ever": True}
    assert shop.members({**gap, "op": "equals", "value": 0.1}) == ("b",)
    assert shop.members({**gap, "op": "more_than", "value": 0.1}) == ("a",)
    assert shop.members({**gap, "op": "between", "value": [0.1, 0.100001]}) == ("b",)


def lookups(stages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what MongoDB explains of each lookup."""
    return [stage for stage in stages if "$lookup" in stage]


@pytest.mark.parametrize(
    ("node", "index", "read"),
    [
        (
            {"orders": "count", "in_the_last": {"n": 3, "unit": "day"}, "op": "equals", "value": 3},
            "customer_id_1_ordered_at_-1",
            3,
        ),
        (
            {"field": "order_count", "op": "greater_than", "value": 1},
            "customer_id_1_ordered_at_-1",
            10,
        ),
        ({"campaign": "c1", "outcome": "sent"}, "campaign_id_1_customer_id_1", 1),
    ],
)
def test_a_lookup_reads_a_customers_own_rows_by_an_index(
    shop: Shop, node: dict[str, Any], index: str, read: int
) -> None:
    ids = [str(number) for number in range(50)]
    store(
        shop.database,
        [
            Person(Customer(customer_id=one), tuple(order(one, number) for number in range(10)))
            for one in ids
        ],
    )
    shop.database["deliveries"].insert_many(
        [
            {"campaign_id": campaign, "customer_id": one, "status": "sent", "attempts": 1}
            for campaign in ("c0", "c1", "c2")
            for one in ids
        ]
    )
    assert len(shop.members(node)) == len(ids)
    explained = shop.database.command(
        "explain",
        {"aggregate": "customers", "pipeline": shop.pipeline(node), "cursor": {}},
        verbosity="executionStats",
    )
    (lookup,) = lookups(explained["stages"])
    assert lookup["indexesUsed"] == [index]
    assert lookup["collectionScans"] == 0
    assert lookup["totalDocsExamined"] <= len(ids) * read


def test_a_pipeline_reads_at_one_cluster_time_and_may_spill_to_disk(shop: Shop) -> None:
    store(shop.database, [Person(Customer(customer_id="a"), (order("a", 1),))])
    shop.database.command("profile", 2)
    node = {"orders": "count", "ever": True, "op": "equals", "value": 1}
    assert shop.members(node) == ("a",)
    shop.database.command("profile", 0)
    asked = [
        one["command"]
        for one in shop.database["system.profile"].find({"command.aggregate": "customers"})
    ]
    assert len(asked) == 2
    for command in asked:
        assert command["readConcern"]["level"] == "snapshot"
        assert command["allowDiskUse"] is True


def test_a_pipeline_may_take_longer_than_other_calls_but_not_any_time(
    shop: Shop, mongo_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [f"{number:03}" for number in range(200)]
    store(shop.database, [Person(Customer(customer_id=one), (order(one, 1),)) for one in ids])
    behaviours = [
        {"orders": "count", "in_the_last": {"n": n, "unit": "hour"}, "op": "at_least", "value": 2}
        for n in range(1, 190)
    ]
    pipeline = shop.pipeline({"not": {"any": behaviours}})
    with MongoClient[dict[str, Any]](mongo_uri, socketTimeoutMS=100) as client:
        impatient = PushdownStore(client[shop.database.name])
        began = time.monotonic()
        assert impatient.members(pipeline) == tuple(ids)
        assert time.monotonic() - began > 0.1, "it took longer than the client waits"
        monkeypatch.setattr(pushdown, "LONGEST", 0.1)
        with pytest.raises(StoreUnavailable):
            impatient.members(pipeline)
