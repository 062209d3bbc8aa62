# ruff: noqa: T201 - what it prints is what the test reads
"""A consumer of the stream at URL, NAME that never ends what it begins; prints what it holds."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from engine.domain.clock import SystemClock
from engine.streams.consumer import Consumer
from engine.streams.opening import open_stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.streams.batch import Kind
    from engine.streams.taking import Refused


def hold(_: Kind, rows: Sequence[object], *, revision: int) -> Sequence[Refused]:
    print(revision, rows[0], flush=True)
    threading.Event().wait()
    return []


def nobody(_: Sequence[str]) -> frozenset[str]:
    return frozenset()


stream = open_stream(sys.argv[1], sys.argv[2])
Consumer(stream, hold, nobody, SystemClock(), concurrency=1).run()
