"""Demo data: given once, to a workspace that is empty, and never over somebody's own."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from engine.domain.clock import FixedClock, SystemClock
from engine.domain.customer import AttributeType, Customer
from engine.errors import Conflict, CrmError
from engine.ingest import demo, seeding
from engine.ingest.batches import batches
from engine.ingest.seeding import LEASE, Seeder
from engine.store.attributes import AttributeStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from pymongo.database import Database

    from engine.crm import Crm
    from engine.domain.order import Order
    from engine.domain.workspace import Workspace


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut the demo data to 50 customers and 200 orders, in batches of 20."""
    whole, cut = demo.generate, batches

    def generate(now: datetime, workspace: Workspace) -> tuple[Iterator[Customer], Iterator[Order]]:
        customers, orders = whole(now, workspace)
        return islice(customers, 50), islice(orders, 200)

    monkeypatch.setattr(demo, "generate", generate)
    monkeypatch.setattr(seeding, "batches", lambda things: cut(things, 20))


def there(crm: Crm) -> tuple[int, int]:
    counts = crm.demo_counts()
    return counts.customers, counts.orders


def at(crm: Crm, now: datetime) -> Seeder:
    return replace(crm.seeder, clock=FixedClock(now))


class Cut(Exception):
    """Stands for kill -9."""


def cut_off(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin seeding and stop in the middle of the orders."""
    insert = type(crm.stores.orders).insert

    def some(*args: Any, **kwargs: Any) -> int:  # noqa: ANN401 - whatever insert takes
        if crm.stores.orders.count() >= 40:
            raise Cut
        return insert(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(type(crm.stores.orders), "insert", some)
        with pytest.raises(Cut):
            crm.seeder.seed_if_new()
    assert there(crm) == (50, 40), "it was cut off half-way"


def test_an_empty_workspace_is_given_demo_data_once(crm: Crm) -> None:
    assert crm.seeder.seed_if_new()
    assert there(crm) == (50, 200)
    assert not at(crm, crm.clock.now() + LEASE * 2).seed_if_new()
    assert there(crm) == (50, 200)


def test_processes_that_start_together_give_it_once(crm: Crm) -> None:
    together = threading.Barrier(4)
    gave: list[bool] = []

    def start() -> None:
        together.wait()
        gave.append(crm.seeder.seed_if_new())

    processes = [threading.Thread(target=start) for _ in range(4)]
    for one in processes:
        one.start()
    for one in processes:
        one.join()
    assert sorted(gave) == [False, False, False, True]
    assert there(crm) == (50, 200)


def test_what_was_cut_off_is_written_anew_when_its_lease_has_lapsed(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = crm.clock.now()
    cut_off(crm, monkeypatch)
    assert not at(crm, start + LEASE / 2).seed_if_new(), "somebody may still be at it"
    assert there(crm) == (50, 40)
    assert at(crm, start + LEASE * 2).seed_if_new()
    assert there(crm) == (50, 200)


def test_a_start_waits_for_what_was_cut_off_to_lapse_and_writes_it_anew(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = SystemClock().now()
    long_ago = replace(crm, seeder=at(crm, now - LEASE + timedelta(seconds=5)))
    cut_off(long_ago, monkeypatch)
    started = replace(crm.seeder, clock=SystemClock())
    assert not started.seed_if_new(), "somebody may still be at it"
    started.seed_when_new()
    assert there(crm) == (50, 200)


def test_a_start_that_was_held_up_leaves_the_data_to_whoever_began_anew(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert, gave = type(crm.stores.customers).insert, []

    def late(*args: Any, **kwargs: Any) -> int:  # noqa: ANN401 - whatever insert takes
        done = insert(*args, **kwargs)
        monkeypatch.undo()
        monkeypatch.setattr(seeding, "batches", lambda things: batches(islice(things, 50), 20))
        gave.append(at(crm, crm.clock.now() + LEASE * 2).seed_if_new())
        return done

    monkeypatch.setattr(type(crm.stores.customers), "insert", late)
    crm.seeder.seed_when_new()
    assert gave == [True]
    assert there(crm) == (50, 50)


def test_demo_data_that_was_removed_does_not_come_back(crm: Crm) -> None:
    crm.seeder.seed_if_new()
    removed = crm.remove_demo()
    assert (removed.customers, removed.orders) == (50, 200)
    assert not at(crm, crm.clock.now() + LEASE * 2).seed_if_new()
    assert there(crm) == (0, 0)


def test_half_of_it_that_was_removed_does_not_come_back_either(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = crm.clock.now()
    cut_off(crm, monkeypatch)
    with pytest.raises(Conflict, match="somebody else is writing"):
        crm.remove_demo()
    at(crm, start + LEASE * 2).remove()
    assert not at(crm, crm.clock.now() + LEASE * 2).seed_if_new()
    assert there(crm) == (0, 0)


def test_demo_data_loaded_by_hand_is_not_taken_for_a_seeding_that_was_cut_off(crm: Crm) -> None:
    crm.load_demo()
    assert not at(crm, crm.clock.now() + LEASE * 2).seed_if_new()
    assert there(crm) == (50, 200)


@pytest.mark.parametrize("kind", ["customers", "orders"])
def test_a_workspace_that_is_not_empty_is_left_alone(
    crm: Crm, database: Database[dict[str, Any]], kind: str
) -> None:
    database[kind].insert_one({"customer_id": "own", "order_id": "own", "source": "import"})
    assert not crm.seeder.seed_if_new()
    assert there(crm) == (0, 0)
    assert database[kind].count_documents({}) == 1
    database[kind].delete_many({})
    assert not at(crm, crm.clock.now() + LEASE * 2).seed_if_new(), "nor is it given any later"


def test_a_workspace_that_got_data_after_the_cut_loses_the_demo_half_and_nothing_else(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(crm, monkeypatch)
    crm.stores.customers.upsert([Customer(customer_id="own")], source="import")
    assert not at(crm, crm.clock.now() + LEASE * 2).seed_if_new()
    assert there(crm) == (0, 0)
    assert crm.stores.customers.get("own").customer_id == "own"


def test_a_demo_customer_that_real_data_touched_stays_and_is_not_overwritten_by_the_next_load(
    crm: Crm,
) -> None:
    crm.load_demo()
    touched = crm.search_customers("", limit=1).rows.item(0, "customer_id")
    crm.stores.customers.upsert([Customer(customer_id=touched, city="Ours")], source="import")
    assert there(crm) == (49, 200)
    crm.remove_demo()
    assert crm.stores.customers.count() == 1
    again = crm.load_demo()
    assert (again.customers, again.orders) == (49, 200)
    assert crm.stores.customers.get(touched).city == "Ours"


@pytest.mark.parametrize("other", ["seed", "remove"])
def test_nobody_writes_or_removes_it_while_somebody_else_does(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    insert, refused = type(crm.stores.customers).insert, []

    def meet(*args: Any, **kwargs: Any) -> int:  # noqa: ANN401 - whatever insert takes
        with pytest.raises(Conflict) as conflict:
            getattr(crm.seeder, other)()
        refused.append(conflict)
        return insert(*args, **kwargs)

    monkeypatch.setattr(type(crm.stores.customers), "insert", meet)
    crm.load_demo()
    assert refused
    assert there(crm) == (50, 200)


def test_whoever_lost_the_claim_stops_before_the_next_batch(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = type(crm.stores.customers).insert

    def late(*args: Any, **kwargs: Any) -> int:  # noqa: ANN401 - whatever insert takes
        done = insert(*args, **kwargs)
        assert at(crm, crm.clock.now() + LEASE * 2).remove() == (20, 0)
        return done

    monkeypatch.setattr(type(crm.stores.customers), "insert", late)
    with pytest.raises(Conflict):
        crm.load_demo()
    assert there(crm) == (0, 0)


def test_loading_it_again_writes_it_anew(crm: Crm) -> None:
    crm.load_demo()
    before = crm.orders_frame().get_column("ordered_at").max()
    at(crm, crm.clock.now() + timedelta(days=30)).seed()
    crm.refresh()
    assert there(crm) == (50, 200)
    assert crm.orders_frame().get_column("ordered_at").max() != before


@pytest.mark.parametrize("doing", ["insert", "remove"])
def test_what_was_cut_off_later_is_finished_by_the_next_who_opens(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, doing: str
) -> None:
    crm.load_demo()

    def cut(*_: Any, **__: Any) -> int:  # noqa: ANN401 - whatever it takes
        raise Cut

    with monkeypatch.context() as patched:
        patched.setattr(type(crm.stores.customers), doing, cut)
        with pytest.raises(Cut):
            crm.load_demo() if doing == "insert" else crm.remove_demo()
    assert there(crm)[1] == 0, "it was cut off half-way"
    crm.seeder.settle()
    assert there(crm)[1] == 0, "somebody may still be at it"
    at(crm, crm.clock.now() + LEASE * 2).settle()
    assert there(crm) == ((50, 200) if doing == "insert" else (0, 0))


def test_a_demo_attribute_whose_name_has_another_type_here_is_left_out(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    AttributeStore(database).learn({"loyalty_points": AttributeType.TEXT})
    crm.load_demo()
    wrong = {"attributes.loyalty_points": {"$exists": True}}
    assert database["customers"].count_documents(wrong) == 0
    assert database["customers"].count_documents({"attributes.newsletter": {"$exists": True}}) > 0


def test_inserting_what_breaks_another_rule_is_not_taken_for_being_there_already(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    database.command("collMod", "customers", validator={"city": {"$ne": "Nowhere"}})
    people = [Customer(customer_id="a", city="Nowhere"), Customer(customer_id="b")]
    with pytest.raises(CrmError, match="MongoDB refused the call"):
        crm.stores.customers.insert(people, source="demo")


def test_demo_people_who_were_erased_do_not_come_back_with_the_demo_data(crm: Crm) -> None:
    crm.seeder.seed()
    erased = crm.customers_frame()["customer_id"][0]
    there = crm.erasure_preview(erased)
    crm.erase_customer(erased)
    crm.seeder.seed()
    assert crm.demo_counts().customers == 49
    assert crm.demo_counts().orders == 200 - there.orders
    crm.seeder.remove()
    assert crm.stores.orders.is_empty(), "what was kept for the books of a demo goes with it"
