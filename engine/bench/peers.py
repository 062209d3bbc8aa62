"""The engine's peers on the same data: what else would answer the same question.

frames   DuckDB's SQL over register()ed Polars frames
lazy     Polars' lazy frames
numpy    no answer, but the limit: the columns that the question needs, read once
chdb     ClickHouse in this process (optional: requirements-bench.txt)
"""

from __future__ import annotations

import importlib
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import duckdb
import numpy as np
import polars as pl

from engine.bench.shop import THREADS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.bench.questions import Question
    from engine.mirror.snapshot import Snapshot

PROFILE = ("row", "gender", "signed_up_at", "tags", "city", "attributes.score", "name")


class Session(Protocol):
    """What is used of chdb."""

    def query(self, sql: str, fmt: str = "CSV") -> object:
        """Run one statement."""


def frames(snapshot: Snapshot) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the collections as frames: profiles with their row, and orders."""
    customers = snapshot.customers.with_row_index("row").select(PROFILE)
    orders = snapshot.orders.select("row", "ordered_at", "status", "amount")
    return customers, orders


@contextmanager
def duckdb_over_frames(snapshot: Snapshot) -> Iterator[Callable[[Question, int], int]]:
    """Yield a way to ask DuckDB over the frames."""
    customers, orders = frames(snapshot)
    with duckdb.connect(config={"threads": THREADS}) as connection:
        connection.register("customers", customers)
        connection.register("orders", orders)

        def ask(question: Question, k: int) -> int:
            return int(connection.sql(question.sql(k)).fetchall()[0][0])

        yield ask


@contextmanager
def polars_lazy(snapshot: Snapshot) -> Iterator[Callable[[Question, int], int]]:
    """Yield a way to ask Polars; its threads are set by POLARS_MAX_THREADS."""
    customers, orders = frames(snapshot)

    def ask(question: Question, k: int) -> int:
        return int(question.lazy(k, customers.lazy(), orders.lazy()).collect().item())

    yield ask


@contextmanager
def numpy_once(snapshot: Snapshot) -> Iterator[Callable[[Question, int], int]]:
    """Yield a way to read the columns of a question once; the number means nothing."""
    orders = [snapshot.orders[name].to_physical().to_numpy() for name in ("ordered_at", "amount")]
    statuses = snapshot.orders["status"].to_physical().to_numpy()
    spend = snapshot.customers["total_spend"].to_numpy()

    def ask(question: Question, k: int) -> int:
        if question.name.startswith("tree"):
            return int(np.count_nonzero(spend > k))
        return sum(int(np.count_nonzero(column > k)) for column in (*orders, statuses))

    yield ask


BY_CUSTOMER = "ORDER BY (row, ordered_at)"
AS_OURS = "PARTITION BY toStartOfQuarter(ordered_at) ORDER BY row"
"""How orders may lie in ClickHouse; the second is how they lie in engine.mirror.tables."""


@contextmanager
def clickhouse(
    snapshot: Snapshot, layout: str = AS_OURS
) -> Iterator[Callable[[Question, int], int]]:
    """Yield a way to ask ClickHouse, with orders in a table of its own that lie so."""
    session: Session = importlib.import_module("chdb.session").Session()
    customers, orders = frames(snapshot)
    session.query("DROP DATABASE IF EXISTS bench")
    session.query("CREATE DATABASE bench ENGINE = Atomic")
    session.query("USE bench")
    session.query(
        """CREATE TABLE customers (row UInt32, gender LowCardinality(Nullable(String)),
        signed_up_at Nullable(DateTime64(6, 'UTC')), tags Array(String), city Nullable(String),
        `attributes.score` Nullable(Float64), name Nullable(String))
        ENGINE = MergeTree ORDER BY row"""
    )
    session.query(
        f"""CREATE TABLE orders (row UInt32, ordered_at DateTime64(6, 'UTC'),
        status LowCardinality(String), amount Int64) ENGINE = MergeTree {layout}"""
    )
    for name, frame in (("customers", customers), ("orders", orders)):
        for part in frame.iter_slices(5_000_000):
            arrow = part.with_columns(pl.col(pl.Enum).cast(pl.String)).to_arrow()
            _insert(session, name, arrow)
    session.query("OPTIMIZE TABLE orders FINAL")
    session.query(f"SET max_threads = {THREADS}")

    def ask(question: Question, k: int) -> int:
        return int(str(session.query(clickhouse_sql(question.sql(k)), "CSV")))

    yield ask


def clickhouse_sql(sql: str) -> str:
    """Return a question's SQL in ClickHouse's words."""
    for ours, theirs in (
        ("list_has_any(", "hasAny("),
        ("starts_with(", "startsWith("),
    ):
        sql = sql.replace(ours, theirs)
    return re.sub(r"TIMESTAMP ('[^']*')", r"toDateTime64(\1, 6, 'UTC')", sql)


def _insert(session: Session, table: str, arrow: object) -> None:  # noqa: ARG001 - see below
    # ClickHouse reads the Python variable that is named.
    session.query(f"INSERT INTO {table} SELECT * FROM Python(arrow)")  # noqa: S608 - two constants
