"""A delivery log as CSV, for a spreadsheet: one row a customer, by customer id."""

from __future__ import annotations

import csv
import io
import tempfile
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

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
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the start of a formula (OWASP, "CSV injection")."""


def log_file(rows: Iterable[Delivery]) -> BinaryIO:
    """Write the rows to a file of its own that is gone once it is closed; UTF-8 with a BOM.

    ``ended_at_utc`` is ISO 8601; a cell that is missing is empty.
    """
    file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes it
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        writer.writerows(_cells(row) for row in rows)
    except BaseException:
        text.close()
        raise
    text.detach()
    file.seek(0)
    return file


def safe(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula: an apostrophe goes before one."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cells(row: Delivery) -> tuple[str, ...]:
    return (
        safe(row.customer_id),
        row.status.value,
        safe(row.reason or ""),
        str(row.attempts),
        "" if row.ended_at is None else row.ended_at.isoformat(timespec="seconds"),
        safe(row.subject or ""),
        safe(row.body or ""),
        safe(row.vendor_message_id or ""),
    )
