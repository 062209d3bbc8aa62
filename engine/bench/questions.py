"""The questions that are asked of the engine and of its peers: rules, and the same in SQL.

A question takes a number ``k`` that no earlier asking had, so that nobody can answer from memory.
The peers have the collections as frames: profiles, and orders with the row of their customer; what
the mirror precomputes of the orders, they compute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.bench.shop import NOW
from engine.domain.rule_codec import decode

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.domain.rules import Rule

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A rule, the same as SQL over ``customers`` and ``orders``, and as a Polars lazy count."""

    name: str
    node: Callable[[int], Node]
    sql: Callable[[int], str]
    lazy: Callable[[int, pl.LazyFrame, pl.LazyFrame], pl.LazyFrame]

    def rule(self, k: int) -> Rule:
        """Return the rule of the ``k``-th asking."""
        return decode({"version": 1, "rule": self.node(k)})


def _field(name: str, op: str, value: object) -> Node:
    return {"field": name, "op": op, "value": value}


def _days(n: int) -> Node:
    return {"n": n, "unit": "day"}


def _money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def _start(days: int) -> str:
    return f"{NOW - timedelta(days=days):%Y-%m-%d %H:%M:%S}"


# Ten conditions; ``k`` moves the lifetime total, as an analyst moves a slider.
def _tree(k: int) -> Node:
    return {
        "all": [
            _field("total_spend", "greater_than", _money(1_000_000 + k)),
            _field("order_count", "greater_or_equal", 3),
            _field("average_order_value", "less_than", "9000.00"),
            _field("last_order_at", "not_in_the_last", _days(14)),
            _field("gender", "not_equals", "other"),
            _field("signed_up_at", "before", "2026-05-01"),
            _field("tags", "contains_none", ["tag 0003"]),
            {
                "any": [
                    _field("city", "in", ["city 0007", "city 0100", "city 0200"]),
                    _field("attributes.score", "greater_than", 20),
                    _field("name", "starts_with", "first9"),
                ]
            },
        ]
    }


_LIFETIME_SQL = """
SELECT "row", sum(amount) FILTER (WHERE status IN ('completed', 'refunded')) AS spend,
  sum(amount) FILTER (WHERE status = 'completed') AS completed,
  count(*) FILTER (WHERE status = 'completed') AS orders,
  max(ordered_at) FILTER (WHERE status = 'completed') AS latest
FROM orders GROUP BY "row"
"""


def _tree_sql(k: int) -> str:
    return f"""
WITH lifetime AS ({_LIFETIME_SQL})
SELECT count(*) FROM customers LEFT JOIN lifetime USING ("row")
WHERE coalesce(spend, 0) > {1_000_000 + k} AND coalesce(orders, 0) >= 3
  AND orders > 0 AND completed < 900000 * orders
  AND NOT coalesce(latest > TIMESTAMP '{_start(14)}', FALSE)
  AND NOT coalesce(gender = 'other', FALSE)
  AND coalesce(signed_up_at < TIMESTAMP '2026-04-30 18:30:00', FALSE)
  AND NOT list_has_any(tags, ['tag 0003'])
  AND (coalesce(city IN ('city 0007', 'city 0100', 'city 0200'), FALSE)
    OR coalesce("attributes.score" > 20, FALSE) OR coalesce(starts_with(name, 'first9'), FALSE))
"""  # noqa: S608 - numbers made here


def _lifetime_lazy(orders: pl.LazyFrame) -> pl.LazyFrame:
    completed, amount = pl.col("status") == "completed", pl.col("amount")
    return orders.group_by("row").agg(
        spend=amount.filter(pl.col("status").is_in(["completed", "refunded"])).sum(),
        completed=amount.filter(completed).sum(),
        orders=completed.sum(),
        latest=pl.col("ordered_at").filter(completed).max(),
    )


def _tree_lazy(k: int, customers: pl.LazyFrame, orders: pl.LazyFrame) -> pl.LazyFrame:
    start = (NOW - timedelta(days=14)).replace(tzinfo=None)
    signed = pl.datetime(2026, 4, 30, 18, 30)
    return (
        customers.join(_lifetime_lazy(orders), on="row", how="left")
        .filter(
            pl.col("spend").fill_null(0) > 1_000_000 + k,
            pl.col("orders") >= 3,  # noqa: PLR2004 - as in the rule
            pl.col("completed") < 900_000 * pl.col("orders"),
            ~(pl.col("latest") > start).fill_null(value=False),
            ~(pl.col("gender") == "other").fill_null(value=False),
            pl.col("signed_up_at") < signed,
            ~pl.col("tags").list.contains("tag 0003"),
            pl.col("city").is_in(["city 0007", "city 0100", "city 0200"])
            | (pl.col("attributes.score") > 20)  # noqa: PLR2004 - as in the rule
            | pl.col("name").str.starts_with("first9"),
        )
        .select(pl.len())
    )


def _sum_in_the_last(days: int) -> Question:
    def node(k: int) -> Node:
        amount = _money(500_000 + k)
        last = {"in_the_last": _days(days)}
        return {"orders": "sum", "of": "amount", **last, "op": "more_than", "value": amount}

    def sql(k: int) -> str:
        return f"""
SELECT count(*) FROM (SELECT "row" FROM orders
WHERE ordered_at > TIMESTAMP '{_start(days)}' AND ordered_at <= TIMESTAMP '{_start(0)}'
  AND status IN ('completed', 'refunded') GROUP BY "row"
  HAVING sum(amount) > {500_000 + k}) AS found
"""  # noqa: S608 - numbers made here

    def lazy(k: int, _: pl.LazyFrame, orders: pl.LazyFrame) -> pl.LazyFrame:
        start, now = ((NOW - timedelta(days=n)).replace(tzinfo=None) for n in (days, 0))
        return (
            orders.filter(
                pl.col("ordered_at") > start,
                pl.col("ordered_at") <= now,
                pl.col("status").is_in(["completed", "refunded"]),
            )
            .group_by("row")
            .agg(pl.col("amount").sum())
            .filter(pl.col("amount") > 500_000 + k)
            .select(pl.len())
        )

    return Question(f"sum_of_{days}_days", node, sql, lazy)


TREE = Question("tree_of_10", _tree, _tree_sql, _tree_lazy)
WINDOWS = tuple(_sum_in_the_last(days) for days in (30, 90, 365))
QUESTIONS = (TREE, *WINDOWS)
WINDOW = WINDOWS[1]
"""The one that the summary is about."""

EDITS: dict[str, Callable[[int], Node]] = {
    "total_spend": lambda k: _field("total_spend", "greater_than", _money(1_000_000 + k)),
    "order_count": lambda k: _field("order_count", "less_than", 5 + k),
    "average_order_value": lambda k: _field(
        "average_order_value", "less_than", _money(500_000 + k)
    ),
    "last_order_at": lambda k: _field("last_order_at", "not_in_the_last", _days(14 + k)),
    "city": lambda k: _field("city", "equals", f"city {k % 300:04}"),
    "tags": lambda k: _field("tags", "contains_any", [f"tag {k % 20:04}", f"tag {k // 20:04}"]),
    "score": lambda k: _field("attributes.score", "between", [k * 7_919 % 80_000 / 1_000, 90]),
    "name": lambda k: _field("name", "contains", f"t{k}"),
}
"""Edits of one leaf of the tree: the first condition becomes this one."""


def edited(leaf: str, k: int) -> Rule:
    """Return the tree with its first condition changed to the ``k``-th of one kind."""
    first, *others = _tree(0)["all"]
    del first
    return decode({"version": 1, "rule": {"all": [EDITS[leaf](k), *others]}})


def saved(count: int) -> list[Rule]:
    """Return rules as a workspace has them saved: profiles, lifetimes, some behaviours."""
    made = []
    for n in range(count):
        conditions = [
            _field("total_spend", "greater_than", _money(100_000 * (n % 25))),
            _field("city", "equals", f"city {n % 40:04}"),
            _field("last_order_at", "not_in_the_last", _days((30, 60, 90, 180)[n % 4])),
            {"not": _field("tags", "contains_any", [f"tag {n % 20:04}"])},
        ]
        if n % 5 == 0:
            last = {"in_the_last": _days((30, 90)[n % 2])}
            count_ = {"orders": "count", **last, "op": "at_least", "value": 1 + n % 3}
            conditions.append(count_)
        node = {"all": conditions[: 2 + n % 3] + conditions[4:]}
        made.append(decode({"version": 1, "rule": node}))
    return made
