"""CSV text to rows, with the physical line each begins on and recovery from broken quotes."""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from itertools import chain
from typing import TYPE_CHECKING

from engine.errors import ImportFileError
from engine.ingest.rejects import BadValue, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

MAX_LINE = 1 << 20
"""Characters in one physical line; a longer one is rejected without being held in memory."""
MAX_ROW = 2 * MAX_LINE
"""Characters in one row, all of its lines together; a longer one ends the reading."""
MAX_QUOTE_FAULTS = 10_000
"""Rows with broken quotes before the file is refused: each costs a second look at up to 128 KiB."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def decoder(encoding: str) -> codecs.IncrementalDecoder:
    """Return a decoder that turns bytes it cannot read into lone surrogates, which no row keeps."""
    if encoding == "utf-16":
        return codecs.getincrementaldecoder(encoding)("surrogatepass")
    name = "utf-8-sig" if encoding == "utf-8" else encoding
    return codecs.getincrementaldecoder(name)("surrogateescape")


def undecodable(cells: Sequence[str]) -> int | None:
    """Return the place of the first cell with bytes that the decoder could not read, if any."""
    joined = "".join(cells)
    if joined.isascii() or not _SURROGATE.search(joined):
        return None
    return next(place for place, cell in enumerate(cells) if _SURROGATE.search(cell))


def physical_lines(
    blocks: Iterable[bytes], decode: codecs.IncrementalDecoder, newline: str
) -> Iterator[str]:
    """Yield the lines of a text, each ended by a line feed; over-long ones as a cell too long."""
    too_long = "x" * (csv.field_size_limit() + 1) + "\n"
    rest, skipping = "", False
    for block in chain(blocks, (None,)):
        text = decode.decode(block or b"", final=block is None)
        pieces = (rest + text).split(newline)
        rest = pieces.pop()
        for piece in pieces:
            if skipping or len(piece) > MAX_LINE:
                yield too_long
                skipping = False
            else:
                yield piece + "\n"
        if len(rest) > MAX_LINE:
            rest, skipping = "", True
    if rest or skipping:
        yield too_long if skipping else rest


def csv_rows(
    lines: Iterator[str], delimiter: str, reject: Callable[[int, BadValue], None]
) -> Iterator[tuple[int, list[str]]]:
    """Yield ``(line, cells)`` for each row that is not blank; ``line`` counts from 1.

    A row whose quotes are broken is rejected by its first line alone, and reading goes on with the
    next line, so that a quote nobody closed does not swallow the rows after it.

    Raises ImportFileError when more than :data:`MAX_QUOTE_FAULTS` rows are broken, and for a row of
    more than :data:`MAX_ROW` characters: line breaks in quoted cells can make one without end.
    """
    feed = _Feed(lines)
    rows = csv.reader(feed.lines(), delimiter=delimiter, strict=True)
    faults = 0
    while True:
        try:
            for cells in rows:
                if cells:
                    yield feed.first, cells
                feed.held.clear()
        except csv.Error as error:
            faults += 1
            if faults > MAX_QUOTE_FAULTS:
                msg = (
                    f"more than {MAX_QUOTE_FAULTS:,} rows have quotes that do not match, the last "
                    f'in line {feed.first}: cells must be quoted with " and a quote doubled inside'
                )
                raise ImportFileError(msg) from None
            reject(feed.first, _complaint(str(error), feed.held))
            feed.retry_from_second()
            rows = csv.reader(feed.lines(), delimiter=delimiter, strict=True)
        else:
            return


class _Feed:
    """Hands lines to the csv reader and holds those of the current row, to read them again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self._fed = 0
        self._size = 0
        self.held: list[str] = []

    @property
    def first(self) -> int:
        """The physical line on which the current row begins."""
        return self._fed - len(self.held) + 1

    def lines(self) -> Iterator[str]:
        while True:
            line = self._again.popleft() if self._again else next(self._lines, None)
            if line is None:
                return
            self._fed += 1
            self._size = self._size + len(line) if self.held else len(line)
            self.held.append(line)
            if self._size > MAX_ROW:
                msg = (
                    f"the row that begins in line {self.first} has more than {MAX_ROW:,} "
                    "characters: a quote that it opens is not closed where the cell ends"
                )
                raise ImportFileError(msg)
            yield line

    def retry_from_second(self) -> None:
        again = self.held[1:]
        self._fed -= len(again)
        self._again.extendleft(reversed(again))
        self.held.clear()


def _complaint(error: str, held: list[str]) -> BadValue:
    value = held[0].rstrip("\n") if held else ""
    if "field limit" in error and len(held) == 1:
        limit = csv.field_size_limit()
        return BadValue(Reason.TOO_LONG, value, f"a cell has more than {limit:,} characters")
    if "new-line" in error:
        return BadValue(
            Reason.CONTROL, value, "a line break stands inside the row; put the cell in quotes"
        )
    if "expected after" in error:
        detail = "text follows a closing quote: quotes inside a quoted cell must be doubled"
        return BadValue(Reason.QUOTES, value, detail)
    return BadValue(Reason.QUOTES, value, "a quote that this row opens is never closed")
