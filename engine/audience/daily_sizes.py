"""The size of every saved segment, once a local day, whoever records it first."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from engine.domain.calendar import local_date
from engine.domain.segment import SegmentSize
from engine.errors import NotEvaluatedYet, RuleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from engine.domain.clock import Clock
    from engine.domain.rules import Rule
    from engine.domain.segment import Segment
    from engine.store.segment_sizes import SegmentSizeStore
    from engine.store.segments import SegmentStore

logger = logging.getLogger(__name__)

EVERY_SECONDS = 60.0


@dataclass(slots=True)
class DailySizes:
    """Records sizes, by itself once :meth:`start` is called.

    ``size_of`` says how many customers of how many a rule holds at an instant.
    """

    segments: SegmentStore
    sizes: SegmentSizeStore
    size_of: Callable[[Rule, datetime], tuple[int, int]]
    zone: ZoneInfo
    clock: Clock
    _told: set[tuple[str, int]] = field(default_factory=set)
    """Segments and versions of which it has been said why they have no size."""
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def record_due(self, now: datetime) -> int:
        """Record the size of each segment that has none on this local day; return how many.

        A rule that cannot be evaluated gets none. What goes wrong with one segment keeps no other
        waiting: all of it is raised at the end.
        """
        day = local_date(now, self.zone)
        segments = self.segments.all()
        done = self.sizes.recorded([one.segment_id for one in segments], day)
        recorded = 0
        failures: list[Exception] = []
        for one in segments:
            if self._stop.is_set():
                break
            if one.segment_id in done:
                continue
            try:
                recorded += self._record(one, day, now)
            except Exception as error:  # noqa: BLE001 - all are raised below
                failures.append(error)
        if failures:
            msg = "some segments' sizes could not be recorded"
            raise ExceptionGroup(msg, failures)
        return recorded

    def _record(self, segment: Segment, day: date, now: datetime) -> bool:
        try:
            count, total = self.size_of(segment.rule, now)
        except (RuleError, NotEvaluatedYet) as error:
            this = (segment.segment_id, segment.version)
            if this not in self._told:
                self._told.add(this)
                said = "segment %s, version %d, has no size by day: %s"
                logger.info(said, segment.segment_id, segment.version, error)
            return False
        return self.sizes.record(
            SegmentSize(
                segment_id=segment.segment_id,
                day=day,
                version=segment.version,
                count=count,
                total=total,
                at=now,
            )
        )

    def start(self) -> None:
        """Record every minute what is due, in a thread that :meth:`close` ends."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sizes", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Finish the segment at hand and stop."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.record_due(self.clock.now())
            except Exception:
                # A thread that dies silently is a history that ends: whatever it was is logged
                # whole, and what is still due is tried again in a minute.
                logger.exception("recording sizes of segments met an error and goes on")
            self._stop.wait(EVERY_SECONDS)


def frame(sizes: Iterable[SegmentSize]) -> pl.DataFrame:
    """Return one row per local day: ``day``, ``count`` of ``total`` customers, ``version``, ``at``.

    ``at`` is the instant of the evaluation, in UTC.
    """
    rows = [(one.day, one.count, one.total, one.version, one.at) for one in sizes]
    schema = {
        "day": pl.Date(),
        "count": pl.Int64(),
        "total": pl.Int64(),
        "version": pl.Int64(),
        "at": pl.Datetime("us", "UTC"),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
