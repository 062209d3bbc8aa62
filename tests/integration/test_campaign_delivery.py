"""From a launch to its end: frozen once, sent once, accounted for."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.delivery import sender as sending
from engine.delivery.freeze import Freezer
from engine.delivery.sender import Sender
from engine.delivery.vendors.simulated import SimulatedVendor
from engine.delivery.vendors.vendor import Outcome, Vendor
from engine.domain.campaign import CampaignStatus, Channel, Launch, Message
from engine.domain.customer import Customer
from engine.domain.delivery import DeliveryStatus
from engine.domain.rule_codec import decode, encode
from engine.errors import (
    Conflict,
    CrmError,
    InvalidInput,
    NotEvaluatedYet,
    NotFound,
    RuleError,
    StoreUnavailable,
    TemplateError,
)
from engine.mirror.mirror import Mirror
from engine.store.campaigns import CampaignStore
from engine.store.deliveries import DeliveryStore
from engine.store.freezes import FreezeStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pymongo.database import Database

    from engine.crm import Crm
    from engine.delivery.vendors.vendor import Outgoing
    from engine.domain.campaign import Campaign
    from engine.domain.delivery import Delivery
    from engine.domain.rules import Rule
    from engine.mirror.snapshot import Snapshot

EVERYONE = decode({"version": 1, "rule": {"all": []}})
PUNE = decode({"version": 1, "rule": {"field": "city", "op": "equals", "value": "Pune"}})
HELLO = Message(channel=Channel.SMS, subject="", body="Hi {{ first_name | default: 'there' }}")
LEASE = timedelta(seconds=15)


def people(crm: Crm, count: int, city: str = "Pune") -> list[str]:
    ids = [f"{city}-{number:05}" for number in range(count)]
    crm.stores.customers.upsert(
        [Customer(customer_id=one, city=city, name=f"Asha {one}") for one in ids], source="import"
    )
    crm.refresh()
    return ids


def draft(crm: Crm, rule: Rule = EVERYONE, message: Message = HELLO) -> Campaign:
    segment = crm.save_segment(name="Audience", description="", rule=rule)
    return crm.save_campaign(name="Spring", segment_id=segment.segment_id, message=message)


def launched(crm: Crm, rule: Rule = EVERYONE) -> Campaign:
    campaign = draft(crm, rule)
    return crm.launch_campaign(campaign.campaign_id, version=campaign.version)


def work_until_idle(crm: Crm) -> None:
    for _ in range(1_000):
        if not crm.worker.step():
            return
    pytest.fail("the worker never came to rest")


def log(crm: Crm, campaign: Campaign) -> list[tuple[str, DeliveryStatus]]:
    return [(row.customer_id, row.status) for row in crm.delivery_log(campaign.campaign_id)]


def test_every_member_gets_one_delivery_and_each_ends(crm: Crm) -> None:
    ids = people(crm, 1_000)
    people(crm, 50, city="Agra")
    campaign = launched(crm, rule=PUNE)
    assert campaign.status is CampaignStatus.LAUNCHING
    work_until_idle(crm)

    ended = crm.campaign(campaign.campaign_id)
    assert (ended.status, ended.audience) == (CampaignStatus.FINISHED, 1_000)
    assert sorted(row.customer_id for row in crm.delivery_log(campaign.campaign_id)) == ids
    figures = crm.delivery_figures(campaign.campaign_id)
    assert (figures.audience, figures.pending) == (1_000, 0)
    assert figures.sent + figures.failed == 1_000
    assert 60 <= figures.failed <= 140, "about one in ten fails"
    assert figures.sent_rate == figures.sent / 1_000
    assert sum(crm.failures(campaign.campaign_id).values()) == figures.failed


def test_each_row_of_the_log_says_what_was_sent_or_why_not(crm: Crm) -> None:
    people(crm, 200)
    campaign = launched(crm)
    work_until_idle(crm)
    for row in crm.delivery_log(campaign.campaign_id):
        assert row.body == "Hi Asha"
        assert row.attempts == 1
        assert row.ended_at == crm.clock.now()
        failed = row.status is DeliveryStatus.FAILED
        assert (row.reason is not None) == failed
        assert (row.vendor_message_id is None) == failed


def test_launching_twice_is_launching_once(crm: Crm) -> None:
    people(crm, 300)
    campaign = draft(crm)
    together = threading.Barrier(8)
    seen: list[Campaign] = []

    def click() -> None:
        together.wait()
        seen.append(crm.launch_campaign(campaign.campaign_id, version=campaign.version))

    clicks = [threading.Thread(target=click) for _ in range(8)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert len(seen) == 8
    assert all(one.launch == seen[0].launch for one in seen)
    work_until_idle(crm)
    again = crm.launch_campaign(campaign.campaign_id, version=campaign.version)
    assert again.status is CampaignStatus.FINISHED
    work_until_idle(crm)
    assert crm.delivery_figures(campaign.campaign_id).audience == 300


def test_the_second_of_two_launches_is_told_of_the_first(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    campaign = draft(crm)
    store, now = CampaignStore(database), crm.clock.now()
    first, second = (
        store.launch(
            campaign.campaign_id,
            version=campaign.version,
            launch=Launch(
                document=encode(EVERYONE), referred={}, segment_version=1, now=now, by=name
            ),
        )
        for name in ("first", "second")
    )
    assert first.launch is not None
    assert first == second
    assert first.launch.by == "first"


def test_launching_again_asks_nothing_of_a_segment_that_changed_since(crm: Crm) -> None:
    campaign = launched(crm)
    ahead = decode({"version": 1, "rule": {"random_bucket": {"salt": "a", "from": 0, "to": 10}}})
    segment = crm.segment(campaign.segment_id)
    crm.save_segment(
        name="Audience",
        description="",
        rule=ahead,
        segment_id=segment.segment_id,
        version=segment.version,
    )
    again = crm.launch_campaign(campaign.campaign_id, version=campaign.version)
    assert again == campaign


def test_a_launch_holds_the_rule_of_the_click_though_the_segment_changes_later(crm: Crm) -> None:
    people(crm, 10)
    people(crm, 10, city="Agra")
    campaign = launched(crm, rule=PUNE)
    segment = crm.segment(campaign.segment_id)
    crm.save_segment(
        name="Audience",
        description="",
        rule=EVERYONE,
        segment_id=segment.segment_id,
        version=segment.version,
    )
    work_until_idle(crm)
    assert crm.delivery_figures(campaign.campaign_id).audience == 10


def test_customers_acknowledged_before_the_click_are_in_the_audience(crm: Crm) -> None:
    people(crm, 5)
    campaign = draft(crm)
    # Written behind the mirror's back, as another process would.
    crm.stores.customers.upsert([Customer(customer_id="late", city="Pune")], source="import")
    crm.launch_campaign(campaign.campaign_id, version=campaign.version)
    work_until_idle(crm)
    assert crm.delivery_figures(campaign.campaign_id).audience == 6


def test_workers_side_by_side_never_send_one_delivery_twice_and_the_figures_always_add_up(
    crm: Crm,
) -> None:
    ids = people(crm, 2_000)
    campaign = launched(crm)
    sent: Counter[str] = Counter()
    counting = threading.Lock()

    class Counting:
        batch_size = 50
        longest_send = timedelta(0)

        def send(self, batch: Sequence[Outgoing]) -> Sequence[Outcome]:
            with counting:
                sent.update(message.customer_id for message in batch)
            return SimulatedVendor(seed=1, failure_rate=0.1, latency_ms=0).send(batch)

    crm.worker.freezer.freeze_one()
    sender = replace(crm.worker.sender, vendor=Counting())
    sending = crm.campaign(campaign.campaign_id)

    def send_all() -> None:
        misses = 0
        while misses < 3:
            misses = 0 if sender.send_batch(sending) else misses + 1

    workers = [threading.Thread(target=send_all) for _ in range(4)]
    audiences = set()
    for one in workers:
        one.start()
    while any(one.is_alive() for one in workers):
        audiences.add(crm.delivery_figures(campaign.campaign_id).audience)
    assert sorted(sent) == ids
    assert set(sent.values()) == {1}
    assert audiences == {2_000}
    assert crm.delivery_figures(campaign.campaign_id).pending == 0


def test_a_claim_that_lapsed_is_taken_over_and_the_first_worker_records_nothing(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    people(crm, 10)
    campaign = launched(crm)
    crm.worker.freezer.freeze_one()
    store, now = DeliveryStore(database), crm.clock.now()
    first, rows = store.claim(campaign.campaign_id, limit=10, now=now, lease=LEASE)
    assert store.claim(campaign.campaign_id, limit=10, now=now, lease=LEASE)[1] == ()
    later = now + LEASE * 2
    second, again = store.claim(campaign.campaign_id, limit=10, now=later, lease=LEASE)
    assert len(again) == 10
    assert {row.attempts for row in again} == {2}

    def ended(status: DeliveryStatus) -> list[Any]:
        return [replace(row, status=status, ended_at=later) for row in rows]

    assert store.record(first, ended(DeliveryStatus.FAILED)) == 0
    assert store.record(second, ended(DeliveryStatus.SENT)) == 10
    assert store.record(second, ended(DeliveryStatus.FAILED)) == 0
    assert {status for _, status in log(crm, campaign)} == {DeliveryStatus.SENT}


def test_a_freeze_that_was_cut_off_is_taken_over_and_leaves_no_stranger_behind(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    ids = people(crm, 100)
    campaign = launched(crm)
    freezes = FreezeStore(database)
    now = crm.clock.now()
    assert freezes.take(campaign.campaign_id, 1, until=now - LEASE * 2) is not None
    freezes.write(campaign.campaign_id, 1, [*ids[:40], "stranger"], until=now - LEASE * 2)
    assert len(log(crm, campaign)) == 41

    assert crm.worker.freezer.freeze_one()
    assert [customer for customer, _ in sorted(log(crm, campaign))] == ids
    assert crm.campaign(campaign.campaign_id).audience == 100


def test_a_worker_that_lost_the_freeze_cannot_write_to_it(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    people(crm, 10)
    campaign = launched(crm)
    freezes = FreezeStore(database)
    now = crm.clock.now()
    lost = 1
    assert freezes.take(campaign.campaign_id, lost, until=now - LEASE * 2) is not None
    assert freezes.take(campaign.campaign_id, 2, until=now + LEASE) is not None
    with pytest.raises(Conflict, match="taken over"):
        freezes.write(campaign.campaign_id, lost, ["ghost"], until=now + LEASE)
    assert not freezes.finish(campaign.campaign_id, lost, 1, until=now)
    assert log(crm, campaign) == []
    assert crm.campaign(campaign.campaign_id).status is CampaignStatus.LAUNCHING


def test_a_worker_that_gives_a_launch_up_late_takes_nothing_from_the_next(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    ids = people(crm, 10)
    campaign = launched(crm)
    freezes, now = FreezeStore(database), crm.clock.now()
    assert freezes.take(campaign.campaign_id, 1, until=now - LEASE) is not None
    freezes.write(campaign.campaign_id, 1, ids[:4], until=now - LEASE)
    assert freezes.take(campaign.campaign_id, 2, until=now + LEASE) is not None
    freezes.write(campaign.campaign_id, 2, ids, until=now + LEASE)
    freezes.abandon(campaign.campaign_id, 1, problem="too late")
    assert freezes.finish(campaign.campaign_id, 2, len(ids), until=now + LEASE)
    assert crm.campaign(campaign.campaign_id).audience == len(log(crm, campaign)) == 10


def test_a_launch_that_was_given_up_half_way_leaves_no_rows_in_the_draft(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    ids = people(crm, 4)
    campaign = launched(crm)
    freezes, now = FreezeStore(database), crm.clock.now()
    assert freezes.take(campaign.campaign_id, 1, until=now) is not None
    freezes.write(campaign.campaign_id, 1, ids, until=now)
    freezes.abandon(campaign.campaign_id, 1, problem="why")
    assert crm.campaign(campaign.campaign_id).status is CampaignStatus.DRAFT
    assert log(crm, campaign) == []
    freezes.abandon(campaign.campaign_id, 1, problem="again")
    assert crm.campaign(campaign.campaign_id).problem == "why"


def test_a_freeze_is_held_by_one_worker_until_its_lease_lapses(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    campaign = launched(crm)
    freezes, now = FreezeStore(database), crm.clock.now()
    assert freezes.waiting(now=now) == (campaign.campaign_id, 1)
    assert freezes.take(campaign.campaign_id, 1, until=now + LEASE) is not None
    assert freezes.take(campaign.campaign_id, 1, until=now + LEASE) is None, "seen at once, one won"
    assert freezes.waiting(now=now + LEASE / 2) is None
    freezes.write(campaign.campaign_id, 1, [], until=now + LEASE * 3)
    assert freezes.waiting(now=now + LEASE * 2) is None, "each batch extends the lease"
    assert freezes.waiting(now=now + LEASE * 4) == (campaign.campaign_id, 2)
    assert freezes.finish(campaign.campaign_id, 1, 0, until=now + LEASE)
    assert freezes.waiting(now=now + LEASE * 4) is None
    with pytest.raises(Conflict):
        freezes.write(campaign.campaign_id, 1, ["late"], until=now)
    assert not freezes.finish(campaign.campaign_id, 1, 0, until=now + LEASE)
    freezes.abandon(campaign.campaign_id, 1, problem="late")
    assert crm.campaign(campaign.campaign_id).status is CampaignStatus.SENDING
    assert freezes.take(campaign.campaign_id, 2, until=now) is None, "it is frozen"


def test_the_audience_is_loaded_before_the_freeze_is_held_and_after_the_click(
    crm: Crm, database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    people(crm, 3)
    campaign = launched(crm)
    refresh = Mirror.refresh

    def slow(mirror: Mirror) -> Snapshot:
        """Load while the campaign is given up, edited and launched again by others."""
        snapshot = refresh(mirror)
        monkeypatch.undo()
        freezes = FreezeStore(database)
        assert freezes.take(campaign.campaign_id, 1, until=crm.clock.now()) is not None
        freezes.abandon(campaign.campaign_id, 1, problem="by another worker")
        people(crm, 5)
        again = crm.campaign(campaign.campaign_id)
        crm.launch_campaign(again.campaign_id, version=again.version)
        return snapshot

    monkeypatch.setattr(Mirror, "refresh", slow)
    assert crm.worker.freezer.freeze_one()
    assert log(crm, campaign) == [], "what was loaded is older than the click that holds now"
    work_until_idle(crm)
    assert crm.campaign(campaign.campaign_id).audience == 5


def test_a_campaign_ends_only_when_every_row_has(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    people(crm, 2)
    campaign = launched(crm)
    crm.worker.freezer.freeze_one()
    store, now = DeliveryStore(database), crm.clock.now()
    sending = crm.campaign(campaign.campaign_id)
    crm.worker.sender.finish_if_done(sending)
    assert crm.campaign(campaign.campaign_id).status is CampaignStatus.SENDING, "both are pending"
    claim, rows = store.claim(campaign.campaign_id, limit=2, now=now, lease=LEASE)
    store.record(claim, [replace(rows[0], status=DeliveryStatus.SENT, ended_at=now)])
    crm.worker.sender.finish_if_done(sending)
    assert crm.campaign(campaign.campaign_id).status is CampaignStatus.SENDING, "one is claimed"
    figures = crm.delivery_figures(campaign.campaign_id)
    assert (figures.sent, figures.pending, figures.audience) == (1, 1, 2)
    store.record(claim, [replace(rows[1], status=DeliveryStatus.FAILED, ended_at=now)])
    crm.worker.sender.finish_if_done(sending)
    assert crm.campaign(campaign.campaign_id).finished_at == now
    assert not FreezeStore(database).finish(campaign.campaign_id, 1, 2, until=now)
    assert crm.campaign(campaign.campaign_id).status is CampaignStatus.FINISHED
    late = replace(crm.delivery_figures(campaign.campaign_id), as_of=now + LEASE)
    assert not crm.stores.campaigns.finish(campaign.campaign_id, late)
    assert crm.campaign(campaign.campaign_id).finished_at == now


def test_nothing_is_claimed_while_the_mirror_loads(
    crm: Crm, database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    people(crm, 5)
    campaign = launched(crm)
    crm.worker.freezer.freeze_one()
    fresh = Mirror(database, crm.workspace, crm.clock)
    claimed = {"status": DeliveryStatus.CLAIMED.value}
    refresh, seen = Mirror.refresh, []

    def loading(mirror: Mirror) -> Snapshot:
        seen.append(database["deliveries"].count_documents(claimed))
        return refresh(mirror)

    monkeypatch.setattr(Mirror, "refresh", loading)
    sender = replace(crm.worker.sender, mirror=fresh)
    assert sender.send_batch(crm.campaign(campaign.campaign_id)) == 5
    assert seen == [0]


def test_a_rule_that_only_a_later_version_reads_keeps_no_other_campaign_waiting(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    people(crm, 3)
    strange, plain = launched(crm), crm.segments()[0]
    other = crm.save_campaign(name="Other", segment_id=plain.segment_id, message=HELLO)
    crm.launch_campaign(other.campaign_id, version=other.version)
    crm.worker.freezer.freeze_one()
    crm.worker.freezer.freeze_one()
    later = {"version": 2, "rule": {"unheard": "of"}}
    database["campaigns"].update_one({"_id": strange.campaign_id}, {"$set": {"launch.rule": later}})
    database["segments"].update_one({}, {"$set": {"rule": later}})
    work_until_idle(crm)
    ended = {one.campaign.name: one.campaign.status for one in crm.campaigns()}
    assert set(ended.values()) == {CampaignStatus.FINISHED}
    assert [one.name for one in crm.segments()] == ["Audience"]
    with pytest.raises(RuleError, match="version"):
        assert crm.segments()[0].rule


def test_a_claim_holds_for_as_long_as_the_vendor_may_take(crm: Crm) -> None:
    people(crm, 3)
    campaign = launched(crm)
    crm.worker.freezer.freeze_one()
    clock, store = crm.clock, crm.stores.deliveries
    taken: list[Delivery] = []

    class Slow(Vendor):
        batch_size = 10
        longest_send = timedelta(minutes=1)

        def send(self, batch: Sequence[Outgoing]) -> Sequence[Outcome]:
            later = clock.now() + self.longest_send
            taken.extend(store.claim(campaign.campaign_id, limit=10, now=later, lease=LEASE)[1])
            return [Outcome(vendor_message_id=one.key) for one in batch]

    sender = replace(crm.worker.sender, vendor=Slow())
    assert sender.send_batch(crm.campaign(campaign.campaign_id)) == 3
    assert taken == [], "another worker could take them in mid-send"


def test_what_the_vendor_took_is_recorded_though_mongodb_is_away_for_a_moment(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(crm, 3)
    campaign = launched(crm)
    crm.worker.freezer.freeze_one()
    record, tries = DeliveryStore.record, []

    def away(*args: Any) -> int:  # noqa: ANN401 - whatever record takes
        tries.append(args)
        if len(tries) < 3:
            msg = "away"
            raise StoreUnavailable(msg)
        return record(*args)

    monkeypatch.setattr(DeliveryStore, "record", away)
    monkeypatch.setattr(sending, "RETRY_SECONDS", 0)
    work_until_idle(crm)
    assert len(tries) == 3
    assert {row.attempts for row in crm.delivery_log(campaign.campaign_id)} == {1}
    assert crm.campaign(campaign.campaign_id).status is CampaignStatus.FINISHED


def test_what_could_not_be_recorded_in_the_end_is_an_error(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(crm, 1)
    campaign = launched(crm)
    crm.worker.freezer.freeze_one()

    def away(*_: object) -> int:
        msg = "away"
        raise StoreUnavailable(msg)

    monkeypatch.setattr(DeliveryStore, "record", away)
    monkeypatch.setattr(sending, "RETRY_SECONDS", 0)
    with pytest.raises(StoreUnavailable):
        crm.worker.sender.send_batch(crm.campaign(campaign.campaign_id))


def test_one_campaign_that_cannot_be_sent_keeps_no_other_waiting(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(crm, 3)
    good = launched(crm)
    bad = crm.save_campaign(name="Bad", segment_id=good.segment_id, message=HELLO)
    crm.launch_campaign(bad.campaign_id, version=bad.version)
    crm.worker.freezer.freeze_one()
    crm.worker.freezer.freeze_one()
    send = Sender.send_batch

    def fail(sender: Sender, campaign: Campaign) -> int:
        if campaign.campaign_id == bad.campaign_id:
            msg = "the vendor broke"
            raise RuntimeError(msg)
        return send(sender, campaign)

    monkeypatch.setattr(Sender, "send_batch", fail)
    for _ in range(2):
        with pytest.raises(ExceptionGroup) as caught:
            crm.worker.step()
        assert [str(one) for one in caught.value.exceptions] == ["the vendor broke"]
    assert crm.campaign(good.campaign_id).status is CampaignStatus.FINISHED
    assert crm.delivery_figures(bad.campaign_id).pending == 3


def test_a_message_that_no_longer_parses_ends_every_row_with_the_reason(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    people(crm, 3)
    campaign = launched(crm)
    database["campaigns"].update_one({}, {"$set": {"body": "{{ gone }}"}})
    work_until_idle(crm)
    (reason, rows), *others = crm.failures(campaign.campaign_id).items()
    assert ("{{ gone }}" in reason, rows, others) == (True, 3, [])
    assert crm.campaign(campaign.campaign_id).status is CampaignStatus.FINISHED


def test_one_member_whom_a_message_cannot_be_rendered_for_fails_and_the_others_are_sent_to(
    crm: Crm,
) -> None:
    people = {"readable": "QXNoYQ==", "unreadable": "Ünïcode"}
    crm.stores.customers.upsert(
        [Customer(customer_id=one, name=name) for one, name in people.items()], source="import"
    )
    crm.refresh()
    campaign = draft(crm, message=replace(HELLO, body="Hi {{ name | base64_decode }}"))
    crm.launch_campaign(campaign.campaign_id, version=campaign.version)
    work_until_idle(crm)
    assert crm.campaign(campaign.campaign_id).status is CampaignStatus.FINISHED
    ends = {row.customer_id: row for row in crm.delivery_log(campaign.campaign_id)}
    assert ends["readable"].body == "Hi Asha"
    assert ends["unreadable"].status is DeliveryStatus.FAILED
    assert "cannot be rendered" in (ends["unreadable"].reason or "")


def test_the_log_is_paged_by_customer_without_a_gap_or_a_repeat(crm: Crm) -> None:
    ids = people(crm, 250)
    campaign = launched(crm)
    work_until_idle(crm)
    seen: list[str] = []
    after = None
    while page := crm.deliveries(campaign.campaign_id, after=after, limit=100):
        seen += [row.customer_id for row in page]
        after = page[-1].delivery_id
    assert seen == ids
    failed = [one for one, status in log(crm, campaign) if status is DeliveryStatus.FAILED]
    assert failed, "some fail"
    page = crm.deliveries(campaign.campaign_id, status=DeliveryStatus.FAILED)
    assert [row.customer_id for row in page] == failed
    assert crm.deliveries(campaign.campaign_id, after="no id") == ()
    assert crm.deliveries("another", after=after) == ()


def test_each_line_of_the_history_counts_its_own(crm: Crm) -> None:
    people(crm, 4)
    campaign = launched(crm)
    work_until_idle(crm)
    other = crm.save_campaign(name="Later", segment_id=campaign.segment_id, message=HELLO)
    found = {one.campaign.name: one for one in crm.campaigns()}
    assert found["Spring"].figures == crm.delivery_figures(campaign.campaign_id)
    assert found["Spring"].figures.audience == 4
    assert found["Spring"].segment_name == "Audience"
    assert found["Later"].figures.audience == 0
    assert found["Later"].campaign == other
    crm.launch_campaign(other.campaign_id, version=other.version)
    crm.worker.freezer.freeze_one()
    half_way = {one.campaign.name: one.figures for one in crm.campaigns()}["Later"]
    assert (half_way.audience, half_way.pending) == (4, 4)


def test_the_history_is_latest_first_and_counts_what_has_ended_only_once(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    people(crm, 4)
    campaign = launched(crm)
    work_until_idle(crm)
    before = database["campaigns"].find_one({})
    assert before is not None
    for days in (2, -3):
        earlier = {"_id": f"{days}", "created_at": crm.clock.now() - timedelta(days)}
        database["campaigns"].insert_one({**before, **earlier})
    database["deliveries"].delete_many({})
    history = crm.campaigns()
    assert [one.campaign.campaign_id for one in history] == ["-3", campaign.campaign_id, "2"]
    assert {one.figures.audience for one in history} == {4}


def test_a_batch_of_a_freeze_is_written_whole_or_not_at_all(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    campaign = launched(crm)
    freezes, now = FreezeStore(database), crm.clock.now()
    assert freezes.take(campaign.campaign_id, 1, until=now) is not None
    database.command("collMod", "deliveries", validator={"customer_id": {"$ne": "refused"}})
    with pytest.raises(CrmError):
        freezes.write(campaign.campaign_id, 1, ["a", "refused", "b"], until=now + LEASE)
    assert log(crm, campaign) == []
    assert freezes.waiting(now=now + LEASE / 2) is not None, "nor is the lease extended"


def test_a_worker_that_loses_the_freeze_does_not_blame_the_launch(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    people(crm, 1)
    campaign = launched(crm)

    def lose(*_: object, **__: object) -> None:
        msg = "another worker has taken over"
        raise Conflict(msg)

    monkeypatch.setattr(FreezeStore, "write", lose)
    assert crm.worker.freezer.freeze_one()
    assert crm.campaign(campaign.campaign_id).status is CampaignStatus.LAUNCHING
    assert [one.message for one in caplog.records if one.levelname == "WARNING"] == []


def test_mongodb_away_in_mid_freeze_does_not_give_the_launch_up(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(crm, 1)
    campaign = launched(crm)

    def away(*_: object, **__: object) -> None:
        msg = "away"
        raise StoreUnavailable(msg)

    monkeypatch.setattr(FreezeStore, "write", away)
    with pytest.raises(StoreUnavailable):
        crm.worker.freezer.freeze_one()
    assert crm.campaign(campaign.campaign_id).status is CampaignStatus.LAUNCHING


def test_a_customer_who_is_gone_when_it_is_sent_fails_with_that_reason(crm: Crm) -> None:
    people(crm, 3)
    campaign = launched(crm)
    crm.worker.freezer.freeze_one()
    crm.stores.customers.remove(source="import")
    work_until_idle(crm)
    assert crm.failures(campaign.campaign_id) == {"the customer no longer exists": 3}
    assert crm.campaign(campaign.campaign_id).status is CampaignStatus.FINISHED


def test_a_launch_that_can_no_longer_be_evaluated_becomes_a_draft_that_says_why(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    people(crm, 3)
    campaign = launched(crm, rule=PUNE)
    broken = {"field": "attributes.gone", "op": "is_set"}
    database["campaigns"].update_one({}, {"$set": {"launch.rule.rule": broken}})
    work_until_idle(crm)
    after = crm.campaign(campaign.campaign_id)
    assert after.status is CampaignStatus.DRAFT
    assert after.launch is None
    assert "attributes.gone" in (after.problem or "")
    assert log(crm, campaign) == []
    with pytest.raises(Conflict, match="changed meanwhile"):  # the click of before
        crm.launch_campaign(campaign.campaign_id, version=campaign.version)
    relaunched = crm.launch_campaign(campaign.campaign_id, version=after.version)
    assert relaunched.problem is None
    work_until_idle(crm)
    assert crm.campaign(campaign.campaign_id).audience == 3


def test_an_audience_of_nobody_finishes_at_once(crm: Crm) -> None:
    campaign = launched(crm)
    work_until_idle(crm)
    ended = crm.campaign(campaign.campaign_id)
    assert (ended.status, ended.audience) == (CampaignStatus.FINISHED, 0)
    assert crm.delivery_figures(campaign.campaign_id).sent_rate is None


def test_a_rule_ahead_of_this_version_is_refused_at_the_click(crm: Crm) -> None:
    ahead = decode({"version": 1, "rule": {"campaign": "spring", "outcome": "opened"}})
    campaign = draft(crm, rule=ahead)
    with pytest.raises(NotEvaluatedYet, match="rule: who was opened by a campaign cannot be"):
        crm.launch_campaign(campaign.campaign_id, version=campaign.version)
    assert crm.campaign(campaign.campaign_id).status is CampaignStatus.DRAFT


def test_a_launched_campaign_cannot_be_edited_or_deleted(crm: Crm) -> None:
    campaign = launched(crm)
    with pytest.raises(Conflict, match="has been launched"):
        crm.save_campaign(
            name="Other",
            segment_id=campaign.segment_id,
            message=HELLO,
            campaign_id=campaign.campaign_id,
            version=campaign.version,
        )
    with pytest.raises(Conflict, match="has been launched"):
        crm.delete_campaign_draft(campaign.campaign_id, version=campaign.version)


def test_two_editors_of_a_draft_do_not_overwrite_each_other(crm: Crm) -> None:
    campaign = draft(crm)

    def save(name: str) -> Campaign:
        return crm.save_campaign(
            name=name,
            segment_id=campaign.segment_id,
            message=HELLO,
            campaign_id=campaign.campaign_id,
            version=campaign.version,
        )

    assert save("Mine").version == 2
    with pytest.raises(Conflict, match="changed meanwhile"):
        crm.delete_campaign_draft(campaign.campaign_id, version=campaign.version)
    with pytest.raises(Conflict, match="changed meanwhile"):
        save("Yours")
    with pytest.raises(Conflict, match="changed meanwhile"):
        crm.launch_campaign(campaign.campaign_id, version=campaign.version)
    assert crm.campaign(campaign.campaign_id).name == "Mine"


def _no_name(crm: Crm) -> object:
    return crm.save_campaign(name="  ", segment_id=draft(crm).segment_id, message=HELLO)


def _no_segment(crm: Crm) -> object:
    return crm.save_campaign(name="A", segment_id="nowhere", message=HELLO)


def _no_field(crm: Crm) -> object:
    return draft(crm, message=replace(HELLO, body="{{ surname }}"))


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (_no_name, InvalidInput, "give the campaign a name"),
        (_no_segment, NotFound, "no segment 'nowhere'"),
        (_no_field, TemplateError, "surname.*fields are first_name"),
    ],
)
def test_what_cannot_be_sent_is_not_saved(
    crm: Crm, call: Callable[[Crm], object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        call(crm)


def test_a_segment_that_a_campaign_uses_stays(crm: Crm) -> None:
    campaign = draft(crm)
    segment = crm.segment(campaign.segment_id)
    with pytest.raises(Conflict, match="'Spring'"):
        crm.delete_segment(segment.segment_id, version=segment.version)
    crm.delete_campaign_draft(campaign.campaign_id, version=campaign.version)
    crm.delete_segment(segment.segment_id, version=segment.version)
    assert crm.segments() == ()


def test_examples_show_real_members_in_order_with_their_own_fields(crm: Crm) -> None:
    ids = people(crm, 7)
    campaign = draft(crm)
    shown = crm.render_examples(campaign.segment_id, HELLO, limit=5)
    assert [one.customer_id for one in shown] == ids[:5]
    assert {one.body for one in shown} == {"Hi Asha"}


def test_the_freezer_says_there_is_nothing_to_do(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    freezer = Freezer(
        FreezeStore(database), crm.mirror, crm.audiences, crm.clock, crm.eraser.turned_away
    )
    assert not freezer.freeze_one()
