"""A stream of records of any length, written in batches as it comes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from engine.domain.outcomes import LineRefused, RowOutcome, StreamTaken
from engine.errors import InvalidInput, StoreUnavailable
from engine.ingest.complaints import problem
from engine.ingest.csv_rows import decoder, physical_lines
from engine.ingest.record_lines import csv, ndjson
from engine.ingest.rejects import SAMPLES_PER_REASON, BadValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from engine.domain.outcomes import Taken
    from engine.domain.records import RecordForm, RecordKind
    from engine.ingest.intake import Intake
    from engine.ingest.record_lines import Line

BATCH = 500
"""Records written at once: more is hardly faster, and holds more memory."""
BATCH_BYTES = 1 << 21
"""Of a stream, after which what waits is written: parsed, text may take 25 times its size."""


def take(
    intake: Intake,
    kind: RecordKind,
    form: RecordForm,
    blocks: Iterable[bytes],
    *,
    source: str,
    revision: Callable[[], int | None],
    tell: Callable[[StreamTaken], None] | None = None,
) -> StreamTaken:
    """Write every record that can be taken, in the order of the stream.

    An empty block says that nothing comes for now: what came whole is written, and so it is where
    reading the blocks raises. ``revision`` is asked for each batch's, which is None where nothing
    else writes later. ``tell`` is given what became of all so far after each batch.

    Raises InvalidInput for a header that fits no record, StoreUnavailable, and whatever ``blocks``
    raises; what was written before stays, and the same stream sent again changes nothing twice.
    """
    run = intake.take_orders if kind == "orders" else intake.take_customers
    tally = _Tally()
    waiting: list[Line] = []

    def flush() -> None:
        batch = waiting.copy()
        waiting.clear()  # a batch that cannot be written is not tried again on the way out
        if batch:
            rows = [record for _, record in batch if not isinstance(record, BadValue)]
            tally.add(batch, run(rows, source=source, revision=revision()))
            if tell is not None:
                tell(tally.so_far())

    lines = physical_lines(_fed(blocks, flush), decoder("utf-8"), "\n")
    try:
        try:
            for line in csv(kind, lines, intake.types) if form == "csv" else ndjson(lines):
                waiting.append(line)
                if len(waiting) == BATCH:
                    flush()
        finally:
            flush()
    except (InvalidInput, StoreUnavailable) as error:
        msg = f"{error}{tally.so_far().stayed}"
        raise type(error)(msg) from error
    return tally.so_far()


def _fed(blocks: Iterable[bytes], flush: Callable[[], None]) -> Iterator[bytes]:
    size = 0
    for block in blocks:
        if not block or size > BATCH_BYTES:
            flush()
            size = 0
        if block:
            size += len(block)
            yield block


class _Tally:
    """Adds up what became of the batches; keeps the first refusals of each kind."""

    def __init__(self) -> None:
        self._written = StreamTaken()
        self._reasons: Counter[str] = Counter()
        self._samples: dict[str, list[LineRefused]] = {}

    def add(self, batch: list[Line], taken: Taken) -> None:
        outcomes = iter(taken.rows)
        refused = 0
        for line, record in batch:
            if isinstance(record, BadValue):
                outcome = RowOutcome(0, None, "refused", (problem(record.column, record),))
            else:
                outcome = next(outcomes)
            if outcome.problems:
                refused += 1
                self._keep(line, outcome)
        was = self._written
        self._written = StreamTaken(
            received=was.received + len(batch),
            refused=was.refused + refused,
            created=was.created + taken.created,
            updated=was.updated + taken.updated,
            unchanged=was.unchanged + taken.unchanged,
            cluster_time=taken.cluster_time or was.cluster_time,
            learnt={**was.learnt, **taken.learnt},
            next_line=batch[-1][0] + 1,
        )

    def so_far(self) -> StreamTaken:
        return self._written._replace(
            reasons=dict(self._reasons.most_common()), samples=self._samples
        )

    def _keep(self, line: int, outcome: RowOutcome) -> None:
        kind = outcome.problems[0].kind
        self._reasons[kind] += 1
        kept = self._samples.setdefault(kind, [])
        if len(kept) < SAMPLES_PER_REASON:
            kept.append(LineRefused(line, outcome.id, outcome.problems[0]))
