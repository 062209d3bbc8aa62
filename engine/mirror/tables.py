"""The DuckDB tables that rules are evaluated on, in databases that reach nothing outside them.

    customers        one row per customer; the columns that engine.mirror.snapshot lists, but lists
    words <column>   of a column of customers' text with few distinct ones: "code" INTEGER,
                     "folded" VARCHAR; the column holds the codes
    <list field>     as "list <column>": one row per customer and distinct folded entry; "row",
                     "value"; ordered by value, so that a scan for a few values skips the rest
    orders_<n>       one row per order of the customers [n, n + 1) * SHARD; "row" INTEGER (of the
                     customer), "number" INTEGER (of the order in the frame), "ordered_at" TIMESTAMP
                     UTC, "status" (its place in STATUSES), "channel" (a code), "amount" (minor
                     units), "quantity"
    items_<n>        one row per item of those orders; "number", and "category" and "sku" as codes
    channels, categories, skus      "code" INTEGER, "folded" VARCHAR (engine.domain.text.fold) and
                     "text", one of the texts that fold so

Orders lie by quarter of a year and then by customer: a window skips the quarters outside it, and
within one a customer's figures are added up side by side. Sums over a dense "row" go into an array
instead of a hash table where DuckDB knows that the array is small; that is what shards are for
(10 M customers, 100 M orders, sum ever: 3.2 s in one table, 0.7 s in shards; 2 threads).
"""

from __future__ import annotations

import threading
import weakref
from functools import cache
from itertools import count
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import polars as pl

from engine.domain.order import OrderStatus
from engine.domain.text import fold
from engine.mirror.folded import folded_columns
from engine.mirror.sorting import order_by

if TYPE_CHECKING:
    from collections.abc import Collection

SHARD = 2**20
"""Customers whose orders share a table."""
SMALL = 50_000
"""Customers: the tables of a layer no larger than this lie in the instance for small ones."""
_NAMES = count(1)
STATUSES = tuple(status.value for status in OrderStatus)
WORDS = {"channel": "channels", "category": "categories", "sku": "skus"}
"""Texts of orders and items that are stored as codes, and the table of each."""

_SQL_TYPES = {
    pl.String: "VARCHAR",
    pl.Float64: "DOUBLE",
    pl.Boolean: "BOOLEAN",
    pl.Datetime("us"): "TIMESTAMP",
}
MOST_WORDS = 2**16
"""Distinct texts of a column that is held as codes, at most."""
_ARRAY_BITS = 22
"""DuckDB sums into an array of up to so many bits of groups; its own default is 12."""


class Tables:
    """The tables of one layer. Those on orders are written when they are first asked for.

    A small layer's lie in a database of their own inside an instance that all small layers share:
    DuckDB takes 15 ms to make an instance, and 0.1 ms to attach a database to one.
    """

    def __init__(
        self,
        instance: duckdb.DuckDBPyConnection,
        database: str | None = None,
        *,
        has_orders: bool = False,
    ) -> None:
        """Take an instance as it is, or one database in it."""
        self._instance = instance
        self._database = database
        self._has_orders = has_orders
        self._writing = threading.Lock()

    @classmethod
    def of(cls, customers: pl.DataFrame, coded: Collection[str]) -> Tables:
        """Copy customers into tables.

        ``customers`` are those of :mod:`engine.mirror.layer`, the texts with the folded form beside
        them; ``coded`` are the columns to hold as codes.
        """
        if customers.height <= SMALL:
            instance, name = _shared_instance(), f"layer_{next(_NAMES)}"
            instance.cursor().execute(f"ATTACH ':memory:' AS {name}")
            tables = cls(instance, name)
            weakref.finalize(tables, _detach, instance, name).atexit = False
        else:
            instance = open_database()
            lock(instance)
            tables = cls(instance)
        write_customers(tables.cursor(), customers, coded)
        return tables

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of the caller's own."""
        cursor = self._instance.cursor()
        if self._database is not None:
            cursor.execute(f"USE {self._database}")
        return cursor

    def add_orders(self, orders: pl.DataFrame, items: pl.DataFrame, customers: int) -> None:
        """Copy the orders of so many customers, with their items, unless they are there.

        ``orders`` are those of :mod:`engine.mirror.layer`; ``items`` has one row per item:
        ``number`` (of its order in ``orders``, from 0), ``category``, ``sku``.
        """
        with self._writing:
            if not self._has_orders:
                _write_all_orders(self.cursor(), orders, items, customers)
                self._has_orders = True


def _write_all_orders(
    connection: duckdb.DuckDBPyConnection, orders: pl.DataFrame, items: pl.DataFrame, customers: int
) -> None:
    codes = {
        "channel": write_words(connection, "channel", orders["channel"]),
        "category": write_words(connection, "category", items["category"]),
        "sku": write_words(connection, "sku", items["sku"]),
    }
    placed = orders.with_row_index("number").select(
        pl.col("row").cast(pl.Int32),
        pl.col("number").cast(pl.Int32),
        "ordered_at",
        pl.col("status").to_physical().cast(pl.UInt8),
        codes["channel"].alias("channel"),
        "amount",
        "quantity",
    )
    parts = pl.DataFrame(
        {
            "number": items["number"],
            "category": codes["category"],
            "sku": codes["sku"],
            "row": placed["row"].gather(items["number"]),
        }
    )
    for shard in range(shard_count(customers)):
        write_orders(connection, shard, _within(placed, shard))
        write_items(connection, shard, _within(parts, shard).drop("row"))


@cache
def _shared_instance() -> duckdb.DuckDBPyConnection:
    instance = open_database()
    lock(instance)
    return instance


def _detach(instance: duckdb.DuckDBPyConnection, name: str) -> None:
    instance.cursor().execute(f"DETACH {name}")


def shard_count(customers: int) -> int:
    """Return how many tables the orders of so many customers are spread over; at least one."""
    return max(1, -(-customers // SHARD))


def open_database() -> duckdb.DuckDBPyConnection:
    """Return an empty database in memory, that plans as the queries of rules want it to."""
    connection = duckdb.connect(":memory:", config={"perfect_ht_threshold": str(_ARRAY_BITS)})
    # The right side of a join is the one that is kept in memory: queries put the smaller one there,
    # and DuckDB's guess kept 9 M orders to look 0.4 M items up (1 M customers: 400 ms, not 60).
    connection.execute("SET disabled_optimizers = 'build_side_probe_side'")
    return connection


def lock(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep every later query from files, extensions, Python's variables and settings."""
    connection.execute("SET enable_external_access = false")
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET lock_configuration = true")


def coded_columns(customers: pl.DataFrame) -> frozenset[str]:
    """Return the columns of text that have so few distinct ones that codes are worth it."""
    most = min(MOST_WORDS, customers.height // 2)
    schema = customers.schema
    texts = [name for name in folded_columns(customers) if schema[name] == pl.String]
    distinct = customers.select(pl.col(texts).approx_n_unique()).row(0) if texts else ()
    few = {
        name.removesuffix("_folded") for name, n in zip(texts, distinct, strict=True) if n <= most
    }
    return frozenset(few - {"customer_id"})


def write_customers(
    connection: duckdb.DuckDBPyConnection, customers: pl.DataFrame, coded: Collection[str]
) -> None:
    """Write ``customers`` in the order of the frame, the words of ``coded`` columns, and lists."""
    folded = folded_columns(customers)
    texts = {name.removesuffix("_folded") for name in folded} - {"customer_id"}
    schema = customers.schema
    lists = [name for name in folded if schema[name] == pl.List(pl.String)]
    codes = [_write_codes(connection, name, customers[f"{name}_folded"]) for name in sorted(coded)]
    gone = [*texts, *lists, *(f"{name}_folded" for name in coded)]
    plain = customers.drop(gone).with_columns(codes).with_row_index("row").cast({"row": pl.Int32})
    _create(connection, "customers", plain)
    for column in lists:
        entries = (
            customers.lazy()
            .select(pl.col(column).list.unique().alias("value"))
            .with_row_index("row")
            .explode("value", empty_as_null=False)
            .drop_nulls()
            .sort("value", "row")
            .select(pl.col("row").cast(pl.Int32), "value")
            .collect()
        )
        _create(connection, f"list {column.removesuffix('_folded')}", entries)


def widen_customers(connection: duckdb.DuckDBPyConnection, missing: pl.DataFrame) -> None:
    """Give ``customers`` the columns of an empty frame, all NULL; lists get their table."""
    for name, kind in missing.schema.items():
        if kind == pl.List(pl.String):
            entries = pl.DataFrame(schema={"row": pl.Int32, "value": pl.String})
            _create(connection, f"list {name}", entries)
            continue
        column = _quoted(f"{name}_folded" if kind == pl.String else name)
        connection.execute(f"ALTER TABLE customers ADD COLUMN {column} {_SQL_TYPES[kind]}")


def _write_codes(
    connection: duckdb.DuckDBPyConnection, column: str, folded: pl.Series
) -> pl.Series:
    """Write the distinct texts of a column under codes; return its codes, null where missing."""
    distinct = folded.drop_nulls().unique().sort()
    words = pl.DataFrame({"folded": distinct}).with_row_index("code").cast({"code": pl.Int32})
    _create(connection, f"words {column}", words)
    given = folded.rename("folded").to_frame()
    return given.join(words, on="folded", how="left", maintain_order="left")["code"].rename(column)


def write_words(connection: duckdb.DuckDBPyConnection, kind: str, texts: pl.Series) -> pl.Series:
    """Write the distinct texts of a column under codes; return its codes, null where missing."""
    texts = texts.cast(pl.Categorical)
    found = texts.drop_nulls().unique()
    distinct = pl.DataFrame({"text": found.cast(pl.String), "place": found.to_physical()})
    distinct = distinct.sort("text")
    folded = pl.Series("folded", [fold(text) for text in distinct["text"]], dtype=pl.String)
    # Texts that fold alike share a code.
    coded = distinct.with_columns(folded, code=folded.rank("dense").cast(pl.Int32) - 1)
    words = coded.group_by("code").agg(pl.col("folded", "text").first()).sort("code")
    _create(connection, WORDS[kind], words)
    places = coded["place"].to_numpy()
    of_place = np.zeros(places.max(initial=0) + 1, dtype=np.int32)
    of_place[places] = coded["code"].to_numpy()
    codes = pl.Series("code", of_place[texts.to_physical().fill_null(0).to_numpy()])
    return codes if texts.null_count() == 0 else codes.set(texts.is_null(), None)


def write_orders(connection: duckdb.DuckDBPyConnection, shard: int, orders: pl.DataFrame) -> None:
    """Write the orders of a shard, which lie by customer, by quarter and customer."""
    at = orders["ordered_at"].dt
    quarters = at.year().cast(pl.Int32) * 4 + at.quarter().cast(pl.Int32)
    _create(connection, f"orders_{shard}", orders[order_by(quarters)])


def write_items(connection: duckdb.DuckDBPyConnection, shard: int, items: pl.DataFrame) -> None:
    """Write the items of a shard's orders, which lie by number, by category, SKU and number."""
    _create(connection, f"items_{shard}", items[order_by(items["category"], items["sku"])])


def _within(frame: pl.DataFrame, shard: int) -> pl.DataFrame:
    return frame.filter(pl.col("row") // SHARD == shard)


def _narrow(numbers: pl.Series) -> pl.Series:
    """Return whole numbers in the narrowest type that holds them: less to keep, and to read."""
    if not numbers.dtype.is_integer() or numbers.name == "row":
        return numbers
    low, high = numbers.min(), numbers.max()
    for kind in (pl.Int8, pl.Int16, pl.Int32):
        limits = pl.select(low=kind.min(), high=kind.max()).row(0)
        if low is None or (limits[0] <= low and high <= limits[1]):
            return numbers.cast(kind)
    return numbers


def _create(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    # The names of tables are made here and of columns of the frame, which rules.catalogue bounds.
    connection.register("frame", frame.with_columns(_narrow(one) for one in frame))
    connection.execute(f"CREATE OR REPLACE TABLE {_quoted(table)} AS SELECT * FROM frame")  # noqa: S608
    connection.unregister("frame")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
