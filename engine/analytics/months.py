"""Orders and revenue by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from engine.domain.order import OrderStatus

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

REVENUE = (OrderStatus.COMPLETED.value, OrderStatus.REFUNDED.value)


def by_month(orders: pl.DataFrame, zone: ZoneInfo) -> pl.DataFrame:
    """Count orders and add up revenue by local month.

    Args:
        orders: one row per order: ``ordered_at`` (UTC, without a zone), ``status``, ``amount``
            (minor units).
        zone: the workspace's zone, in which a month begins.

    Returns:
        One row per month, from the first to the last that has an order of any status, without
        gaps, oldest first: ``month`` (its first day), ``orders`` (completed), ``refunds``
        (refunded) and ``net_revenue`` (minor units over both, refunds negative). Without orders,
        no row. Cancelled and pending orders count nowhere, as in a customer's lifetime figures.
    """
    status = pl.col("status")
    local = pl.col("ordered_at").dt.replace_time_zone("UTC").dt.convert_time_zone(zone.key)
    counted = (
        orders.group_by(month=local.dt.date().dt.truncate("1mo"))
        .agg(
            orders=(status == OrderStatus.COMPLETED.value).sum().cast(pl.Int64),
            refunds=(status == OrderStatus.REFUNDED.value).sum().cast(pl.Int64),
            net_revenue=pl.col("amount").filter(status.is_in(REVENUE)).sum(),
        )
        .sort("month")
    )
    if counted.is_empty():
        return counted
    return counted.upsample("month", every="1mo").with_columns(
        pl.col("orders", "refunds", "net_revenue").fill_null(0)
    )
