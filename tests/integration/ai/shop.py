"""A shop of people whose names and addresses must never leave, and an engine with a model."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pymongo import MongoClient

from engine.ai.calls import Calls
from engine.ai.gemini import Gemini
from engine.ai.rule_writer import RuleWriter
from engine.ai.usage import Usage
from engine.bootstrap import open_crm
from engine.domain.clock import FixedClock
from engine.settings import Settings
from tests.conftest import NOW
from tests.integration.ai.gemini_stand_in import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.crm import Crm
    from tests.integration.ai.gemini_stand_in import StandIn

MARK = "zqx"
"""Stands in everything that names a person or is one person's own."""
PEOPLE = 24


def person(n: int) -> dict[str, Any]:
    """Ten share a value, or nine and fewer do, who are not told."""
    return {
        "customer_id": f"{MARK}-{n:02}",
        "name": f"{MARK.title()} Rao {n}",
        "email": f"{MARK}.{n}@{MARK}.example",
        "phone": f"+9198{n:08}",
        "city": "Pune" if n < 14 else f"{MARK}pur" if n < 23 else "Mumbai",
        "country": "India",
        "gender": "female" if n % 2 else "male",
        "birth_date": f"19{90 - n}-01-31",
        "tags": ["vip" if n < 10 else f"{MARK} tag {n % 2}"],
        "attributes": {
            "tier": "gold" if n < 12 else f"{MARK} tier {n % 2}",
            "note": f"{MARK} {n}",
        },
    }


def order(n: int) -> dict[str, Any]:
    category = "Footwear" if n < 12 else f"{MARK} category {n % 2}"
    return {
        "order_id": f"{MARK}-order-{n}",
        "customer_id": f"{MARK}-{n:02}",
        "ordered_at": (NOW - timedelta(days=n)).isoformat(),
        "channel": "web",
        "items": [{"sku": "s", "category": category, "quantity": 1, "unit_price": n * 1_000}],
    }


@contextmanager
def open_shop(mongo_uri: str, server: StandIn, name: str | None = None) -> Iterator[Crm]:
    """Open an engine over the shop, as the settings put it together."""
    name = name or f"test_{uuid4().hex}"
    settings = Settings.model_validate(
        {
            "mongodb_uri": mongo_uri,
            "mongodb_database": name,
            "gemini_api_key": KEY,
            "gemini_endpoint": server.endpoint,
            "gemini_price_input": "0.10",
            "gemini_price_output": "0.40",
        }
    )
    with open_crm(settings, clock=FixedClock(NOW)) as crm:
        assert crm.take_customers([person(n) for n in range(PEOPLE)]).refused == 0
        assert crm.take_orders([order(n) for n in range(PEOPLE)]).refused == 0
        crm.refresh()
        yield crm
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        client.drop_database(name)


def asking(crm: Crm, server: StandIn, *, seconds: float = 20.0) -> Crm:
    """Return the engine with a model whose failures no other test has counted."""
    usage = Usage()
    calls = Calls(Gemini(KEY, "gemini-test", server.endpoint), usage, first_pause=0.01)
    return replace(crm, usage=usage, rule_writer=RuleWriter(calls, seconds=seconds))


def sent(server: StandIn) -> str:
    """Return all that the stand-in was sent, headers and addresses too, less the words."""
    told = []
    for request in server.requests:
        body = json.dumps(request.body, ensure_ascii=False)
        told.append(f"{request.path} {request.headers} {body}")
    return "\n".join(told)
