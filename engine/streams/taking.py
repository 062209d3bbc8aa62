"""What becomes of one message: it is taken, tried again, set aside, or left to others."""

from __future__ import annotations

import asyncio
import logging
import math
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from engine.errors import CrmError, InvalidInput
from engine.streams.batch import decode, encode
from engine.streams.dead_letter import dead_letter, letter_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from concurrent.futures import Executor
    from datetime import datetime

    from engine.domain.clock import Clock
    from engine.streams.batch import Batch, Kind
    from engine.streams.dead_letter import DeadLetter

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
LONGEST_PAUSE = 5.0
"""Seconds between two tries while MongoDB is away."""
GRACE_SECONDS = 60.0
"""How long a consumer that is asked to stop may take over what it holds."""
SHOWN = 5
"""Refused rows that a dead letter's reason quotes."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was refused, by its place in the batch (the first is 0), and why."""

    row: int
    reason: str


class Take(Protocol):
    """Writes the rows of a batch and returns those that it refused.

    Called from several threads. Raises a transient error where trying again may help.
    """

    def __call__(
        self, kind: Kind, rows: Sequence[object], /, *, revision: int
    ) -> Sequence[Refused]:
        """Write them with this revision; what is stored with a later one stays."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A message that is done with: acknowledge it once ``dead`` is kept, if there is one."""

    dead: DeadLetter | None = None


class Taking:
    """Takes messages, one call each, as many at once as are called."""

    def __init__(
        self,
        take: Take,
        forget: Callable[[DeadLetter], None],
        clock: Clock,
        threads: Executor,
        *,
        pause: float = 0.2,
    ) -> None:
        self._take = take
        self._forget = forget
        self._clock = clock
        self._threads = threads
        self._pause = pause
        self.stopping = asyncio.Event()
        """Once it is set, a message that waits for MongoDB is left to another consumer."""
        self._held = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @asynccontextmanager
    async def holding(self) -> AsyncIterator[None]:
        """Mark a message as held until it is acknowledged, or left."""
        self._held += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._held -= 1
            if not self._held:
                self._idle.set()

    async def finish(self) -> None:
        """Return when no message is held, GRACE_SECONDS from now at the latest."""
        self.stopping.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), GRACE_SECONDS)

    async def settle(self, body: bytes, *, patience: float = math.inf) -> Settled | None:
        """Take a message; return None where it is left, to be delivered again.

        A transient error is waited out, for ``patience`` seconds or so; any other is tried
        MAX_ATTEMPTS times before the message is set aside. What is no batch never will be one, and
        is set aside at once.
        """
        try:
            batch = decode(body)
        except InvalidInput as error:
            return Settled(self.dead(body, str(error), attempts=1))
        failures: list[datetime] = []
        waits, waited = 0, 0.0
        while True:
            try:
                refused = await self._taken(batch)
            except Exception as error:
                if isinstance(error, CrmError) and error.transient:
                    pause = min(self._pause * 2**waits, LONGEST_PAUSE)
                    waits += 1
                    logger.warning("batch %s waits %.1f s: %s", batch.batch_id, pause, error)
                else:
                    pause = self._pause * 2 ** len(failures)
                    failures.append(self._clock.now())
                    if len(failures) == MAX_ATTEMPTS:
                        logger.exception("batch %s failed for the last time", batch.batch_id)
                        reason = f"{type(error).__name__}: {error}"
                        dead = self.dead(body, reason, attempts=MAX_ATTEMPTS, since=failures[0])
                        return Settled(dead)
                    logger.warning("batch %s failed: %s", batch.batch_id, error)
            else:
                logger.info("batch %s: %d %s", batch.batch_id, len(batch.rows), batch.kind)
                return Settled(self._refused(batch, refused) if refused else None)
            if waited > patience or await self._stopped_within(pause):
                return None
            waited += pause

    async def _taken(self, batch: Batch) -> Sequence[Refused]:
        work = partial(self._take, batch.kind, batch.rows, revision=batch.accepted_at)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def dead(
        self, body: bytes, reason: str, *, attempts: int, since: datetime | None = None
    ) -> DeadLetter:
        """Return a message as a dead letter that fails now, and first failed ``since``."""
        now = self._clock.now()
        # Reasons quote what was given, which a log need not hold.
        logger.error("message %s is set aside; dead-letters show says why", letter_id(body))
        return dead_letter(body, reason, attempts=attempts, since=since or now, now=now)

    async def kept(self, letter: DeadLetter) -> None:
        """Ask, once a letter is kept, whether somebody it names was erased meanwhile."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._threads, self._forget, letter)
        except CrmError as error:
            logger.warning("the next start asks who was erased of %s: %s", letter.letter_id, error)

    def _refused(self, batch: Batch, refused: Sequence[Refused]) -> DeadLetter:
        """Return the rows that were refused, which had been taken at the door, as a dead letter."""
        rows = [batch.rows[one.row] for one in refused]
        first = "; ".join(f"row {one.row}: {one.reason}" for one in refused[:SHOWN])
        more = f"; and {len(refused) - SHOWN} more" if len(refused) > SHOWN else ""
        reason = f"{len(refused)} of {len(batch.rows)} rows were refused: {first}{more}"
        return self.dead(encode(replace(batch, rows=rows)), reason, attempts=1)

    async def _stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)
        return self.stopping.is_set()
