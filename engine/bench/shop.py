"""A seeded shop of any size, as the mirror would hold it, without MongoDB.

Customers have a profile, two tags of twenty and two attributes; orders are spread evenly over
customers and over the three years before ``NOW``; nine of ten are completed. Texts are lower case,
so that they are their own folded form. Everything hangs on the seed and the two numbers alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from engine.domain.customer import AttributeType
from engine.domain.money import currency
from engine.domain.workspace import Workspace
from engine.mirror import tables
from engine.mirror.layer import Layer
from engine.mirror.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
YEARS = 3
WORKSPACE = Workspace("Benchmark", currency("INR"), ZoneInfo("Asia/Kolkata"), "en_IN")
THREADS = 2
"""Of every contender."""
SEED = 20_260_630
ITEMS = 1.5
"""Items an order, on average."""
CITIES, TAGS, SKUS, CATEGORIES = 300, 20, 2_000, 40
CHANNELS = ("app", "marketplace", "store", "web")
TIERS = ("bronze", "gold", "platinum", "silver")
SHARES = (0.9, 0.05, 0.03, 0.02)
"""Of completed, refunded, cancelled and pending orders."""
ATTRIBUTES = {"tier": AttributeType.TEXT, "score": AttributeType.NUMBER}

NO_ITEMS = {"number": pl.UInt32, "category": pl.Categorical, "sku": pl.Categorical}
"""Items and folded texts are in the tables alone: nothing is ever taken out of the layer."""

_QUARTERS = YEARS * 4
_START = np.datetime64(NOW.replace(tzinfo=None) - timedelta(days=365 * YEARS), "us")
_SPAN = timedelta(days=365 * YEARS) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Shop:
    """How large the shop is."""

    customers: int
    orders: int

    def snapshot(self) -> Snapshot:
        """Build the snapshot, a shard of customers at a time."""
        connection = tables.open_database()
        frames = list(self._write_orders(connection))
        orders = pl.concat([frame for frame, _ in frames])
        lifetime = pl.concat([one for _, one in frames])
        customers = self._customers(lifetime)
        folded = _with_folded(customers)
        coded = tables.coded_columns(folded)
        tables.write_customers(connection, folded, coded)
        connection.execute(f"SET threads = {THREADS}")
        tables.lock(connection)
        layer = Layer(
            customers=customers,
            folded=pl.DataFrame(),
            orders=orders,
            items=pl.DataFrame(schema=NO_ITEMS),
            coded=coded,
            tables=tables.Tables(connection, has_orders=True),
        )
        return Snapshot(as_of=NOW, layers=[layer], attribute_types=ATTRIBUTES)

    def _write_orders(
        self, connection: duckdb.DuckDBPyConnection
    ) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Write each shard's orders and items; yield them, and their customers' lifetimes."""
        words = (("channel", CHANNELS), ("category", _numbered("category", CATEGORIES)))
        for kind, folded in (*words, ("sku", _numbered("sku", SKUS))):
            tables.write_words(connection, kind, pl.Series(folded))
        number = 0
        for shard in range(tables.shard_count(self.customers)):
            low = shard * tables.SHARD
            high = min(self.customers, low + tables.SHARD)
            count = self.orders * high // self.customers - self.orders * low // self.customers
            random = np.random.default_rng((SEED, shard))
            orders = _orders(random, low, high, count, number)
            tables.write_orders(connection, shard, orders)
            tables.write_items(connection, shard, _items(random, number, count))
            number += count
            yield _mirrored(orders), _lifetime(orders, low, high)

    def _customers(self, lifetime: pl.DataFrame) -> pl.DataFrame:
        count, random = self.customers, np.random.default_rng(SEED)
        number = pl.Series("n", np.arange(count))
        text = number.to_frame().select(
            customer_id=pl.format("c{}", pl.col("n").cast(pl.String).str.zfill(8)),
            email=pl.format("person{}@example.test", "n"),
            phone=pl.format("+9198{}", pl.col("n").cast(pl.String).str.zfill(8)),
            name=pl.format("first{} last{}", pl.col("n") * 7 % 997, pl.col("n") * 11 % 9973),
        )
        missing = random.random(count) < 0.1  # noqa: PLR2004 - one in ten has no city
        cities = pl.Series(_numbered("city", CITIES)).gather(random.integers(0, CITIES, count))
        tags = pl.Series(_numbered("tag", TAGS))
        first = random.integers(0, TAGS, count)
        second = (first + random.integers(1, TAGS, count)) % TAGS
        days = random.integers(0, 20_000, count).astype("timedelta64[D]")
        return text.with_columns(
            city=cities.set(pl.Series(missing), None),
            country=pl.lit("india"),
            gender=pl.Series(("female", "male", "other")).gather(random.integers(0, 3, count)),
            birth_date=pl.Series(np.datetime64("1950-01-01") + days),
            signed_up_at=pl.Series(
                _START + random.integers(0, _SPAN, count).astype("timedelta64[us]")
            ),
            tags=pl.concat_list(tags.gather(first), tags.gather(second)),
            seed=pl.Series(random.integers(0, 2**31, count)),
        ).with_columns(
            pl.Series("attributes.tier", TIERS).gather(random.integers(0, len(TIERS), count)),
            pl.Series("attributes.score", random.random(count) * 100),
            *lifetime,
        )


def _numbered(word: str, count: int) -> list[str]:
    return [f"{word} {number:04}" for number in range(count)]


def _with_folded(customers: pl.DataFrame) -> pl.DataFrame:
    texts = [
        name for name, kind in customers.schema.items() if kind in (pl.String, pl.List(pl.String))
    ]
    return customers.with_columns(pl.col(name).alias(f"{name}_folded") for name in texts)


def _orders(
    random: np.random.Generator, low: int, high: int, count: int, number: int
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "row": random.integers(low, high, count, dtype=np.int32),
            "number": np.arange(number, number + count, dtype=np.int32),
            "ordered_at": _START + random.integers(1, _SPAN, count).astype("timedelta64[us]"),
            "status": random.choice(np.arange(4, dtype=np.uint8), count, p=SHARES),
            "channel": random.integers(0, len(CHANNELS), count, dtype=np.int32),
            "amount": random.integers(100, 1_000_000, count),
            "quantity": random.integers(1, 6, count),
        }
    )


def _items(random: np.random.Generator, number: int, count: int) -> pl.DataFrame:
    total = int(count * ITEMS)
    own = np.arange(number, number + count, dtype=np.int32)
    more = random.integers(number, number + max(count, 1), total - count, dtype=np.int32)
    return pl.DataFrame(
        {
            "number": np.concatenate([own, more]),
            "category": random.integers(0, CATEGORIES, total, dtype=np.int32),
            "sku": random.integers(0, SKUS, total, dtype=np.int32),
        }
    )


def _mirrored(orders: pl.DataFrame) -> pl.DataFrame:
    """Return the columns that the mirror keeps as a frame."""
    return orders.select(
        order_id=pl.format("o{}", pl.col("number").cast(pl.String).str.zfill(9)),
        row=pl.col("row").cast(pl.UInt32),
        ordered_at="ordered_at",
        status=pl.col("status").cat.to(pl.Enum(tables.STATUSES)),
        channel=pl.col("channel").cast(pl.UInt8).cat.to(pl.Enum(CHANNELS)),
        amount="amount",
        quantity="quantity",
    )


def _lifetime(orders: pl.DataFrame, low: int, high: int) -> pl.DataFrame:
    """One row per customer from low to high; the statuses as RULES.md has them."""
    completed, at = pl.col("status") == 0, pl.col("ordered_at")
    figures = orders.group_by("row").agg(
        order_count=completed.sum().cast(pl.Int64),
        total_spend=pl.col("amount").filter(pl.col("status") <= 1).sum(),
        completed_amount=pl.col("amount").filter(completed).sum(),
        first_order_at=at.filter(completed).min(),
        last_order_at=at.filter(completed).max(),
    )
    rows = pl.DataFrame({"row": np.arange(low, high, dtype=np.int32)})
    return (
        rows.join(figures, on="row", how="left", maintain_order="left")
        .drop("row")
        .with_columns(
            pl.col("order_count", "total_spend", "completed_amount").fill_null(0),
            last_order_on=pl.col("last_order_at").dt.date(),
        )
    )
