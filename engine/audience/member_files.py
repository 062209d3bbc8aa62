"""Members as CSV, NDJSON or Parquet, written piece by piece."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Literal, TypeAlias

import polars as pl
from pyarrow.parquet import ParquetWriter

from engine.domain.spreadsheet import FORMULA, NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from typing_extensions import Buffer

_INSTANT = "%Y-%m-%dT%H:%M:%S%.3fZ"
"""Milliseconds are MongoDB's precision."""


MemberFile: TypeAlias = Literal["csv", "ndjson", "parquet"]
"""How a file of members is written; each holds one row a member.

``csv`` (RFC 4180, UTF-8) begins with a header; a missing value is an empty cell, a list its JSON
text, and a text that a spreadsheet would take for a formula begins with an apostrophe. ``ndjson``
has one object a line, with null for what is missing. ``parquet`` keeps the types: decimals, dates,
instants in UTC, lists.
"""


def written(
    kind: MemberFile, empty: pl.DataFrame, batches: Iterable[pl.DataFrame]
) -> Iterator[bytes]:
    """Yield the file of these rows; ``empty`` has the same columns and no row."""
    match kind:
        case "csv":
            return _csv(empty, batches)
        case "ndjson":
            return (spelled(rows).write_ndjson().encode() for rows in batches)
        case "parquet":
            return _parquet(empty, batches)


def spelled(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows as JSON has them: decimals as text, instants and days in ISO 8601."""
    instants = pl.col(pl.Datetime("us", "UTC")).dt.strftime(_INSTANT)
    return rows.with_columns(
        instants, pl.col(pl.Decimal).cast(pl.String), pl.col(pl.Date).dt.to_string("iso")
    )


def _csv(empty: pl.DataFrame, batches: Iterable[pl.DataFrame]) -> Iterator[bytes]:
    yield _cells(empty).write_csv().encode()
    for rows in batches:
        yield _cells(rows).write_csv(include_header=False).encode()


def _cells(rows: pl.DataFrame) -> pl.DataFrame:
    # Before decimals become text: a negative amount is no formula.
    return spelled(rows.with_columns(_cell(column) for column in rows))


def _cell(column: pl.Series) -> pl.Series:
    if column.dtype == pl.List:
        return column.map_elements(_json, return_dtype=pl.String)
    if column.dtype != pl.String:
        return column
    formula = column.str.contains(FORMULA) & ~column.str.contains(NUMBER)
    return ("'" + column).zip_with(formula, column).rename(column.name)


def _json(entries: pl.Series) -> str:
    return json.dumps(entries.to_list(), ensure_ascii=False)


def _parquet(empty: pl.DataFrame, batches: Iterable[pl.DataFrame]) -> Iterator[bytes]:
    schema = empty.to_arrow().schema
    pieces = _Pieces()
    with ParquetWriter(pieces, schema, compression="zstd") as writer:
        for rows in batches:
            writer.write_table(rows.to_arrow().cast(schema))
            yield pieces.taken()
    yield pieces.taken()


class _Pieces(io.RawIOBase):
    """A file that can be written only, and gives away what was written since the last time."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        """It can be."""
        return True

    def write(self, piece: Buffer, /) -> int:
        """Keep a piece until it is taken."""
        self._written += piece
        return memoryview(piece).nbytes

    def taken(self) -> bytes:
        """Return what was written since the last call."""
        taken, self._written = bytes(self._written), bytearray()
        return taken
