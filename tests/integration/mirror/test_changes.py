"""The mirror follows any change, exactly: its checksum is MongoDB's."""

from __future__ import annotations

import os
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import pytest
from polars.exceptions import PanicException

from engine.domain.clock import SystemClock
from engine.domain.cluster_time import ClusterTime
from engine.domain.customer import AttributeType, Customer
from engine.domain.rule_codec import decode
from engine.errors import CrmError, InvalidInput, StoreUnavailable
from engine.mirror import follower, stack
from engine.mirror.changes import present
from engine.mirror.follower import Follower
from engine.mirror.load import read_orders
from engine.mirror.mirror import Mirror
from engine.rules.catalogue import Catalogue
from engine.rules.evaluate import Evaluator
from engine.store.attributes import AttributeStore
from engine.store.customers import CustomerStore
from tests.reference.busy_shop import START, BusyShop

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl
    from pymongo.database import Database

    from engine.domain.workspace import Workspace
    from engine.mirror.snapshot import Snapshot

WRITES = int(os.environ.get("MIRROR_WRITES", "4000"))
RULES: list[dict[str, Any]] = [
    {"field": "city", "op": "equals", "value": "PUNE"},
    {"not": {"field": "tags", "op": "contains_any", "value": ["SS", "vip"]}},
    {"field": "attributes.tier", "op": "in", "value": ["gold"]},
    {"field": "total_spend", "op": "greater_than", "value": "500.00"},
    {"orders": "sum", "of": "quantity", "ever": True, "op": "less_than", "value": 6},
    {
        "orders": "count",
        "where": [{"field": "category", "op": "equals", "value": "SHOES"}],
        "between": ["2026-01-05", "2026-02-20"],
        "op": "at_least",
        "value": 2,
    },
    {"orders": "distinct", "of": "sku", "ever": True, "op": "more_than", "value": 4},
    {"orders": "average", "of": "amount", "ever": True, "op": "at_most", "value": "480.00"},
]


@pytest.fixture
def mirror(database: Database[dict[str, Any]], workspace: Workspace) -> Iterator[Mirror]:
    with closing(Mirror(database, workspace, SystemClock())) as mirror:
        yield mirror


def check(mirror: Mirror) -> Snapshot:
    here, there = mirror.verify()
    assert here == there
    return mirror.snapshot()


@pytest.mark.parametrize(
    "case",
    [(2_000, 10_000, False), (4, 25, True), (20, 10_000, True)],
    ids=["layers that stay", "merged beside it", "merged at once"],
)
@pytest.mark.timeout(7_200)
def test_after_any_writes_updates_and_deletes_the_checksums_are_equal(
    database: Database[dict[str, Any]],
    mirror: Mirror,
    case: tuple[int, int, bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small, at_once, started = case
    monkeypatch.setattr(stack, "SMALL", small)
    monkeypatch.setattr(follower, "AT_ONCE", at_once)
    size = max(2_000, WRITES // 100)
    shop = BusyShop(database, seed=small, customers=size // 5, orders=size)
    if started:
        mirror.start()
    mirror.snapshot()
    heights, checked = set(), 0
    while shop.written < WRITES:
        for _ in range(25):
            shop.write()
        heights.add(len(mirror.refresh().layers))
        if shop.written >= checked:
            check(mirror)
            checked += WRITES // 10
    snapshot = check(mirror)
    assert snapshot.height > 0
    assert max(heights) > 2


def test_rules_choose_from_layers_whom_they_choose_from_one(
    database: Database[dict[str, Any]],
    mirror: Mirror,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stack, "BASE_SHARE", 1_000)
    shop, evaluator = BusyShop(database, seed=7, new_attributes=False), Evaluator(workspace)
    for _ in range(20):
        shop.write()
    mirror.snapshot()
    for _ in range(6):
        for _ in range(20):
            shop.write()
        layered = mirror.refresh()
        with closing(Mirror(database, workspace, SystemClock())) as fresh:
            whole = fresh.snapshot()
        assert len(layered.layers) > 1
        assert whole.whole is not None
        catalogue = Catalogue.build(layered.attribute_types)
        now = START.replace(month=3)
        for node in RULES:
            rule = decode({"version": 1, "rule": node})
            found, expected = (
                one.ids_of(evaluator.evaluate(rule, one, now, catalogue).members).to_list()
                for one in (layered, whole)
            )
            assert found == expected
            columns = ["customer_id", "total_spend", "last_order_at"]
            members = evaluator.evaluate(rule, layered, now, catalogue).members
            page = layered.by_id(members, columns, offset=3, limit=5)
            every = whole.customers.filter(evaluator.evaluate(rule, whole, now, catalogue).members)
            assert page.equals(every.select(columns).slice(3, 5))
        ids = whole.customer_ids.head(30).to_list()
        of_both = [
            one.rows(one.find(ids), ["customer_id", "total_spend"]).sort("customer_id")
            for one in (layered, whole)
        ]
        assert of_both[0].equals(of_both[1])
        assert layered.order_count == whole.order_count
        assert sorted(layered.orders["order_id"]) == sorted(whole.orders["order_id"])


def test_what_was_evaluated_on_a_lower_layer_is_not_asked_for_again(
    database: Database[dict[str, Any]],
    mirror: Mirror,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop, evaluator = BusyShop(database, seed=3, new_attributes=False), Evaluator(workspace)
    for _ in range(10):
        shop.write()
    before = mirror.snapshot()
    rule = decode({"version": 1, "rule": RULES[5]})
    catalogue = Catalogue.build(before.attribute_types)
    evaluator.evaluate(rule, before, START, catalogue)
    shop.customer_store.upsert([Customer(customer_id="c1", city="Pune")], source="api")
    after = mirror.refresh()
    assert after.layers[0] is before.layers[0]
    asked: list[str] = []
    lowest = after.layers[0]
    vectors = lowest.vectors

    def watched(sql: str, parameters: Sequence[object] = ()) -> tuple[pl.Series, ...]:
        asked.append(sql)
        return vectors(sql, parameters)

    monkeypatch.setattr(lowest, "vectors", watched)
    evaluator.evaluate(rule, after, START, catalogue)
    assert asked == []


def test_a_new_attribute_is_a_column_of_every_layer(
    database: Database[dict[str, Any]], mirror: Mirror, workspace: Workspace
) -> None:
    customers, attributes = CustomerStore(database), AttributeStore(database)
    customers.upsert([Customer(customer_id="a"), Customer(customer_id="b")], source="api")
    mirror.snapshot()
    attributes.learn({"size": AttributeType.LIST, "tier": AttributeType.TEXT})
    attributes.learn({"visits": AttributeType.NUMBER})
    person = Customer(customer_id="b", attributes={"size": ("M",), "tier": "Gold", "visits": 2.0})
    customers.upsert([person], source="api")
    snapshot = check(mirror)
    assert len(snapshot.layers) == 2
    catalogue, evaluator = Catalogue.build(snapshot.attribute_types), Evaluator(workspace)
    for node in (
        {"field": "attributes.size", "op": "contains_any", "value": ["m"]},
        {"field": "attributes.tier", "op": "equals", "value": "GOLD"},
        {"field": "attributes.visits", "op": "greater_than", "value": 1},
    ):
        rule = decode({"version": 1, "rule": node})
        members = evaluator.evaluate(rule, snapshot, START, catalogue).members
        assert snapshot.ids_of(members).to_list() == ["b"]


def test_orders_that_were_there_before_their_customer_come_in_with_it(
    database: Database[dict[str, Any]], mirror: Mirror
) -> None:
    shop = BusyShop(database, seed=1, customers=1, orders=50)
    shop.order_store.upsert([shop.order(f"o{n}") for n in range(5)], source="api")
    assert (check(mirror).height, mirror.snapshot().order_count) == (0, 0)
    shop.customer_store.upsert([Customer(customer_id="c0")], source="api")
    assert check(mirror).order_count > 0


def test_whoever_asks_for_a_position_gets_what_was_written_until_then(
    database: Database[dict[str, Any]], mirror: Mirror
) -> None:
    customers = CustomerStore(database)
    mirror.start()
    for n in range(30):
        customers.upsert([Customer(customer_id=f"c{n}")], source="api")
        snapshot = mirror.snapshot_at_least(present(database))
        assert snapshot.height == n + 1
        assert snapshot.position is not None


@pytest.mark.parametrize("started", [True, False])
def test_a_position_that_does_not_come_in_time_is_an_error_that_says_to_try_again(
    database: Database[dict[str, Any]],
    mirror: Mirror,
    started: bool,  # noqa: FBT001 - a case of the table
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if started:
        mirror.start()
    stuck = mirror.snapshot()
    monkeypatch.setattr(Follower, "step", lambda *_: stuck)
    time.sleep(0.3)  # whatever step was under way is over
    CustomerStore(database).upsert([Customer(customer_id="a")], source="api")
    with pytest.raises(StoreUnavailable, match="try again"):
        mirror.snapshot_at_least(present(database), timeout=0.5)


def test_a_position_that_is_yet_to_come_is_refused_at_once(
    database: Database[dict[str, Any]], mirror: Mirror
) -> None:
    at = present(database)
    with pytest.raises(InvalidInput, match="later than everything"):
        mirror.snapshot_at_least(ClusterTime(at.seconds + 1_000, 0))


def test_all_of_a_transaction_is_in_a_snapshot_or_nothing_of_it(
    database: Database[dict[str, Any]], mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its changes share a cluster time: a position in the middle of them holds none of it."""
    monkeypatch.setattr("engine.mirror.changes.MOST_CHANGES", 3)
    monkeypatch.setattr(follower, "MOST_CHANGES", 3)
    mirror.snapshot()
    customers = database["customers"]
    with database.client.start_session() as session, session.start_transaction():
        customers.insert_many(
            [{"customer_id": f"c{n}", "seed": n} for n in range(10)], session=session
        )
    at = present(database)
    assert mirror.snapshot_at_least(at).height == 10


def _update_without_pre_image(database: Database[dict[str, Any]]) -> None:
    off = {"enabled": False}
    database.command({"collMod": "orders", "changeStreamPreAndPostImages": off})
    database["orders"].update_one({}, {"$set": {"customer_id": "c3"}})


@pytest.mark.parametrize(
    "lose",
    [
        lambda database: database["orders"].drop(),
        lambda database: database["orders"].rename("orders_before", dropTarget=True),
        lambda database: database["orders_elsewhere"].rename("orders", dropTarget=True),
        _update_without_pre_image,
    ],
    ids=["dropped", "renamed", "replaced", "no pre-image"],
)
def test_it_reads_everything_again_where_changes_do_not_tell_all(
    database: Database[dict[str, Any]],
    mirror: Mirror,
    lose: Any,  # noqa: ANN401 - a case
) -> None:
    shop = BusyShop(database, seed=5)
    for _ in range(10):
        shop.write()
    database["orders_elsewhere"].insert_one({"order_id": "o", "customer_id": "c1", "items": []})
    base = check(mirror).layers[0]
    lose(database)
    shop.write()
    assert check(mirror).layers[0] is not base


@pytest.mark.parametrize("error", [ValueError, PanicException])
def test_an_error_in_the_thread_is_told_to_who_waits_and_the_mirror_goes_on(
    database: Database[dict[str, Any]],
    mirror: Mirror,
    error: type[BaseException],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mirror.start()
    mirror.snapshot()

    def broken(*_: object) -> None:
        msg = "not as expected"
        raise error(msg)

    with monkeypatch.context() as patched:
        patched.setattr(Follower, "step", broken)
        while not mirror.behind:
            time.sleep(0.02)
        CustomerStore(database).upsert([Customer(customer_id="a")], source="api")
        with pytest.raises(CrmError, match="not as expected"):
            mirror.refresh()
    assert check(mirror).height == 1
    assert not mirror.behind


@pytest.mark.parametrize("started", [True, False])
def test_changes_that_could_not_be_read_are_not_skipped(
    database: Database[dict[str, Any]],
    mirror: Mirror,
    started: bool,  # noqa: FBT001 - a case of the table
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if started:
        mirror.start()
    mirror.snapshot()
    shop, fails = BusyShop(database, seed=9), [True, True]

    def sometimes(*arguments: Any) -> pl.DataFrame:  # noqa: ANN401 - passed on
        if fails:
            fails.pop()
            msg = "away"
            raise StoreUnavailable(msg)
        return read_orders(*arguments)

    monkeypatch.setattr("engine.mirror.apply.read_orders", sometimes)
    for _ in range(10):
        shop.write()
    while fails:
        with suppress(StoreUnavailable):
            mirror.refresh()
    shop.write()
    if not started:
        with suppress(StoreUnavailable):
            mirror.refresh()
    check(mirror)
