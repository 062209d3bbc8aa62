"""A snapshot: all customers and orders as they stood at one instant. It never changes.

The DuckDB table ``customers`` has one row per customer, ordered by ``customer_id`` (by code point):

    row                    INTEGER, 0 to n-1
    customer_id, email, phone, name, city, country, gender     VARCHAR; NULL when missing, never ''
    <each of them>_folded  VARCHAR, as rules compare it (engine.domain.text.fold)
    birth_date             DATE
    signed_up_at           TIMESTAMP, UTC
    tags, tags_folded      VARCHAR[]; empty when there are none, never NULL
    attributes.<name>      VARCHAR, DOUBLE, BOOLEAN, TIMESTAMP or VARCHAR[]; NULL when missing
    attributes.<name>_folded   beside text and lists of text
    order_count            BIGINT, completed orders
    total_spend            BIGINT, minor units over completed and refunded orders
    completed_amount       BIGINT, minor units over completed orders
    first_order_at, last_order_at   TIMESTAMP, UTC, over completed orders; NULL when there are none
    last_order_on          DATE, the local day of last_order_at in the workspace's zone

``customers`` is the same as a Polars frame. ``orders`` is a frame of one row per order:
order_id, customer_id, ordered_at (UTC), status, channel, amount (minor units), quantity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from engine.domain.customer import AttributeType


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All customers and orders at one instant. Safe to read from any number of threads."""

    as_of: datetime
    """Everything acknowledged before this instant, UTC, is in the snapshot."""
    serial: int
    """Counts a process's snapshots from 1; two frames of one serial hold the same rows."""
    customers: pl.DataFrame
    orders: pl.DataFrame
    attribute_types: Mapping[str, AttributeType]
    connection: duckdb.DuckDBPyConnection

    @property
    def height(self) -> int:
        """How many customers there are."""
        return self.customers.height

    def fetch(
        self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> pl.DataFrame:
        """Run one query of the engine's own over ``customers``; values are bound, never quoted."""
        # A cursor a call: one connection shared by 8 threads gave wrong rows.
        with self.connection.cursor() as cursor:
            rows = pl.from_arrow(cursor.sql(sql, params=parameters).to_arrow_table())
        if not isinstance(rows, pl.DataFrame):
            msg = "a query gives a table"
            raise TypeError(msg)
        return rows


def open_tables(customers: pl.DataFrame) -> duckdb.DuckDBPyConnection:
    """Copy the frame into a native table of a database that can reach nothing outside itself."""
    connection = duckdb.connect(":memory:")
    connection.register("frame", customers.with_row_index("row"))
    connection.execute(
        "CREATE TABLE customers AS SELECT row::INTEGER AS row, * EXCLUDE (row) FROM frame"
    )
    connection.unregister("frame")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET lock_configuration = true")
    return connection
