"""Brokers, and an engine that publishes to one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from engine.bootstrap import open_crm
from engine.settings import Settings
from engine.streams.kafka_stream import KafkaStream
from engine.streams.redis_stream import RedisStream
from tests.integration.streams.kafka_cluster import KafkaCluster
from tests.integration.streams.redis_server import RedisServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.crm import Crm
    from engine.streams.stream import Stream


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for the session; tests keep apart by the names of their streams."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.close()


@pytest.fixture
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis that the test may kill."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.close()


@pytest.fixture
def name() -> str:
    return f"test_{uuid4().hex}"


@pytest.fixture
def stream(redis: RedisServer, name: str) -> Iterator[RedisStream]:
    stream = RedisStream(redis.url, name)
    yield stream
    stream.close()


@pytest.fixture(scope="session")
def kafka() -> Iterator[KafkaCluster]:
    """A Kafka-compatible listener for the session."""
    with KafkaCluster() as cluster:
        yield cluster


@pytest.fixture
def kafka_stream(kafka: KafkaCluster, name: str) -> Iterator[KafkaStream]:
    kafka.make_topics(name)
    stream = KafkaStream(kafka.url, name)
    yield stream
    stream.close()


BROKERS = os.environ.get("BROKERS", "redis")
"""`make faults` asks for both, Kafka at up to 30 s a test; what is Kafka's own is always tested."""
STREAMS = {
    "redis": "stream",
    "kafka": pytest.param("kafka_stream", marks=pytest.mark.slow),
}


@pytest.fixture(params=[STREAMS[one] for one in BROKERS.split(",")])
def any_stream(request: pytest.FixtureRequest) -> Stream:
    """A stream in each of the brokers that are asked for, in turn."""
    stream: Stream = request.getfixturevalue(request.param)
    return stream


@pytest.fixture
def streamed(redis: RedisServer, mongo_uri: str, db_name: str) -> Iterator[Crm]:
    """The engine over an empty database, with a stream in Redis."""
    settings = {"mongodb_uri": mongo_uri, "mongodb_database": db_name, "stream_url": redis.url}
    with open_crm(Settings.model_validate(settings)) as crm:
        yield crm
