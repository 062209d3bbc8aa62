"""A stream of records of any length, NDJSON or CSV, written in batches as it comes.

In a CSV the header names the record's fields, a row is a whole order (its lines need NDJSON) or a
customer, ``attributes.<name>`` is a field of its own, and the entries of a list are divided by
commas. Cells are separated by commas; an empty one says nothing.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from engine.domain import json_text
from engine.domain.customer import AttributeType
from engine.domain.records import (
    MAX_RECORD_BYTES,
    CustomerRecord,
    LineRefused,
    OrderRecord,
    RowOutcome,
    StreamTaken,
)
from engine.domain.refusal import shown, unknown
from engine.errors import InvalidInput, StoreUnavailable
from engine.ingest.batches import batches
from engine.ingest.complaints import problem
from engine.ingest.csv_rows import csv_rows, decoder, physical_lines
from engine.ingest.fields import ATTRIBUTE_PREFIX, attribute_name
from engine.ingest.mapping import NumberFormat
from engine.ingest.rejects import SAMPLES_PER_REASON, BadValue, Reason
from engine.ingest.values import boolean, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from engine.domain.records import RecordForm, RecordKind, Taken
    from engine.ingest.intake import Intake

MAX_LINE = 4 * MAX_RECORD_BYTES
"""Characters; spaces and escapes may make a line longer than its record."""
BATCH = 500
"""Records written at once: more is hardly faster, and holds more memory."""
Line = tuple[int, object]
"""A physical line and its record, or the BadValue that it is instead."""
_LISTS = ("tags", "unset")
_NESTED = ("attributes", "items")


def take(
    intake: Intake,
    kind: RecordKind,
    form: RecordForm,
    blocks: Iterable[bytes],
    *,
    source: str,
    revision: Callable[[], int | None],
) -> StreamTaken:
    """Write every record that can be taken, in the order of the stream.

    ``revision`` is asked for each batch's, which is None where nothing else writes later.

    Raises InvalidInput for a header that fits no record, and StoreUnavailable; what was written
    before stays, and the same stream sent again changes nothing twice.
    """
    lines = physical_lines(blocks, decoder("utf-8"), "\n")
    records = _csv(intake, kind, lines) if form == "csv" else _ndjson(lines)
    tally = _Tally()
    try:
        for batch in batches(records, BATCH):
            rows = [record for _, record in batch if not isinstance(record, BadValue)]
            run = intake.take_orders if kind == "orders" else intake.take_customers
            tally.add(batch, run(rows, source=source, revision=revision()))
    except (InvalidInput, StoreUnavailable) as error:
        if not tally.written.received:
            raise
        msg = (
            f"{error}; {tally.written.stored:,} records before line {tally.next_line:,} are "
            "stored, and sending all of them again changes nothing twice"
        )
        raise type(error)(msg) from error
    return tally.result()


class _Tally:
    """Adds up what became of the batches; keeps the first refusals of each kind."""

    def __init__(self) -> None:
        self.written = StreamTaken()
        self.next_line = 1
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
        was = self.written
        self.written = StreamTaken(
            received=was.received + len(batch),
            refused=was.refused + refused,
            created=was.created + taken.created,
            updated=was.updated + taken.updated,
            unchanged=was.unchanged + taken.unchanged,
            cluster_time=taken.cluster_time or was.cluster_time,
        )
        self.next_line = batch[-1][0] + 1

    def result(self) -> StreamTaken:
        return self.written._replace(
            reasons=dict(self._reasons.most_common()), samples=self._samples
        )

    def _keep(self, line: int, outcome: RowOutcome) -> None:
        kind = outcome.problems[0].kind
        self._reasons[kind] += 1
        kept = self._samples.setdefault(kind, [])
        if len(kept) < SAMPLES_PER_REASON:
            kept.append(LineRefused(line, outcome.id, outcome.problems[0]))


def _ndjson(lines: Iterator[str]) -> Iterator[Line]:
    for number_, line in enumerate(lines, 1):
        text = line.strip()
        if not text:
            continue
        if len(text) > MAX_LINE:
            detail = f"{len(text):,} characters or more, and a record has {MAX_RECORD_BYTES:,}"
            yield number_, BadValue(Reason.TOO_LONG, "", detail)
            continue
        try:
            yield number_, json_text.parse(text.encode())
        except UnicodeEncodeError:
            yield number_, BadValue(Reason.ENCODING, text, "the line is not valid UTF-8")
        except InvalidInput as error:
            yield number_, BadValue(Reason.RECORD, text, str(error))


def _csv(intake: Intake, kind: RecordKind, lines: Iterator[str]) -> Iterator[Line]:
    broken: list[Line] = []
    rows = csv_rows(lines, ",", lambda line, bad: broken.append((line, bad)))
    _, header = next(rows, (0, []))
    reads = _columns(intake, kind, [name.strip() for name in header])
    for line, cells in rows:
        yield from broken
        broken.clear()
        if len(cells) != len(reads):
            detail = f"{len(cells)} cells in this row, but the header has {len(reads)}"
            yield line, BadValue(Reason.CELLS, " | ".join(cells), detail)
            continue
        record: dict[str, object] = {}
        attributes: dict[str, object] = {}
        for (name, read), cell in zip(reads, cells, strict=True):
            text = cell.strip()
            if not text:
                continue
            if name.startswith(ATTRIBUTE_PREFIX):
                attributes[name.removeprefix(ATTRIBUTE_PREFIX)] = read(text)
            else:
                record[name] = read(text)
        yield line, {**record, "attributes": attributes} if attributes else record
    yield from broken


def _columns(
    intake: Intake, kind: RecordKind, header: list[str]
) -> list[tuple[str, Callable[[str], object]]]:
    model = OrderRecord if kind == "orders" else CustomerRecord
    valid = [name for name in model.model_fields if name not in _NESTED]
    reads: list[tuple[str, Callable[[str], object]]] = []
    for name in header:
        attribute = attribute_name(name) if kind == "customers" else None
        if attribute is None and name not in valid:
            msg = f"in the header {unknown(name, valid, 'field')}"
            raise InvalidInput(msg)
        if header.count(name) > 1:
            msg = f"the header names {shown(name)} twice"
            raise InvalidInput(msg)
        type_ = None if attribute is None else intake.attribute_type(attribute)
        is_list = name in _LISTS or type_ is AttributeType.LIST
        reads.append((name, _READERS[AttributeType.LIST] if is_list else _READERS.get(type_, str)))
    if not reads:
        msg = f"the CSV is empty; its first row names the fields, such as {', '.join(valid)}"
        raise InvalidInput(msg)
    return reads


def _number(cell: str) -> object:
    try:
        return float(number(cell, NumberFormat.PLAIN))
    except BadValue:
        return cell  # the door says that it is no number


def _boolean(cell: str) -> object:
    try:
        return boolean(cell)
    except BadValue:
        return cell


_READERS: dict[AttributeType | None, Callable[[str], object]] = {
    AttributeType.NUMBER: _number,
    AttributeType.BOOLEAN: _boolean,
    AttributeType.LIST: lambda cell: cell.split(","),
}
