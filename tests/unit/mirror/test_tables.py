"""In which order the tables of rules lie: a scan of a window, or of a few SKUs, skips the rest."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from engine.mirror.tables import open_database, write_items, write_orders

HEIGHT = 200_000


def read(table: str, write: object, frame: pl.DataFrame) -> pl.DataFrame:
    with closing(open_database()) as database:
        write(database, 0, frame)  # type: ignore[operator]
        found = pl.from_arrow(database.sql(f"SELECT * FROM {table}_0").to_arrow_table())  # noqa: S608
    assert isinstance(found, pl.DataFrame)
    return found.cast(frame.schema)


@pytest.mark.parametrize("skus", [3, 2**16 - 1, 2**16, 150_000])
def test_items_lie_by_category_sku_and_number_those_without_in_front(skus: int) -> None:
    draw = np.random.default_rng(skus)
    items = pl.DataFrame(
        {
            "number": np.sort(draw.integers(0, HEIGHT, HEIGHT)).astype(np.uint32),
            "category": draw.integers(-1, 40, HEIGHT).astype(np.int32),
            "sku": draw.integers(-1, skus, HEIGHT).astype(np.int32),
        }
    ).with_columns(pl.when(pl.col(name) >= 0).then(pl.col(name)) for name in ("category", "sku"))
    assert items.null_count().row(0)[1] > 0
    found = read("items", write_items, items)
    assert found.equals(items.sort("category", "sku", "number"))


def test_orders_lie_by_quarter_and_customer_and_else_as_they_came() -> None:
    draw = np.random.default_rng(1)
    first = datetime(1900, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    minutes = draw.integers(0, 300 * 365 * 24 * 60, HEIGHT)
    orders = pl.DataFrame(
        {
            "row": np.sort(draw.integers(0, 500, HEIGHT)).astype(np.int32),
            "number": np.arange(HEIGHT, dtype=np.int32),
            "ordered_at": pl.Series(
                [first + timedelta(minutes=int(one)) for one in minutes], dtype=pl.Datetime("us")
            ),
        }
    )
    found = read("orders", write_orders, orders)
    at = pl.col("ordered_at").dt
    assert found.equals(orders.sort(at.year(), at.quarter(), "row", "number"))
