"""Rules that lean on segments and campaigns, and the two engines, through the whole of Crm."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine.domain.clock import FixedClock
from engine.domain.order import Order, OrderItem, OrderStatus
from engine.domain.rule_codec import decode
from engine.errors import Conflict, NotEvaluatedYet, NotFound, RuleError
from engine.rules.catalogue import Catalogue
from engine.rules.evaluate import Evaluator
from engine.rules.references import MAX_CHAIN
from tests.integration.test_campaign_delivery import (
    EVERYONE,
    HELLO,
    PUNE,
    draft,
    launched,
    people,
    work_until_idle,
)

if TYPE_CHECKING:
    from datetime import datetime

    from engine.crm import Crm
    from engine.domain.rules import Rule
    from engine.mirror.snapshot import Snapshot

CATALOGUE = Catalogue.build({})
NOBODY = decode({"version": 1, "rule": {"any": []}})


def rule(node: dict[str, Any]) -> Rule:
    return decode({"version": 1, "rule": node})


def ids(crm: Crm, node: dict[str, Any]) -> list[str]:
    """Return the members that both engines agree on."""
    members = crm.members(rule(node)).to_list()
    assert crm.count_in_mongodb(rule(node)).count == len(members)
    return members


def saved(crm: Crm, name: str, audience: Rule) -> str:
    return crm.save_segment(name=name, description="", rule=audience).segment_id


def test_a_segment_means_its_present_rule_wherever_it_is_referred_to(crm: Crm) -> None:
    people(crm, 2)
    people(crm, 1, city="Agra")
    inner = saved(crm, "In Pune", PUNE)
    outer = saved(crm, "Not in Pune", rule({"not": {"segment": inner}}))
    assert ids(crm, {"segment": outer}) == ["Agra-00000"]
    assert crm.words(rule({"segment": outer})) == ((0, 'is in the segment "Not in Pune"'),)
    crm.save_segment(name="In Pune", description="", rule=NOBODY, segment_id=inner, version=1)
    assert len(ids(crm, {"segment": outer})) == 3


@pytest.mark.parametrize("node", [{"segment": "gone"}, {"campaign": "gone", "outcome": "sent"}])
def test_what_is_not_there_is_refused_with_its_place_by_both_engines(
    crm: Crm, node: dict[str, Any]
) -> None:
    kind = next(iter(node))
    said = rf"^rule\.any\[0\]\.not\.{kind}: there is no {kind} 'gone'; it may have been deleted$"
    for evaluate in (crm.preview, crm.count_in_mongodb):
        with pytest.raises(RuleError, match=said):
            evaluate(rule({"any": [{"not": node}]}))
        evaluate(rule({"any": [{"not": {**node, "enabled": False}}]}))


def test_who_was_sent_a_campaign_can_be_asked_for(crm: Crm) -> None:
    people(crm, 30)
    campaign = launched(crm)
    work_until_idle(crm)
    people(crm, 5, city="Agra")
    this = {"campaign": campaign.campaign_id}
    figures = crm.delivery_figures(campaign.campaign_id)
    assert len(ids(crm, {**this, "outcome": "targeted"})) == 30
    assert len(ids(crm, {**this, "outcome": "sent"})) == figures.sent > 0
    assert len(ids(crm, {**this, "outcome": "failed"})) == figures.failed > 0
    assert len(ids(crm, {"not": {**this, "outcome": "sent"}})) == 35 - figures.sent
    for evaluate in (crm.preview, crm.count_in_mongodb):
        with pytest.raises(NotEvaluatedYet, match=r"^rule: who was opened by a campaign cannot"):
            evaluate(rule({**this, "outcome": "opened"}))
    assert crm.words(rule({**this, "outcome": "sent"})) == ((0, 'was sent the campaign "Spring"'),)


def test_two_campaigns_of_one_name_are_told_apart_in_words(crm: Crm) -> None:
    people(crm, 1)
    first = draft(crm)
    second = crm.save_campaign(name="Spring", segment_id=first.segment_id, message=HELLO)
    both = [{"campaign": one.campaign_id, "outcome": "sent"} for one in (first, second)]
    heading, *said = [text for _, text in crm.words(rule({"any": both}))]
    assert heading == "any of these:"
    assert len(set(said)) == 2


def test_a_launch_holds_the_rules_that_its_segment_leaned_on_at_the_click(crm: Crm) -> None:
    people(crm, 3)
    people(crm, 4, city="Agra")
    inner = saved(crm, "In Pune", PUNE)
    campaign = draft(crm, rule({"segment": saved(crm, "Outer", rule({"segment": inner}))}))
    crm.launch_campaign(campaign.campaign_id, version=campaign.version)
    crm.save_segment(name="In Pune", description="", rule=EVERYONE, segment_id=inner, version=1)
    work_until_idle(crm)
    assert crm.delivery_figures(campaign.campaign_id).audience == 3


def test_previews_stand_at_one_instant_for_a_minute_and_never_before_the_data(crm: Crm) -> None:
    people(crm, 1)
    as_of = crm.freshness().as_of

    def instant(**later: int) -> datetime:
        return replace(crm, clock=FixedClock(as_of + timedelta(**later))).preview(EVERYONE).now

    assert instant(minutes=5, seconds=7) == instant(minutes=5, seconds=59)
    assert instant(minutes=6) - instant(minutes=5, seconds=7) == timedelta(minutes=1)
    assert instant(seconds=-30) == as_of


def bought(crm: Crm, customer_id: str, number: int, category: str, channel: str) -> None:
    item = OrderItem(
        sku=f"S{number}",
        name=None,
        category=category,
        quantity=1,
        unit_price=Decimal(1),
        amount=100,
    )
    one = Order(
        order_id=f"{customer_id}-{number}",
        customer_id=customer_id,
        ordered_at=crm.clock.now() - timedelta(days=number),
        status=OrderStatus.COMPLETED,
        channel=channel,
        amount=100,
        items=(item,),
    )
    crm.stores.orders.upsert([one], source="import")


def test_values_are_suggested_as_they_are_written_the_most_frequent_first(crm: Crm) -> None:
    people(crm, 3)
    people(crm, 1, city="Agra")
    for number, category in enumerate(("Shoes", "Bags", "Shoes")):
        bought(crm, "Pune-00000", number, category, "Web")
    crm.refresh()
    found = crm.suggestions()
    assert found["city"] == ("Pune", "Agra")
    assert found["orders.category"] == ("Shoes", "Bags")
    assert found["orders.channel"] == ("Web",)
    assert not {"email", "phone", "name", "customer_id"} & found.keys()


def test_why_tells_of_one_customer_and_sql_and_pipeline_of_the_rule(crm: Crm) -> None:
    people(crm, 2)
    bought(crm, "Pune-00001", 1, "Shoes", "Web")
    crm.refresh()
    shoes = [{"field": "category", "op": "equals", "value": "shoes"}]
    behaviour = {"orders": "count", "where": shoes, "ever": True, "op": "at_least", "value": 1}
    node = {"all": [{"field": "city", "op": "equals", "value": "pune"}, behaviour]}
    found = crm.explain(rule(node))
    assert found.preview().count == 1
    assert [one.holds for one in found.why("Pune-00001")] == [True, True, True]
    assert [one.holds for one in found.why("Pune-00000")] == [False, True, False]
    with pytest.raises(NotFound):
        found.why("nobody")
    sql = [one.sql for one in found.sql()]
    layer = crm.mirror.snapshot().layers[-1]
    assert len(sql) == 2
    for one in found.sql():
        assert layer.fetch(one.sql, list(one.parameters)).height in (1, 2)
    assert found.pipeline()[-1] == {"$project": {"_id": 0, "customer_id": 1}}
    assert [(one.before, one.after) for one in found.waterfall()] == [(2, 2), (2, 1)]
    assert [(one.more, one.more_spend) for one in found.without()] == [(0, 0), (1, 0)]


def test_sessions_that_preview_while_data_comes_in_count_right(crm: Crm) -> None:
    """Ten threads ask for the same few rules while the snapshot changes under them."""
    people(crm, 50)
    recent = {"orders": "count", "in_the_last": {"n": 9, "unit": "day"}, "op": "at_least"}
    shares = [{"random_bucket": {"salt": f"s{n}", "from": 0, "to": 50}} for n in range(5)]
    rules = [rule({"all": [share, {**recent, "value": 1}]}) for share in shares]
    stop, now = threading.Event(), crm.clock.now()
    counted: list[tuple[Rule, Snapshot, int]] = []

    def preview(number: int) -> None:
        while not stop.is_set():
            snapshot, asked = crm.mirror.snapshot(), rules[number % 5]
            found = crm.audiences.preview(asked, snapshot, now)
            counted.append((asked, snapshot, found.count))

    with ThreadPoolExecutor(10) as pool:
        sessions = [pool.submit(preview, number) for number in range(10)]
        for number in range(10):
            bought(crm, f"Pune-{number:05}", 1, "Shoes", "Web")
            crm.refresh()
        stop.set()
        for session in sessions:
            session.result()
    assert len({snapshot.serial for _, snapshot, _ in counted}) > 1, "the data changed meanwhile"
    for asked, snapshot, count in counted[:: max(1, len(counted) // 200)]:
        alone = Evaluator(crm.workspace).evaluate(asked, snapshot, now, CATALOGUE)
        assert alone.members.sum() == count


def test_a_segment_reached_by_many_ways_is_asked_for_once(crm: Crm) -> None:
    people(crm, 2)
    below = saved(crm, "0", PUNE)
    for level in range(1, 30):
        twice = {"any": [{"segment": below}, {"all": [{"segment": below}]}]}
        below = saved(crm, f"{level}", rule(twice))
    assert ids(crm, {"segment": below}) == ["Pune-00000", "Pune-00001"]


def test_segments_on_segments_end_somewhere(crm: Crm) -> None:
    below = saved(crm, "0", PUNE)
    for level in range(1, MAX_CHAIN + 2):
        below = crm.stores.segments.create(
            name=f"{level}",
            description="",
            rule=rule({"segment": below}),
            now=crm.clock.now(),
            by="test",
        ).segment_id
    for evaluate in (crm.preview, crm.count_in_mongodb):
        with pytest.raises(RuleError, match="lean on segments 50 levels deep"):
            evaluate(rule({"segment": below}))


def test_a_freeze_that_is_taken_over_leaves_nobody_out_whom_it_had_written(crm: Crm) -> None:
    """The rule asks who was targeted by the very campaign whose audience is being fixed."""
    everyone = people(crm, 10)
    campaign = draft(crm, PUNE)
    this = {"campaign": campaign.campaign_id, "outcome": "targeted"}
    crm.save_segment(
        name="Audience",
        description="",
        rule=rule({"not": this}),
        segment_id=campaign.segment_id,
        version=1,
    )
    crm.launch_campaign(campaign.campaign_id, version=campaign.version)
    freezes = crm.worker.freezer.freezes
    past = crm.clock.now() - timedelta(seconds=1)
    assert freezes.take(campaign.campaign_id, 1, until=past) is not None
    freezes.write(campaign.campaign_id, 1, everyone[:4], until=past)
    assert crm.preview(rule(this)).count == 0, "what a freeze has written so far is no outcome"
    with pytest.raises(Conflict, match="being fixed at this moment"):
        crm.count_in_mongodb(rule(this))
    work_until_idle(crm)
    assert crm.delivery_figures(campaign.campaign_id).audience == 10


def test_a_segment_that_cannot_be_read_is_named_where_it_is_referred_to(crm: Crm) -> None:
    inner = saved(crm, "From a later version", PUNE)
    outer = rule({"segment": saved(crm, "Outer", rule({"segment": inner}))})
    later = {"version": 1, "rule": {"all": [{"later": 1}]}}
    crm.mirror.snapshot()
    crm.stores.segments._segments.update_one({"_id": inner}, {"$set": {"rule": later}})  # noqa: SLF001 - as a later version writes
    with pytest.raises(RuleError, match=r"^in the segment 'From a later version', rule\.all\[0\]"):
        crm.preview(outer)
