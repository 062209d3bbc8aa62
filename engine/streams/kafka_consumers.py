"""The consumers of one process on Kafka.

Each is a FastStream subscriber of its own, with a consumer of its own in the group: FastStream's
workers acknowledge before they begin. A consumer that is killed leaves its partitions to the others
within SESSION_MS.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from confluent_kafka import KafkaException
from faststream import AckPolicy
from faststream.confluent import KafkaBroker
from faststream.confluent.schemas import Topic

from engine.streams.kafka_client import LOG
from engine.streams.taking import GRACE_SECONDS

if TYPE_CHECKING:
    from confluent_kafka import Consumer, Message
    from faststream.confluent.message import KafkaMessage

    from engine.streams.kafka_dead_letters import KafkaDeadLetters
    from engine.streams.taking import Taking

logger = logging.getLogger(__name__)

SESSION_MS = 10_000
HEARTBEAT_MS = 1_000
"""How soon a consumer learns that another one came or went."""
PATIENCE_SECONDS = 60.0
"""How long a message waits for MongoDB before it is asked for again; Kafka takes a consumer that
asks for nothing in MOST_BETWEEN_MS for dead."""
MOST_BETWEEN_MS = 600_000
PUT_BACK_SECONDS = 5.0
"""How long a message rests whose dead letter could not be kept."""
POLL_SECONDS = 0.5


def group_of(topic: str) -> str:
    """Return the group that shares a topic; where two topics had one, each would disturb it."""
    return f"{topic}.consumers"


class KafkaConsumers:
    """The consumers of a process on one topic."""

    def __init__(
        self, config: dict[str, Any], topic: str, dead: KafkaDeadLetters, taking: Taking
    ) -> None:
        self._config = config
        self._topic = topic
        self._dead = dead
        self._taking = taking

    def broker(self, concurrency: int) -> KafkaBroker:
        """Return a broker with ``concurrency`` consumers."""
        broker = KafkaBroker(
            self._config["bootstrap.servers"],
            config=cast("Any", self._config),
            apply_types=False,
            graceful_timeout=GRACE_SECONDS,
            logger=LOG,
        )
        for _ in range(concurrency):
            subscribed = broker.subscriber(
                Topic(self._topic, declare=False),
                group_id=group_of(self._topic),
                auto_offset_reset="earliest",
                ack_policy=AckPolicy.MANUAL,
                session_timeout_ms=SESSION_MS,
                heartbeat_interval_ms=HEARTBEAT_MS,
                max_poll_interval_ms=MOST_BETWEEN_MS,
                polling_interval=POLL_SECONDS,
                decoder=_whole,
            )
            subscribed(self._received)
        return broker

    async def _received(self, message: KafkaMessage) -> None:
        async with self._taking.holding():
            try:
                settled = await self._taking.settle(_body(message), patience=PATIENCE_SECONDS)
                if settled is None:
                    await message.nack()
                    return
                if settled.dead is not None:
                    await asyncio.to_thread(self._dead.keep, settled.dead)
                await _commit(message)
                if settled.dead is not None:
                    await self._taking.kept(settled.dead)
            except KafkaException as error:
                # The partition goes to another consumer, which takes the message again.
                logger.warning("Kafka did not take that a message is done with: %s", error)
            except Exception:
                # Left as it is, it would be acknowledged with the next one of its partition.
                logger.exception("a message is put back; perhaps its dead letter cannot be kept")
                await asyncio.sleep(PUT_BACK_SECONDS)
                await message.nack()


async def _commit(message: KafkaMessage) -> None:
    """Acknowledge this message and what came before it in its partition, and nothing else.

    FastStream's own commits whatever was read last of every partition, also where a message was put
    back and is still to be taken.
    """
    consumer: Consumer = cast("Any", message.consumer).consumer
    raw = cast("Message", message.raw_message)
    await asyncio.to_thread(partial(consumer.commit, message=raw, asynchronous=False))


def _body(message: KafkaMessage) -> bytes:
    body = cast("Message", message.raw_message).value()
    return body if isinstance(body, bytes) else b""


async def _whole(message: KafkaMessage) -> KafkaMessage:
    """Hand the message over undecoded."""
    return message
