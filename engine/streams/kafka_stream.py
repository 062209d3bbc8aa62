"""Batches in a Kafka topic, dead letters in a compacted one beside it.

``{name}.batches`` is read by one consumer group; ``{name}.batches.dead`` holds dead
letters. A batch holds many customers, so no key could keep one customer's batches in order: they
go to any partition, and their revisions decide. Topics that are missing are made. Kafka has a
message for good once all replicas in sync have it; ``min.insync.replicas`` says how many at least.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from engine.streams.batch import encode, new_batch
from engine.streams.kafka_client import (
    LOG,
    MAX_LETTER_BYTES,
    MAX_MESSAGE_BYTES,
    SECONDS,
    KafkaSender,
    kafka_config,
    mapped_errors,
)
from engine.streams.kafka_consumers import KafkaConsumers, group_of
from engine.streams.kafka_dead_letters import KafkaDeadLetters
from engine.streams.stream import StreamFigures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from faststream.confluent import KafkaBroker

    from engine.streams.batch import Kind
    from engine.streams.dead_letter import DeadLetter
    from engine.streams.taking import Taking

logger = logging.getLogger(__name__)

PING_SECONDS = 3.0
PARTITIONS = 12
"""Of the topic of batches, where it is made here: as many consumers can read at once."""
COMPACTED = {"cleanup.policy": "compact", "max.compaction.lag.ms": "86400000"}
"""What is dropped is out of the log within a day or so; by default, whenever that pays."""


class KafkaStream:
    """The stream of one workspace, by the name of its database; see ``stream.Stream``."""

    def __init__(self, url: str, name: str) -> None:
        self._config = kafka_config(url)
        self._topic = f"{name}.batches"
        self._dead_topic = f"{name}.batches.dead"
        self._sender = KafkaSender(self._config)
        self._keeper = KafkaSender(self._config, largest=MAX_LETTER_BYTES)
        self._dead = KafkaDeadLetters(self._config, self._dead_topic, self._keeper)
        self._is_made = False

    def publish(self, kind: Kind, rows: Sequence[object], *, accepted_at: int) -> str:
        """Publish a batch; return its id once Kafka has it."""
        batch = new_batch(kind, rows, accepted_at=accepted_at)
        body = encode(batch)
        self._make_topics()
        self._sender.send(self._topic, body)
        return batch.batch_id

    def ping(self) -> None:
        """Have Kafka answer."""
        with mapped_errors():
            AdminClient(self._config, logger=LOG).list_topics(timeout=PING_SECONDS)

    def figures(self) -> StreamFigures:
        """Count the messages; each question opens connections of its own."""
        self._make_topics()
        with mapped_errors():
            consumer = Consumer(self._config | {"group.id": group_of(self._topic)}, logger=LOG)
            try:
                topic = consumer.list_topics(self._topic, timeout=SECONDS).topics[self._topic]
                places = [TopicPartition(self._topic, one) for one in topic.partitions]
                waiting = 0
                for place in consumer.committed(places, timeout=SECONDS):
                    low, high = consumer.get_watermark_offsets(place, timeout=SECONDS)
                    waiting += high - max(low, place.offset)  # none committed is below zero
            finally:
                consumer.close()
        return StreamFigures(waiting=waiting, dead=len(self._dead.all()))

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """Return the messages that were set aside, the first that failed first."""
        self._make_topics()
        return self._dead.all()

    def dead_letter(self, letter_id: str) -> DeadLetter:
        """Return one of them; raises NotFound."""
        self._make_topics()
        return list(self._dead.of(letter_id).values())[-1]

    def replay(self, letter_id: str) -> None:
        """Publish a dead letter again, then drop it; raises NotFound."""
        self._make_topics()
        found = self._dead.of(letter_id)
        self._sender.send(self._topic, list(found.values())[-1].body.encode())
        self._dead.drop(found)

    def drop(self, letter_id: str) -> None:
        """Delete a dead letter for good; raises NotFound."""
        self._make_topics()
        self._dead.drop(self._dead.of(letter_id))

    def revise(self, change: Callable[[DeadLetter], DeadLetter | None]) -> None:
        """Put what ``change`` returns in the place of each dead letter; None deletes it.

        What was there before lies in Kafka's log until that is compacted.
        """
        self._make_topics()
        self._dead.revise(change)

    def subscribed(self, taking: Taking, concurrency: int) -> KafkaBroker:
        """Return a broker of ``concurrency`` consumers."""
        self._make_topics()
        consumers = KafkaConsumers(self._config, self._topic, self._dead, taking)
        return consumers.broker(concurrency)

    def close(self) -> None:
        """Let go of the connections."""
        self._sender.close()
        self._keeper.close()

    def _make_topics(self) -> None:
        """Make the topics that are missing, unless this was done."""
        if self._is_made:
            return
        with mapped_errors():
            admin = AdminClient(self._config, logger=LOG)
            there = admin.list_topics(timeout=SECONDS).topics
        size = {"max.message.bytes": str(MAX_MESSAGE_BYTES)}
        letters = {"max.message.bytes": str(MAX_LETTER_BYTES)}
        wanted = [
            NewTopic(self._topic, PARTITIONS, config=size),
            NewTopic(self._dead_topic, 1, config=letters | COMPACTED),
        ]
        missing = [one for one in wanted if one.topic not in there]
        if missing:
            for made in admin.create_topics(missing, request_timeout=SECONDS).values():
                with mapped_errors():
                    try:
                        made.result()
                    except KafkaException as error:
                        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                            raise
        self._is_made = True
