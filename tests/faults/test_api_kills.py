"""kill -9 of the API while shops write: each acknowledged order is stored once, as it was sent."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import httpx
import pytest

from engine.bootstrap import open_crm
from engine.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.crm import Crm

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PROJECT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("FAULT_KILLS", "4"))
"""`make faults` asks for 20."""
WRITERS = 4
BATCH = 50
CUSTOMERS = 40
RETRIERS = 8
"""Batches that are sent again at a time."""
PATIENCE = 60.0
"""Seconds after which something that must happen is taken for something that never will."""


class Api:
    """The API alone, as a user starts it; killed and started again at one port."""

    def __init__(self, environment: dict[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - the project itself
            [sys.executable, "-m", "engine", "api", "--port", str(self.port)],
            cwd=PROJECT,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + PATIENCE
        while not self._answers():
            assert self._process.poll() is None, "the API ended by itself"
            assert time.monotonic() < end, "the API did not answer"
            time.sleep(0.02)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        assert self._process.wait() == -signal.SIGKILL, "the kill happened"

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=PATIENCE)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/v1/health", timeout=1).is_success
        except httpx.TransportError:
            return False


@dataclass
class Shop:
    """Sends orders batch by batch, each until it is acknowledged, and keeps what was.

    A batch that a kill cut off is sent again beside the next ones: its Idempotency-Key is held for
    the request that was killed until that one's lease ends, half a minute later.
    """

    number: int
    address: str
    key: str
    again: ThreadPoolExecutor
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    tries: Counter[str] = field(default_factory=Counter)
    """What became of each request."""
    failures: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Send new batches until told to stop."""
        with self._opened() as http:
            for batch in count():
                orders = [self._order(batch * BATCH + n) for n in range(BATCH)]
                name = str(uuid4())
                while (outcome := self._send(http, orders, name)) == "not reached":
                    if self.stop.is_set():
                        return
                    time.sleep(0.05)
                if outcome == "unknown":
                    self.again.submit(self._send_again, orders, name)
                if self.stop.is_set() or self.failures:
                    return

    def _send_again(self, orders: list[dict[str, Any]], name: str) -> None:
        end = time.monotonic() + 5 * PATIENCE
        with self._opened() as http:
            while self._send(http, orders, name) != "acknowledged":
                if self.failures or time.monotonic() > end:
                    self.failures.append(f"a batch was never taken; {dict(self.tries)}")
                    return
                time.sleep(0.2)

    def _send(
        self, http: httpx.Client, orders: list[dict[str, Any]], name: str
    ) -> Literal["acknowledged", "not reached", "unknown"]:
        try:
            answer = http.post("/v1/orders", json=orders, headers={"Idempotency-Key": name})
        except httpx.ConnectError:
            return "not reached"
        except httpx.TransportError:
            self.tries["cut off"] += 1
            return "unknown"
        if answer.status_code in (409, 429, 503) and "Retry-After" in answer.headers:
            self.tries["turned away"] += 1
            return "unknown"
        if answer.status_code != 200 or answer.json()["stored"] != len(orders):
            self.failures.append(f"{answer.status_code}: {answer.text[:500]}")
            return "unknown"
        self.tries["replayed" if "Idempotency-Replayed" in answer.headers else "written"] += 1
        self.acknowledged.update((one["order_id"], one) for one in orders)
        return "acknowledged"

    def _opened(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.address, headers=headers, timeout=20)

    def _order(self, number: int) -> dict[str, Any]:
        return {
            "order_id": f"{self.number}-{number:06}",
            "customer_id": f"c{number % CUSTOMERS}",
            "ordered_at": f"2026-03-{number % 28 + 1:02}T09:30:00Z",
            "status": "completed",
            "channel": f"till {self.number}",
            "items": [
                {"sku": f"S{number}", "quantity": number % 5 + 1, "unit_price": f"{number}.25"}
            ],
        }


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "CRM_DATA_DIR": str(tmp_path / "data"),
        "CRM_DEMO_DATA": "false",
    }


@pytest.fixture
def crm(tmp_path: Path, environment: dict[str, str]) -> Iterator[Crm]:
    """The engine over the database that the API writes to, which outlives every kill."""
    with open_crm(load(root=tmp_path, environment=environment)) as crm:
        yield crm


def made_key(environment: dict[str, str]) -> str:
    made = subprocess.run(  # noqa: S603 - the project itself
        [
            *(sys.executable, "-m", "engine", "api-key", "create"),
            *("--name", "kill test", "--scope", "ingest"),
        ],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout.strip()


def acknowledged(shops: list[Shop]) -> int:
    return sum(len(shop.acknowledged) for shop in shops)


def test_every_acknowledged_order_is_stored_once_however_often_the_api_is_killed(
    crm: Crm, environment: dict[str, str]
) -> None:
    api = Api(environment)
    key = made_key(environment)
    crm.mirror.start()
    assert crm.refresh().orders == 0
    chance = random.Random(4)  # noqa: S311 - moments of kills
    between: list[int] = []
    api.start()
    with ThreadPoolExecutor(RETRIERS) as again:
        shops = [Shop(number, api.address, key, again) for number in range(WRITERS)]
        threads = [threading.Thread(target=shop.run) for shop in shops]
        try:
            for thread in threads:
                thread.start()
            for _ in range(KILLS):
                before = acknowledged(shops)
                moved_on(shops, before)
                time.sleep(chance.uniform(0, 0.5))
                between.append(acknowledged(shops) - before)
                api.kill()
                api.start()
            moved_on(shops, acknowledged(shops))
        finally:
            for shop in shops:
                shop.stop.set()
            for thread in threads:
                if thread.ident is not None:
                    thread.join(timeout=PATIENCE)
            again.shutdown()
            api.stop()

    assert [one for shop in shops for one in shop.failures] == []
    assert len(between) == KILLS
    assert min(between) > 0, "orders were acknowledged between any two kills"
    tries = sum((shop.tries for shop in shops), Counter[str]())
    assert tries["cut off"] >= KILLS, "the kills met requests that were under way"
    sent = {id_: one for shop in shops for id_, one in shop.acknowledged.items()}
    assert stored(crm) == {id_: content(one) for id_, one in sent.items()}
    here, there = crm.verify_mirror()
    assert here == there, "the mirror that followed all the time holds the same"
    assert here.orders == len(sent)


def moved_on(shops: list[Shop], before: int) -> None:
    """Wait until more is acknowledged; fail where a shop gave up or nothing happens."""
    end = time.monotonic() + PATIENCE
    while acknowledged(shops) == before:
        assert [one for shop in shops for one in shop.failures] == []
        assert time.monotonic() < end, "nothing was acknowledged"
        time.sleep(0.005)


def stored(crm: Crm) -> dict[str, str]:
    """Return the content of every stored order by id; fail where an id is there twice.

    All that was sent was acknowledged in the end, so there is nothing else.
    """
    found = [
        (order.order_id, content_of(order.customer_id, order.amount, order.ordered_at.isoformat()))
        for number in range(CUSTOMERS)
        for order in crm.stores.orders.of_customer(f"c{number}", limit=0)
    ]
    twice = [id_ for id_, n in Counter(id_ for id_, _ in found).items() if n > 1]
    assert twice == []
    return dict(found)


def content(order: dict[str, Any]) -> str:
    """Return what an order that was sent must be stored as; its unit price has two decimals."""
    (item,) = order["items"]
    minor = int(item["unit_price"].replace(".", "")) * item["quantity"]
    return content_of(order["customer_id"], minor, order["ordered_at"].replace("Z", "+00:00"))


def content_of(customer_id: str, minor: int, ordered_at: str) -> str:
    return json.dumps([customer_id, minor, ordered_at])
