"""MongoDB goes away while consumers write: they wait for it, and nothing is lost or set aside."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from engine.bootstrap import open_crm
from engine.settings import Settings
from engine.store import guard
from tests.integration.streams.consumers import running, wait_until
from tests.integration.streams.redis_server import RedisServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

AWAY_SECONDS = 15
"""Longer than a driver waits for a server, and than an unheld message is left alone."""
BATCHES = 40
ROWS = 100


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    (tmp_path / "redis").mkdir()
    server = RedisServer(tmp_path / "redis")
    server.start()
    yield server
    server.close()


def batch(number: int) -> list[dict[str, str]]:
    return [
        {
            "order_id": f"o{number}-{n}",
            "customer_id": f"c{n}",
            "ordered_at": "2026-03-01T12:00:00Z",
            "amount": "1.00",
        }
        for n in range(ROWS)
    ]


def test_consumers_go_on_when_mongodb_is_back(redis: RedisServer, tmp_path: Path) -> None:
    lock = tmp_path / "mongo" / "mongod.lock"
    settings = Settings.model_validate({"data_dir": tmp_path, "stream_url": redis.url})
    with open_crm(settings) as crm:
        assert crm.stream is not None
        for number in range(BATCHES):
            crm.stream.publish("orders", batch(number), accepted_at=number)
        with running(crm.consumer(concurrency=2)):
            wait_until(lambda: crm.stream_figures().waiting < BATCHES)
            killed, its_guard = guard.holder(lock), int((tmp_path / "mongo-guard.lock").read_text())
            assert killed is not None
            os.kill(its_guard, signal.SIGSTOP)  # it would start another at once
            os.kill(killed, signal.SIGKILL)
            left = crm.stream_figures().waiting
            back = threading.Timer(AWAY_SECONDS, os.kill, [its_guard, signal.SIGCONT])
            back.start()
            crm.stream.publish("orders", batch(BATCHES), accepted_at=BATCHES)
            back.join()
            assert crm.stream_figures().waiting >= left, "nothing was done with meanwhile"
            wait_until(lambda: crm.stream_figures().waiting == 0)
        assert left > 0
        assert guard.holder(lock) != killed
        assert crm.dead_letters() == ()
        assert crm.stores.orders.count() == (BATCHES + 1) * ROWS
