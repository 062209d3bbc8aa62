"""Parquet to rows of text cells, a batch at a time."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from math import isnan
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from engine.errors import ImportFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

BATCH_ROWS = 1_000
"""A dictionary may stand for 100,000 characters in each row: few rows bound the memory."""
LIST_END = "\x01"
"""Stands after each entry of a list whose entries are kept as they are, commas and all."""


class Found(NamedTuple):
    """What a Parquet file holds; the sets name columns, as FileInspection describes them."""

    columns: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    typed: frozenset[str]
    listed: frozenset[str]
    unreadable: frozenset[str]


def inspect_parquet(path: Path, rows: int) -> Found:
    """Look at the columns and the first ``rows`` rows."""
    with _opened(path) as file:
        schema = file.schema_arrow
        columns = tuple(schema.names)
        if file.metadata.num_rows == 0:
            msg = f"{path.name!r} holds a header only: it has no rows"
            raise ImportFileError(msg)
        typed = frozenset(field.name for field in schema if _is_typed(field.type))
        listed = frozenset(field.name for field in schema if _is_list(field.type))
        unreadable = frozenset(field.name for field in schema if not _is_readable(field.type))
        sample: list[tuple[str, ...]] = []
        if len(set(columns)) == len(columns):
            readable = [name for name in columns if name not in unreadable]
            for cells in _rows(file, readable, dict.fromkeys(readable, ","), rows):
                values = dict(zip(readable, cells, strict=True))
                sample.append(tuple(values.get(name, "") for name in columns))
                if len(sample) == rows:
                    break
        return Found(columns, tuple(sample), typed, listed, unreadable)


def parquet_rows(
    path: Path, columns: Sequence[str], separators: Mapping[str, str]
) -> Iterator[tuple[int, list[str]]]:
    """Yield ``(row, cells)`` with rows counted from 1 and cells in the order of ``columns``.

    Null and NaN are empty cells, times are ISO 8601 to the microsecond, in UTC where the column has
    a zone, and the entries of a list are joined by the column's separator, or end with
    :data:`LIST_END`. A date or time that Python cannot hold is the number the file has for it.
    Raises ImportFileError where the file is damaged.
    """
    with _opened(path) as file:
        yield from enumerate(_rows(file, columns, separators, BATCH_ROWS), 1)


def _rows(
    file: pq.ParquetFile, columns: Sequence[str], separators: Mapping[str, str], batch_rows: int
) -> Iterator[list[str]]:
    for batch in file.iter_batches(batch_size=batch_rows, columns=list(columns)):
        texts = [_texts(batch.column(name), separators[name]) for name in columns]
        for cells in zip(*texts, strict=True):
            yield list(cells)


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(path, memory_map=False, buffer_size=1 << 20) as file:
            yield file
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        msg = f"{path.name!r} is a damaged Parquet file: {reason[:200]}"
        raise ImportFileError(msg) from error


def _texts(column: pa.Array, list_separator: str) -> list[str]:
    if pa.types.is_timestamp(column.type):
        column = _in_microseconds(column)
    elif pa.types.is_float32(column.type):
        # In its own digits: 1234.56 as a double is 1234.56005859375.
        column = column.cast(pa.string())
        return ["" if one in (None, "nan") else one for one in column.to_pylist()]
    try:
        values = column.to_pylist()
    except (OverflowError, ValueError):  # one value is enough; the others are dates all the same
        values = [_value(one) for one in column]
    return [_text(value, list_separator) for value in values]


def _in_microseconds(column: pa.Array) -> pa.Array:
    """What Python's datetime holds, with UTC for a zone; unchanged where a value would wrap."""
    zone = None if column.type.tz is None else "UTC"
    is_finer = column.type.unit == "ns"  # what is finer than a millisecond is cut anyway
    try:
        return column.cast(pa.timestamp("us", zone), safe=not is_finer)
    except pa.ArrowInvalid:
        return column.cast(pa.timestamp(column.type.unit, zone))


def _value(scalar: pa.Scalar) -> object:
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        return scalar.value


def _text(value: object, list_separator: str) -> str:
    if value is None or (isinstance(value, float) and isnan(value)):
        return ""
    if isinstance(value, list):
        entries = [entry for entry in value if entry is not None]
        if list_separator == LIST_END:
            # An entry with a control character is refused, this one as well as any other.
            return "".join(f"{entry.replace(LIST_END, chr(2))}{LIST_END}" for entry in entries)
        return list_separator.join(entries)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view()
    )


def _is_typed(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_timestamp(kind)
        or pa.types.is_date(kind)
    )


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _is_readable(kind: pa.DataType) -> bool:
    listed = _is_list(kind)
    inner = kind.value_type if listed else kind
    return _is_text(inner) or pa.types.is_null(kind) or (not listed and _is_typed(kind))
