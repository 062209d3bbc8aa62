"""kill -9 of a mirror, and of the mongod that it follows, while orders are acknowledged."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from engine.domain.clock import SystemClock
from engine.domain.customer import Customer
from engine.domain.money import currency
from engine.domain.workspace import Workspace
from engine.errors import StoreUnavailable
from engine.mirror import kept
from engine.mirror.mirror import Mirror
from engine.store import guard
from engine.store.client import connect
from engine.store.customers import CustomerStore
from engine.store.embedded import acquire
from engine.store.orders import OrderStore
from tests.reference.busy_shop import BusyShop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pymongo.database import Database

    from engine.domain.order import Order

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

KILLS = int(os.environ.get("FAULT_KILLS", "4"))
"""`make faults` asks for 20."""
CUSTOMERS = 300
FOLLOWER = Path(__file__).with_name("following_mirror.py")
ROOT = Path(__file__).parents[2]
WORKSPACE = Workspace("Test", currency("INR"), ZoneInfo("Asia/Kolkata"), "en_IN")


class Till:
    """A thread that writes new orders, each batch again until it is acknowledged."""

    def __init__(self, database: Database[dict[str, Any]], name: str) -> None:
        self._shop = BusyShop(database, seed=len(name), customers=CUSTOMERS)
        self._store = OrderStore(database, "INR")
        self._name = name
        self._stop = Event()
        self._thread = Thread(target=self._work)
        self.acknowledged: dict[str, Order] = {}
        self._thread.start()

    def _work(self) -> None:
        number = 0
        while not self._stop.is_set():
            batch = [self._shop.order(f"{self._name}-{number + n}") for n in range(20)]
            number += len(batch)
            while True:
                try:
                    self._store.upsert(batch, source="api")
                except StoreUnavailable:
                    time.sleep(0.05)
                else:
                    break
            self.acknowledged |= {one.order_id: one for one in batch}
            time.sleep(0.01)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


@pytest.fixture
def tills(database: Database[dict[str, Any]]) -> Iterator[list[Till]]:
    yield from open_tills(database)


def open_tills(database: Database[dict[str, Any]]) -> Iterator[list[Till]]:
    people = [Customer(customer_id=f"c{n}") for n in range(CUSTOMERS)]
    CustomerStore(database).upsert(people, source="api")
    tills = [Till(database, name) for name in ("a", "bb")]
    yield tills
    for till in tills:
        till.stop()


def acknowledged(tills: list[Till]) -> dict[str, Order]:
    for till in tills:
        till.stop()
    return {**tills[0].acknowledged, **tills[1].acknowledged}


def assert_each_is_there_once(
    database: Database[dict[str, Any]], mirror: Mirror, orders: dict[str, Order]
) -> None:
    here, there = mirror.verify()
    assert here == there
    snapshot = mirror.snapshot()
    frame = snapshot.orders.select("order_id", "amount")
    in_mirror = Counter(frame["order_id"].to_list())
    in_mongodb = Counter(one["order_id"] for one in database["orders"].find({}, {"order_id": 1}))
    assert {in_mirror[key] for key in orders} == {1}
    assert {in_mongodb[key] for key in orders} == {1}
    assert {key: orders[key].amount for key in orders} == {
        key: amount for key, amount in frame.iter_rows() if key in orders
    }


def test_a_mirror_that_is_killed_at_any_moment_goes_on_with_every_order_once(
    database: Database[dict[str, Any]], mongo_uri: str, tmp_path: Path, tills: list[Till]
) -> None:
    draw, folder, counts = random.Random(3), tmp_path / "mirror", []  # noqa: S311 - moments to kill at
    for _ in range(KILLS):
        with subprocess.Popen(  # noqa: S603 - this Python and the program beside
            [sys.executable, FOLLOWER, mongo_uri, database.name, folder],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as process:
            assert process.stdout is not None
            counts.append(int(process.stdout.readline()))
            time.sleep(draw.uniform(0.0, 1.0))
            process.kill()
            assert process.wait() == -signal.SIGKILL
    assert len(counts) == KILLS
    assert sorted(counts) == counts, "each began with what the one before had, or more"
    assert (folder / kept.INDEX).exists()
    orders = acknowledged(tills)
    assert len(orders) > counts[-1] > counts[0]
    with closing(Mirror(database, WORKSPACE, SystemClock(), folder)) as mirror:
        assert_each_is_there_once(database, mirror, orders)


def test_a_mirror_follows_a_mongod_that_is_killed_again_and_again(tmp_path: Path) -> None:
    draw = random.Random(4)  # noqa: S311 - moments to kill at
    lock = tmp_path / "mongo" / "mongod.lock"
    killed: set[int] = set()
    with acquire(tmp_path, timeout=60) as server:
        database = connect(server.uri, "faults")
        with (
            closing(database.client),
            closing(Mirror(database, WORKSPACE, SystemClock())) as mirror,
        ):
            mirror.start()
            writing = open_tills(database)
            tills = next(writing)
            for _ in range(KILLS):
                before = sum(len(till.acknowledged) for till in tills)
                time.sleep(draw.uniform(0.0, 0.5))
                while (pid := guard.holder(lock)) in {None, *killed}:
                    time.sleep(0.02)
                assert pid is not None
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
                deadline = time.monotonic() + 60
                while sum(len(till.acknowledged) for till in tills) < before + 100:
                    assert time.monotonic() < deadline, "nothing is acknowledged any more"
                    time.sleep(0.05)
            orders = acknowledged(tills)
            next(writing, None)
            assert len(killed) == KILLS
            assert len(orders) > 100 * KILLS
            assert_each_is_there_once(database, mirror, orders)
