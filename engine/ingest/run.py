"""One import under way: its counts, its progress, and whether it may go on."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.errors import Cancelled
from engine.ingest.result import Phase, Progress
from engine.store.imports import ImportCounts
from engine.store.writes import WriteCounts

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.domain.clock import Clock
    from engine.ingest.rejects import BadValue, RejectLog
    from engine.store.imports import ImportStore

TICK_ROWS = 5_000
"""Rows between two looks at the caller's wish to stop: about 50 ms."""
BEAT_EVERY = timedelta(seconds=5)


class Run:
    """Counts what happens, tells the caller, renews the heartbeat, and stops when asked."""

    def __init__(
        self,
        import_id: str,
        *,
        total_bytes: int,
        rejects: RejectLog,
        imports: ImportStore,
        clock: Clock,
        progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self.import_id = import_id
        self.rejects = rejects
        self.rows = 0
        self.figures: Counter[str] = Counter()
        """``customers``, ``orders``, ``refunded``, ``net_amount``."""
        self.is_read = False
        self.customers_written = WriteCounts()
        self.orders_written = WriteCounts()
        self._phase = Phase.READING
        self._bytes = (0, total_bytes)
        self._to_write = 0
        self._imports = imports
        self._clock = clock
        self._beat_at = clock.now()
        self._progress = progress
        self._cancelled = cancelled

    @property
    def counts(self) -> ImportCounts:
        """What the file held and changed, so far."""
        return ImportCounts(
            rows=self.rows,
            customers=self.figures["customers"],
            orders=self.figures["orders"],
            refunded=self.figures["refunded"],
            net_amount=self.figures["net_amount"],
            rejected=self.rejects.counts,
            customers_written=self.customers_written,
            orders_written=self.orders_written,
        )

    def enter(self, phase: Phase, *, to_write: int | None = None) -> None:
        """Begin a phase. Raises Cancelled when the caller asked to stop."""
        self._phase = phase
        if to_write is not None:
            self._to_write = to_write
        self.look()

    def reject(self, line: int, bad: BadValue) -> None:
        """Leave a row out."""
        self.rejects.add(line, bad)

    def read_one(self, bytes_done: int) -> None:
        """Count one row read. Raises Cancelled when the caller asked to stop."""
        self.rows += 1
        if self.rows % TICK_ROWS == 0:
            self._bytes = (bytes_done, self._bytes[1])
            self.look()

    def read_all(self) -> None:
        """Every row is read."""
        self.is_read = True
        self._bytes = (self._bytes[1], self._bytes[1])

    def look(self) -> None:
        """Tell the caller how far it is. Raises Cancelled when the caller asked to stop."""
        if self._cancelled():
            raise Cancelled(self._stopped())
        done, total = self._bytes
        self._progress(
            Progress(
                phase=self._phase,
                done_bytes=done,
                total_bytes=total,
                rows=self.rows,
                written=_documents(self.customers_written) + _documents(self.orders_written),
                to_write=self._to_write,
            )
        )
        now = self._clock.now()
        if now - self._beat_at >= BEAT_EVERY:
            self._imports.beat(self.import_id, self.counts, now=now)
            self._beat_at = now

    def _stopped(self) -> str:
        if self._phase in (Phase.READING, Phase.CHECKING):
            return f"stopped while {self._phase.value}; nothing was written"
        customers, orders = self.customers_written, self.orders_written
        parts = [f"{_documents(customers):,} of {self.figures['customers']:,} customers"]
        if self.figures["orders"]:
            parts.append(f"{_documents(orders):,} of {self.figures['orders']:,} orders")
        return f"stopped after {' and '.join(parts)}; importing the same file again completes it"


def _documents(counts: WriteCounts) -> int:
    return counts.inserted + counts.updated + counts.unchanged
