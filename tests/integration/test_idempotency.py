"""Idempotency-Key over real HTTP: one effect, one reply."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from engine.api import idempotency
from engine.api.authority import Ingest
from engine.api.idempotency import idempotent
from engine.api.replies import Reply
from engine.domain.refusal import shown
from engine.errors import InvalidInput
from engine.store import idempotency as kept
from engine.store.indexes import INDEXES
from tests.integration.small_api import serving, small_api

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pymongo.database import Database

    from engine.crm import Crm

PROJECT = Path(__file__).resolve().parents[2]


@dataclass
class Shop:
    """A served application with one route, whose effects are counted."""

    address: str
    token: str
    key_id: str
    app: FastAPI
    effects: list[bytes] = field(default_factory=list)
    answer: Callable[[bytes], Reply] = lambda body: Reply(200, b'{"got": %d}' % len(body))

    def waiting(self) -> int:
        """How many twins wait."""
        waiting: int = getattr(self.app.state, "twins_waiting", 0)
        return waiting

    def post(
        self, body: bytes, key: str | None = "k1", path: str = "/orders", token: str = ""
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return httpx.post(f"{self.address}{path}", content=body, headers=headers, timeout=60)


@pytest.fixture
def shop(crm: Crm) -> Iterator[Shop]:
    app = small_api(crm)
    key, token = crm.create_api_key("till", ["ingest"])
    shop = Shop("", token, key.id, app)

    @app.api_route("/orders", methods=["POST"], dependencies=[Ingest])
    @app.api_route("/customers", methods=["POST"], dependencies=[Ingest])
    async def take(request: Request) -> Response:
        body = await request.body()

        def run() -> Reply:
            shop.effects.append(body)
            return shop.answer(body)

        given = request.headers.get("Idempotency-Key")
        reply = await idempotent(request, given, body, run)
        return reply.response()

    with serving(app) as address:
        shop.address = address
        yield shop


def test_the_same_body_gets_the_reply_it_had(shop: Shop) -> None:
    first, again = shop.post(b"[1]"), shop.post(b"[1]")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content == b'{"got": 3}'
    assert again.headers["content-type"] == first.headers["content-type"] == "application/json"
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert shop.effects == [b"[1]"]


def test_another_body_path_or_query_is_a_conflict(shop: Shop) -> None:
    shop.post(b"[1]")
    others = [shop.post(b"[2]"), shop.post(b"[1]", path="/customers")]
    others.append(shop.post(b"[1]", path="/orders?revision=2"))
    assert [one.status_code for one in others] == [409] * 3
    assert "another request" in others[0].json()["detail"]
    assert shop.effects == [b"[1]"]


def test_without_a_key_or_under_another_one_every_request_runs(crm: Crm, shop: Shop) -> None:
    _, other = crm.create_api_key("other", ["ingest"])
    for key, token in ((None, ""), (None, ""), ("k1", ""), ("k2", ""), ("k1", other)):
        assert "Idempotency-Replayed" not in shop.post(b"[1]", key, token=token).headers
    assert len(shop.effects) == 5


@pytest.mark.parametrize("key", ["", "k" * 256, "k\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_a_key_that_is_none_is_refused(crm: Crm, key: str) -> None:
    request = Request({"type": "http", "app": small_api(crm)})
    # In a thread: browser tests may have left their loop running in this one.
    asked = idempotent(request, key, b"", lambda: Reply(200, b""))
    with ThreadPoolExecutor(1) as other, pytest.raises(InvalidInput) as caught:
        other.submit(asyncio.run, asked).result()
    assert shown(key) in str(caught.value)


def test_twenty_twins_at_once_have_one_effect_and_one_reply(shop: Shop) -> None:
    def slowly(_: bytes) -> Reply:
        time.sleep(0.5)
        return Reply(200, json.dumps({"at": time.monotonic_ns()}).encode())

    shop.answer = slowly
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: shop.post(b"[1]"), range(20)))
    assert {one.status_code for one in replies} == {200}
    assert len({one.content for one in replies}) == 1
    assert len(shop.effects) == 1
    replayed = Counter("Idempotency-Replayed" in one.headers for one in replies)
    assert replayed == {True: 19, False: 1}


def test_twins_that_wait_hold_up_nobody_else(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 600.0)
    twins = 60  # more than the threads that all requests share
    came, others_answered = threading.Event(), threading.Event()

    def held(_: bytes) -> Reply:
        came.set()
        assert others_answered.wait(60)
        return Reply(200, b"{}")

    shop.answer = held
    with ThreadPoolExecutor(twins) as pool:
        replies = [pool.submit(shop.post, b"[1]")]
        try:
            assert came.wait(60)
            replies += [pool.submit(shop.post, b"[1]") for _ in range(twins - 1)]
            while shop.waiting() < twins - 1:
                assert not any(one.done() for one in replies)
                time.sleep(0.02)
            shop.answer = lambda _: Reply(200, b"{}")
            assert shop.post(b"[2]", "k2").status_code == 200
        finally:
            others_answered.set()
        assert {one.result().status_code for one in replies} == {200}
    assert (shop.effects, shop.waiting()) == ([b"[1]", b"[2]"], 0)


def test_of_too_many_twins_some_are_told_at_once_to_come_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 600.0)
    monkeypatch.setattr(idempotency, "MOST_WAITING", 2)
    told: list[httpx.Response] = []

    def meanwhile(body: bytes) -> Reply:
        waiting = [pool.submit(shop.post, body) for _ in range(2)]
        while shop.waiting() < 2:
            assert not any(one.done() for one in waiting)
            time.sleep(0.02)
        told.append(shop.post(body))
        return Reply(200, b"{}")

    shop.answer = meanwhile
    with ThreadPoolExecutor(3) as pool:
        assert shop.post(b"[1]").status_code == 200
    assert (told[0].status_code, "Retry-After" in told[0].headers) == (409, True)
    assert shop.effects == [b"[1]"]


def test_a_twin_waits_only_so_long(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.1)
    told: list[httpx.Response] = []

    def meanwhile(body: bytes) -> Reply:
        told.append(shop.post(body))
        return Reply(200, b"{}")

    shop.answer = meanwhile
    assert shop.post(b"[1]").status_code == 200
    assert told[0].status_code == 409
    assert int(told[0].headers["Retry-After"]) >= 1
    assert shop.effects == [b"[1]"]


@pytest.mark.parametrize("fails", ["replies", "raises"])
def test_a_failure_is_not_kept_and_the_request_runs_again(shop: Shop, fails: str) -> None:
    def failing(_: bytes) -> Reply:
        if fails == "replies":
            return Reply(503, b"{}")
        msg = "no such thing"
        raise InvalidInput(msg)

    works, shop.answer = shop.answer, failing
    assert shop.post(b"[1]").status_code == {"replies": 503, "raises": 422}[fails]
    shop.answer = works
    again = shop.post(b"[1]")
    assert (again.status_code, len(shop.effects)) == (200, 2)
    assert "Idempotency-Replayed" not in again.headers


def test_where_the_holder_was_killed_the_retry_runs(
    shop: Shop, database: Database[dict[str, Any]], mongo_uri: str
) -> None:
    digest = hashlib.sha256()
    for part in (b"POST", b"/orders", b"", b"[1]"):
        digest.update(len(part).to_bytes(8, "big") + part)
    script = str(PROJECT / "tests" / "integration" / "killed_request.py")
    killed = subprocess.run(  # noqa: S603 - the project itself
        [sys.executable, script, mongo_uri, database.name, shop.key_id, "k1", digest.hexdigest()],
        check=False,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )
    assert killed.returncode == -signal.SIGKILL
    assert database["effects"].count_documents({}) == 1, "it was killed after its effect"
    reply = shop.post(b"[1]")
    assert (reply.status_code, shop.effects) == (200, [b"[1]"])
    assert "Idempotency-Replayed" not in reply.headers
    assert shop.post(b"[1]").headers["Idempotency-Replayed"] == "true"


def test_who_lost_the_claim_cannot_overwrite_the_reply_of_who_took_it_over(
    database: Database[dict[str, Any]],
) -> None:
    store = kept.IdempotencyStore(database, timedelta(0))
    first = store.claim("key", "k", b"h").owner
    second = None
    while second is None:  # until the clock has moved on
        second = store.claim("key", "k", b"h").owner
    assert first
    assert first != second
    store.give_back("key", "k", first)
    for owner, body in ((second, b"second"), (first, b"first")):
        store.keep("key", "k", owner, status=200, body=body, media_type="application/json")
        store.give_back("key", "k", owner)
    found = store.claim("key", "k", b"h").reply
    assert found
    assert found.body == b"second"


def test_a_reply_of_a_thousand_rows_fits_and_one_that_does_not_is_not_kept(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {"row": n, "id": f"o{n}", "status": "refused", "problems": [{"reason": "x" * 200}] * 3}
        for n in range(1_000)
    ]
    shop.answer = lambda _: Reply(200, json.dumps({"rows": rows}).encode())
    assert shop.post(b"[1]").content == shop.post(b"[1]").content
    assert len(shop.effects) == 1
    monkeypatch.setattr(kept, "MOST_STORED", 100)
    for _ in range(2):
        assert shop.post(b"[2]", "k2").status_code == 200
    assert len(shop.effects) == 3


def test_records_go_after_a_day(database: Database[dict[str, Any]]) -> None:
    index, _ = INDEXES["idempotency"]
    assert index.document["expireAfterSeconds"] == 86_400
    kept.IdempotencyStore(database).claim("key", "k", b"h")
    [age] = database["idempotency"].aggregate(
        [{"$project": {"ms": {"$subtract": ["$$NOW", "$created_at"]}}}]
    )
    assert 0 <= age["ms"] < 60_000, "by the clock that MongoDB deletes by"
