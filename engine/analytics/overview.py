"""The whole business in a few figures, all of them of one snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.analytics.months import by_month
from engine.domain.rules import FieldCondition, Rule

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from engine.audience.audiences import Audiences
    from engine.domain.workspace import Workspace
    from engine.mirror.snapshot import Snapshot

RECENT_DAYS = 90
RECENT_BUYERS = Rule(
    FieldCondition("last_order_at", "in_the_last", {"n": RECENT_DAYS, "unit": "day"})
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Figures over all customers and orders, on data as of ``as_of`` (UTC).

    ``orders`` counts completed orders and ``refunds`` refunded ones; ``net_revenue`` is in minor
    units over both. ``recent_buyers`` of ``customers`` have a completed order in the
    :data:`RECENT_DAYS` days before the call. ``months`` is described by
    :func:`engine.analytics.months.by_month`.
    """

    as_of: datetime
    customers: int
    recent_buyers: int
    recent_days: int
    orders: int
    refunds: int
    net_revenue: int
    months: pl.DataFrame


def overview(
    snapshot: Snapshot, now: datetime, workspace: Workspace, audiences: Audiences
) -> Overview:
    """Return the overview of a snapshot at ``now``."""
    months = by_month(snapshot.orders, workspace.zone)
    return Overview(
        as_of=snapshot.as_of,
        customers=snapshot.height,
        recent_buyers=audiences.preview(RECENT_BUYERS, snapshot, now).count,
        recent_days=RECENT_DAYS,
        orders=int(months["orders"].sum()),
        refunds=int(months["refunds"].sum()),
        net_revenue=int(months["net_revenue"].sum()),
        months=months,
    )
