"""Batches in a Redis stream, dead letters in a hash beside it.

``{name}:batches`` is read by one consumer group. An entry is deleted by the script that
acknowledges it, so the stream holds what is not done with and nothing else: it does not grow, and
nothing unacknowledged is ever trimmed. ``{name}:batches:dead`` holds dead letters by their id. The
braces keep both on one node of a cluster.

Redis has an entry for good as soon as it answers only where it runs with ``appendonly yes`` and
``appendfsync always``. With ``everysec`` the last two seconds may be lost, of what was done as well
as of what was published; without either, everything.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import (
    ClusterDownError,
    MasterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as TooLate
from redis.retry import Retry

from engine.errors import CrmError, InvalidInput, StreamUnavailable
from engine.streams.batch import encode, new_batch
from engine.streams.dead_letter import decode_letter, encode_letter, unknown_letter
from engine.streams.redis_consumers import BODY, FRAME, GROUP, RedisConsumers
from engine.streams.stream import StreamFigures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from faststream.redis import RedisBroker

    from engine.streams.batch import Kind
    from engine.streams.dead_letter import DeadLetter
    from engine.streams.taking import Taking

logger = logging.getLogger(__name__)

FORGOTTEN_MS = 3_600_000
"""A consumer that holds nothing and was silent so long is struck off the group's list."""
_FORGET = """
for _, one in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  if one[4] == 0 and one[6] > tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], one[2])
  end
end
"""
_REVISE = """
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then
  if ARGV[3] == '' then
    redis.call('HDEL', KEYS[1], ARGV[1])
  else
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
  end
end
"""
_TRANSIENT = (NoConnection, TooLate, ClusterDownError, MasterDownError, TryAgainError)
_TAKES_NOTHING = (OutOfMemoryError, ReadOnlyError)
_TRANSIENT_CODES = ("MISCONF", "NOREPLICAS")
"""Redis cannot write to its disk, or to enough replicas, for now."""


@contextmanager
def mapped_errors() -> Iterator[None]:
    """Raise the engine's error for any of the client's."""
    try:
        yield
    except _TRANSIENT as error:
        logger.warning("Redis does not answer: %s", error)  # its address is nobody else's business
        msg = "Redis does not answer; try again"
        raise StreamUnavailable(msg) from error
    except RedisError as error:
        if isinstance(error, _TAKES_NOTHING) or str(error).startswith(_TRANSIENT_CODES):
            logger.warning("Redis takes nothing now: %s", error)
            msg = "Redis takes nothing now; try again"
            raise StreamUnavailable(msg) from error
        msg = f"Redis refused the call: {error}"
        raise CrmError(msg) from error


class RedisStream:
    """The stream of one workspace, by the name of its database; see ``stream.Stream``."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._batches = f"{{{name}}}:batches"
        self._dead = f"{{{name}}}:batches:dead"
        self._has_group = False
        try:
            # Tried twice, so that a connection from before a restart costs nothing.
            self._redis = Redis.from_url(
                url,
                socket_timeout=3,
                socket_connect_timeout=2,
                retry=Retry(ConstantBackoff(0.1), 1),
            )
        except ValueError as error:
            msg = "CRM_STREAM_URL cannot be used: redis://user:password@host:port/number is valid"
            raise InvalidInput(msg) from error

    def publish(self, kind: Kind, rows: Sequence[object], *, accepted_at: int) -> str:
        """Publish a batch; return its id once Redis has it."""
        batch = new_batch(kind, rows, accepted_at=accepted_at)
        body = encode(batch)
        with mapped_errors():
            if not self._has_group:
                # Before there is anything to fill Redis with: a full one makes none.
                self._make_group()
                self._has_group = True
            self._redis.xadd(self._batches, {BODY: FRAME + body})
        return batch.batch_id

    def ping(self) -> None:
        """Have Redis answer."""
        with mapped_errors():
            self._redis.ping()

    def figures(self) -> StreamFigures:
        """Count the messages."""
        with mapped_errors():
            waiting, dead = self._redis.xlen(self._batches), self._redis.hlen(self._dead)
        return StreamFigures(waiting=waiting, dead=dead)

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """Return the messages that were set aside, the first that failed first."""
        with mapped_errors():
            found = map(decode_letter, self._redis.hvals(self._dead))
        return tuple(sorted(found, key=lambda one: (one.first_failed_at, one.letter_id)))

    def dead_letter(self, letter_id: str) -> DeadLetter:
        """Return one of them; raises NotFound."""
        with mapped_errors():
            found = self._redis.hget(self._dead, letter_id)
        if found is None:
            raise unknown_letter(letter_id)
        return decode_letter(found)

    def replay(self, letter_id: str) -> None:
        """Publish a dead letter again and drop it, both or neither; raises NotFound."""
        body = self.dead_letter(letter_id).body.encode()
        with mapped_errors(), self._redis.pipeline(transaction=True) as together:
            together.xadd(self._batches, {BODY: FRAME + body})
            together.hdel(self._dead, letter_id)
            together.execute()

    def drop(self, letter_id: str) -> None:
        """Delete a dead letter for good; raises NotFound."""
        with mapped_errors():
            gone = self._redis.hdel(self._dead, letter_id)
        if not gone:
            raise unknown_letter(letter_id)

    def revise(self, change: Callable[[DeadLetter], DeadLetter | None]) -> None:
        """Put what ``change`` returns in the place of each dead letter; None deletes it."""
        with mapped_errors():
            for letter_id, stored in self._redis.hscan_iter(self._dead):
                letter = decode_letter(stored)
                if (left := change(letter)) != letter:
                    fresh = b"" if left is None else encode_letter(left)
                    self._redis.eval(_REVISE, 1, self._dead, letter_id, stored, fresh)

    def subscribed(self, taking: Taking, concurrency: int) -> RedisBroker:
        """Return a broker of ``concurrency`` consumers, and one that takes over from dead ones."""
        with mapped_errors():
            self._make_group()
            self._redis.eval(_FORGET, 1, self._batches, GROUP, str(FORGOTTEN_MS))
        consumers = RedisConsumers(self._url, self._batches, self._dead, taking)
        return consumers.broker(concurrency)

    def _make_group(self) -> None:
        """Make the group of consumers; there may be one even where a full Redis makes none."""
        try:
            # From the start of the stream: what was published before there was a consumer.
            self._redis.xgroup_create(self._batches, GROUP, id="0", mkstream=True)
        except OutOfMemoryError:
            there = self._redis.exists(self._batches) and self._redis.xinfo_groups(self._batches)
            if not there or GROUP.encode() not in {one["name"] for one in there}:
                raise
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def close(self) -> None:
        """Let go of the connections."""
        self._redis.close()
