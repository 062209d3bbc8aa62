"""Parquet to rows of text cells, a batch at a time."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from math import isnan
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from engine.errors import ImportFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

BATCH_ROWS = 8_192

Found = tuple[tuple[str, ...], tuple[tuple[str, ...], ...], frozenset[str], frozenset[str]]


def inspect_parquet(path: Path, rows: int) -> Found:
    """Return the columns, the first ``rows`` rows, the typed columns and the unreadable ones."""
    with _opened(path) as file:
        schema = file.schema_arrow
        columns = tuple(schema.names)
        if file.metadata.num_rows == 0:
            msg = f"{path.name!r} holds a header only: it has no rows"
            raise ImportFileError(msg)
        typed = frozenset(field.name for field in schema if _is_typed(field.type))
        unreadable = frozenset(field.name for field in schema if not _is_readable(field.type))
        sample: list[tuple[str, ...]] = []
        if len(set(columns)) == len(columns):
            readable = [name for name in columns if name not in unreadable]
            for cells in _rows(file, readable, ",", rows):
                values = dict(zip(readable, cells, strict=True))
                sample.append(tuple(values.get(name, "") for name in columns))
                if len(sample) == rows:
                    break
        return columns, tuple(sample), typed, unreadable


def parquet_rows(
    path: Path, columns: Sequence[str], list_separator: str
) -> Iterator[tuple[int, list[str]]]:
    """Yield ``(row, cells)`` with rows counted from 1 and cells in the order of ``columns``.

    Null and NaN are empty cells, times are ISO 8601 to the microsecond, and the entries of a list
    are joined by ``list_separator``. Raises ImportFileError where the file is damaged.
    """
    with _opened(path) as file:
        yield from enumerate(_rows(file, columns, list_separator, BATCH_ROWS), 1)


def _rows(
    file: pq.ParquetFile, columns: Sequence[str], list_separator: str, batch_rows: int
) -> Iterator[list[str]]:
    for batch in file.iter_batches(batch_size=batch_rows, columns=list(columns)):
        texts = [_texts(batch.column(name), list_separator) for name in columns]
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
    kind = column.type
    if pa.types.is_timestamp(kind):
        # Python's datetime has no nanoseconds; what is finer than a millisecond is cut anyway.
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    return [_text(value, list_separator) for value in column.to_pylist()]


def _text(value: object, list_separator: str) -> str:
    if value is None or (isinstance(value, float) and isnan(value)):
        return ""
    if isinstance(value, list):
        return list_separator.join(entry for entry in value if entry is not None)
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


def _is_readable(kind: pa.DataType) -> bool:
    listed = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    inner = kind.value_type if listed else kind
    return _is_text(inner) or pa.types.is_null(kind) or (not listed and _is_typed(kind))
