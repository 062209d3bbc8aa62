"""Imports in MongoDB: what was brought in, by whom, how it ended; and mappings saved by name.

A running import renews its heartbeat. One whose heartbeat is older than :data:`SILENT_AFTER` is
read as stopped: its process ended without a word (a kill, a power cut), and nothing needs to run
for the history to say so. Should it only have slept, its own ending overwrites that reading.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pymongo import DESCENDING

from engine.domain.text import fold
from engine.errors import InvalidInput, NotFound
from engine.store.faults import mapped_errors
from engine.store.writes import WriteCounts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pymongo.database import Database

MAX_NAME = 100
SILENT_AFTER = timedelta(minutes=3)
"""Longer than any single batch may take (client.py's socket timeout is 120 s)."""
_SILENT = "its process ended without a word; importing the same file again completes it"


class ImportStatus(StrEnum):
    """Where an import stands: running, and then one of three ends."""

    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCounts:
    """What a file held and what it changed; zeros where the import did not come so far."""

    rows: int = 0
    """Rows read, without the header; rejected ones among them."""
    customers: int = 0
    """Distinct customers in the rows that were taken."""
    orders: int = 0
    """Distinct orders in the rows that were taken."""
    refunded: int = 0
    """Those of the orders whose status is refunded."""
    net_amount: int = 0
    """Sum over all orders taken, refunds negative, in minor units."""
    rejected: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Rows left out, by reason."""
    customers_written: WriteCounts = field(default_factory=WriteCounts)
    orders_written: WriteCounts = field(default_factory=WriteCounts)

    @property
    def changed_nothing(self) -> bool:
        """Whether everything in the file was stored already, just so."""
        written = self.customers_written + self.orders_written
        return written.inserted == 0 and written.updated == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRecord:
    """One import. ``sha256`` is of the file as it is on disk; None until it was read whole."""

    import_id: str
    file_name: str
    by: str
    mapping: Mapping[str, object]
    """The mapping as JSON: name, kind, columns, options."""
    status: ImportStatus
    started_at: datetime
    heartbeat_at: datetime
    ended_at: datetime | None = None
    reason: str | None = None
    """Why it failed or stopped; None otherwise."""
    sha256: str | None = None
    counts: ImportCounts = field(default_factory=ImportCounts)

    def seen_at(self, now: datetime) -> ImportRecord:
        """Return the record as it is to be read at ``now``: a silent import has stopped."""
        if self.status is not ImportStatus.RUNNING or now - self.heartbeat_at <= SILENT_AFTER:
            return self
        return replace(
            self, status=ImportStatus.STOPPED, reason=_SILENT, ended_at=self.heartbeat_at
        )


class ImportStore:
    """The collection ``imports``."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._imports = database["imports"]

    @mapped_errors()
    def start(
        self, file_name: str, mapping: Mapping[str, object], *, by: str, now: datetime
    ) -> str:
        """Record that an import runs; return its id."""
        import_id = uuid4().hex
        self._imports.insert_one(
            {
                "_id": import_id,
                "file_name": file_name,
                "by": by,
                "mapping": json.dumps(mapping),  # column names may hold dots and dollars
                "status": ImportStatus.RUNNING.value,
                "started_at": now,
                "heartbeat_at": now,
            }
        )
        return import_id

    @mapped_errors()
    def beat(self, import_id: str, counts: ImportCounts, *, now: datetime) -> None:
        """Record that an import is alive, and how far it is."""
        values = {"heartbeat_at": now, "counts": _stored(counts)}
        self._imports.update_one({"_id": import_id}, {"$set": values})

    @mapped_errors()
    def end(
        self,
        import_id: str,
        status: ImportStatus,
        counts: ImportCounts,
        *,
        now: datetime,
        reason: str | None = None,
        sha256: str | None = None,
    ) -> None:
        """Record how an import ended."""
        values = {
            "status": status.value,
            "reason": reason,
            "sha256": sha256,
            "counts": _stored(counts),
            "heartbeat_at": now,
            "ended_at": now,
        }
        self._imports.update_one({"_id": import_id}, {"$set": values})

    @mapped_errors()
    def get(self, import_id: str, *, now: datetime) -> ImportRecord:
        """Return one import as it stands at ``now``; raises NotFound."""
        document = self._imports.find_one({"_id": import_id})
        if document is None:
            msg = f"there is no import {import_id!r}"
            raise NotFound(msg)
        return _restored(document).seen_at(now)

    @mapped_errors()
    def recent(self, *, now: datetime, limit: int = 50) -> tuple[ImportRecord, ...]:
        """Return the latest imports as they stand at ``now``, latest first."""
        found = self._imports.find().sort("started_at", DESCENDING).limit(limit)
        return tuple(_restored(document).seen_at(now) for document in found)


class MappingStore:
    """The collection ``mappings``: column mappings as JSON objects, one a name in any case."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._mappings = database["mappings"]

    @mapped_errors()
    def save(self, name: str, mapping: Mapping[str, object], *, by: str, now: datetime) -> None:
        """Save a mapping under its name, over an older one; raises InvalidInput for a bad name."""
        if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
            msg = f"a mapping's name has 1 to {MAX_NAME} characters, not {name!r:.120}"
            raise InvalidInput(msg)
        values = {"name": name, "mapping": json.dumps(mapping), "saved_by": by, "saved_at": now}
        self._mappings.update_one({"_id": fold(name)}, {"$set": values}, upsert=True)

    @mapped_errors()
    def get(self, name: str) -> dict[str, object]:
        """Return the mapping saved under a name; raises NotFound."""
        document = self._mappings.find_one({"_id": fold(name)})
        if document is None:
            msg = f"there is no saved mapping {name!r}"
            raise NotFound(msg)
        return dict(json.loads(document["mapping"]))

    @mapped_errors()
    def names(self) -> tuple[str, ...]:
        """Return the names that mappings are saved under, in order."""
        return tuple(document["name"] for document in self._mappings.find().sort("_id"))


def _stored(counts: ImportCounts) -> dict[str, Any]:
    return {
        "rows": counts.rows,
        "customers": counts.customers,
        "orders": counts.orders,
        "refunded": counts.refunded,
        "net_amount": str(counts.net_amount),  # a sum of many may pass 64 bits
        "rejected": [{"reason": why, "rows": rows} for why, rows in counts.rejected.items()],
        "customers_written": _stored_writes(counts.customers_written),
        "orders_written": _stored_writes(counts.orders_written),
    }


def _stored_writes(counts: WriteCounts) -> dict[str, int]:
    return {
        "inserted": counts.inserted,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
    }


def _restored(document: dict[str, Any]) -> ImportRecord:
    return ImportRecord(
        import_id=document["_id"],
        file_name=document["file_name"],
        by=document["by"],
        mapping=MappingProxyType(json.loads(document["mapping"])),
        status=ImportStatus(document["status"]),
        started_at=document["started_at"],
        heartbeat_at=document["heartbeat_at"],
        ended_at=document.get("ended_at"),
        reason=document.get("reason"),
        sha256=document.get("sha256"),
        counts=_restored_counts(document.get("counts")),
    )


def _restored_counts(counts: dict[str, Any] | None) -> ImportCounts:
    if counts is None:
        return ImportCounts()
    return ImportCounts(
        rows=counts["rows"],
        customers=counts["customers"],
        orders=counts["orders"],
        refunded=counts["refunded"],
        net_amount=int(counts["net_amount"]),
        rejected=MappingProxyType({one["reason"]: one["rows"] for one in counts["rejected"]}),
        customers_written=WriteCounts(**counts["customers_written"]),
        orders_written=WriteCounts(**counts["orders_written"]),
    )
