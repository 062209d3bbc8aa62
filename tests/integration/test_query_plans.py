"""Every query of the repositories finds its rows by an index, and reads no more than it must.

MongoDB's own profiler notes the plan of each command.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.domain.campaign import Channel, Message
from engine.domain.customer import Customer
from engine.domain.delivery import DeliveryStatus
from engine.domain.order import Order, OrderStatus
from engine.domain.rule_codec import decode
from engine.errors import Conflict, NotFound
from engine.store.customers import OrderProfile, Said
from engine.store.deliveries import DeliveryStore
from engine.store.freezes import FreezeStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pymongo.database import Database

    from engine.crm import Crm

EVERYONE = decode({"version": 1, "rule": {"all": []}})
HELLO = Message(channel=Channel.SMS, subject="", body="Hi")
IDS = [f"c{number:04}" for number in range(1_000)]
LEASE = timedelta(seconds=10)


@pytest.fixture
def campaigns(crm: Crm, database: Database[dict[str, Any]]) -> Iterator[list[str]]:
    """Six frozen campaigns of twelve, over 1,000 customers; the profiler notes what follows."""
    people = [Customer(customer_id=one) for one in IDS]
    crm.stores.customers.insert(people, source="import")
    segment = crm.save_segment(name="Everyone", description="", rule=EVERYONE)
    ids = []
    for number in range(12):
        draft = crm.save_campaign(name=f"S{number}", segment_id=segment.segment_id, message=HELLO)
        crm.launch_campaign(draft.campaign_id, version=draft.version)
        ids.append(draft.campaign_id)
    for _ in range(6):
        crm.worker.freezer.freeze_one()
    sending = [one for one in ids if crm.campaign(one).audience]
    database.create_collection("system.profile", capped=True, size=50_000_000)
    database.command("profile", 2)
    yield sending
    database.command("profile", 0)


def plans(database: Database[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what was noted of our collections; writes and cursors' later batches as well."""
    database.command("profile", 0)
    names = ["customers", "orders", "segments", "campaigns", "deliveries"]
    names += ["segment_versions", "segment_sizes"]
    ours = {f"{database.name}.{name}" for name in names}
    return [
        one
        for one in database["system.profile"].find()
        if one["ns"] in ours and "planSummary" in one
    ]


def segments(crm: Crm) -> None:
    """Do all that can be done with segments."""
    (everyone,) = crm.segments()
    named = decode({"version": 1, "rule": {"segment": everyone.segment_id}})
    made = crm.save_segment(name="Made", description="", rule=named)
    made = crm.save_segment(
        name="Made", description="", rule=EVERYONE, segment_id=made.segment_id, version=1
    )
    crm.restore_segment(made.segment_id, version=2, to=1)
    crm.segment_history(made.segment_id, limit=2)
    crm.segment_conflict(made.segment_id, opened=2, mine=made.content)
    crm.segment_usage([made.segment_id, everyone.segment_id])
    crm.daily_sizes.record_due(crm.clock.now())
    crm.segment_sizes(everyone.segment_id)
    crm.delete_segment(made.segment_id, version=3)


def test_no_query_of_a_repository_reads_a_whole_collection(
    crm: Crm, database: Database[dict[str, Any]], campaigns: list[str]
) -> None:
    stores, now, campaign = crm.stores, crm.clock.now(), campaigns[0]
    log = stores.deliveries
    claim, rows = log.claim(campaign, limit=100, now=now, lease=LEASE)
    log.record(claim, [replace(row, status=DeliveryStatus.SENT) for row in rows])
    last = log.page(campaign, limit=50)[-1].delivery_id
    log.page(campaign, after=last, limit=50)
    log.page(campaign, status=DeliveryStatus.SENT, after=last, limit=50)
    list(log.stream(campaign))
    log.failures(campaign)
    log.count(campaign)
    waiting = FreezeStore(database).waiting(now=now)
    assert waiting is not None
    FreezeStore(database).take(*waiting, until=now + LEASE)
    FreezeStore(database).write(*waiting, IDS[:50], until=now + LEASE)
    FreezeStore(database).finish(*waiting, 50, until=now + LEASE)
    crm.campaigns()
    segments(crm)
    with pytest.raises(Conflict):
        crm.delete_segment(stores.campaigns.get(campaign).segment_id, version=1)
    stores.customers.get(IDS[0])
    stores.customers.find(IDS[:50])
    stores.customers.upsert([Customer(customer_id=one, city="Pune") for one in IDS], source="x")
    agra = Said(value="Agra", ordered_at=now, order_id="o")
    said = OrderProfile(customer_id=IDS[0], fields={"city": agra})
    stores.customers.upsert_from_orders([said], source="x")
    order = Order(
        order_id="o",
        customer_id=IDS[0],
        ordered_at=now,
        status=OrderStatus.COMPLETED,
        channel=None,
        amount=1,
    )
    stores.orders.upsert([order], source="x")
    stores.orders.of_customer(IDS[0])
    crm.demo_counts()
    crm.seeder.remove()
    crm.erasure_preview(IDS[0])
    crm.eraser.erase(IDS[0], by="x")
    crm.eraser.turned_away(IDS[:50])
    crm.eraser.settle()

    noted = plans(database)
    assert len(noted) > 1_000, "the profiler was on"
    scans = [one for one in noted if "COLLSCAN" in one["planSummary"]]
    assert [one["command"] for one in scans] == []
    sorts = [one["command"] for one in noted if one.get("hasSortStage")]
    small = {"failed", "launching"}  # a few reasons, and a few campaigns that wait
    assert [one for one in sorts if not any(word in str(one) for word in small)] == []


def test_claiming_a_batch_reads_a_batch_however_many_wait(
    database: Database[dict[str, Any]], crm: Crm, campaigns: list[str]
) -> None:
    store, now, campaign = DeliveryStore(database), crm.clock.now(), campaigns[0]
    database.command("profile", 0)
    claim, rows = store.claim(campaign, limit=600, now=now, lease=LEASE)
    store.record(claim, [replace(row, status=DeliveryStatus.SENT) for row in rows])
    store.claim(campaign, limit=100, now=now - LEASE * 2, lease=LEASE)  # lapsed
    database.command("profile", 2)
    store.claim(campaign, limit=50, now=now, lease=LEASE)
    store.claim(campaign, limit=50, now=now, lease=LEASE)
    with pytest.raises(NotFound):
        crm.stores.segments.delete("of none", version=1)
    noted = plans(database)
    assert len(noted) >= 7
    assert max(one["docsExamined"] for one in noted) <= 100
    (unused,) = [one for one in noted if one["ns"].endswith("campaigns")]
    assert unused["docsExamined"] == 0
