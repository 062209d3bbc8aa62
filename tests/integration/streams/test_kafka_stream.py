"""Batches through a Kafka-compatible cluster."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Producer

from engine.bootstrap import open_crm
from engine.errors import InvalidInput, NotFound, StoreUnavailable, StreamUnavailable
from engine.settings import Settings
from engine.streams import kafka_consumers
from engine.streams import kafka_stream as kafka_stream_module
from engine.streams.dead_letter import dead_letter
from engine.streams.kafka_client import LOG, KafkaSender, kafka_config
from engine.streams.kafka_dead_letters import KafkaDeadLetters
from engine.streams.kafka_stream import KafkaStream
from engine.streams.stream import StreamFigures
from engine.streams.taking import Refused
from tests.integration.streams.consumers import Recording, consuming, running, settled, wait_until
from tests.integration.streams.kafka_cluster import KafkaCluster
from tests.integration.streams.redis_server import free_port

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.streams.batch import Kind
    from engine.streams.dead_letter import DeadLetter

pytestmark = pytest.mark.slow  # joining a group alone takes the cluster three seconds

HOLDING = Path(__file__).with_name("holding_consumer.py")
ROOT = Path(__file__).parents[3]


def test_what_is_published_is_written_and_a_repeated_delivery_takes_no_effect(
    kafka: KafkaCluster, mongo_uri: str, db_name: str
) -> None:
    kafka.make_topics(db_name)
    settings = {"mongodb_uri": mongo_uri, "mongodb_database": db_name, "stream_url": kafka.url}
    with open_crm(Settings.model_validate(settings)) as crm:
        assert crm.stream is not None
        for amount, accepted_at in (("2.00", 2), ("1.00", 1), ("2.00", 2), ("1.00", 1)):
            order = {
                "order_id": "o",
                "customer_id": "c",
                "ordered_at": "2026-03-01T12:00:00Z",
                "amount": amount,
            }
            crm.stream.publish("orders", [order], accepted_at=accepted_at)
        assert crm.stream_figures().waiting == 4
        with running(crm.consumer(concurrency=2)):
            wait_until(lambda: crm.stream_figures().waiting == 0)
        assert [one.amount for one in crm.stores.orders.of_customer("c")] == [200]


def test_what_a_killed_consumer_held_is_taken_by_another(
    kafka_stream: KafkaStream, kafka: KafkaCluster, name: str
) -> None:
    kafka_stream.publish("orders", ["held"], accepted_at=1)
    process = subprocess.Popen(  # noqa: S603 - this Python and the program beside
        [sys.executable, HOLDING, kafka.url, name],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "1 held\n"
    process.kill()
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()
    assert kafka_stream.figures().waiting == 1
    take = Recording()
    with consuming(kafka_stream, take):
        wait_until(lambda: settled(kafka_stream))
    assert set(take.tried) == {("orders", "held", 1)}, "while the group forms, perhaps twice"


def test_a_message_that_waits_is_not_acknowledged_by_those_that_come_after_it(
    kafka_stream: KafkaStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_consumers, "PATIENCE_SECONDS", 0.0)

    def fails(row: object) -> None:
        if row == 0:
            raise StoreUnavailable

    take = Recording(fails)
    for number in range(12):
        kafka_stream.publish("orders", [number], accepted_at=number)
    with consuming(kafka_stream, take, concurrency=1):
        wait_until(lambda: take.count(0) > 2 and len({row for _, row, _ in take.tried}) > 3)
    left = kafka_stream.figures().waiting
    assert left > 0
    take.fails = lambda _: None
    before = take.count(0)
    with consuming(kafka_stream, take, concurrency=1):
        wait_until(lambda: settled(kafka_stream))
    assert take.count(0) > before
    assert {row for _, row, _ in take.tried} == set(range(12))


def test_what_is_no_batch_is_set_aside_and_can_be_dropped_or_replayed(
    kafka_stream: KafkaStream, kafka: KafkaCluster, name: str
) -> None:
    sender = Producer(kafka_config(kafka.url), logger=LOG)
    for body in (b"\xff{", b'{"v":2}'):
        sender.produce(f"{name}.batches", body)
    assert sender.flush(30) == 0
    take = Recording()
    with consuming(kafka_stream, take):
        wait_until(lambda: settled(kafka_stream))
        first, second = sorted(kafka_stream.dead_letters(), key=lambda one: one.body)
        kafka_stream.drop(first.letter_id)
        assert kafka_stream.dead_letters() == (second,)
        with pytest.raises(NotFound, match="there is no dead letter"):
            kafka_stream.replay(first.letter_id)
        kafka_stream.replay(second.letter_id)
        wait_until(lambda: settled(kafka_stream))
        [again] = kafka_stream.dead_letters()
    assert again.letter_id == second.letter_id
    assert again.first_failed_at > second.first_failed_at
    assert take.tried == []


def test_dead_letters_are_changed_or_deleted_where_they_lie(
    kafka_stream: KafkaStream, kafka: KafkaCluster, name: str
) -> None:
    config = kafka_config(kafka.url)
    kept = KafkaDeadLetters(config, f"{name}.batches.dead", KafkaSender(config))
    now = datetime.now(UTC)
    for body in (b"a", b"b", b"c"):
        kept.keep(dead_letter(body, "odd", attempts=1, since=now, now=now))
    bodies = {"a": None, "b": "changed"}

    def change(letter: DeadLetter) -> DeadLetter | None:
        body = bodies.get(letter.body, letter.body)
        return replace(letter, body=body) if body else None

    before = {one.body: one for one in kafka_stream.dead_letters()}
    kafka_stream.revise(change)
    left = {one.body: one for one in kafka_stream.dead_letters()}
    assert left == {"changed": replace(before["b"], body="changed"), "c": before["c"]}
    kafka_stream.drop(before["b"].letter_id)
    assert kafka_stream.figures().dead == 1


def test_a_dead_letter_that_was_replayed_meanwhile_does_not_come_back(
    kafka: KafkaCluster, kafka_stream: KafkaStream, name: str
) -> None:
    config = kafka_config(kafka.url)
    kept = KafkaDeadLetters(config, f"{name}.batches.dead", KafkaSender(config))
    now = datetime.now(UTC)
    kept.keep(dead_letter(b"a", "odd", attempts=1, since=now, now=now))

    def change(letter: DeadLetter) -> DeadLetter:
        kafka_stream.replay(letter.letter_id)
        return replace(letter, reason="changed")

    kafka_stream.revise(change)
    assert kafka_stream.figures() == StreamFigures(waiting=1, dead=0)


def test_a_broker_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_stream_module, "SECONDS", 1.0)
    stream = KafkaStream(f"kafka://127.0.0.1:{free_port()}", "none")
    with pytest.raises(StreamUnavailable, match="Kafka does not answer"):
        stream.publish("orders", [1], accepted_at=1)
    with pytest.raises(StreamUnavailable, match="Kafka does not answer"):
        stream.figures()
    with pytest.raises(StreamUnavailable), consuming(stream, Recording()):
        pass


def test_a_broker_that_goes_away_is_told_to_who_publishes(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.streams.kafka_client.DELIVERY_SECONDS", 5.0)
    with KafkaCluster() as cluster:
        cluster.make_topics(name)
        stream = KafkaStream(cluster.url, name)
        stream.publish("orders", ["early"], accepted_at=1)
    with pytest.raises(StreamUnavailable, match="Kafka does not answer"):
        stream.publish("orders", ["late"], accepted_at=2)


def test_a_batch_too_large_for_kafka_is_refused_not_tried_again(kafka_stream: KafkaStream) -> None:
    with pytest.raises(InvalidInput, match="no message of this size"):
        kafka_stream.publish("orders", ["x" * 9_000_000], accepted_at=1)
    kafka_stream.publish("orders", ["x" * 5_000_000], accepted_at=1)


def refuse_all(_: Kind, rows: Sequence[object], *, revision: int) -> Sequence[Refused]:
    return [Refused(row, f"of revision {revision}") for row in range(len(rows))]


def test_a_batch_that_grows_where_it_is_set_aside_is_kept_and_can_be_replayed(
    kafka_stream: KafkaStream,
) -> None:
    rows = ['"' * 2_400_000]  # 5 MB in a batch, and 10 MB as a text in a letter
    batch_id = kafka_stream.publish("orders", rows, accepted_at=1)
    with consuming(kafka_stream, refuse_all, concurrency=1):
        wait_until(lambda: settled(kafka_stream))
    letter = kafka_stream.dead_letter(batch_id)
    assert letter.batch is not None
    assert letter.batch.rows == rows
    kafka_stream.replay(batch_id)
    assert kafka_stream.figures() == StreamFigures(waiting=1, dead=0)


def test_a_message_whose_dead_letter_cannot_be_kept_is_not_left_behind(
    kafka: KafkaCluster, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_stream_module, "MAX_LETTER_BYTES", 1_000)
    monkeypatch.setattr(kafka_consumers, "PUT_BACK_SECONDS", 0.1)
    kafka.make_topics(name)
    stream = KafkaStream(kafka.url, name)

    taken: list[int] = []

    def refuse(kind: Kind, rows: Sequence[object], *, revision: int) -> Sequence[Refused]:
        taken.append(revision)
        return refuse_all(kind, rows, revision=revision)

    stream.publish("orders", ["x" * 2_000], accepted_at=1)
    with consuming(stream, refuse, concurrency=1):
        wait_until(lambda: len(taken) > 1)
    assert stream.figures() == StreamFigures(waiting=1, dead=0)
    stream.close()
