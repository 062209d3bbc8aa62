"""What a customer's orders add up to; RULES.md says which statuses each figure counts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from engine.domain.order import OrderStatus

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from engine.mirror.rows import Rows

ZERO = ("order_count", "total_spend", "completed_amount")
"""Figures that are 0 without orders; the others are missing."""
FIGURES = (*ZERO, "first_order_at", "last_order_at", "last_order_on")


def with_lifetime(rows: Rows, zone: ZoneInfo) -> Rows:
    """Return the same customers with what the orders add up to now."""
    customers = (
        rows.customers.drop(FIGURES, strict=False)
        .with_row_index("row")
        .join(_lifetime(rows.orders, zone), on="row", how="left", maintain_order="left")
        .with_columns(pl.col(ZERO).fill_null(0))
        .drop("row")
    )
    return replace(rows, customers=customers)


def _lifetime(orders: pl.DataFrame, zone: ZoneInfo) -> pl.DataFrame:
    """One row per customer's row with orders; RULES.md says which statuses each figure counts."""
    completed = pl.col("status") == OrderStatus.COMPLETED.value
    spent = completed | (pl.col("status") == OrderStatus.REFUNDED.value)
    ordered_at, amount = pl.col("ordered_at"), pl.col("amount")
    return (
        orders.group_by("row")
        .agg(
            order_count=completed.sum().cast(pl.Int64),
            total_spend=amount.filter(spent).sum(),
            completed_amount=amount.filter(completed).sum(),
            first_order_at=ordered_at.filter(completed).min(),
            last_order_at=ordered_at.filter(completed).max(),
        )
        .with_columns(last_order_on=_local_date(pl.col("last_order_at"), zone))
    )


def _local_date(instant: pl.Expr, zone: ZoneInfo) -> pl.Expr:
    """Return the local day of instants in UTC, as engine.domain.calendar.local_date has it."""
    at = instant.dt.replace_time_zone("UTC").dt.convert_time_zone(zone.key)
    midnight = at.dt.date().dt.offset_by("1d").cast(pl.Datetime("us"))
    # A midnight that is skipped begins no day that has begun already.
    begins = midnight.dt.replace_time_zone(zone.key, ambiguous="earliest", non_existent="null")
    over = (at >= begins).fill_null(value=False)
    return pl.when(over).then(at.dt.date().dt.offset_by("1d")).otherwise(at.dt.date())
