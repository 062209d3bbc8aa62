"""A process's consumers, from the start to the end of their work."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from engine.domain.refusal import shown
from engine.errors import InvalidInput, StreamUnavailable
from engine.streams.forgetting import without
from engine.streams.taking import Taking

if TYPE_CHECKING:
    from faststream._internal.broker import BrokerUsecase

    from engine.domain.clock import Clock
    from engine.streams.dead_letter import DeadLetter
    from engine.streams.forgetting import Erased
    from engine.streams.stream import Stream
    from engine.streams.taking import Take

MOST_AT_ONCE = 32
"""Batches; each has a thread and a connection of its own."""
START_SECONDS = 20.0


class Consumer:
    """Takes batches from a stream until it is told to stop. As many may run as are wanted."""

    def __init__(
        self, stream: Stream, take: Take, erased: Erased, clock: Clock, *, concurrency: int
    ) -> None:
        if not 1 <= concurrency <= MOST_AT_ONCE:
            msg = f"concurrency is {shown(concurrency)}, but must be from 1 to {MOST_AT_ONCE}"
            raise InvalidInput(msg)
        self._stream = stream
        self._take = take
        self._erased = erased
        self._clock = clock
        self._concurrency = concurrency
        self.started = threading.Event()
        """Set when every consumer is connected."""
        self._ended = threading.Event()
        self._lost = False

    def run(self) -> None:
        """Work until :meth:`stop` is called from another thread, or from a signal.

        Raises StreamUnavailable where the broker does not answer at the start, or has lost the
        stream since.
        """
        asyncio.run(self._run())

    def stop(self) -> None:
        """Finish what is held, take nothing more, and let :meth:`run` return."""
        self._ended.set()

    def exit(self) -> None:
        """End because there is nothing left to read: FastStream calls it."""
        self._lost = True
        self._ended.set()

    async def _run(self) -> None:
        # One more than the readers: whoever takes over from the dead reads as well.
        with ThreadPoolExecutor(self._concurrency + 1, "consumer") as threads:
            taking = Taking(self._take, self._forget, self._clock, threads)
            await asyncio.to_thread(self._forget_all)
            broker = await asyncio.to_thread(self._stream.subscribed, taking, self._concurrency)
            broker.context.set_global("app", self)
            try:
                await _start(broker)
                self.started.set()
                await asyncio.to_thread(self._ended.wait)
            finally:
                # None leaves before all are done: on Kafka the others' acknowledgements would fail.
                for one in broker.subscribers:
                    one.running = False
                await taking.finish()
                await broker.stop()
        if self._lost:
            msg = "the broker has lost its stream, and the batches in it; start the consumers again"
            raise StreamUnavailable(msg)

    def _forget(self, letter: DeadLetter) -> None:
        if without(letter, self._erased) != letter:
            self._forget_all()

    def _forget_all(self) -> None:
        self._stream.revise(partial(without, erased=self._erased))


async def _start(broker: BrokerUsecase[Any, Any, Any]) -> None:
    try:
        async with asyncio.timeout(START_SECONDS):
            await broker.start()
    except Exception as error:
        why = f"not within {START_SECONDS:g} s" if isinstance(error, TimeoutError) else error
        msg = f"the broker did not let consumers in ({why}); try again"
        raise StreamUnavailable(msg) from error
