"""Batches through a real Redis: each takes effect once, whatever becomes of who takes it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from faststream.redis.subscriber.usecases import stream_subscriber
from redis import Redis

from engine.domain.clock import SystemClock
from engine.errors import NotFound, StreamUnavailable
from engine.streams import redis_consumers
from engine.streams.batch import decode
from engine.streams.consumer import Consumer
from engine.streams.redis_consumers import BODY, FRAME, GROUP, MAX_DELIVERIES
from engine.streams.redis_stream import RedisStream
from tests.integration.streams.consumers import (
    PATIENCE,
    Recording,
    consuming,
    nobody,
    running,
    settled,
    wait_until,
)
from tests.integration.streams.redis_server import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.crm import Crm
    from tests.integration.streams.redis_server import RedisServer

HOLDING = Path(__file__).with_name("holding_consumer.py")
ROOT = Path(__file__).parents[3]


@pytest.fixture
def client(redis: RedisServer) -> Iterator[Redis]:
    with Redis.from_url(redis.url) as client:
        yield client


@pytest.fixture
def key(name: str) -> str:
    return f"{{{name}}}:batches"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take what nobody holds over after half a second instead of ten."""
    monkeypatch.setattr(redis_consumers, "TAKE_OVER_MS", 500)
    monkeypatch.setattr(redis_consumers, "HELD_SECONDS", 0.1)


def entries(client: Redis, key: str) -> dict[bytes, dict[bytes, bytes]]:
    found: Any = client.xrange(key)
    return dict(found)


def order(order_id: str, amount: str) -> dict[str, str]:
    at = "2026-03-01T12:00:00Z"
    return {"order_id": order_id, "customer_id": "c", "ordered_at": at, "amount": amount}


def test_what_is_published_is_written_whoever_comes_first(streamed: Crm) -> None:
    assert streamed.stream is not None
    before = streamed.stream.publish("orders", [order("o1", "1.00")], accepted_at=1)
    with running(streamed.consumer(concurrency=2)):
        after = streamed.stream.publish(
            "customers", [{"customer_id": "c", "city": "Pune"}], accepted_at=2
        )
        wait_until(lambda: streamed.stream_figures().waiting == 0)
    assert before != after
    assert [one.amount for one in streamed.stores.orders.of_customer("c")] == [100]
    assert streamed.stores.customers.get("c").city == "Pune"
    assert streamed.dead_letters() == ()


def test_a_batch_that_is_delivered_again_after_a_later_one_takes_no_effect(
    streamed: Crm, redis: RedisServer, db_name: str
) -> None:
    assert streamed.stream is not None
    streamed.stream.publish("orders", [order("o1", "1.00")], accepted_at=1)
    streamed.stream.publish("orders", [order("o1", "2.00")], accepted_at=2)
    key = f"{{{db_name}}}:batches"
    with Redis.from_url(redis.url) as client:
        first, second = entries(client, key).values()
        for fields in (second, first, second, first):
            client.xadd(key, fields)
        with running(streamed.consumer(concurrency=3)):
            wait_until(lambda: streamed.stream_figures().waiting == 0)
    assert [one.amount for one in streamed.stores.orders.of_customer("c")] == [200]


def test_a_row_that_is_refused_by_then_is_set_aside_and_its_neighbours_are_written(
    streamed: Crm,
) -> None:
    assert streamed.stream is not None
    rows = [order("o1", "1.00"), order("o2", "1.001"), order("o3", "3.00")]
    batch_id = streamed.stream.publish("orders", rows, accepted_at=1)
    with running(streamed.consumer()):
        wait_until(lambda: streamed.stream_figures().waiting == 0)
    assert streamed.stores.orders.count() == 2
    [dead] = streamed.dead_letters()
    assert dead.letter_id == batch_id
    assert dead.reason.startswith("1 of 3 rows were refused: row 1: amount: ")
    assert dead.batch is not None
    assert dead.batch.rows == [rows[1]]


def test_what_is_no_batch_is_set_aside_at_once(
    stream: RedisStream, client: Redis, key: str
) -> None:
    junk = [{BODY: b"\xff{"}, {BODY: FRAME + b'{"v":2}'}, {"other": "1"}, {BODY: b"[]"}]
    for fields in junk:
        client.xadd(key, fields)  # type: ignore[arg-type]
    take = Recording()
    with consuming(stream, take):
        wait_until(lambda: settled(stream))
    assert take.tried == []
    assert {one.attempts for one in stream.dead_letters()} == {1}
    reasons = sorted(one.reason for one in stream.dead_letters())
    assert len(reasons) == len(junk)
    assert all(one.startswith("the message is n") for one in reasons)


def test_a_dead_letter_can_be_shown_and_dropped_and_then_is_not_there(
    stream: RedisStream, client: Redis, key: str
) -> None:
    client.xadd(key, {BODY: FRAME + b"{}"})
    with consuming(stream, Recording()):
        wait_until(lambda: settled(stream))
    [dead] = stream.dead_letters()
    assert stream.dead_letter(dead.letter_id) == dead
    assert stream.figures().dead == 1
    stream.drop(dead.letter_id)
    for gone in (stream.drop, stream.replay, stream.dead_letter):
        with pytest.raises(NotFound, match="there is no dead letter"):
            gone(dead.letter_id)
    assert stream.figures().dead == 0
    assert settled(stream)


@pytest.mark.usefixtures("quick")
def test_what_a_killed_consumer_held_is_taken_by_another(
    stream: RedisStream, redis: RedisServer, name: str
) -> None:
    stream.publish("orders", ["held"], accepted_at=1)
    process = subprocess.Popen(  # noqa: S603 - this Python and the program beside
        [sys.executable, HOLDING, redis.url, name],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "1 held\n"
    stream.publish("orders", ["waiting"], accepted_at=2)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()
    assert stream.figures().waiting == 2
    take = Recording()
    with consuming(stream, take):
        wait_until(lambda: settled(stream))
    assert sorted(take.tried, key=lambda one: one[2]) == [
        ("orders", "held", 1),
        ("orders", "waiting", 2),
    ]


@pytest.mark.usefixtures("quick")
def test_a_message_that_takes_long_stays_with_who_holds_it(stream: RedisStream) -> None:
    begun, done = threading.Event(), threading.Event()

    def fails(_: object) -> None:
        begun.set()
        assert done.wait(PATIENCE)

    take = Recording(fails)
    stream.publish("orders", ["slow"], accepted_at=1)
    with consuming(stream, take), consuming(stream, take):
        assert begun.wait(PATIENCE)
        threading.Event().wait(3.0)  # six times what it takes to be taken over
        done.set()
        wait_until(lambda: settled(stream))
    assert take.count("slow") == 1


@pytest.mark.usefixtures("quick")
def test_a_message_whose_consumers_die_again_and_again_is_set_aside(
    stream: RedisStream, client: Redis, key: str
) -> None:
    stream.publish("orders", ["killer"], accepted_at=1)
    client.xreadgroup(GROUP, "dead", {key: ">"})
    [entry] = entries(client, key)
    client.xclaim(key, GROUP, "dead", 0, [entry], retrycount=MAX_DELIVERIES)
    take = Recording()
    with consuming(stream, take):
        wait_until(lambda: settled(stream))
    assert take.tried == []
    [dead] = stream.dead_letters()
    assert dead.reason == f"{MAX_DELIVERIES} consumers stopped before they were done with it"


def test_a_broker_that_is_away_is_told_and_what_it_had_acknowledged_is_there_afterwards(
    own_redis: RedisServer, name: str
) -> None:
    stream = RedisStream(own_redis.url, name)
    take = Recording()
    stream.publish("orders", ["early"], accepted_at=1)
    own_redis.kill()
    for call in (
        lambda: stream.publish("orders", ["refused"], accepted_at=2),
        stream.figures,
        stream.dead_letters,
        lambda: stream.replay("x"),
    ):
        with pytest.raises(StreamUnavailable, match="Redis does not answer"):
            call()
    own_redis.start()
    with consuming(stream, take):
        wait_until(lambda: settled(stream))
        own_redis.kill()
        own_redis.start()
        stream.publish("orders", ["late"], accepted_at=3)
        wait_until(lambda: settled(stream))
    early, late, *again = [row for _, row, _ in take.tried]
    assert (early, late) == ("early", "late")
    assert set(again) <= {"late"}, "one is given again only where its acknowledgement was lost"
    stream.close()


def test_a_broker_that_hangs_is_told(own_redis: RedisServer, name: str) -> None:
    stream = RedisStream(own_redis.url, name)
    with own_redis.stopped(), pytest.raises(StreamUnavailable, match="Redis does not answer"):
        stream.publish("orders", ["refused"], accepted_at=1)
    stream.close()


def test_a_redis_that_takes_no_writes_is_asked_seldom_until_it_does_again(
    own_redis: RedisServer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_subscriber, "CONSUME_ERROR_BACKOFF_SECONDS", 1.0)
    stream, take = RedisStream(own_redis.url, name), Recording()

    with Redis.from_url(own_redis.url) as client, consuming(stream, take):
        client.replicaof("127.0.0.1", free_port())
        with pytest.raises(StreamUnavailable):
            stream.publish("orders", ["refused"], accepted_at=1)
        threading.Event().wait(0.3)  # those that waited for a message are told
        before = client.info("stats")["total_commands_processed"]
        threading.Event().wait(1.5)
        assert client.info("stats")["total_commands_processed"] - before < 50
        client.replicaof("NO", "ONE")
        stream.publish("orders", ["late"], accepted_at=2)
        wait_until(lambda: settled(stream))
    assert take.tried == [("orders", "late", 2)]
    stream.close()


def test_a_consumer_that_starts_empties_a_redis_that_is_full(
    own_redis: RedisServer, name: str
) -> None:
    stream, take = RedisStream(own_redis.url, name), Recording()
    with Redis.from_url(own_redis.url) as client:
        for number in range(10):
            stream.publish("orders", [number, "x" * 100_000], accepted_at=number)
        client.config_set("maxmemory", "1mb")
        with pytest.raises(StreamUnavailable, match="Redis takes nothing now"):
            stream.publish("orders", ["refused"], accepted_at=1)
        with consuming(stream, take):
            wait_until(lambda: settled(stream))
        assert {row for _, row, _ in take.tried} == set(range(10))
        other = RedisStream(own_redis.url, f"{name}2")  # nothing published, so no group
        with (
            pytest.raises(StreamUnavailable, match="Redis takes nothing now"),
            consuming(other, take),
        ):
            pass
    for one in (stream, other):
        one.close()


def test_a_consumer_does_not_start_without_its_broker(own_redis: RedisServer, name: str) -> None:
    stream = RedisStream(own_redis.url, name)
    own_redis.kill()
    with pytest.raises(StreamUnavailable), consuming(stream, Recording()):
        pass
    stream.close()


def test_a_consumer_ends_and_says_so_where_the_stream_is_lost(
    stream: RedisStream, client: Redis, key: str
) -> None:
    stream.publish("orders", ["one"], accepted_at=1)
    consumer = Consumer(stream, Recording(), nobody, SystemClock(), concurrency=2)
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(consumer.run)
        assert consumer.started.wait(PATIENCE)  # a reader that starts makes the stream anew
        wait_until(lambda: settled(stream))
        client.delete(key)
        with pytest.raises(StreamUnavailable, match="has lost its stream"):
            done.result(PATIENCE)


def test_a_stream_holds_nothing_that_is_done_with_and_all_that_is_not(
    stream: RedisStream, client: Redis, key: str
) -> None:
    held = threading.Event()

    def fails(row: object) -> None:
        if row == 0:
            assert held.wait(PATIENCE)

    for number in range(50):
        stream.publish("orders", [number], accepted_at=number)
    with consuming(stream, Recording(fails)):
        wait_until(lambda: stream.figures().waiting == 1)
        [fields] = entries(client, key).values()
        assert decode(fields[BODY.encode()].removeprefix(FRAME)).rows == [0]
        held.set()
    assert settled(stream)
