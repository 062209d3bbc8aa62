"""What a file really is, told from its bytes; its name is not asked."""

from __future__ import annotations

import gzip
import re
import zlib
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.errors import ImportFileError

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE_BYTES = 1 << 20
"""How much of a file is looked at before it is read."""

PARQUET_MAGIC = b"PAR1"
GZIP_MAGIC = b"\x1f\x8b"
_MAX_CONTROL_SHARE = 0.05
"""Text may hold a stray control character (its row is rejected); past this share it is no text."""

_MAGICS = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook or another Office file (.xls)"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"ARROW1", "an Arrow (Feather) file"),
    (GZIP_MAGIC, "gzip, packed twice"),
    (PARQUET_MAGIC, "a Parquet file inside gzip: unpack it first"),
)
_ZIP_MAGIC = b"PK\x03\x04"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_PATTERNS = (
    (
        re.compile(rb"\s*<(!doctype|html|head|body|table|\?xml|!--)", re.IGNORECASE),
        "a web page or XML",
    ),
    (re.compile(rb"\s*(\{\s*[\"}]|\[\s*[\[{\]])"), "JSON"),
)


class FileFormat(StrEnum):
    """The formats that are read."""

    CSV = "CSV"
    CSV_GZ = "CSV.gz"
    PARQUET = "Parquet"


def detect(path: Path) -> tuple[FileFormat, bytes]:
    """Return the format and the first :data:`SAMPLE_BYTES` of the text (empty for Parquet).

    Raises ImportFileError where the content fits no format, saying what it looks like.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
        file.seek(0, 2)
        size = file.tell()
        file.seek(max(0, size - len(PARQUET_MAGIC)))
        tail = file.read()
    if not head:
        _refuse(path, "the file is empty (0 bytes)")
    if head.startswith(PARQUET_MAGIC):
        if tail != PARQUET_MAGIC or size < 3 * len(PARQUET_MAGIC):
            _refuse(path, "it begins as a Parquet file but has no end: it was cut short")
        return FileFormat.PARQUET, b""
    if head.startswith(GZIP_MAGIC):
        text = _unpacked(path)
        if not text:
            _refuse(path, "the file is empty once unpacked")
        _refuse_other_than_text(path, text, "once unpacked ")
        return FileFormat.CSV_GZ, text
    _refuse_other_than_text(path, head, "")
    return FileFormat.CSV, head


def _unpacked(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            return file.read(SAMPLE_BYTES)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        return _refuse(path, f"its gzip is cut short or damaged ({error})")


def _refuse_other_than_text(path: Path, text: bytes, when: str) -> None:
    looks = _other_kind(text)
    if looks is not None:
        _refuse(path, f"{when}its content is {looks}; CSV, CSV.gz and Parquet are read")


def _other_kind(text: bytes) -> str | None:
    if text.startswith(_ZIP_MAGIC):
        office = b"xl/" in text or b"[Content_Types].xml" in text
        return "an Excel workbook (.xlsx): save it as CSV" if office else "a ZIP archive"
    for magic, looks in _MAGICS:
        if text.startswith(magic):
            return looks
    if text.startswith(_UTF16_MARKS):
        return None
    for pattern, looks in _PATTERNS:
        if pattern.match(text):
            return looks
    return "binary, not text" if _is_binary(text) else None


def _is_binary(text: bytes) -> bool:
    control = sum(text.count(bytes([code])) for code in range(32) if code not in b"\t\n\r\x0b\x0c")
    return b"\0" in text.partition(b"\n")[0] or control > _MAX_CONTROL_SHARE * len(text)


def _refuse(path: Path, why: str) -> bytes:
    msg = f"{path.name!r} cannot be imported: {why}"
    raise ImportFileError(msg)
