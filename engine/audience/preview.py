"""Whom a rule holds: how many, who, and a few rows to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.audience.lifetime import in_utc
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from engine.mirror.snapshot import Snapshot
    from engine.rules.evaluate import Evaluation

SAMPLE_COLUMNS = (
    "customer_id",
    "name",
    "email",
    "city",
    "country",
    "order_count",
    "total_spend",
    "last_order_at",
)

MOST_ROWS = 100
"""Rows of one preview: whoever wants all of them exports, which leaves a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How many customers a rule holds.

    ``count`` of ``total`` customers match at the instant ``now``, on data as of ``as_of``; both
    instants are UTC. ``elapsed_ms`` is what the evaluation took. ``sample`` holds the first
    members by ``customer_id``, one row each, money in minor units and instants in UTC.
    """

    count: int
    total: int
    now: datetime
    as_of: datetime
    elapsed_ms: float
    sample: pl.DataFrame


def previewed(
    evaluation: Evaluation, snapshot: Snapshot, now: datetime, elapsed_ms: float, sample: int
) -> Preview:
    """Return the preview of an evaluation at ``now`` that took ``elapsed_ms``.

    Raises InvalidInput unless ``sample`` is 0 to 100.
    """
    if not 0 <= sample <= MOST_ROWS:
        msg = f"a preview shows 0 to {MOST_ROWS} members, not {sample:,}; export to have them all"
        raise InvalidInput(msg)
    bits = evaluation.members
    return Preview(
        count=int(bits.sum()),
        total=snapshot.height,
        now=now,
        as_of=snapshot.as_of,
        elapsed_ms=elapsed_ms,
        sample=in_utc(snapshot.by_id(bits, SAMPLE_COLUMNS, limit=sample)),
    )
