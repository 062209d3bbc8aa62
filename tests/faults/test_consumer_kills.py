"""kill -9 of consumers under load: every order that the broker took ends in MongoDB, once."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest
from redis import Redis

from engine.bootstrap import open_crm
from engine.settings import Settings
from tests.integration.streams.redis_server import RedisServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.crm import Crm
    from engine.streams.stream import Stream

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PROJECT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("FAULT_KILLS", "4"))
"""`make faults` asks for 20."""
AT_ONCE = 3
"""Consumers that run side by side."""
PATIENCE = 90.0
"""Seconds after which something that must happen is taken for something that never will."""


class ConsumerProcess:
    """``python -m engine consume``, and what it says."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "engine", "consume", "--concurrency", "2"],
            cwd=PROJECT,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._lines.put(line)

    def wait_for_a_batch(self) -> None:
        while " orders" not in self._lines.get(timeout=PATIENCE):
            pass

    def kill(self) -> None:
        self._process.kill()
        assert self._process.wait() == -signal.SIGKILL, "the kill happened"
        self._let_go()

    def stop(self) -> None:
        self._process.terminate()
        assert self._process.wait(PATIENCE) == 0
        self._let_go()

    def _let_go(self) -> None:
        self._reader.join()
        assert self._process.stderr is not None
        self._process.stderr.close()


class Writer:
    """Publishes batches of orders, some anew, and knows what each order said last."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.acknowledged: dict[str, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        for number in count(1):
            # Half of each batch was in the one before, so that an old delivery could do harm.
            amounts = {f"o{number * 25 + n}": number for n in range(50)}
            rows = [
                {
                    "order_id": one,
                    "customer_id": f"c{one}",
                    "ordered_at": "2026-03-01T12:00:00Z",
                    "amount": f"{amount}.00",
                }
                for one, amount in amounts.items()
            ]
            self._stream.publish("orders", rows, accepted_at=number)
            self.acknowledged |= amounts
            while self._stream.figures().waiting > 40:
                if self._stop.wait(0.01):
                    return
            if self._stop.is_set():
                return


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.close()


@pytest.fixture
def crm(redis: RedisServer, mongo_uri: str, db_name: str) -> Iterator[Crm]:
    settings = {"mongodb_uri": mongo_uri, "mongodb_database": db_name, "stream_url": redis.url}
    with open_crm(Settings.model_validate(settings)) as crm:
        yield crm


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def test_every_acknowledged_order_is_there_once_after_many_kills(
    crm: Crm, redis: RedisServer, mongo_uri: str, db_name: str, tmp_path: Path
) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": db_name,
        "CRM_STREAM_URL": redis.url,
    }
    assert crm.stream is not None
    stream = crm.stream
    crm.mirror.start()
    assert crm.refresh().orders == 0
    killed: list[int] = []
    orphans = 0
    consumers = [ConsumerProcess(environment) for _ in range(AT_ONCE)]
    try:
        with Redis.from_url(redis.url) as client, Writer(stream) as writer:
            while len(killed) < KILLS or not orphans:
                consumers[0].wait_for_a_batch()
                consumer = consumers.pop(0)
                consumer.kill()
                killed.append(consumer.pid)
                orphans += held_by(client, db_name, consumer.pid)
                consumers.append(ConsumerProcess(environment))
        wait_until(lambda: stream.figures().waiting == 0)
    finally:
        for consumer in consumers:
            consumer.stop()
    assert len(set(killed)) >= KILLS
    assert orphans > 0, "some were killed while they held a batch"
    assert crm.dead_letters() == ()
    assert len(writer.acknowledged) > 50 * KILLS
    here, there = crm.verify_mirror()
    assert here == there, "the mirror that followed all the time holds the same"
    frame = crm.orders_frame()
    stored = dict(zip(frame["order_id"], frame["amount"], strict=True))
    assert frame.height == len(stored)
    assert stored == {one: amount * 100 for one, amount in writer.acknowledged.items()}


def held_by(client: Redis, name: str, pid: int) -> int:
    """Count the messages that a process was given and never acknowledged."""
    consumers: Any = client.xinfo_consumers(f"{{{name}}}:batches", "consumers")
    return sum(one["pending"] for one in consumers if f"-{pid}-".encode() in one["name"])
