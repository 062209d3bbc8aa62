"""Whom a rule holds: how many, who, and a few rows to look at."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.audience.lifetime import in_utc
from engine.rules.catalogue import Catalogue
from engine.rules.evaluate import evaluate

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from engine.domain.rules import Rule
    from engine.domain.workspace import Workspace
    from engine.mirror.snapshot import Snapshot

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


def preview(
    rule: Rule, snapshot: Snapshot, now: datetime, workspace: Workspace, *, sample: int = 0
) -> Preview:
    """Count a rule's members, and return the first ``sample`` of them.

    Raises RuleError for a rule that is wrong and NotEvaluatedYet for one that is ahead of us.
    """
    started = time.perf_counter()
    bits = member_bits(rule, snapshot, now, workspace)
    count = int(bits.sum())
    elapsed_ms = (time.perf_counter() - started) * 1000
    rows = bits.arg_true().head(sample)
    return Preview(
        count=count,
        total=snapshot.height,
        now=now,
        as_of=snapshot.as_of,
        elapsed_ms=elapsed_ms,
        sample=in_utc(snapshot.customers.select(SAMPLE_COLUMNS)[rows]),
    )


def member_ids(rule: Rule, snapshot: Snapshot, now: datetime, workspace: Workspace) -> pl.Series:
    """Return the members' ids in ascending order."""
    bits = member_bits(rule, snapshot, now, workspace)
    return snapshot.customers.get_column("customer_id").filter(bits)


def member_bits(rule: Rule, snapshot: Snapshot, now: datetime, workspace: Workspace) -> pl.Series:
    """Return one bit per customer of the snapshot, in its row order."""
    catalogue = Catalogue.build(snapshot.attribute_types)
    return evaluate(rule, snapshot, now, workspace, catalogue)
