"""Whether the mirror holds what MongoDB holds: everything read anew, and both summed up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from engine.mirror.load import load_rows
from engine.mirror.rows import taken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from pymongo.database import Database

    from engine.domain.customer import AttributeType
    from engine.mirror.layer import Layer
    from engine.mirror.rows import Rows
    from engine.mirror.snapshot import Snapshot

SLICE = 100_000
"""Customers that are summed up at once."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """How much there is, and a number that hangs on every value, whatever the order of the rows.

    The number is the sum of a 64-bit hash a row, modulo 2**64: two sets of rows that differ have
    the same one with a chance of about 2**-64. It compares within one version of Polars only.
    """

    customers: int
    orders: int
    items: int
    number: int

    def __str__(self) -> str:
        """In one line, for a person to compare."""
        counts = f"{self.customers:,} customers, {self.orders:,} orders, {self.items:,} items"
        return f"{self.number:016x}  {counts}"


def of_snapshot(snapshot: Snapshot) -> Checksum:
    """Sum up what is read from a snapshot."""
    total = Checksum(0, 0, 0, 0)
    for layer, live in zip(snapshot.layers, snapshot.live, strict=True):
        every = pl.arange(layer.height, eager=True)
        total = _added(total, layer, every if live is None else live.arg_true())
    return total


def of_mongodb(
    database: Database[dict[str, Any]],
    attribute_types: Mapping[str, AttributeType],
    zone: ZoneInfo,
) -> Checksum:
    """Read everything and sum it up; exact where nobody writes meanwhile."""
    layer = load_rows(database, attribute_types, zone).layer(frozenset())
    return _added(Checksum(0, 0, 0, 0), layer, pl.arange(layer.height, eager=True))


def _added(total: Checksum, layer: Layer, rows: pl.Series) -> Checksum:
    for start in range(0, rows.len(), SLICE):
        part = taken(layer, rows.slice(start, SLICE))
        total = Checksum(
            total.customers + part.customers.height,
            total.orders + part.orders.height,
            total.items + part.items.height,
            (total.number + _number(part)) % 2**64,
        )
    return total


def _number(rows: Rows) -> int:
    ids = rows.customers["customer_id"]
    # Of a folded list rules ask for its entries alone, in any order.
    folded = rows.folded.with_columns(
        pl.col(pl.List(pl.String)).list.drop_nulls().list.unique().list.sort().fill_null([])
    )
    customers = pl.concat([rows.customers, folded.select(sorted(folded.columns))], how="horizontal")
    orders = rows.orders.with_columns(ids.gather(rows.orders["row"])).drop("row")
    items = rows.items.with_columns(
        rows.orders["order_id"].gather(rows.items["number"]),
        place=pl.int_range(pl.len()).over("number"),
    ).drop("number")
    return sum(_hashed(frame) for frame in (customers, orders, items)) % 2**64


def _hashed(frame: pl.DataFrame) -> int:
    texts = pl.col(pl.Categorical, pl.Enum).cast(pl.String)
    plain = frame.with_columns(texts).select(sorted(frame.columns))
    return int(np.add.reduce(plain.hash_rows().to_numpy(), dtype=np.uint64)) if len(plain) else 0
