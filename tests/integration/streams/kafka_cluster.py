"""The Kafka-compatible cluster that comes with librdkafka, on loopback, in this process."""

from __future__ import annotations

from typing import Self

from confluent_kafka import Producer

from engine.streams.kafka_client import LOG

SECONDS = 30.0


class KafkaCluster:
    """Answers as a broker does, to clients in any process, until it is left."""

    def __init__(self) -> None:
        # It lives in a client of its own; whatever address that is given is not used.
        self._owner: Producer | None = Producer(
            {"bootstrap.servers": "none:1", "test.mock.num.brokers": 1}, logger=LOG
        )
        brokers = self._owner.list_topics(timeout=SECONDS).brokers.values()
        self.url = "kafka://" + ",".join(f"{one.host}:{one.port}" for one in brokers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._owner = None

    def make_topics(self, name: str) -> None:
        """Make a stream's topics: the cluster does so when it is asked of them, and not else."""
        assert self._owner is not None
        for topic in (f"{name}.batches", f"{name}.batches.dead"):
            self._owner.list_topics(topic, timeout=SECONDS)
