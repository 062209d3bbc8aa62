"""Who sees figures only sees nothing about one person, through any method of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from itertools import permutations
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from engine.auth.permitted import NEEDS
from engine.crm import MOST_MASKED, Crm
from engine.domain.actor import Actor
from engine.domain.audit import Action
from engine.domain.campaign import Channel, Message
from engine.domain.customer import AttributeType, Customer
from engine.domain.order import Order, OrderItem, OrderStatus
from engine.domain.permission import OF_ROLE, Permission, Role
from engine.domain.rule_codec import decode
from engine.errors import Forbidden, RuleError
from engine.rules.catalogue import Catalogue
from engine.store.attributes import AttributeStore
from tests.conftest import NOW
from tests.integration.test_campaign_delivery import work_until_idle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pymongo.database import Database

    from engine.domain.rules import Rule
    from engine.domain.segment import SegmentContent

MARK = "zqx"
"""Stands in everything that names a person, or is told of one."""
EVERYONE = decode({"version": 1, "rule": {"all": []}})
ADDRESS = f"{MARK}.1@{MARK}.example"
NUMBER = "+91 98000 00001"
ONE = decode(
    {
        "version": 1,
        "rule": {
            "all": [
                {"field": "email", "op": "equals", "value": ADDRESS},
                {"field": "customer_id", "op": "in", "value": [f"{MARK}-01", f"{MARK}-02"]},
                {"field": "name", "op": "starts_with", "value": MARK},
                {"field": "attributes.handle", "op": "contains", "value": f"@{MARK}1"},
                {"not": {"field": "phone", "op": "is_not_set"}},
                {
                    "any": [
                        {"field": "birth_date", "op": "on", "value": "1903-01-02"},
                        {
                            "field": "birth_date",
                            "op": "between",
                            "value": ["1903-01-01", "1903-02-01"],
                        },
                    ]
                },
                {"field": "city", "op": "equals", "value": "Pune", "id": ADDRESS},
                {"field": "phone", "op": "equals", "value": 919800000001, "enabled": False},
                {"field": "city", "op": "not_equals", "value": ADDRESS},
                {"random_bucket": {"salt": ADDRESS, "from": 0, "to": 100}},
            ]
        },
    }
)
"""Holds one person, whom it names in every way a rule can."""
VIEWER = Actor("viewer@example.com", OF_ROLE[Role.VIEWER], "person")
CUSTOMERS = 25


def person(n: int) -> Customer:
    return Customer(
        customer_id=f"{MARK}-{n:02}",
        name=f"{MARK.title()} Rao {n}" if n else None,
        email=f"{MARK}.{n}@{MARK}.example" if n % 5 else None,
        phone=f"+9198{n:08}",
        city="Pune",
        country="India",
        gender=f"{MARK} gender",
        birth_date=date(1903, 1, 1) + timedelta(days=n),
        tags=(f"{MARK} tag {n}",),
        attributes={"handle": f"@{MARK}{n}"},
    )


def order(n: int) -> Order:
    item = OrderItem(
        sku="s", name="Tea", category="Food", quantity=1, unit_price=Decimal(1), amount=100
    )
    return Order(
        order_id=f"{MARK}-order-{n}",
        customer_id=f"{MARK}-{n:02}",
        ordered_at=NOW - timedelta(days=n),
        status=OrderStatus.COMPLETED,
        channel=None,
        amount=100,
        items=(item,),
    )


@pytest.fixture
def shop(crm: Crm, database: Database[dict[str, Any]]) -> Crm:
    """A shop of marked people, with segments and campaigns that tell of them."""
    crm.stores.customers.upsert([person(n) for n in range(CUSTOMERS)], source="import")
    crm.stores.orders.upsert([order(n) for n in range(CUSTOMERS)], source="import")
    AttributeStore(database).learn({"handle": AttributeType.TEXT})
    crm.refresh()
    everyone = crm.save_segment(name="All", description="Everyone.", rule=EVERYONE)
    save = partial(crm.save_segment, description=f"Ask {ADDRESS}, {NUMBER}.", tags=[ADDRESS])
    one = save(name=f"Complaint by {ADDRESS}", rule=ONE)
    within = decode({"version": 1, "rule": {"segment": one.segment_id}})
    leaning = crm.save_segment(name="In", description="", rule=within)
    save(name="One", rule=within, segment_id=everyone.segment_id, version=1)
    crm.restore_segment(everyone.segment_id, version=2, to=1)
    messages = [
        Message(channel=Channel.EMAIL, subject="Hi {{ name }}", body="{{ email }}"),
        Message(channel=Channel.SMS, subject="", body="{{ total_spend }} {{ name | upcase }}"),
        Message(
            channel=Channel.EMAIL, subject=f"To {ADDRESS}", body=f"Call {NUMBER} {{{{ name }}}}"
        ),
    ]
    for n, message in enumerate(messages):
        segment = (everyone, leaning, one)[n]
        draft = crm.save_campaign(
            name=f"C{n} {ADDRESS}", segment_id=segment.segment_id, message=message
        )
        crm.launch_campaign(draft.campaign_id, version=draft.version)
    work_until_idle(crm)
    failed = database["deliveries"].find_one({"status": "failed"})
    assert failed is not None
    reason = {"$set": {"reason": f"550 {ADDRESS} is full, call {NUMBER}"}}
    database["deliveries"].update_one({"_id": failed["_id"]}, reason)
    refused = crm.save_campaign(name="R", segment_id=one.segment_id, message=messages[0])
    problem = {"$set": {"problem": f"rule.value: needs a number, not '{MARK}'"}}
    database["campaigns"].update_one({"_id": refused.campaign_id}, problem)
    crm.daily_sizes.record_due(NOW)
    return crm


def said(value: object) -> Iterator[str]:
    """Yield everything that a result says; raises TypeError for what it cannot look into."""
    if isinstance(value, pl.DataFrame):
        yield value.write_json()
    elif isinstance(value, Catalogue):
        yield repr(value)
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from said(getattr(value, one.name))
    elif isinstance(value, Mapping):
        for pair in value.items():
            yield from said(pair)
    elif value is None or isinstance(value, (str, int, float, Decimal, date, datetime, Enum)):
        yield str(value)
    elif isinstance(value, Iterable):
        for one in value:
            yield from said(one)
    else:
        msg = f"look into {type(value)}"
        raise TypeError(msg)


def calls(crm: Crm) -> dict[str, list[Callable[[Crm], object]]]:
    """Return how each method that needs FIGURES only is called."""
    segments = [one.segment_id for one in crm.segments()]
    campaigns = [one.campaign.campaign_id for one in crm.campaigns()]
    rules = [one.rule for one in crm.segments()]
    contents = [one.content for its_id in segments for one in crm.segment_history(its_id)]

    def each(
        method: Callable[[Crm, Any], object], among: Iterable[object]
    ) -> list[Callable[[Crm], object]]:
        return [partial(_swapped, method, one) for one in among]

    return {
        "freshness": [Crm.freshness],
        "refresh": [Crm.refresh],
        "overview": [Crm.overview],
        "demo_counts": [Crm.demo_counts],
        "catalogue": [Crm.catalogue],
        "preview_segment": [
            *each(Crm.preview_segment, segments),
            *each(partial(_sampled, 5), segments),
            *each(partial(_sampled, 100), segments),
        ],
        "names_in": each(Crm.names_in, rules),
        # Of rules and contents that somebody who sees people gave them.
        "words": each(Crm.words, rules),
        "segments": [Crm.segments],
        "segment": each(Crm.segment, segments),
        "segment_history": each(Crm.segment_history, segments),
        "segment_difference": [partial(_compared, *pair) for pair in permutations(contents, 2)],
        "segment_usage": [lambda one: one.segment_usage(segments)],
        "segment_sizes": each(Crm.segment_sizes, segments),
        "campaigns": [Crm.campaigns],
        "campaign": each(Crm.campaign, campaigns),
        "template_fields": [Crm.template_fields],
        "delivery_figures": each(Crm.delivery_figures, campaigns),
        "failures": each(Crm.failures, campaigns),
        "model_usage": [Crm.model_usage],
    }


def _swapped(method: Callable[[Crm, Any], object], of: object, crm: Crm) -> object:
    return method(crm, of)


def _sampled(sample: int, crm: Crm, segment_id: str) -> object:
    return crm.preview_segment(segment_id, sample=sample)


def _compared(before: SegmentContent, after: SegmentContent, crm: Crm) -> object:
    return crm.segment_difference(before, after)


def figures_only() -> set[str]:
    return {
        name
        for name, method in vars(Crm).items()
        if getattr(method, NEEDS, None) is Permission.FIGURES
    }


def told_by(crm: Crm, calls: Mapping[str, list[Callable[[Crm], object]]]) -> dict[str, str]:
    return {
        name: "\n".join(text for call in each for text in said(call(crm)))
        for name, each in calls.items()
    }


def names_somebody(text: str) -> bool:
    return any(one in text.casefold() for one in (MARK, "+9198", NUMBER, "1903", "919800000001"))


def test_nothing_that_a_viewer_is_told_names_a_person(shop: Crm) -> None:
    called = calls(shop)
    assert called.keys() == figures_only()
    told = told_by(shop.acting_as(VIEWER), called)
    assert all(told[name] for name in ("overview", "preview_segment", "campaigns", "failures"))
    assert "address" in told["failures"], "some had no address, and their reasons are told"
    assert [name for name, text in told.items() if names_somebody(text)] == []


def test_the_marks_would_be_found_where_somebody_may_see_people(shop: Crm) -> None:
    told = told_by(shop, calls(shop))
    assert {name for name, text in told.items() if names_somebody(text)} == {
        *("preview_segment", "names_in", "words", "failures", "campaigns", "campaign"),
        *("segments", "segment", "segment_history", "segment_difference", "segment_usage"),
    }
    assert MARK in "\n".join(said(shop.suggestions()))


def test_a_viewer_sees_a_few_masked_rows_and_no_list_of_everybody(shop: Crm) -> None:
    every = segment_of(shop, "All")
    found = shop.acting_as(VIEWER).preview_segment(every, sample=1_000_000)
    assert found.count == CUSTOMERS
    assert found.sample.height == MOST_MASKED
    assert set(found.sample["customer_id"]) == {"z•••"}
    assert set(found.sample["email"]) == {None, "z•••@z•••.example"}
    assert set(found.sample["name"]) == {None, "Z•••"}
    assert shop.preview_segment(every, sample=20).sample.height == 20


@pytest.mark.parametrize(("members", "rows"), [(9, 0), (10, 10)])
def test_a_viewer_sees_no_row_of_an_audience_of_fewer_than_ten(
    shop: Crm, members: int, rows: int
) -> None:
    ids = [f"{MARK}-{n:02}" for n in range(members)]
    rule = {"version": 1, "rule": {"field": "customer_id", "op": "in", "value": ids}}
    few = shop.save_segment(name="Few", description="", rule=decode(rule)).segment_id
    found = shop.acting_as(VIEWER).preview_segment(few, sample=50)
    assert (found.count, found.sample.height) == (members, rows)
    assert shop.preview_segment(few, sample=50).sample.height == members


def test_a_rule_is_counted_as_it_is_and_read_without_whom_it_names(shop: Crm) -> None:
    viewer = shop.acting_as(VIEWER)
    one = segment_of(shop, f"Complaint by {ADDRESS}")
    assert viewer.preview_segment(one).count == shop.preview(ONE).count == 1
    seen = viewer.segment(one)
    assert seen.name == "Complaint by [e-mail]"
    assert seen.description == "Ask [e-mail], [phone]."
    assert seen.tags == ("[e-mail]",)
    assert [text for _, text in viewer.words(seen.rule)] == [
        "all of these:",
        'e-mail is "•••"',
        'customer id is one of "•••"',
        'name starts with "•••"',
        'attribute "handle" contains "•••"',
        "not this:",
        "phone is not set",
        "any of these:",
        'birth date is on "•••"',
        'birth date is between "•••" and "•••"',
        'city is "Pune"',
        'city is not "[e-mail]"',
        'is in the random share from 0% up to 100% of "[e-mail]"',
    ]
    assert shop.segment(one).rule == ONE


def test_a_viewer_counts_saved_segments_only_and_the_try_is_written_down(shop: Crm) -> None:
    asked: Rule = decode(
        {"version": 1, "rule": {"field": "email", "op": "equals", "value": ADDRESS}}
    )
    with pytest.raises(Forbidden, match="needs the permission 'people'"):
        shop.acting_as(VIEWER).preview(asked)
    with pytest.raises(Forbidden, match="needs the permission 'people'"):
        shop.acting_as(VIEWER).explain(ONE)
    lines = shop.audit.page(action=Action.CALL, actor=VIEWER.name).entries
    assert {line.about for line in lines} == {("call", "preview"), ("call", "explain")}
    assert shop.preview(asked).count == 1


def test_why_a_rule_cannot_be_evaluated_is_told_to_who_sees_people(
    shop: Crm,
    database: Database[dict[str, Any]],
) -> None:
    every = segment_of(shop, "All")
    gone = {"version": 1, "rule": {"field": "order_count", "op": "equals", "value": MARK}}
    database["segments"].update_one({"_id": every}, {"$set": {"rule": gone}})
    with pytest.raises(RuleError, match=MARK):
        shop.preview_segment(every)
    with pytest.raises(RuleError, match="is told why") as raised:
        shop.acting_as(VIEWER).preview_segment(every)
    assert raised.value.__suppress_context__


def test_a_segment_that_only_a_later_version_can_read_keeps_no_viewer_from_the_others(
    shop: Crm,
    database: Database[dict[str, Any]],
) -> None:
    segment = database["segments"].find_one({"name": "All"})
    assert segment is not None
    later = {"version": 99, "rule": {"field": "aura", "glows_like": MARK}}
    database["segments"].insert_one(
        {**segment, "_id": "later", "name": "A", "name_folded": "a", "rule": later}
    )
    viewer = shop.acting_as(VIEWER)
    assert viewer.preview_segment(segment_of(shop, "All")).count == CUSTOMERS
    assert viewer.segment("later").document == {"version": 99, "rule": "•••"}
    assert MARK not in "\n".join(said(viewer.segments()))


def segment_of(crm: Crm, name: str) -> str:
    [found] = [one.segment_id for one in crm.segments() if one.name == name]
    return found
