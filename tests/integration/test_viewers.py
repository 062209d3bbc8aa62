"""Who sees figures only sees nothing about one person, through any method of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from engine.auth.permitted import NEEDS
from engine.crm import MOST_MASKED, Crm
from engine.domain.actor import Actor
from engine.domain.audit import Action
from engine.domain.campaign import Channel, Message
from engine.domain.customer import Customer
from engine.domain.order import Order, OrderItem, OrderStatus
from engine.domain.permission import OF_ROLE, Permission, Role
from engine.domain.rule_codec import decode
from engine.errors import Forbidden
from engine.rules.catalogue import Catalogue
from tests.conftest import NOW
from tests.integration.test_campaign_delivery import work_until_idle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.domain.rules import Rule

MARK = "zqx"
"""Stands in everything that names a person, or is told of one."""
EVERYONE = decode({"version": 1, "rule": {"all": []}})
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
def shop(crm: Crm) -> Crm:
    """A shop of marked people, with a segment and campaigns that were sent to them."""
    crm.stores.customers.upsert([person(n) for n in range(CUSTOMERS)], source="import")
    crm.stores.orders.upsert([order(n) for n in range(CUSTOMERS)], source="import")
    crm.refresh()
    segment = crm.save_segment(name="All", description="Everyone.", rule=EVERYONE)
    messages = [
        Message(channel=Channel.EMAIL, subject="Hi {{ name }}", body="{{ email }}"),
        Message(channel=Channel.SMS, subject="", body="{{ total_spend }} {{ name | upcase }}"),
    ]
    for n, message in enumerate(messages):
        draft = crm.save_campaign(name=f"C{n}", segment_id=segment.segment_id, message=message)
        crm.launch_campaign(draft.campaign_id, version=draft.version)
    work_until_idle(crm)
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


def _swapped(method: Callable[[Crm, str], object], its_id: str, crm: Crm) -> object:
    return method(crm, its_id)


def calls(crm: Crm) -> dict[str, list[Callable[[Crm], object]]]:
    """Return how each method that needs FIGURES only is called."""
    [segment] = crm.segments()
    campaigns = [one.campaign.campaign_id for one in crm.campaigns()]
    content = segment.content

    def each_of(method: Callable[[Crm, str], object]) -> list[Callable[[Crm], object]]:
        return [partial(_swapped, method, one) for one in campaigns]

    return {
        "freshness": [Crm.freshness],
        "refresh": [Crm.refresh],
        "overview": [Crm.overview],
        "demo_counts": [Crm.demo_counts],
        "catalogue": [Crm.catalogue],
        "preview": [
            lambda one: one.preview(EVERYONE),
            lambda one: one.preview(EVERYONE, sample=5),
            lambda one: one.preview(EVERYONE, sample=1_000_000),
        ],
        "names_in": [lambda one: one.names_in(EVERYONE)],
        "words": [lambda one: one.words(EVERYONE)],
        "segments": [Crm.segments],
        "segment": [lambda one: one.segment(segment.segment_id)],
        "segment_history": [lambda one: one.segment_history(segment.segment_id)],
        "segment_difference": [lambda one: one.segment_difference(content, content)],
        "segment_usage": [lambda one: one.segment_usage([segment.segment_id])],
        "segment_sizes": [lambda one: one.segment_sizes(segment.segment_id)],
        "campaigns": [Crm.campaigns],
        "campaign": each_of(Crm.campaign),
        "template_fields": [Crm.template_fields],
        "delivery_figures": each_of(Crm.delivery_figures),
        "failures": each_of(Crm.failures),
        "model_usage": [Crm.model_usage],
    }


def figures_only() -> set[str]:
    return {
        name
        for name, method in vars(Crm).items()
        if getattr(method, NEEDS, None) is Permission.FIGURES
    }


def test_nothing_that_a_viewer_is_told_names_a_person(shop: Crm) -> None:
    viewer = shop.acting_as(VIEWER)
    called = calls(shop)
    assert called.keys() == figures_only()
    told = {
        name: "\n".join(text for call in each for text in said(call(viewer)))
        for name, each in called.items()
    }
    assert all(told[name] for name in ("overview", "preview", "campaigns", "failures"))
    assert "address" in told["failures"], "some had no address, and their reasons are told"
    for name, text in told.items():
        assert MARK not in text.casefold(), name
        assert "+9198" not in text, name
        assert "1903" not in text, name


def test_the_marks_would_be_found_where_somebody_may_see_people(shop: Crm) -> None:
    text = "\n".join(said(shop.preview(EVERYONE, sample=5)))
    assert MARK in text
    assert MARK in "\n".join(said(shop.suggestions()))


def test_a_viewer_sees_a_few_masked_rows_and_no_list_of_everybody(shop: Crm) -> None:
    found = shop.acting_as(VIEWER).preview(EVERYONE, sample=1_000_000)
    assert found.count == CUSTOMERS
    assert found.sample.height == MOST_MASKED
    assert set(found.sample["customer_id"]) == {"z•••"}
    assert set(found.sample["email"]) == {None, "z•••@z•••.example"}
    assert set(found.sample["name"]) == {None, "Z•••"}
    assert shop.preview(EVERYONE, sample=20).sample.height == 20


def test_a_viewer_counts_saved_segments_only_and_the_try_is_written_down(shop: Crm) -> None:
    asked: Rule = decode(
        {
            "version": 1,
            "rule": {"field": "email", "op": "equals", "value": f"{MARK}.1@{MARK}.example"},
        }
    )
    with pytest.raises(Forbidden, match="saved segments only"):
        shop.acting_as(VIEWER).preview(asked)
    [line] = shop.audit.page(action=Action.CALL, actor=VIEWER.name).entries
    assert line.about == ("call", "preview")
    assert shop.preview(asked).count == 1


def test_a_segment_that_only_a_later_version_can_read_keeps_no_viewer_from_the_others(
    shop: Crm,
    database: Any,  # noqa: ANN401 - pymongo's
) -> None:
    [segment] = list(database["segments"].find())
    later = {"version": 99, "rule": {"field": "aura", "op": "glows"}}
    database["segments"].insert_one(
        {**segment, "_id": "later", "name": "A", "name_folded": "a", "rule": later}
    )
    assert shop.acting_as(VIEWER).preview(EVERYONE).count == CUSTOMERS
