"""Acknowledged means journalled by a majority; and writers side by side lose nothing."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import MongoClient
from pymongo.errors import InvalidOperation
from pymongo.monitoring import CommandListener

from engine.bootstrap import open_crm
from engine.domain.campaign import Channel, Message
from engine.domain.customer import Customer
from engine.domain.rule_codec import decode
from engine.errors import StoreUnavailable
from engine.settings import Settings
from engine.store import client as store_client
from engine.store.client import connect
from engine.store.customers import CustomerStore, OrderProfile, Said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from pymongo.database import Database
    from pymongo.monitoring import CommandFailedEvent, CommandStartedEvent, CommandSucceededEvent

    from engine.crm import Crm
    from engine.store.writes import WriteCounts

IDS = [f"c{number:03}" for number in range(500)]
MAJORITY = {"w": "majority", "j": True, "wtimeout": 30_000}
WRITES = ("insert", "update", "delete", "findAndModify", "commitTransaction", "createIndexes")
EVERYONE = decode({"version": 1, "rule": {"all": []}})
HELLO = Message(channel=Channel.SMS, subject="", body="Hi")


def from_files(store: CustomerStore, ids: list[str], _: datetime) -> WriteCounts:
    people = [Customer(customer_id=one, city="Pune") for one in ids]
    return store.upsert(people, source="import")


def from_orders(store: CustomerStore, ids: list[str], now: datetime) -> WriteCounts:
    said = {"city": Said(value="Pune", ordered_at=now, order_id="o")}
    profiles = [OrderProfile(customer_id=one, fields=said) for one in ids]
    return store.upsert_from_orders(profiles, source="import")


@pytest.mark.parametrize("write", [from_files, from_orders])
def test_writers_of_the_same_new_customers_make_each_of_them_once(
    database: Database[dict[str, Any]],
    crm: Crm,
    write: Callable[[CustomerStore, list[str], datetime], WriteCounts],
) -> None:
    together = threading.Barrier(4)
    counts: list[WriteCounts] = []

    def run() -> None:
        for start in range(0, len(IDS), 5):
            together.wait()
            ids = IDS[start : start + 5]
            counts.append(write(CustomerStore(database), ids, crm.clock.now()))

    writers = [threading.Thread(target=run) for _ in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert len(counts) == 4 * len(IDS) / 5, "none of them failed"
    assert sum(one.inserted for one in counts) == len(IDS)
    assert sum(one.inserted + one.unchanged + one.updated for one in counts) == 4 * len(IDS)
    assert database["customers"].count_documents({}) == len(IDS)


class Commands(CommandListener):
    """Notes every command that is sent."""

    def __init__(self) -> None:
        self.sent: list[Mapping[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.sent.append(event.command)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


def test_every_write_waits_for_the_journals_of_a_majority(
    mongo_uri: str, db_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = Commands()
    client = partial(MongoClient, event_listeners=[commands])
    monkeypatch.setattr(store_client, "MongoClient", client)
    settings = {"mongodb_uri": mongo_uri, "mongodb_database": db_name, "simulated_latency_ms": 0}
    with open_crm(Settings.model_validate(settings)) as crm:
        crm.stores.customers.upsert([Customer(customer_id=one) for one in IDS], source="import")
        segment = crm.save_segment(name="Everyone", description="", rule=EVERYONE)
        draft = crm.save_campaign(name="Spring", segment_id=segment.segment_id, message=HELLO)
        crm.daily_sizes.record_due(crm.clock.now())
        crm.launch_campaign(draft.campaign_id, version=draft.version)
        while crm.worker.step():
            pass
        crm.delete_campaign_draft(
            crm.save_campaign(name="Not", segment_id=segment.segment_id, message=HELLO).campaign_id,
            version=1,
        )
    alone = [one for one in commands.sent if "autocommit" not in one or "commitTransaction" in one]
    asked = {name: [one["writeConcern"] for one in alone if name in one] for name in WRITES}
    assert all(asked.values()), "each kind of write was made"
    assert [one for each in asked.values() for one in each if one != MAJORITY] == []
    reads = [one for one in commands.sent if "find" in one and "autocommit" not in one]
    assert {one["readConcern"]["level"] for one in reads} == {"majority"}


def test_a_connection_that_could_not_be_used_is_closed(
    mongo_uri: str, db_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Database[dict[str, Any]]] = []

    def fail(database: Database[dict[str, Any]]) -> None:
        opened.append(database)
        raise StoreUnavailable

    monkeypatch.setattr(store_client, "ensure_indexes", fail)
    with pytest.raises(StoreUnavailable):
        connect(mongo_uri, db_name)
    with pytest.raises(InvalidOperation, match="after close"):
        opened[0].command("ping")
