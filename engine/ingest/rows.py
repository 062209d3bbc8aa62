"""A file as a stream of rows, whatever its format, with the bytes done and its SHA-256."""

from __future__ import annotations

import gzip
import io
import zlib
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from engine.errors import ImportFileError
from engine.ingest.csv_rows import csv_rows, decoder, physical_lines, undecodable
from engine.ingest.formats import FileFormat
from engine.ingest.parquet_rows import parquet_rows
from engine.ingest.rejects import BadValue, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from engine.ingest.inspection import FileInspection

BLOCK = 1 << 18
BOMB_FROM = 1 << 28
"""Unpacked bytes from which the ratio is looked at: 256 MiB."""
BOMB_RATIO = 300
"""Unpacked bytes to packed ones; the real export packs 6 to 1, gzip's limit is 1,030 to 1."""


class RowSource:
    """One reading of a file. Rows are tuples ``(line, cells)``, cells in ``columns`` order."""

    def __init__(
        self, inspection: FileInspection, columns: tuple[str, ...], separators: Mapping[str, str]
    ) -> None:
        """Read ``columns`` of the file (a CSV is split whole either way).

        ``separators`` says for each column how the entries of a Parquet list become one cell.
        """
        self.columns = columns if inspection.format is FileFormat.PARQUET else inspection.columns
        self._inspection = inspection
        self._separators = separators
        self._digest = sha256()
        self._bytes = 0

    @property
    def bytes_done(self) -> int:
        """Bytes of the file read so far, as they are on disk."""
        return self._bytes

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the file as it is on disk; whole once every row was read."""
        return self._digest.hexdigest()

    def rows(
        self, reject: Callable[[int, BadValue, list[str]], None]
    ) -> Iterator[tuple[int, list[str]]]:
        """Yield every row that has its cells; others go to ``reject`` with what they do have.

        Raises ImportFileError where the file turns out broken.
        """
        path = self._inspection.path
        try:
            if self._inspection.format is FileFormat.PARQUET:
                for _ in self._blocks():
                    pass
                yield from parquet_rows(path, self.columns, self._separators)
            else:
                yield from self._csv(reject)
        except OSError as error:
            msg = f"{path.name!r} cannot be read to its end: {error.strerror or error}"
            raise ImportFileError(msg) from error

    def _csv(
        self, reject: Callable[[int, BadValue, list[str]], None]
    ) -> Iterator[tuple[int, list[str]]]:
        look = self._inspection
        blocks = self._unpacked() if look.format is FileFormat.CSV_GZ else self._blocks()
        lines = physical_lines(blocks, decoder(look.encoding), look.newline)
        rows = csv_rows(lines, look.delimiter, lambda line, bad: reject(line, bad, []))
        width = len(look.columns)
        try:
            _, header = next(rows, (0, []))
            if tuple(cell.strip() for cell in header) != look.columns:
                msg = f"{look.path.name!r} changed while it was read; try again"
                raise ImportFileError(msg)
            for line, cells in rows:
                if len(cells) != width:
                    reject(line, _cells(cells, width), cells)
                    continue
                if (place := undecodable(cells)) is not None:
                    reject(line, _undecodable(cells[place], look.columns[place], look), cells)
                    continue
                yield line, cells
        except UnicodeDecodeError as error:
            msg = f"{look.path.name!r} is not {look.encoding} text throughout: {error.reason}"
            raise ImportFileError(msg) from None

    def _blocks(self) -> Iterator[bytes]:
        with self._tracked() as file:
            while block := file.read(BLOCK):
                yield block

    def _unpacked(self) -> Iterator[bytes]:
        name, unpacked = self._inspection.path.name, 0
        try:
            with self._tracked() as file, gzip.GzipFile(fileobj=file) as text:
                while block := text.read(BLOCK):
                    unpacked += len(block)
                    if unpacked > BOMB_FROM and unpacked > BOMB_RATIO * self._bytes:
                        msg = (
                            f"{name!r} unpacks to more than {BOMB_RATIO} times its size, which no "
                            "table of customers or orders does; unpack it first if it is one"
                        )
                        raise ImportFileError(msg)
                    yield block
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            msg = f"{name!r} is cut short or damaged: its gzip ends with {str(error)!r}"
            raise ImportFileError(msg) from error

    @contextmanager
    def _tracked(self) -> Iterator[BinaryIO]:
        with self._inspection.path.open("rb", buffering=0) as raw:
            yield io.BufferedReader(_Tracked(raw, self._took), BLOCK)

    def _took(self, block: bytes) -> None:
        self._bytes += len(block)
        self._digest.update(block)


class _Tracked(io.RawIOBase):
    """Tells every block that is read."""

    def __init__(self, raw: io.FileIO, took: Callable[[bytes], None]) -> None:
        self._raw = raw
        self._took = took

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = self._raw.readinto(buffer)
        self._took(bytes(buffer[:count]))
        return count


def _cells(cells: list[str], width: int) -> BadValue:
    value = " | ".join(cells)
    n = f"{len(cells)} cell" if len(cells) == 1 else f"{len(cells)} cells"
    return BadValue(Reason.CELLS, value, f"{n} in this row, but the header has {width}")


def _undecodable(cell: str, column: str, look: FileInspection) -> BadValue:
    detail = (
        f"some characters are not in the encoding {look.encoding}; if the whole file is not, "
        "choose its encoding"
    )
    return BadValue(Reason.ENCODING, cell, detail, column)
