"""Message copy through the real SDK: what leaves, what comes back, and what stays text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from engine.ai.calls import Calls
from engine.ai.copy.links import links
from engine.ai.copy.writer import INSTEAD, CopyWriter
from engine.ai.gemini import Gemini
from engine.ai.usage import Usage
from engine.campaigns.templates import Template
from engine.domain.audit import Action, AuditFilter
from engine.domain.campaign import Channel, Message
from engine.domain.customer import Customer
from engine.domain.message_copy import Brief, Check, CopySource, Goal, Readers, Tone
from engine.domain.rule_codec import decode
from tests.integration.ai.gemini_stand_in import (
    KEY,
    Reply,
    StandIn,
    blocks,
    fails,
    says,
    stand_in,
    writes,
)
from tests.integration.ai.injections import injections
from tests.integration.ai.shop import MARK, open_shop, sent
from tests.unit.ai.test_copy_writer import GOOD, Obedient
from tests.unit.campaigns.test_templates import BOUGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.crm import Crm
    from engine.domain.workspace import Workspace

BRIEF = Brief(goal=Goal.OFFER, tone=Tone.FRIENDLY, channel=Channel.EMAIL, details="20% off shoes")
PUNE = decode({"version": 1, "rule": {"field": "city", "op": "equals", "value": "Pune"}})
FEW = decode({"version": 1, "rule": {"field": "city", "op": "equals", "value": "Mumbai"}})


@pytest.fixture(scope="module")
def shop_server() -> Iterator[StandIn]:
    with stand_in() as running:
        yield running


@pytest.fixture(scope="module")
def shop(mongo_uri: str, shop_server: StandIn) -> Iterator[Crm]:
    with open_shop(mongo_uri, shop_server, f"test_{uuid4().hex}") as crm:
        yield crm


def writing(crm: Crm, server: StandIn) -> Crm:
    """Return the engine with a writer whose failures no other test has counted."""
    calls = Calls(Gemini(KEY, "gemini-test", server.endpoint), Usage(), first_pause=0.01)
    return replace(crm, copy_writer=CopyWriter(calls))


def test_a_model_is_told_a_segments_name_and_sums_and_no_member(
    shop: Crm, shop_server: StandIn
) -> None:
    segment = shop.save_segment(name="People of Pune", description=MARK, rule=PUNE)
    shop_server.replies = [says({"messages": GOOD})]
    shop_server.requests.clear()
    copy = shop.write_copy(BRIEF, segment_id=segment.segment_id)
    assert (copy.source, len(copy.variants)) == (CopySource.MODEL, 3)
    told = sent(shop_server)
    assert MARK not in told.casefold()
    (request,) = shop_server.requests
    material = request.content["material"]
    assert material["readers"] == {
        "segment": "People of Pune",
        "count": 14,
        "count_with_field": {
            **dict.fromkeys(("first_name", "name", "email", "phone", "city", "country"), 14),
            "last_order_on": 14,
        },
    }


def test_of_a_few_members_a_model_is_told_no_sums(shop: Crm, shop_server: StandIn) -> None:
    segment = shop.save_segment(name="A few", description="", rule=FEW)
    shop_server.replies = [says({"messages": GOOD})]
    shop_server.requests.clear()
    shop.write_copy(BRIEF, segment_id=segment.segment_id)
    assert shop_server.requests[0].content["material"]["readers"] == {"segment": "A few"}


def test_writing_saves_nothing_and_sends_nothing(shop: Crm, shop_server: StandIn) -> None:
    shop_server.replies = [says({"messages": GOOD, "subjects": ["One"]})]
    before = done(shop)
    shop.write_copy(BRIEF)
    shop.rewrite_copy(Message(channel=Channel.SMS, subject="", body="Hi"), "shorter")
    shop.subject_lines(BRIEF)
    assert done(shop) == before


def done(shop: Crm) -> tuple[object, ...]:
    lines = [one for one in shop.audit_lines(AuditFilter()) if one.action is not Action.EXPORT]
    return shop.campaigns(), shop.segments(), lines


@pytest.mark.parametrize(
    "answer",
    [
        fails(400),
        fails(429, delay="60s"),
        fails(503),
        blocks(),
        Reply(b"no JSON"),
        writes('{"messages": [{"subject": "x", "bo', finish="MAX_TOKENS"),
        writes("Sure! Here are three lovely messages for you."),
        says({"rule": {"all": []}}),
        says({"messages": [{"subject": 1}]}),
        says([]),
    ],
)
def test_where_gemini_is_of_no_use_the_built_in_texts_are_there_and_it_is_said(
    shop: Crm, server: StandIn, answer: Reply
) -> None:
    server.replies = [answer]
    copy = writing(shop, server).write_copy(BRIEF)
    assert copy.source is CopySource.TEMPLATES
    assert len(copy.variants) == 3
    assert copy.notes[0].startswith("Gemini gave no answer")
    assert copy.notes[-1] == INSTEAD


def test_what_gemini_got_wrong_goes_back_to_it_and_comes_right(shop: Crm, server: StandIn) -> None:
    wrong = {"subject": "2", "body": "Hi {{ nick }}"}
    server.replies = [
        says({"messages": [GOOD[0], wrong, GOOD[2]]}),
        says({"messages": GOOD[1:]}),
    ]
    copy = writing(shop, server).write_copy(BRIEF)
    assert len(copy.variants) == 3
    (back,) = server.requests[1].content["material"]["sent_back"]
    assert back["was"] == wrong
    assert "{{ nick }}; the fields are" in back["wrong"]


def test_who_lacks_a_field_is_counted_in_a_finding(shop: Crm) -> None:
    everyone = decode({"version": 1, "rule": {"all": []}})
    segment = shop.save_segment(name="Everyone", description="", rule=everyone)
    message = Message(channel=Channel.WHATSAPP, subject="", body="{{ city }}")
    assert shop.check_copy(message, segment_id=segment.segment_id) == ()
    shop.take_customers([{"customer_id": f"{MARK}-without"}])
    shop.refresh()
    (one,) = shop.check_copy(message, segment_id=segment.segment_id)
    assert one.words.startswith("1 of 25 members have no city")
    assert one.check is Check.EMPTY_SPACE


@pytest.mark.parametrize("family", dict(injections()))
def test_an_injection_brings_a_model_that_obeys_to_nothing_but_text(
    workspace: Workspace, family: str
) -> None:
    writer = CopyWriter(Obedient())
    for text in (text for of, text in injections() if of == family):
        brief = replace(BRIEF, goal=Goal.THANK, details=text[:1_000])
        silent = replace(brief, details="")
        readers = Readers(segment=text, count=40)
        message = Message(channel=Channel.EMAIL, subject="Mine", body=f"Mine. {text}")
        found = (
            *writer.write(brief, workspace).variants,
            *writer.write(silent, workspace, readers).variants,
            *writer.rewrite(message, text[:300] or "x", workspace).variants,
            *CopyWriter().write(brief, workspace).variants,
        )
        for one in found:
            read = Template(one.message(Channel.EMAIL), workspace).render(
                Customer(customer_id="c"), BOUGHT
            )
            # No address but those that the person typed; and every field is one there is.
            assert set(links(f"{read.subject} {read.body}")) <= set(links(f"{text} 12 orders"))
            assert not any(finding.blocks for finding in one.findings)
