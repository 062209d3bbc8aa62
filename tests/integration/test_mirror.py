"""The mirror: what a snapshot holds, and that it follows MongoDB."""

from __future__ import annotations

import gc
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from engine.domain.clock import SystemClock
from engine.domain.customer import AttributeType, Customer
from engine.domain.money import currency
from engine.domain.order import Order, OrderItem, OrderStatus
from engine.domain.workspace import Workspace
from engine.errors import StoreUnavailable
from engine.mirror.follower import Follower
from engine.mirror.layer import Layer
from engine.mirror.mirror import Mirror
from engine.store.attributes import AttributeStore
from engine.store.customers import CustomerStore
from engine.store.orders import OrderStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pymongo.database import Database

    from engine.domain.customer import Attribute
    from engine.mirror.snapshot import Snapshot

DAY = datetime(2026, 3, 1, 20, tzinfo=UTC)  # 01:30 on 2 March in Kolkata


def order(
    number: int, customer: str, amount: int, status: str = "completed", days: int = 0
) -> Order:
    return Order(
        order_id=f"o{number}",
        customer_id=customer,
        ordered_at=DAY + timedelta(days=days),
        status=OrderStatus(status),
        channel="Web",
        amount=amount,
        items=(
            OrderItem(
                sku="S", name="N", category="C", quantity=2, unit_price=Decimal(1), amount=amount
            ),
        ),
    )


@pytest.fixture
def mirror(database: Database[dict[str, Any]], workspace: Workspace) -> Iterator[Mirror]:
    mirror = Mirror(database, workspace, SystemClock())
    yield mirror
    mirror.close()


@pytest.fixture
def customers(database: Database[dict[str, Any]]) -> CustomerStore:
    return CustomerStore(database)


@pytest.fixture
def orders(database: Database[dict[str, Any]]) -> OrderStore:
    return OrderStore(database, "INR")


def wait_until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.02)


def test_an_empty_database_gives_an_empty_snapshot_with_every_column(mirror: Mirror) -> None:
    snapshot = mirror.snapshot()
    assert snapshot.height == 0
    assert snapshot.orders.height == 0
    assert snapshot.layers[0].fetch("SELECT count(*) AS n FROM customers").item() == 0
    assert {"total_spend", "tags", "seed", "last_order_on"} <= set(snapshot.customers.columns)


def test_each_figure_counts_the_statuses_that_the_rules_say(
    mirror: Mirror, customers: CustomerStore, orders: OrderStore
) -> None:
    customers.upsert([Customer(customer_id="a"), Customer(customer_id="b")], source="import")
    orders.upsert(
        [
            order(1, "a", 1_000, days=-10),
            order(2, "a", 500),
            order(3, "a", -300, "refunded", days=1),
            order(4, "a", 9_999, "cancelled", days=2),
            order(5, "a", 7_777, "pending", days=3),
        ],
        source="import",
    )
    first, second = mirror.snapshot().customers.iter_rows(named=True)
    figures = ("order_count", "total_spend", "completed_amount")
    assert [first[name] for name in figures] == [2, 1_200, 1_500]
    assert first["first_order_at"] == (DAY - timedelta(days=10)).replace(tzinfo=None)
    assert first["last_order_at"] == DAY.replace(tzinfo=None)
    assert first["last_order_on"] == date(2026, 3, 2), "the local day, not the day in UTC"
    assert [second[name] for name in figures] == [0, 0, 0]
    assert second["last_order_at"] is None


def test_rows_are_in_the_order_of_the_customer_id_and_duckdb_agrees(
    mirror: Mirror, customers: CustomerStore
) -> None:
    ids = ["b", "a", "Z", "é", "10", "9"]
    customers.upsert([Customer(customer_id=one) for one in ids], source="import")
    snapshot = mirror.snapshot()
    in_duckdb = snapshot.layers[0].fetch("SELECT row, customer_id FROM customers ORDER BY row")
    assert snapshot.customers.get_column("customer_id").to_list() == sorted(ids)
    assert in_duckdb.get_column("customer_id").to_list() == sorted(ids)
    assert in_duckdb.get_column("row").to_list() == list(range(6))


def test_attributes_become_typed_columns_whatever_their_names_hold(
    mirror: Mirror, customers: CustomerStore, database: Database[dict[str, Any]]
) -> None:
    name = 'tier "x" of ₹'
    AttributeStore(database).learn({name: AttributeType.TEXT, "visits": AttributeType.NUMBER})
    person = Customer(customer_id="a", attributes={name: "Gold", "visits": 2.5})
    customers.upsert([person, Customer(customer_id="b")], source="import")
    snapshot = mirror.snapshot()
    frame = snapshot.customers
    assert frame.get_column(f"attributes.{name}").to_list() == ["Gold", None]
    folded = "attributes.{}_folded".format(name.replace('"', '""'))
    in_duckdb = snapshot.layers[0].fetch(f'SELECT "{folded}" FROM customers ORDER BY row')  # noqa: S608
    assert in_duckdb.to_series().to_list() == ["gold", None]
    assert frame.get_column("attributes.visits").to_list() == [2.5, None]


def test_attributes_that_cannot_be_told_apart_are_left_out_and_the_rest_is_there(
    mirror: Mirror, customers: CustomerStore, database: Database[dict[str, Any]]
) -> None:
    kinds = {
        **dict.fromkeys(("Size", "size"), AttributeType.LIST),
        **dict.fromkeys(("Tier", "tier"), AttributeType.TEXT),
        "x": AttributeType.TEXT,
        **dict.fromkeys(
            ("x_folded", "foo_folded", "Count", "count", "count_1"), AttributeType.NUMBER
        ),
        "bar_folded": AttributeType.LIST,
    }
    AttributeStore(database).learn(kinds)
    numbers: dict[str, Attribute] = {"count": 5.0, "Count": 6.0, "count_1": 9.0, "foo_folded": 1.0}
    lists: dict[str, Attribute] = {"bar_folded": ("A",), "size": ("S",), "tier": "gold"}
    customers.upsert([Customer(customer_id="a", attributes=numbers | lists)], source="import")
    snapshot = mirror.snapshot()
    assert set(snapshot.attribute_types) == {"count_1", "foo_folded", "bar_folded"}
    assert snapshot.layers[0].fetch('SELECT "attributes.count_1" FROM customers').item() == 9
    assert (
        snapshot.layers[0].fetch('SELECT "value" FROM "list attributes.bar_folded"').item() == "a"
    )


def test_money_stays_exact_to_the_last_unit(
    mirror: Mirror, customers: CustomerStore, orders: OrderStore
) -> None:
    large = 2**53 - 1
    customers.upsert([Customer(customer_id="a")], source="import")
    orders.upsert([order(1, "a", large), order(2, "a", large)], source="import")
    assert mirror.snapshot().customers.get_column("total_spend").to_list() == [2 * large]


def test_a_snapshot_does_not_change_when_the_data_does(
    mirror: Mirror, customers: CustomerStore
) -> None:
    before = mirror.snapshot()
    customers.upsert([Customer(customer_id="a")], source="import")
    after = mirror.refresh()
    assert (before.height, after.height) == (0, 1)
    assert before.layers[0].fetch("SELECT count(*) AS n FROM customers").item() == 0
    assert after.serial > before.serial


def test_a_change_by_anyone_appears_by_itself(mirror: Mirror, customers: CustomerStore) -> None:
    mirror.start()
    wait_until(lambda: mirror.snapshot().serial >= 1)
    customers.upsert([Customer(customer_id="a")], source="import")
    wait_until(lambda: mirror.snapshot().height == 1)
    wait_until(lambda: not mirror.behind)
    customers.remove(source="import")
    wait_until(lambda: mirror.snapshot().height == 0)


def test_a_load_that_failed_leaves_no_older_snapshot_to_those_who_waited_for_it(
    mirror: Mirror, customers: CustomerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, steps = Follower.step, []
    loading, may_end = threading.Event(), threading.Event()

    def first_slow_then_failing(one: Follower, seconds: float) -> Snapshot:
        steps.append(one)
        if len(steps) == 1:
            snapshot = step(one, seconds)
            loading.set()
            may_end.wait(30)
            return snapshot
        if len(steps) == 2:
            msg = "away"
            raise StoreUnavailable(msg)
        return step(one, seconds)

    monkeypatch.setattr(Follower, "step", first_slow_then_failing)
    with ThreadPoolExecutor() as pool:
        before = pool.submit(mirror.refresh)
        assert loading.wait(30)
        customers.upsert([Customer(customer_id="a")], source="import")
        waiting = [pool.submit(mirror.refresh) for _ in range(2)]
        time.sleep(0.2)  # both wait for the first load; later, there is nothing to show
        may_end.set()
        assert before.result(30).height == 0
        failed = [one for one in waiting if one.exception(30) is not None]
        (fresh,) = [one.result() for one in waiting if one not in failed]
    assert len(failed) == 1
    assert fresh.height == 1


def test_it_follows_again_after_the_stream_was_lost(
    mirror: Mirror, customers: CustomerStore, database: Database[dict[str, Any]]
) -> None:
    def streams() -> list[int]:
        found = database.client.admin.aggregate(
            [{"$currentOp": {"idleCursors": True, "allUsers": True}}]
        )
        ours = (one for one in found if one.get("ns", "").startswith(database.name))
        return [one["cursor"]["cursorId"] for one in ours if "cursor" in one]

    mirror.start()
    wait_until(lambda: mirror.is_loaded and streams() != [])
    # Killed cursors are what an operator's restore looks like.
    database.command("killCursors", "$cmd.aggregate", cursors=streams())
    customers.upsert([Customer(customer_id="a")], source="import")
    wait_until(lambda: mirror.snapshot().height == 1)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY customers TO '/tmp/stolen.csv'",
        "ATTACH '/tmp/stolen.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT * FROM sys_modules",
    ],
)
def test_the_tables_can_reach_nothing_outside_themselves(mirror: Mirror, query: str) -> None:
    sys_modules = mirror.snapshot().customers  # a frame that replacement scans would find
    assert sys_modules.height == 0
    with pytest.raises(duckdb.Error):
        mirror.snapshot().layers[0].fetch(query)


def test_small_layers_see_nothing_of_each_other(
    database: Database[dict[str, Any]], mirror: Mirror
) -> None:
    customers = CustomerStore(database)
    customers.upsert([Customer(customer_id="a", city="Pune")], source="import")
    before = mirror.snapshot()
    customers.upsert([Customer(customer_id=name, city="Agra") for name in "ab"], source="import")
    mirror.refresh()
    after = mirror.snapshot()
    found = [
        one.layers[-1].fetch("SELECT city_folded FROM customers")["city_folded"].to_list()
        for one in (before, after, before)
    ]
    assert found == [["pune"], ["agra", "agra"], ["pune"]]


def test_the_tables_of_a_layer_go_with_it(database: Database[dict[str, Any]]) -> None:
    layers = "SELECT count(*) FROM duckdb_databases() WHERE database_name LIKE 'layer_%'"
    CustomerStore(database).upsert([Customer(customer_id="a")], source="import")
    here = Workspace("Test", currency("INR"), ZoneInfo("UTC"), "en_IN")
    kept = Mirror(database, here, SystemClock()).snapshot().layers[0]
    gc.collect()
    assert kept.fetch("SELECT * FROM customers").height == 1
    before = kept.fetch(layers).item()
    other = Mirror(database, here, SystemClock()).snapshot().layers[0]
    assert other.fetch(layers).item() == before + 1
    del other
    gc.collect()
    assert kept.fetch(layers).item() == before


def test_the_tables_on_orders_are_made_when_orders_are_asked_for(
    database: Database[dict[str, Any]],
) -> None:
    tables = "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()"
    CustomerStore(database).upsert([Customer(customer_id="a")], source="import")
    here = Workspace("Test", currency("INR"), ZoneInfo("UTC"), "en_IN")
    base = Mirror(database, here, SystemClock()).snapshot().layers[0]
    layer = Layer(
        customers=base.customers,
        folded=base.folded,
        orders=base.orders,
        items=base.items,
        coded=base.coded,
    )
    layer.vectors("SELECT row FROM customers", orders=False)
    made = layer.open(orders=False).cursor()
    assert "orders_0" not in {name for (name,) in made.sql(tables).fetchall()}
    assert layer.fetch("SELECT * FROM orders_0").height == 0


def test_the_zone_decides_the_local_day(database: Database[dict[str, Any]]) -> None:
    CustomerStore(database).upsert([Customer(customer_id="a")], source="import")
    OrderStore(database, "INR").upsert([order(1, "a", 1)], source="import")
    there = Workspace("Test", currency("INR"), ZoneInfo("UTC"), "en_IN")
    frame = Mirror(database, there, SystemClock()).snapshot().customers
    assert frame.get_column("last_order_on").to_list() == [date(2026, 3, 1)]
