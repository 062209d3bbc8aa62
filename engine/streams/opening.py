"""The stream of CRM_STREAM_URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.streams.stream import Stream


def open_stream(url: str, name: str) -> Stream:
    """Return the stream of this name; no connection is made before it is used.

    Args:
        url: redis://…, rediss://… or kafka://…; raises InvalidInput where it cannot be used.
        name: Letters, digits, - and _; one stream for each database.
    """
    # Neither client is loaded where it is not used.
    if url.startswith("kafka:"):
        from engine.streams.kafka_stream import KafkaStream  # noqa: PLC0415

        return KafkaStream(url, name)
    from engine.streams.redis_stream import RedisStream  # noqa: PLC0415

    return RedisStream(url, name)
