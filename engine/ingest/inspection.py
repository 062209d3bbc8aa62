"""A first look at a file: its format, columns, encoding, delimiter and a few rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from engine.errors import ImportFileError
from engine.ingest.csv_rows import csv_rows, decoder
from engine.ingest.formats import SAMPLE_BYTES, FileFormat, detect
from engine.ingest.parquet_rows import inspect_parquet
from engine.ingest.rejects import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from engine.ingest.rejects import BadValue

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
ENCODINGS = ("utf-8", "cp1252", "latin-1", "iso-8859-15", "cp1250", "cp1251", "utf-16")
"""Encodings a mapping may name. UTF-16 needs its byte-order mark."""
SAMPLE_ROWS = 20
MAX_COLUMNS = 1_000
_ROWS_TO_JUDGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInspection:
    """What a file looks like. ``size`` is in bytes on disk; ``sample`` holds its first rows."""

    path: Path
    format: FileFormat
    size: int
    columns: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    encoding: str = "utf-8"
    """How the text is read: by its byte-order mark, else as asked, else UTF-8."""
    suggested_encoding: str | None = None
    """One to offer, where the start of the file is not valid in ``encoding``."""
    delimiter: str = ","
    newline: str = "\n"
    typed: frozenset[str] = frozenset()
    """Parquet columns that hold numbers or times, and so need no number or date format."""
    listed: frozenset[str] = frozenset()
    """Parquet columns that hold lists."""
    unreadable: frozenset[str] = frozenset()
    """Parquet columns of a type that is not read; they cannot be mapped."""


def inspect(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None
) -> FileInspection:
    """Look at the first rows of a file.

    Args:
        path: the file; what it is is told from its bytes.
        encoding: one of :data:`ENCODINGS`; a byte-order mark overrules it.
        delimiter: one of :data:`DELIMITERS`; found from the text when None.

    Raises:
        ImportFileError: nothing in it can be imported; the text says what was found instead.
    """
    try:
        kind, text = detect(path)
        size = path.stat().st_size
    except OSError as error:
        msg = f"{str(path)!r} cannot be read: {error.strerror}"
        raise ImportFileError(msg) from error
    if kind is FileFormat.PARQUET:
        found = inspect_parquet(path, SAMPLE_ROWS)
        _check_columns(path, found.columns)
        return FileInspection(path=path, format=kind, size=size, **found._asdict())
    used = _marked(text) or encoding or "utf-8"
    lines, suggested, newline = _sample_lines(path, text, used)
    divided_by = delimiter or _delimiter(path, lines)
    rows = _rows(lines, divided_by, SAMPLE_ROWS + 1)
    header = tuple(cell.strip() for cell in rows[0]) if rows else ()
    _check_columns(path, header)
    if len(rows) == 1 and len(text) < SAMPLE_BYTES and not _rejected(lines, divided_by):
        msg = f"{path.name!r} holds a header only: there is no row under {', '.join(header[:5])}…"
        raise ImportFileError(msg)
    return FileInspection(
        path=path,
        format=kind,
        size=size,
        columns=header,
        sample=tuple(tuple(shortened(cell) for cell in row) for row in rows[1:]),
        encoding=used,
        suggested_encoding=suggested,
        delimiter=divided_by,
        newline=newline,
    )


def _marked(text: bytes) -> str | None:
    if text.startswith(b"\xef\xbb\xbf"):
        return "utf-8"
    return "utf-16" if text.startswith((b"\xff\xfe", b"\xfe\xff")) else None


def _sample_lines(path: Path, text: bytes, encoding: str) -> tuple[list[str], str | None, str]:
    """Return the whole lines of the sample, an encoding to offer, and what ends a line."""
    try:
        decoded = decoder(encoding).decode(text)
    except UnicodeDecodeError as error:
        msg = f"{path.name!r} is not {encoding} text: {error.reason}"
        raise ImportFileError(msg) from None
    newline = "\r" if "\r" in decoded and "\n" not in decoded else "\n"
    pieces = decoded.split(newline)
    if len(text) == SAMPLE_BYTES and len(pieces) > 1:
        pieces.pop()  # the sample ends inside it
    lines = [piece + "\n" for piece in pieces]
    suggested = "cp1252" if encoding == "utf-8" and _undecodable(decoded) else None
    return lines, suggested, newline


def _undecodable(decoded: str) -> bool:
    return any("\ud800" <= one <= "\udfff" for one in decoded)


def _delimiter(path: Path, lines: list[str]) -> str:
    """Return the delimiter under which most rows have as many cells as the header, at least 2."""
    best, best_score = "", (0.0, 0)
    for candidate in DELIMITERS:
        rows = _rows(lines, candidate, _ROWS_TO_JUDGE)
        width = len(rows[0]) if rows else 0
        if width > 1:
            alike = sum(len(row) == width for row in rows) / len(rows)
            best, best_score = max((best, best_score), (candidate, (alike, width)), key=_score)
    if best:
        return best
    first = next((line.strip() for line in lines if line.strip()), "")
    if not first:
        msg = f"{path.name!r} is empty: it holds no text"
        raise ImportFileError(msg)
    msg = (
        f"{path.name!r} has only one column, {shortened(first)!r}: columns must be divided by a "
        f"{', '.join(DELIMITERS.values())}; none of them stands in the first line"
    )
    raise ImportFileError(msg)


def _score(candidate: tuple[str, tuple[float, int]]) -> tuple[float, int]:
    return candidate[1]


def _rows(lines: list[str], delimiter: str, limit: int) -> list[list[str]]:
    return [cells for _, cells in islice(csv_rows(iter(lines), delimiter, _ignore), limit)]


def _rejected(lines: list[str], delimiter: str) -> bool:
    found: list[int] = []
    for _ in csv_rows(iter(lines), delimiter, lambda line, _: found.append(line)):
        pass
    return bool(found)


def _ignore(_line: int, _bad: BadValue) -> None:
    return None


def _check_columns(path: Path, columns: Sequence[str]) -> None:
    wrong = []
    if not columns:
        wrong.append("it has no header")
    if len(columns) > MAX_COLUMNS:
        wrong.append(f"it has {len(columns):,} columns, more than {MAX_COLUMNS:,}")
    empty = [str(place) for place, name in enumerate(columns, 1) if not name]
    if empty:
        wrong.append(f"the header leaves column {', '.join(empty[:10])} without a name")
    twice = [name for name, times in Counter(columns).items() if times > 1 and name]
    if twice:
        wrong.append(f"the header names {', '.join(map(repr, twice[:10]))} more than once")
    bad = [name for name in columns if _undecodable(name) or not name.isprintable()]
    if bad:
        wrong.append(f"the header name {shortened(bad[0])!r} holds characters that are not text")
    if wrong:
        msg = f"{path.name!r} cannot be imported: {'; '.join(wrong)}"
        raise ImportFileError(msg)
