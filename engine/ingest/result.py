"""What an import tells while it runs and when it has ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.store.imports import ImportCounts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine.ingest.fields import FileKind
    from engine.ingest.rejects import Reject

_READING_SHARE = 0.4
"""Part of the time that reading and checking take on the real export; the rest is writing."""


class Phase(StrEnum):
    """What an import is doing. Nothing is written before the third phase."""

    READING = "reading the file"
    CHECKING = "checking the orders"
    WRITING_CUSTOMERS = "writing customers"
    WRITING_ORDERS = "writing orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import is."""

    phase: Phase
    done_bytes: int
    total_bytes: int
    rows: int
    """Rows read so far."""
    written: int = 0
    """Customers and orders written so far."""
    to_write: int = 0
    """Customers and orders to write; 0 while that is not known."""

    @property
    def fraction(self) -> float:
        """Share of the whole import that is done, 0 to 1, never falling."""
        read = self.done_bytes / self.total_bytes if self.total_bytes else 0.0
        written = self.written / self.to_write if self.to_write else 0.0
        return min(1.0, _READING_SHARE * read + (1 - _READING_SHARE) * written)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult(ImportCounts):
    """What an import did. Beside the counts: samples of the rows left out, by reason."""

    import_id: str
    file_name: str
    kind: FileKind
    sha256: str
    seconds: float
    samples: Mapping[str, tuple[Reject, ...]] = field(default_factory=lambda: MappingProxyType({}))
    rejects_file: Path | None = None
    """Where every row left out was written, if that was asked for."""
