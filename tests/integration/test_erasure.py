"""Erasing a person: what goes, what stays, and that nothing brings them back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine.bootstrap import open_crm
from engine.delivery.sender import Sender
from engine.domain.actor import Actor
from engine.domain.campaign import Channel, Message
from engine.domain.customer import Customer
from engine.domain.erasure import Erasure
from engine.domain.order import Order, OrderItem, OrderStatus
from engine.domain.permission import EVERYTHING
from engine.domain.rules import All, Rule
from engine.errors import InvalidInput, SettingsError
from engine.mirror.follower import Follower
from engine.settings import Settings
from engine.store import erasures
from engine.store.erasures import ErasureStore
from engine.store.freezes import FreezeStore
from tests.conftest import NOW

if TYPE_CHECKING:
    from pymongo.database import Database

    from engine.crm import Crm
    from engine.domain.campaign import Campaign

PROJECT = Path(__file__).resolve().parents[2]
KEY = "k" * 32
PERSON = "asha-7"
SECRETS = (PERSON, "Asha", "asha@example.com", "+919876543210")


def customer(customer_id: str, name: str = "Ravi") -> Customer:
    phone = SECRETS[3] if name == "Asha" else None
    email = f"{name.lower()}@example.com"
    return Customer(customer_id=customer_id, name=name, email=email, phone=phone)


def order(order_id: str, customer_id: str = PERSON, amount: int = 100) -> Order:
    price = Decimal(amount) / 100
    item = OrderItem(
        sku="s", name="Tea", category="Food", quantity=1, unit_price=price, amount=amount
    )
    return Order(
        order_id=order_id,
        customer_id=customer_id,
        ordered_at=NOW,
        status=OrderStatus.COMPLETED,
        channel="web",
        amount=amount,
        items=(item,),
    )


def stock(crm: Crm, orders: int = 3) -> None:
    """Store the person with orders, and somebody else with one."""
    crm.stores.customers.upsert([customer(PERSON, "Asha"), customer("ravi")], source="test")
    theirs = [order(f"o{n}") for n in range(orders)]
    crm.stores.orders.upsert([*theirs, order("other", "ravi")], source="test")


def everything(database: Database[dict[str, Any]]) -> str:
    """Return all that is stored anywhere, as text."""
    return "\n".join(
        str(document)
        for name in sorted(database.list_collection_names())
        for document in database[name].find()
    )


def launched(crm: Crm) -> Campaign:
    """Launch a campaign to everyone."""
    segment = crm.save_segment(name="all", description="", rule=Rule(All()))
    message = Message(channel=Channel.EMAIL, subject="Hi {{ name }}", body="To {{ name }}")
    draft = crm.save_campaign(name="Spring", segment_id=segment.segment_id, message=message)
    return crm.launch_campaign(draft.campaign_id, version=draft.version)


def test_an_erasure_is_answered_while_figures_are_read_anew(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(crm)
    crm.refresh()
    before = crm.mirror.snapshot()
    monkeypatch.setattr(Follower, "step", lambda *_: before)
    monkeypatch.setattr("engine.crm.CATCH_UP_SECONDS", 0.1)
    asked = time.monotonic()
    assert crm.erase_customer(PERSON).customers == 1
    assert time.monotonic() - asked < 30
    monkeypatch.undo()
    assert crm.refresh().customers == 1


def test_nothing_that_tells_who_it_was_stays_and_the_books_do(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    stock(crm)
    campaign = launched(crm)
    while crm.worker.step():
        pass
    before = crm.delivery_figures(campaign.campaign_id)
    assert all(secret in everything(database) for secret in SECRETS)
    there = crm.erasure_preview(PERSON)
    gone = crm.acting_as(Actor("office", EVERYTHING)).erase_customer(PERSON)
    assert gone == there == Erasure(customers=1, orders=3, deliveries=1)
    stored = everything(database)
    assert [secret for secret in SECRETS if secret in stored] == []
    assert crm.delivery_figures(campaign.campaign_id) == before
    assert {one.customer_id for one in crm.deliveries(campaign.campaign_id)} > {"ravi"}
    books = list(database["orders"].find({"customer_id": {"$ne": "ravi"}}))
    assert [one["amount"] for one in books] == [100, 100, 100]
    assert {one["customer_id"] for one in books} == {f"erased-{one['_id']}" for one in books}
    assert crm.freshness().customers == 1
    assert crm.members(Rule(All())).to_list() == ["ravi"]
    assert crm.erasure_preview(PERSON) == Erasure(customers=0, orders=0, deliveries=0)


def test_erasing_again_answers_the_same_and_so_does_another_process(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    stock(crm)
    first = crm.erase_customer(PERSON)
    assert crm.erase_customer(PERSON) == first
    [tombstone] = database["erasures"].find()
    assert (tombstone["done"], tombstone["by"]) == (True, "system")
    assert "customer_id" not in tombstone


@pytest.mark.parametrize("given", ["", "c" * 201, "a\nb", "\ud800"])
def test_what_cannot_be_an_id_is_refused(crm: Crm, given: str) -> None:
    for call in (crm.erase_customer, crm.erasure_preview):
        with pytest.raises(InvalidInput, match="is no customer id"):
            call(given)


def test_more_orders_than_one_transaction_takes_go_all(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasures, "BATCH", 10)
    stock(crm, orders=35)
    assert crm.erase_customer(PERSON).orders == 35
    assert crm.stores.orders.of_customer(PERSON) == ()


def test_a_write_that_was_let_in_before_the_tombstone_and_lands_after_the_sweep_is_swept(
    crm: Crm,
) -> None:
    stock(crm)
    assert crm.eraser.turned_away([PERSON]) == frozenset()
    first = crm.erase_customer(PERSON)
    crm.stores.customers.upsert([customer(PERSON, "Asha")], source="test")
    crm.stores.orders.upsert([order("o0"), order("late")], source="test")
    assert crm.eraser.turned_away(["ravi", PERSON]) == {PERSON}
    assert crm.erasure_preview(PERSON) == Erasure(customers=0, orders=0, deliveries=0)
    assert crm.stores.customers.count() == 1
    assert crm.stores.orders.count() == 5, "the late order is in the books, too"
    assert crm.erase_customer(PERSON) == first


def test_writers_that_race_with_an_erasure_never_bring_the_person_back(crm: Crm) -> None:
    stock(crm)
    refused = threading.Event()
    ready = threading.Barrier(5)
    wrote: list[int] = []

    def write(writer: int) -> None:
        ready.wait(timeout=30)
        for n in range(500):
            if crm.eraser.turned_away([PERSON]):
                refused.set()
                return
            crm.stores.customers.upsert([customer(PERSON, "Asha")], source="test")
            crm.stores.orders.upsert([order(f"{writer}-{n}")], source="test")
            wrote.append(writer)
            crm.eraser.turned_away([PERSON])

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    ready.wait(timeout=30)
    while len(wrote) < 20:
        time.sleep(0.001)
    crm.erase_customer(PERSON)
    for thread in threads:
        thread.join(timeout=120)
    assert refused.is_set(), "they wrote until the erasure stopped them"
    assert crm.erasure_preview(PERSON) == Erasure(customers=0, orders=0, deliveries=0)


def test_a_freeze_of_a_snapshot_from_before_leaves_no_name_behind(
    crm: Crm, database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(crm)
    campaign = launched(crm)
    write = FreezeStore.write

    def erased_first(store: FreezeStore, *args: Any, **given: Any) -> None:  # noqa: ANN401 - passed on
        crm.eraser.erase(PERSON, by="office")
        write(store, *args, **given)

    monkeypatch.setattr(FreezeStore, "write", erased_first)
    while crm.worker.step():
        pass
    figures = crm.delivery_figures(campaign.campaign_id)
    assert (figures.audience, figures.pending) == (2, 0)
    assert crm.failures(campaign.campaign_id)["the customer no longer exists"] == 1
    assert PERSON not in everything(database)


def test_a_message_on_its_way_during_the_erasure_ends_without_its_content(
    crm: Crm, database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(crm)
    campaign = launched(crm)
    record = Sender._record  # noqa: SLF001 - the moment between vendor and record

    def erased_first(sender: Sender, *args: Any) -> None:  # noqa: ANN401 - passed on
        crm.eraser.erase(PERSON, by="office")
        record(sender, *args)

    monkeypatch.setattr(Sender, "_record", erased_first)
    while crm.worker.step():
        pass
    figures = crm.delivery_figures(campaign.campaign_id)
    assert (figures.audience, figures.sent + figures.failed) == (2, 2)
    rows = {one.customer_id: one for one in crm.deliveries(campaign.campaign_id)}
    assert rows.pop("ravi").body == "To Ravi"
    [row] = rows.values()
    assert (row.subject, row.body, row.vendor_message_id) == (None, None, None)
    assert row.ended_at == NOW
    assert "Asha" not in everything(database)


KILLED = """
import os, signal, sys
from engine.bootstrap import open_crm
from engine.settings import Settings
from engine.store import erasures

erasures.BATCH = 10
batches = 0
take = erasures.in_transaction

def in_transaction(database, work):
    global batches
    batches += 1
    if batches == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return take(database, work)

erasures.in_transaction = in_transaction
with open_crm(Settings(mongodb_uri=sys.argv[1], mongodb_database=sys.argv[2])) as crm:
    crm.erase_customer(sys.argv[3])
"""


def test_an_erasure_that_was_killed_half_way_is_completed_at_the_next_start(
    crm: Crm, database: Database[dict[str, Any]], mongo_uri: str
) -> None:
    stock(crm, orders=35)
    killed = subprocess.run(  # noqa: S603 - the project itself
        [sys.executable, "-c", KILLED, mongo_uri, database.name, PERSON],
        check=False,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )
    assert killed.returncode == -signal.SIGKILL
    half = crm.erasure_preview(PERSON)
    assert (half.customers, half.orders) == (0, 25), "it was killed half-way"
    assert crm.eraser.turned_away([]) == frozenset()
    settings = Settings.model_validate(
        {"mongodb_uri": mongo_uri, "mongodb_database": database.name}
    )
    with open_crm(settings) as reopened:
        assert reopened.erasure_preview(PERSON) == Erasure(customers=0, orders=0, deliveries=0)
        assert reopened.erase_customer(PERSON) == Erasure(customers=1, orders=35, deliveries=0)
    assert PERSON not in everything(database)


def opened(mongo_uri: str, name: str, key: str | None = None) -> Crm:
    values = {"mongodb_uri": mongo_uri, "mongodb_database": name, "erasure_key": key}
    return open_crm(Settings.model_validate(values))


@pytest.mark.parametrize(("first", "later"), [(KEY, None), (None, KEY), (KEY, KEY[::-1] + "x")])
def test_another_key_than_that_of_the_first_erasure_stops_the_start(
    mongo_uri: str, db_name: str, first: str | None, later: str | None
) -> None:
    with opened(mongo_uri, db_name, first) as crm:
        crm.erase_customer(PERSON)
    with pytest.raises(SettingsError, match="CRM_ERASURE_KEY is not the key") as caught:
        opened(mongo_uri, db_name, later)
    assert KEY not in str(caught.value)
    with opened(mongo_uri, db_name, first) as crm:
        assert crm.eraser.turned_away([PERSON]) == {PERSON}


def test_the_key_may_change_until_somebody_is_erased(mongo_uri: str, db_name: str) -> None:
    for key in (None, KEY, "x" * 32):
        with opened(mongo_uri, db_name, key) as crm:
            assert crm.eraser.turned_away([PERSON]) == frozenset()


def test_what_stays_of_the_id_cannot_be_told_without_the_key(
    database: Database[dict[str, Any]], mongo_uri: str
) -> None:
    for key in (KEY, "x" * 32):
        with opened(mongo_uri, database.name, key) as crm:
            crm.erase_customer(PERSON)
        database["secrets"].delete_many({})
    hashes = {bytes(one["_id"]) for one in database["erasures"].find()}
    assert [len(one) for one in hashes] == [32, 32]


def test_a_store_that_erased_nobody_asks_one_question_and_turns_nobody_away(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ErasureStore, "sweep", None)
    assert crm.eraser.turned_away(["a", "b"]) == frozenset()
    assert crm.eraser.turned_away([]) == frozenset()
