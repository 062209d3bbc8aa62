"""A body on its way, read by a thread that can tell when nothing comes."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from anyio import from_thread

from engine.api.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

PAUSE_SECONDS = 0.2
"""A stream that pauses so long gets what it sent written."""
TOLD_SECONDS = 1.0
"""One that trickles without a pause does so as often."""
SILENT_SECONDS = 30.0
"""A stream that sends nothing for so long holds a place for nothing."""


class Arriving:
    """A body's chunks, each read when it is asked for and not before."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._next: asyncio.Task[bytes | None] | None = None

    async def piece(self, seconds: float) -> bytes | None:
        """Return the next chunk, an empty one where none comes in time, or None at the end."""
        if self._next is None:
            # Waited for in a task of its own: cutting the wait off must not end the body.
            self._next = asyncio.create_task(self._read())
        await asyncio.wait((self._next,), timeout=seconds)
        if not self._next.done():
            return b""
        done, self._next = self._next, None
        return done.result()

    async def _read(self) -> bytes | None:
        return await anext(self._chunks, None)

    async def close(self) -> None:
        """Stop waiting."""
        if self._next is not None:
            self._next.cancel()
            with suppress(asyncio.CancelledError, ProblemError):
                await self._next


@asynccontextmanager
async def arriving(chunks: AsyncIterator[bytes]) -> AsyncIterator[Arriving]:
    """Yield a body, and stop waiting for it when the block ends."""
    body = Arriving(chunks)
    try:
        yield body
    finally:
        await body.close()


def pulled(body: Arriving) -> Iterator[bytes]:
    """Yield chunks in a thread, and an empty one where a pause begins, and every second or so.

    Raises ProblemError: 408 where the pause lasts, and what reading the body raises.
    """
    told = time.monotonic()
    while (piece := from_thread.run(body.piece, PAUSE_SECONDS)) is not None:
        yield piece
        if piece:
            if time.monotonic() - told > TOLD_SECONDS:
                told = time.monotonic()
                yield b""
            continue
        piece = from_thread.run(body.piece, SILENT_SECONDS - PAUSE_SECONDS)
        if piece is None:
            return
        if not piece:
            detail = f"nothing came for {SILENT_SECONDS:.0f} seconds"
            raise ProblemError(408, "Request timeout", detail)
        yield piece
