"""A delivery log as CSV, for a spreadsheet: one row a customer, by customer id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages._ui.csv_file import csv_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from io import BufferedReader

    from engine.domain.delivery import Delivery

COLUMNS = (
    "customer_id",
    "status",
    "reason",
    "attempts",
    "ended_at_utc",
    "subject",
    "message",
    "vendor_message_id",
)


def log_file(rows: Iterable[Delivery]) -> BufferedReader:
    """Write the rows to a file; ``ended_at_utc`` is ISO 8601, and what is missing is empty."""
    return csv_file(COLUMNS, map(_cells, rows))


def _cells(row: Delivery) -> tuple[str, ...]:
    return (
        row.customer_id,
        row.status.value,
        row.reason or "",
        str(row.attempts),
        "" if row.ended_at is None else row.ended_at.isoformat(timespec="seconds"),
        row.subject or "",
        row.body or "",
        row.vendor_message_id or "",
    )
