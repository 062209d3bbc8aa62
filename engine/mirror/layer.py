"""A layer: some customers with all their orders, as they stood at one instant. It never changes.

A snapshot is a stack of layers (:mod:`engine.mirror.snapshot`); the lowest holds nearly everyone,
each above it the customers that changed since. A layer has the rows, and the DuckDB tables of
:mod:`engine.mirror.tables` that rules are evaluated on, which are made when first asked for: under
a stream of writes most layers are merged into larger ones before anybody looks at them.

``customers`` is a frame of one row per customer, ordered by ``customer_id`` (by code point):

    customer_id, email, phone, name, city, country, gender     String; null when missing, never ''
    birth_date             Date
    signed_up_at           Datetime, UTC
    tags                   List of String; empty when there are none, never null
    seed                   Int64, of random buckets (engine.domain.bucket)
    attributes.<name>      String, Float64, Boolean, Datetime or List of String; null when missing
    order_count            Int64, completed orders
    total_spend            Int64, minor units over completed and refunded orders
    completed_amount       Int64, minor units over completed orders
    first_order_at, last_order_at   Datetime, UTC, over completed orders; null when there are none
    last_order_on          Date, the local day of last_order_at in the workspace's zone

``orders`` has one row per order, ordered by customer: order_id, row (of its customer), ordered_at
(UTC), status (Enum), channel (Categorical), amount (minor units), quantity (units over all items).
``items`` has one row per item, ordered by order: number (of the order in ``orders``), category and
sku (Categorical). ``folded`` has the folded form of texts and lists, a row a customer.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from engine.mirror.statistics import OrderStatistics
from engine.mirror.tables import Tables, shard_count, widen_customers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import duckdb
    from numpy.typing import NDArray

SERIALS = count(1)
"""Numbers the layers and snapshots of a process: equal numbers mean equal rows."""


class Layer:
    """Some customers and all their orders. Safe to read from any number of threads."""

    def __init__(
        self,
        *,
        customers: pl.DataFrame,
        folded: pl.DataFrame,
        orders: pl.DataFrame,
        items: pl.DataFrame,
        coded: frozenset[str],
        tables: Tables | None = None,
        serial: int | None = None,
    ) -> None:
        """Take frames as they are, and the tables where they are there already."""
        self.serial = next(SERIALS) if serial is None else serial
        self.customers = customers
        self.orders = orders
        self.items = items
        self.coded = coded
        self.folded = folded
        self._tables = tables
        self._opening = threading.Lock()
        self.is_asked = False
        """Whether anybody has asked the tables anything."""
        self._idle: list[duckdb.DuckDBPyConnection] = []

    @property
    def height(self) -> int:
        """How many customers there are."""
        return self.customers.height

    @property
    def shards(self) -> int:
        """How many tables the orders are spread over."""
        return shard_count(self.height)

    @property
    def customer_ids(self) -> pl.Series:
        """The id of each row."""
        return self.customers.get_column("customer_id")

    @cached_property
    def statistics(self) -> OrderStatistics:
        """What is known of all orders together."""
        return OrderStatistics.of(self.orders)

    @cached_property
    def order_ends(self) -> NDArray[np.int64]:
        """Where each customer's orders end, and the next one's begin; the first entry is 0."""
        return ends(self.orders.get_column("row"), self.height)

    @cached_property
    def item_ends(self) -> NDArray[np.int64]:
        """Where each order's items end, and the next one's begin; the first entry is 0."""
        return ends(self.items.get_column("number"), self.orders.height)

    def rows_of(self, customer_ids: pl.Series) -> tuple[pl.Series, pl.Series]:
        """Return which of the ids (String, not null) are here, one Boolean each, and their rows."""
        places = self.customer_ids.search_sorted(customer_ids).cast(pl.UInt32)
        if self.height == 0:
            return pl.repeat(value=False, n=customer_ids.len(), eager=True), places.head(0)
        nearest = self.customer_ids.gather(places.clip(0, self.height - 1))
        here = nearest == customer_ids
        return here, places.filter(here)

    def open(self, *, orders: bool = True) -> Tables:
        """Make the tables, unless they are there; those on orders only where they are asked for."""
        with self._opening:
            if self._tables is None:
                both = pl.concat([self.customers, self.folded], how="horizontal")
                self._tables = Tables.of(both, self.coded)
        if orders:
            self._tables.add_orders(self.orders, self.items, self.height)
        return self._tables

    def recoded(self, coded: frozenset[str]) -> Layer:
        """Return the same rows with these columns held as codes."""
        if coded == self.coded:
            return self
        return Layer(
            customers=self.customers,
            folded=self.folded,
            orders=self.orders,
            items=self.items,
            coded=coded,
        )

    def widened(self, plain: pl.DataFrame, folded: pl.DataFrame) -> Layer:
        """Return the same rows with the columns of these frames; null where they were not there."""
        with self._opening:
            if self._tables is not None:
                widen_customers(
                    self._tables.cursor(), plain.drop(self.customers.columns, strict=False)
                )
            return Layer(
                customers=_wider(self.customers, plain),
                folded=_wider(self.folded, folded),
                orders=self.orders,
                items=self.items,
                coded=self.coded,
                tables=self._tables,
                serial=self.serial,
            )

    def fetch(
        self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()
    ) -> pl.DataFrame:
        """Run one query of the engine's own; values are bound, never quoted."""
        with self._cursor() as cursor:
            rows = pl.from_arrow(cursor.sql(sql, params=parameters).to_arrow_table())
        if not isinstance(rows, pl.DataFrame):
            msg = "a query gives a table"
            raise TypeError(msg)
        return rows

    def vectors(
        self, sql: str, parameters: Sequence[object] = (), *, orders: bool = True
    ) -> tuple[pl.Series, ...]:
        """Run one query whose columns are numbers and Booleans without NULL; return its columns.

        ``orders`` is false where it asks customers only, so that their orders need no tables.
        1 M Booleans come out in 1.6 ms this way, and in 3.7 ms through Arrow.
        """
        with self._cursor(orders=orders) as cursor:
            found = cursor.sql(sql, params=parameters).fetchnumpy()
        return tuple(pl.Series(name, column) for name, column in found.items())

    @contextmanager
    def _cursor(self, *, orders: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a connection that nobody else has: one shared by 8 threads gave wrong rows."""
        self.is_asked = True
        tables = self.open(orders=orders)
        try:
            cursor = self._idle.pop()
        except IndexError:
            cursor = tables.cursor()
        yield cursor
        # One whose query failed is dropped.
        self._idle.append(cursor)


def ends(groups: pl.Series, height: int) -> NDArray[np.int64]:
    """Return where each of ``height`` groups ends in an ascending column; the first entry is 0."""
    counts = np.bincount(groups.to_numpy(), minlength=height)
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])


def spans(bounds: NDArray[np.int64], groups: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the places of all entries of some groups, group after group.

    >>> spans(np.array([0, 2, 2, 5]), np.array([2, 0]))
    array([2, 3, 4, 0, 1])
    """
    starts, sizes = bounds[groups], bounds[groups + 1] - bounds[groups]
    before = np.cumsum(sizes) - sizes
    return np.repeat(starts - before, sizes) + np.arange(sizes.sum())


def numbered(
    frame: pl.DataFrame, column: str, numbers: NDArray[np.integer] | pl.Series
) -> pl.DataFrame:
    """Return the frame with such a column of places in another."""
    return frame.with_columns(pl.Series(column, numbers).cast(pl.UInt32))


def _wider(frame: pl.DataFrame, like: pl.DataFrame) -> pl.DataFrame:
    there, wanted = set(frame.columns), set(like.columns)
    rest = [name for name in frame.columns if name not in wanted]
    missing = [
        pl.lit(None, dtype=kind).alias(name)
        for name, kind in like.schema.items()
        if name not in there
    ]
    return frame.with_columns(missing).select(*like.columns, *rest)
