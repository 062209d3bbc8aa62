"""The audit log as CSV, for a spreadsheet: one row a line, the latest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages._ui.audit_words import changes
from pages._ui.csv_file import csv_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from io import BufferedReader

    from engine.domain.audit import AuditEntry

COLUMNS = (
    *("at_utc", "ended_at_utc", "who", "kind", "address", "action"),
    *("object_kind", "object_id", "object_name", "changes", "outcome", "reason", "line"),
)


def audit_file(entries: Iterable[AuditEntry]) -> BufferedReader:
    """Write the lines to a file; instants are ISO 8601 in UTC, and what is missing is empty."""
    return csv_file(COLUMNS, map(_cells, entries))


def _cells(entry: AuditEntry) -> tuple[str, ...]:
    kind, its_id = entry.about or ("", "")
    return (
        _instant(entry.at),
        _instant(entry.ended_at),
        entry.actor,
        entry.kind,
        entry.address or "",
        entry.action.value,
        kind,
        its_id,
        entry.name,
        changes(entry),
        entry.outcome.value,
        entry.reason,
        entry.id,
    )


def _instant(instant: datetime | None) -> str:
    return "" if instant is None else instant.isoformat(timespec="milliseconds")
