"""The consumers of one process on Redis.

Each is a FastStream subscriber of its own that holds one message at a time: FastStream's workers
would keep as many again waiting, whose turn to be taken over comes before they are begun. While a
message is held, its consumer says so; a message that nobody has held for TAKE_OVER_MS belonged to a
consumer that is gone, and another one claims it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from contextlib import asynccontextmanager
from struct import pack
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import uuid4

from faststream import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.parser import BinaryMessageFormatV1
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError, ResponseError
from redis.exceptions import TimeoutError as TooLate

from engine.streams.dead_letter import encode_letter
from engine.streams.taking import GRACE_SECONDS, Settled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from faststream.redis.message import RedisStreamMessage
    from redis.asyncio import Redis

    from engine.streams.taking import Taking

T = TypeVar("T")

logger = logging.getLogger(__name__)
FASTSTREAM = logging.getLogger("engine.streams.faststream")
FASTSTREAM.setLevel(logging.WARNING)  # below it, each message and each step of starting

GROUP = "consumers"
BODY = "__data__"
"""The field of an entry where FastStream looks for the message."""
FRAME = BinaryMessageFormatV1.IDENTITY_HEADER + pack(">HIIH", 1, 18, 20, 0)
"""What FastStream's format puts before a message without headers: version, where the headers and
the message start, how many headers. Without it every message is tried as two other formats first.
"""

TAKE_OVER_MS = 10_000
HELD_SECONDS = 2.0
"""How often a consumer says that it holds its message still."""
POLL_MS = 1_000
MAX_DELIVERIES = 20
"""A message whose consumers died so many times is taken for the cause. It is many, since a machine
that dies takes what it holds, and that is no fault of the message."""
_DONE = """
if ARGV[3] then
  redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
"""
"""All of it or nothing. A Redis that is full refuses whatever stands in a MULTI, and could not be
emptied; of a script it refuses what takes memory."""
_FASTSTREAM_S_OWN = ("NOGROUP", "BUSYGROUP")
"""What Redis answers that FastStream knows what to do about."""


class _AsAway(Retry):
    """Tells a Redis that refuses what it is asked, for now or for good, as one that is away.

    After that FastStream waits 5 s. Told of a refusal, it reads again at once, as fast as Redis
    refuses, and keeps a task of every try. Nothing is tried again here.
    """

    async def call_with_retry(
        self,
        do: Callable[[], Awaitable[T]],
        fail: Callable[..., Any],
        *args: Any,  # noqa: ANN401 - as the client gives them
        **kwargs: Any,  # noqa: ANN401
    ) -> T:
        try:
            return await super().call_with_retry(do, fail, *args, **kwargs)
        except OutOfMemoryError as error:
            # FastStream makes the group once more, which takes memory; that it is there will do.
            msg = f"{error} (where it was to make the group: that already exists)"
            raise ResponseError(msg) from error
        except ResponseError as error:
            if str(error).startswith(_FASTSTREAM_S_OWN):
                raise
            msg = f"Redis refuses: {error}"
            raise NoConnection(msg) from error


class RedisConsumers:
    """The consumers of a process: ``stream`` and ``dead`` are keys of the Redis at ``url``."""

    def __init__(self, url: str, stream: str, dead: str, taking: Taking) -> None:
        self._url = url
        self._stream = stream
        self._dead = dead
        self._taking = taking

    def broker(self, concurrency: int) -> RedisBroker:
        """Return a broker with ``concurrency`` readers and one that claims."""
        broker = RedisBroker(
            self._url,
            apply_types=False,
            graceful_timeout=GRACE_SECONDS,
            logger=FASTSTREAM,
            # A connection to what became a replica is closed: its name may lead elsewhere by now.
            retry=_AsAway(NoBackoff(), 0, (NoConnection, TooLate, ReadOnlyError)),
        )
        process = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
        for number in range(concurrency):
            self._subscribe(broker, f"{process}-{number}", min_idle_time=None)
        self._subscribe(broker, f"{process}-claims", min_idle_time=TAKE_OVER_MS)
        return broker

    def _subscribe(self, broker: RedisBroker, consumer: str, *, min_idle_time: int | None) -> None:
        subscribed = broker.subscriber(
            stream=StreamSub(
                self._stream,
                group=GROUP,
                consumer=consumer,
                max_records=1,
                polling_interval=POLL_MS,
                min_idle_time=min_idle_time,
            ),
            decoder=_whole,
            ack_policy=AckPolicy.MANUAL,
        )

        @subscribed
        async def receive(message: RedisStreamMessage) -> None:
            async with self._taking.holding():
                await self._received(consumer, message, claimed=min_idle_time is not None)

    async def _received(self, consumer: str, message: RedisStreamMessage, *, claimed: bool) -> None:
        redis = cast("Redis", message.consumer)
        [entry] = message.raw_message["message_ids"]
        body = message.body
        async with self._held(redis, consumer, entry):
            deliveries = await message.get_delivery_count() if claimed else 1
            if deliveries > MAX_DELIVERIES:
                reason = f"{deliveries - 1} consumers stopped before they were done with it"
                settled = Settled(self._taking.dead(body, reason, attempts=deliveries))
            elif (done := await self._taking.settle(body)) is None:
                return
            else:
                settled = done
        dead = settled.dead
        kept = (dead.letter_id, encode_letter(dead)) if dead is not None else ()
        done_with = redis.eval(_DONE, 2, self._stream, self._dead, GROUP, entry, *kept)
        await cast("Awaitable[None]", done_with)
        if settled.dead is not None:
            await self._taking.kept(settled.dead)

    @asynccontextmanager
    async def _held(self, redis: Redis, consumer: str, entry: bytes) -> AsyncIterator[None]:
        """Keep others from taking a message over; with JUSTID that counts as no delivery."""

        async def say_so() -> None:
            while True:
                await asyncio.sleep(HELD_SECONDS)
                try:
                    await redis.xclaim(self._stream, GROUP, consumer, 0, [entry], justid=True)
                except RedisError as error:
                    logger.warning("Redis does not answer: %s", error)

        saying = asyncio.create_task(say_so())
        try:
            yield
        finally:
            saying.cancel()


async def _whole(message: RedisStreamMessage) -> RedisStreamMessage:
    """Hand the message over undecoded."""
    return message
