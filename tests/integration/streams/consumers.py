"""Consumers that a test runs in a thread, and takes that do as they are told."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.domain.clock import SystemClock
from engine.streams.consumer import Consumer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from engine.streams.batch import Kind
    from engine.streams.forgetting import Erased
    from engine.streams.stream import Stream
    from engine.streams.taking import Refused, Take

PATIENCE = 60.0
"""Seconds after which something that must happen is taken for something that never will."""


@contextmanager
def running(consumer: Consumer) -> Iterator[None]:
    """Run a consumer in a thread meanwhile; what it raises is raised at the end."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(consumer.run)
        try:
            wait_until(lambda: consumer.started.is_set() or done.done())
            yield
        finally:
            consumer.stop()
            done.result(PATIENCE)


def nobody(_: Sequence[str]) -> frozenset[str]:
    """Say who was erased."""
    return frozenset()


@contextmanager
def consuming(
    stream: Stream, take: Take, *, concurrency: int = 2, erased: Erased = nobody
) -> Iterator[None]:
    with running(Consumer(stream, take, erased, SystemClock(), concurrency=concurrency)):
        yield


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def settled(stream: Stream) -> bool:
    return stream.figures().waiting == 0


class Recording:
    """Takes everything but what ``fails`` raises for, and keeps what it was given."""

    def __init__(self, fails: Callable[[object], None] = lambda _: None) -> None:
        self.fails = fails
        self.tried: list[tuple[Kind, object, int]] = []
        self._lock = threading.Lock()

    def __call__(self, kind: Kind, rows: Sequence[object], *, revision: int) -> Sequence[Refused]:
        with self._lock:
            self.tried.append((kind, rows[0], revision))
        self.fails(rows[0])
        return []

    def count(self, row: object) -> int:
        with self._lock:
            return sum(one == row for _, one, _ in self.tried)
