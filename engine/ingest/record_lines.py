"""Lines of a stream to records, NDJSON or CSV.

In a CSV the header names the record's fields, a row is a whole order (its lines need NDJSON) or a
customer, ``attributes.<name>`` is a field of its own, and the entries of a list are divided by
commas. Cells are separated by commas; an empty one says nothing. An attribute that is not known yet
is text, unless its column is called ``attributes.<name>:number`` (or ``boolean``, or ``list``).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from engine.domain import json_text
from engine.domain.customer import AttributeType
from engine.domain.records import MAX_RECORD_BYTES, CustomerRecord, OrderRecord
from engine.domain.refusal import shown, unknown
from engine.errors import InvalidInput
from engine.ingest.csv_rows import csv_rows, undecodable
from engine.ingest.fields import ATTRIBUTE_PREFIX, attribute_name
from engine.ingest.mapping import NumberFormat
from engine.ingest.mapping_check import MAX_ATTRIBUTES
from engine.ingest.rejects import BadValue, Reason
from engine.ingest.values import boolean, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from engine.domain.records import RecordKind

MAX_LINE = 4 * MAX_RECORD_BYTES
"""Characters; spaces and escapes may make a line longer than its record."""
Line = tuple[int, object]
"""A physical line and its record, or the BadValue that it is instead."""
Types = dict[str, AttributeType]
_LISTS = ("tags", "unset")
_NESTED = ("attributes", "items")


class _Column(NamedTuple):
    """A column of a CSV: the field it fills, how a cell is read, and whether that may fail."""

    field: str
    read: Callable[[str], object]
    strict: bool
    """The header says the type, so that a cell that is none is refused here."""


def ndjson(lines: Iterator[str]) -> Iterator[Line]:
    """Yield the record of each line that is not blank."""
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


def csv(kind: RecordKind, lines: Iterator[str], types: Callable[[], Types]) -> Iterator[Line]:
    """Yield the record of each row; ``types`` are asked once for those of the attributes.

    Raises InvalidInput for a header that fits no record.
    """
    broken: list[tuple[int, BadValue]] = []
    rows = csv_rows(lines, ",", lambda line, bad: broken.append((line, bad)))
    _, header = next(rows, (0, []))
    if broken:
        line, bad = broken[0]
        msg = f"line {line}, which should be the header, cannot be read: {bad.detail}"
        raise InvalidInput(msg)
    columns = _columns(kind, [name.strip() for name in header], types)
    for line, cells in rows:
        yield from broken
        broken.clear()
        if len(cells) != len(columns):
            detail = f"{len(cells)} cells in this row, but the header has {len(columns)}"
            yield line, BadValue(Reason.CELLS, " | ".join(cells), detail)
            continue
        if (place := undecodable(cells)) is not None:
            detail = "the cell is not valid UTF-8; save the file in that encoding"
            field = columns[place].field.replace(".", "/")
            yield line, BadValue(Reason.ENCODING, cells[place], detail, field)
            continue
        try:
            yield line, _record(columns, cells)
        except BadValue as bad:
            yield line, bad
    yield from broken


def _record(columns: list[_Column], cells: list[str]) -> Mapping[str, object]:
    record: dict[str, object] = {}
    attributes: dict[str, object] = {}
    for (name, read, strict), cell in zip(columns, cells, strict=True):
        text = cell.strip()
        if not text:
            continue
        found: object = text
        try:
            found = read(text)
        except BadValue as bad:
            if strict:
                raise bad.in_column(name.replace(".", "/")) from None
            # The door says that it is no number, and what the attribute holds.
        if name.startswith(ATTRIBUTE_PREFIX):
            attributes[name.removeprefix(ATTRIBUTE_PREFIX)] = found
        else:
            record[name] = found
    return {**record, "attributes": attributes} if attributes else record


def _columns(kind: RecordKind, header: list[str], types: Callable[[], Types]) -> list[_Column]:
    model = OrderRecord if kind == "orders" else CustomerRecord
    valid = [name for name in model.model_fields if name not in _NESTED]
    if not header:
        msg = f"the CSV is empty; its first row names the fields, such as {', '.join(valid)}"
        raise InvalidInput(msg)
    own = sum(name.startswith(ATTRIBUTE_PREFIX) for name in header)
    if own > MAX_ATTRIBUTES:
        msg = f"the header names {own:,} attributes, at most {MAX_ATTRIBUTES} are taken"
        raise InvalidInput(msg)
    known = types() if own and kind == "customers" else {}
    columns: dict[str, _Column] = {}
    for written in header:
        name, _, said = written.partition(":")
        attribute = attribute_name(name) if kind == "customers" else None
        if attribute is None and written not in valid:
            others = [one for one in ";\t|" if one in written and len(header) == 1]
            hint = f"; cells are separated by commas, not by {shown(others[0])}" if others else ""
            msg = f"in the header {unknown(written, valid, 'field')}{hint}"
            raise InvalidInput(msg)
        if name in columns:
            msg = f"the header names {shown(name)} twice"
            raise InvalidInput(msg)
        if said:
            columns[name] = _typed(name, said, known.get(attribute or ""))
            continue
        type_ = AttributeType.LIST if name in _LISTS else known.get(attribute or "")
        read = _READERS.get(type_, str) if type_ else str
        columns[name] = _Column(name, read, strict=False)
    return list(columns.values())


def _typed(name: str, said: str, known: AttributeType | None) -> _Column:
    """Return a column whose type the header says."""
    by_name = {type_.value: type_ for type_ in _READERS}
    type_ = by_name.get(said)
    if type_ is None:
        msg = f"in the header {unknown(said, by_name, 'type')}"
        raise InvalidInput(msg)
    if known not in (None, type_):
        msg = f"the header says {said} for {shown(name)}, which holds {known}"
        raise InvalidInput(msg)
    return _Column(name, _READERS[type_], strict=True)


_READERS: Mapping[AttributeType, Callable[[str], object]] = MappingProxyType(
    {
        AttributeType.NUMBER: lambda cell: float(number(cell, NumberFormat.PLAIN)),
        AttributeType.BOOLEAN: boolean,
        AttributeType.LIST: lambda cell: cell.split(","),
    }
)
