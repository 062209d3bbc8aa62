"""What a customer's orders add up to, for messages and records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.mirror.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Lifetime:
    """One customer's orders so far; statuses count as RULES.md says."""

    order_count: int
    """Completed orders."""
    total_spend: int
    """Minor units over completed and refunded orders."""
    last_order_at: datetime | None
    """Latest completed order, UTC."""


NOTHING_YET = Lifetime(0, 0, None)


def lifetimes(snapshot: Snapshot, customer_ids: Sequence[str]) -> dict[str, Lifetime]:
    """Return the lifetime of those of the customers that the snapshot holds, by id."""
    columns = ("customer_id", "order_count", "total_spend", "last_order_at")
    rows = snapshot.rows(snapshot.find(customer_ids), columns)
    return {row[0]: Lifetime(*row[1:]) for row in in_utc(rows).iter_rows()}


def in_utc(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with their instants marked as UTC, which is what the mirror holds."""
    return rows.with_columns(pl.col(pl.Datetime("us")).dt.replace_time_zone("UTC"))
