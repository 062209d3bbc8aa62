from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl

from engine.analytics.months import by_month

KOLKATA = ZoneInfo("Asia/Kolkata")


def orders(*rows: tuple[str, str, int]) -> pl.DataFrame:
    return pl.DataFrame(
        [(datetime.fromisoformat(at), status, amount) for at, status, amount in rows],
        schema={"ordered_at": pl.Datetime("us"), "status": pl.String, "amount": pl.Int64},
        orient="row",
    )


def test_refunds_lower_the_revenue_and_are_counted_apart() -> None:
    frame = orders(
        ("2026-03-02T10:00", "completed", 10_000),
        ("2026-03-20T10:00", "completed", 5_001),
        ("2026-03-21T10:00", "refunded", -2_000),
    )
    assert by_month(frame, KOLKATA).rows() == [(date(2026, 3, 1), 2, 1, 13_001)]


def test_cancelled_and_pending_orders_count_nowhere_but_show_the_month() -> None:
    frame = orders(
        ("2026-03-02T10:00", "cancelled", 10_000), ("2026-03-02T10:00", "pending", 10_000)
    )
    assert by_month(frame, KOLKATA).rows() == [(date(2026, 3, 1), 0, 0, 0)]


def test_a_month_begins_at_local_midnight() -> None:
    frame = orders(
        ("2026-03-31T18:29:59.999", "completed", 1), ("2026-03-31T18:30", "completed", 2)
    )
    assert by_month(frame, KOLKATA).rows() == [
        (date(2026, 3, 1), 1, 0, 1),
        (date(2026, 4, 1), 1, 0, 2),
    ]
    assert by_month(frame, ZoneInfo("UTC")).rows() == [(date(2026, 3, 1), 2, 0, 3)]


def test_months_without_orders_are_there_with_zeros() -> None:
    frame = orders(("2026-05-02T10:00", "completed", 7), ("2026-02-02T10:00", "completed", 3))
    assert by_month(frame, KOLKATA).rows() == [
        (date(2026, 2, 1), 1, 0, 3),
        (date(2026, 3, 1), 0, 0, 0),
        (date(2026, 4, 1), 0, 0, 0),
        (date(2026, 5, 1), 1, 0, 7),
    ]


def test_no_orders_make_no_months() -> None:
    assert by_month(orders(), KOLKATA).rows() == []
