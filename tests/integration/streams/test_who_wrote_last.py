"""Of two writes the one that was acknowledged later holds, whichever server or way it took."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine.bootstrap import open_crm
from engine.domain.clock import FixedClock, SystemClock
from engine.settings import Settings
from engine.store.revision_clock import RevisionClock, time_of
from tests.integration.streams.consumers import running, wait_until

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from pymongo.database import Database

    from engine.crm import Crm
    from engine.streams.batch import Kind
    from tests.integration.streams.redis_server import RedisServer


def accept(crm: Crm, kind: Kind, row: dict[str, str]) -> None:
    assert crm.stream is not None
    crm.stream.publish(kind, [row], accepted_at=crm.revision())


def consume(crm: Crm) -> None:
    with running(crm.consumer()):
        wait_until(lambda: crm.stream_figures().waiting == 0)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_server_whose_clock_is_wrong_neither_wins_nor_loses_by_it(
    streamed: Crm, redis: RedisServer, mongo_uri: str, db_name: str, hours: int
) -> None:
    values = {"mongodb_uri": mongo_uri, "mongodb_database": db_name, "stream_url": redis.url}
    wrong = FixedClock(SystemClock().now() + timedelta(hours=hours))
    with open_crm(Settings.model_validate(values), clock=wrong) as other:
        for one, city in ((other, "Pune"), (streamed, "Delhi"), (other, "Nashik")):
            accept(one, "customers", {"customer_id": "c1", "city": city})
            consume(streamed)
            assert streamed.stores.customers.get("c1").city == city


def test_revisions_of_one_process_never_stand_still(database: Database[dict[str, Any]]) -> None:
    clock = RevisionClock(database)
    told = [clock() for _ in range(50)]
    assert told == sorted(set(told))
    assert abs(told[-1] / 1e6 - SystemClock().now().timestamp()) < 60


def test_revisions_go_on_while_nobody_writes(database: Database[dict[str, Any]]) -> None:
    clock = RevisionClock(database)
    before = clock()
    time.sleep(1.5)
    assert clock() >= before + 1_000_000


@pytest.mark.parametrize("behind", [timedelta(0), timedelta(hours=1)])
def test_a_primary_whose_clock_was_set_back_tells_the_time_of_its_last_write(
    database: Database[dict[str, Any]], behind: timedelta
) -> None:
    database["orders"].insert_one({"order_id": "o1"})
    reply = database.client.admin.command("hello")
    reply["localTime"] -= behind
    written = reply["$clusterTime"]["clusterTime"]
    assert time_of(reply) >= written.time * 1_000_000 + written.inc


@pytest.mark.parametrize("kind", ["orders", "customers"])
def test_a_batch_that_waited_does_not_overwrite_a_file_that_was_imported_meanwhile(
    streamed: Crm, tmp_path: Path, kind: Kind
) -> None:
    order = {"order_id": "o1", "customer_id": "c1", "ordered_at": "2026-01-01", "status": "pending"}
    person = {"customer_id": "c1", "city": "Pune"}
    file = tmp_path / "file.csv"
    if kind == "orders":
        accept(streamed, "orders", {**order, "amount": "10.00"})
        file.write_text("order_id,customer_id,ordered_at,amount\no1,c1,2026-01-01,99.00\n")
    else:
        accept(streamed, "customers", person)
        file.write_text("customer_id,city\nc1,Delhi\n")
    streamed.run_import(file, streamed.guess_mapping(streamed.inspect_file(file)))
    consume(streamed)
    if kind == "orders":
        assert [one.amount for one in streamed.stores.orders.of_customer("c1")] == [9900]
        accept(streamed, "orders", {**order, "amount": "10.00"})
        consume(streamed)
        assert [one.amount for one in streamed.stores.orders.of_customer("c1")] == [1000]
    else:
        assert streamed.stores.customers.get("c1").city == "Delhi"
        accept(streamed, "customers", person)
        consume(streamed)
        assert streamed.stores.customers.get("c1").city == "Pune"
