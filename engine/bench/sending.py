"""A shop's till in a process of its own: sends orders over HTTP, and notes the answers."""

from __future__ import annotations

import http.client
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from engine.errors import CrmError

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 20_261_126
START = datetime(2024, 1, 1, tzinfo=UTC)
MINUTES = 1_000_000
"""Orders are spread evenly over so many minutes from START on."""
SKUS, CATEGORIES = 2_000, 40


class Answer(NamedTuple):
    """One request that was answered as it should be."""

    seconds: float
    """From sending it to having read the reply."""
    at: float
    """When the reply was there, seconds since 1970."""
    cluster_time: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a till sends: ``requests`` of ``batch`` orders each, numbered from ``first`` on."""

    address: str
    token: str
    requests: int
    batch: int
    first: int
    customers: int
    connections: int
    rate: float | None = None
    """Orders a second in all; None sends as fast as answers come."""


def order(number: int, customers: int) -> dict[str, object]:
    """Return an order's record: two items, of one of so many customers; the number decides all."""
    draw = random.Random(SEED + number)  # noqa: S311 - drawn data, not a secret
    prices = [draw.randrange(100, 100_000) for _ in range(2)]
    return {
        "order_id": f"n{number:09}",
        "customer_id": customer_id(draw.randrange(customers)),
        "ordered_at": (START + timedelta(minutes=draw.randrange(MINUTES))).isoformat(),
        "channel": draw.choice(("app", "store", "web")),
        "items": [
            {
                "sku": f"s{draw.randrange(SKUS)}",
                "name": "Something to wear",
                "category": f"category {draw.randrange(CATEGORIES)}",
                "quantity": 1,
                "unit_price": f"{price / 100:.2f}",
            }
            for price in prices
        ],
    }


def customer_id(number: int) -> str:
    """Return the id of the customer of a number."""
    return f"c{number:07}"


def sent(load: Load) -> list[Answer]:
    """Send a load from another process; return its answers in the order in which they came."""
    with get_context("spawn").Pool(1) as pool:
        answers: list[Answer] = pool.apply(_send, (load,))
    return answers


def _send(load: Load) -> list[Answer]:
    bodies = list(_bodies(load))
    begun = time.monotonic()
    with ThreadPoolExecutor(load.connections) as pool:
        share = range(load.connections)
        parts = pool.map(lambda n: _through_one(load, bodies, begun, n), share)
        return sorted((one for part in parts for one in part), key=lambda one: one.at)


def _bodies(load: Load) -> Iterator[bytes]:
    for number in range(load.requests):
        first = load.first + number * load.batch
        rows = [order(first + n, load.customers) for n in range(load.batch)]
        yield json.dumps(rows if load.batch > 1 else rows[0]).encode()


def _through_one(load: Load, bodies: list[bytes], begun: float, number: int) -> list[Answer]:
    place = urlsplit(load.address)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=60)
    headers = {"Authorization": f"Bearer {load.token}", "Content-Type": "application/json"}
    answers = []
    for turn in range(number, len(bodies), load.connections):
        if load.rate is not None:
            due = begun + turn * load.batch / load.rate
            time.sleep(max(0.0, due - time.monotonic()))
        started = time.perf_counter()
        connection.request("POST", f"{place.path}/v1/orders", bodies[turn], headers)
        reply = connection.getresponse()
        text = reply.read()
        seconds = time.perf_counter() - started
        told = json.loads(text)
        if reply.status >= http.client.MULTIPLE_CHOICES or told.get("refused"):
            msg = f"the server answered {reply.status}: {text[:500]!r}"
            raise CrmError(msg)
        answers.append(Answer(seconds, time.time(), told.get("cluster_time")))
    connection.close()
    return answers
