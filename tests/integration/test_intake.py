"""Records into a real MongoDB: what two writers, erased people and new attributes come to."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from engine.domain.customer import AttributeType
from engine.domain.order import OrderStatus
from engine.ingest.intake import Intake
from engine.ingest.rejects import Reason
from engine.store.attributes import AttributeStore
from engine.store.customers import CustomerStore
from engine.store.orders import FEW, OrderStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pymongo.database import Database

    from engine.domain.workspace import Workspace

MANY = 2 * FEW


def order(order_id: str = "o1", **changes: object) -> dict[str, object]:
    row = {"order_id": order_id, "customer_id": "c1", "ordered_at": "2026-03-31T09:30:00Z"}
    return {**row, "amount": "12.50", **changes}


@pytest.fixture
def intake(database: Database[dict[str, Any]], workspace: Workspace) -> Intake:
    return Intake(
        customers=CustomerStore(database),
        orders=OrderStore(database, "INR"),
        attributes=AttributeStore(database),
        workspace=workspace,
        turned_away=lambda _ids: frozenset(),
    )


@pytest.mark.parametrize("many", [1, MANY])
def test_a_new_order_is_stored_the_same_whichever_way_it_is_written(
    intake: Intake, database: Database[dict[str, Any]], many: int
) -> None:
    items = [{"sku": "S1", "category": "Straße", "quantity": 2, "unit_price": "6.25"}]
    intake.take_orders(
        [order(f"o{n}", items=items, channel="Web") for n in range(many)], source="x"
    )
    stored = database["orders"].find_one({"order_id": "o0"}, {"_id": 0})
    assert stored is not None
    assert stored.pop("ordered_at").isoformat() == "2026-03-31T09:30:00+00:00"
    assert stored == {
        "order_id": "o0",
        "customer_id": "c1",
        "status": "completed",
        "amount": 1250,
        "channel": "Web",
        "channel_folded": "web",
        "quantity": 2,
        "currency": "INR",
        "source": "x",
        "items": [
            {
                "sku": "S1",
                "sku_folded": "s1",
                "name": None,
                "category": "Straße",
                "category_folded": "strasse",
                "quantity": 2,
                "unit_price": "6.25",
                "amount": 1250,
            }
        ],
    }


def test_the_customers_that_orders_name_are_made_once_and_known_ones_are_left_alone(
    intake: Intake, database: Database[dict[str, Any]]
) -> None:
    intake.take_customers([{"customer_id": "c1", "name": "Asha"}], source="crm")
    before = database["customers"].find_one({"customer_id": "c1"})
    intake.take_orders([order("o1"), order("o2", customer_id="c2")], source="api")
    assert database["customers"].find_one({"customer_id": "c1"}) == before
    made = database["customers"].find_one({"customer_id": "c2"})
    assert made is not None
    assert {"customer_id", "customer_id_folded", "seed", "source"} < made.keys()


def test_the_lookup_of_known_orders_and_customers_reads_the_index_alone(
    intake: Intake, database: Database[dict[str, Any]]
) -> None:
    intake.take_orders([order(f"o{n}") for n in range(MANY)], source="api")
    for collection, key in (("orders", "order_id"), ("customers", "customer_id")):
        found = database[collection].find({key: {"$in": ["o1", "c1"]}}, {"_id": 0, key: 1})
        explained = found.explain()["executionStats"]
        assert (explained["nReturned"], explained["totalDocsExamined"]) == (1, 0)


def test_what_is_known_of_a_batch_comes_in_one_reply(
    intake: Intake, database: Database[dict[str, Any]]
) -> None:
    rows = [order(f"o{n}", customer_id=f"c{n}") for n in range(300)]
    intake.take_orders(rows, source="x")
    database.command("profile", 2)
    intake.take_orders(rows, source="x")
    database.command("profile", 0)
    asked = database["system.profile"].distinct("ns", {"op": "query"})
    assert asked == [f"{database.name}.customers", f"{database.name}.orders"]
    assert database["system.profile"].count_documents({"op": "getmore"}) == 0


def test_writers_of_the_same_new_orders_at_once_make_each_once(intake: Intake) -> None:
    rows = [order(f"o{n}") for n in range(200)]
    gate, counts = threading.Barrier(4), []

    def write() -> None:
        gate.wait()
        counts.append(intake.take_orders(rows, source="api"))

    writers = [threading.Thread(target=write) for _ in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert sum(one.created for one in counts) == 200
    assert [one.created + one.updated + one.unchanged for one in counts] == [200] * 4
    assert intake.orders.count() == 200


def test_an_order_that_somebody_makes_after_the_look_is_updated(
    intake: Intake, database: Database[dict[str, Any]]
) -> None:
    class Late(OrderStore):
        """Loses the race for an id: it is there when the insert comes, and was not at the look."""

        def upsert(self, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - passed on
            upserted.append(args)
            return super().upsert(*args, **named)

    class Racing:
        """A collection into which somebody else writes first."""

        def __init__(self, name: str) -> None:
            self._real = database[name]

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the real collection's
            return getattr(self._real, name)

        def insert_many(self, documents: Any, **named: Any) -> Any:  # noqa: ANN401 - passed on
            intake.orders.upsert(
                [replace(one, amount=1) for one in intake.admit_orders(rows[:1]).good.values()],
                source="other",
            )
            return self._real.insert_many(documents, **named)

    upserted: list[Any] = []
    rows = [order(f"o{n}") for n in range(MANY)]
    late = Late(database, "INR")
    late._orders = Racing("orders")  # type: ignore[assignment] # noqa: SLF001 - to lose the race
    taken = replace(intake, orders=late).take_orders(rows, source="api")
    assert (taken.created, taken.updated) == (MANY - 1, 1)
    assert len(upserted) == 1
    assert {one.amount for one in intake.orders.of_customer("c1")} == {1250}


def test_whoever_was_erased_is_turned_away_and_the_others_are_not(intake: Intake) -> None:
    asked: list[Sequence[str]] = []

    def erased(ids: Sequence[str]) -> frozenset[str]:
        asked.append(ids)
        return frozenset({"gone"})

    strict = replace(intake, turned_away=erased)
    taken = strict.take_orders([order("o1"), order("o2", customer_id="gone")], source="api")
    assert (taken.created, taken.refused) == (1, 1)
    assert taken.rows[1].problems[0].kind == Reason.ERASED.value
    people = strict.take_customers(
        [{"customer_id": "gone", "name": "Asha"}, {"customer_id": "c2"}], source="api"
    )
    assert [one.status for one in people.rows] == ["refused", "stored"]
    assert [one.id for one in (*taken.rows, *people.rows)] == ["o1", "o2", None, "c2"]
    # Before each write and again after it.
    assert [sorted(ids) for ids in asked] == [["c1", "gone"], ["c1"], ["c2", "gone"], ["c2"]]
    assert set(intake.customers.find(["gone", "c1", "c2"])) == {"c1", "c2"}


def test_whoever_is_erased_while_a_batch_is_written_is_not_told_as_stored(intake: Intake) -> None:
    answers = iter([frozenset[str](), frozenset({"gone"})] * 2)
    racing = replace(intake, turned_away=lambda _ids: next(answers))
    rows = [{"customer_id": "c1"}, {"customer_id": "gone"}]
    people = racing.take_customers(rows, source="api")
    assert [one.status for one in people.rows] == ["stored", "refused"]
    orders = racing.take_orders([order("o1", customer_id="gone"), order("o2")], source="api")
    assert [(one.id, one.status) for one in orders.rows] == [("o1", "refused"), ("o2", "stored")]


def test_a_type_that_another_process_learnt_first_holds(intake: Intake) -> None:
    other = replace(intake, _types={})
    rows = [{"customer_id": "c1", "attributes": {"level": 3}}]
    assert intake.take_customers(rows, source="api").refused == 0
    twin = [{"customer_id": "c2", "attributes": {"Level": 3}}]
    assert replace(intake, _types={}).take_customers(twin, source="api").refused == 1
    taken = other.take_customers(
        [
            {"customer_id": "c2", "attributes": {"level": "gold"}},
            {"customer_id": "c3", "attributes": {"Level": 3}},
            {"customer_id": "c4", "attributes": {"level": 4, "new": True}},
        ],
        source="api",
    )
    assert [one.status for one in taken.rows] == ["refused", "refused", "stored"]
    assert intake.attributes.types() == {
        "level": AttributeType.NUMBER,
        "new": AttributeType.BOOLEAN,
    }


def test_checking_writes_no_order_and_no_customer(intake: Intake) -> None:
    outcomes = intake.check_orders([order(), order(amount="x")])
    assert [one.status for one in outcomes] == ["stored", "refused"]
    people = intake.check_customers([{"customer_id": "c1", "attributes": {"a": 1}}])
    assert [one.status for one in people] == ["stored"]
    assert intake.orders.is_empty()
    assert intake.customers.is_empty()


def test_a_batch_tells_the_time_of_its_last_write_and_none_where_nothing_was_written(
    intake: Intake,
) -> None:
    first = intake.take_orders([order("o1")], source="api").cluster_time
    second = intake.take_orders([order(f"p{n}") for n in range(MANY)], source="api").cluster_time
    third = intake.take_customers([{"customer_id": "c1", "name": "A"}], source="api").cluster_time
    assert first is not None
    assert second is not None
    assert third is not None
    assert first < second < third
    assert intake.take_orders([order(amount="x")], source="api").cluster_time is None


def test_a_refund_comes_back_as_it_was_meant(intake: Intake) -> None:
    intake.take_orders([order(status="refunded", amount="12.50")], source="api")
    (stored,) = intake.orders.of_customer("c1")
    assert (stored.status, stored.amount) == (OrderStatus.REFUNDED, -1250)
