"""Talking to Kafka: its address, its errors, and one message sent for good."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from confluent_kafka import KafkaError, KafkaException, Producer

from engine.errors import InvalidInput, StreamUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confluent_kafka import Message

SECONDS = 5.0
"""How long a question to Kafka may take."""
DELIVERY_SECONDS = 8.0
"""How long a message may take to be in the log of every replica that is in sync."""
MAX_MESSAGE_BYTES = 8_000_000
"""The API takes batches of 5 MB; Kafka by default refuses more than 1 MB."""
MAX_LETTER_BYTES = 2 * MAX_MESSAGE_BYTES + 1_000_000
"""A dead letter holds a message as a text in JSON, where each of its quotes takes two bytes."""

LOG = logging.getLogger("engine.streams.kafka")
LOG.setLevel(logging.ERROR)  # below it, each connection that comes and goes


def kafka_config(url: str) -> dict[str, Any]:
    """Return the client's settings of ``kafka://[user:password@]host:port[,host:port]``.

    With a user, SASL PLAIN over TLS is spoken; user and password are written as %XX where need be.
    """
    login, _, hosts = url.partition("://")[2].rpartition("@")
    config: dict[str, Any] = {"bootstrap.servers": hosts.strip("/"), "client.id": "mini-crm"}
    if login:
        user, _, password = login.partition(":")
        config |= {
            "security.protocol": "sasl_ssl",
            "sasl.mechanism": "PLAIN",
            "sasl.username": unquote(user),
            "sasl.password": unquote(password),
        }
    return config


@contextmanager
def mapped_errors() -> Iterator[None]:
    """Raise the engine's error for any of the client's."""
    try:
        yield
    except (KafkaException, BufferError) as error:
        raise _mapped(error.args[0]) from error


def _mapped(error: object) -> InvalidInput | StreamUnavailable:
    text = error.str() if isinstance(error, KafkaError) else str(error)
    if isinstance(error, KafkaError) and error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
        return InvalidInput(f"Kafka takes no message of this size: {text}")
    LOG.error("Kafka does not answer: %s", text)  # its address is nobody else's business
    return StreamUnavailable("Kafka does not answer; try again")


class KafkaSender:
    """Sends messages, from any thread, each until every replica in sync has it."""

    def __init__(self, config: dict[str, Any], *, largest: int = MAX_MESSAGE_BYTES) -> None:
        sending = {
            "acks": "all",
            "enable.idempotence": True,
            "linger.ms": 2,
            "compression.type": "lz4",
            "message.max.bytes": largest,
            "request.timeout.ms": int(SECONDS * 1_000),
            "delivery.timeout.ms": int(DELIVERY_SECONDS * 1_000),
        }
        self._config = config | sending
        self._lock = threading.Lock()
        self._made: Producer | None = None

    def send(self, topic: str, body: bytes | None, *, key: str | None = None) -> None:
        """Send one message; None for a body deletes what has this key from a compacted topic."""
        answers: list[KafkaError | None] = []

        def delivered(error: KafkaError | None, _: Message) -> None:
            answers.append(error)

        producer = self._producer()
        with mapped_errors():
            producer.produce(topic, body, key, on_delivery=delivered)
            end = time.monotonic() + DELIVERY_SECONDS + 2
            while not answers and time.monotonic() < end:
                producer.poll(0.05)
        if not answers or answers[0] is not None:
            raise _mapped(answers[0] if answers else "nothing came back")

    def close(self) -> None:
        """Let go of the connections."""
        self._made = None

    def _producer(self) -> Producer:
        with self._lock:
            if self._made is None:
                with mapped_errors():
                    self._made = Producer(self._config, logger=LOG)
            return self._made
