"""Customers with their orders and items as loose frames: taken from layers, joined, ordered.

The columns are those of :mod:`engine.mirror.layer`. ``orders.row`` is the place of the customer in
``customers``, ``items.number`` that of the order in ``orders``; nothing need be in any order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from engine.mirror.layer import Layer, numbered, spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Some customers, one row each, and all their orders and items."""

    customers: pl.DataFrame
    folded: pl.DataFrame
    orders: pl.DataFrame
    items: pl.DataFrame

    def layer(self, coded: frozenset[str]) -> Layer:
        """Return the layer of these rows, once they are :func:`ordered`."""
        return Layer(
            customers=self.customers,
            folded=self.folded,
            orders=self.orders,
            items=self.items,
            coded=coded,
        )


def taken(layer: Layer, rows: pl.Series) -> Rows:
    """Return some rows of a layer with their orders and items, in that order."""
    places = rows.to_numpy()
    own = spans(layer.order_ends, places)
    items = spans(layer.item_ends, own)
    sizes = layer.order_ends[places + 1] - layer.order_ends[places]
    item_sizes = layer.item_ends[own + 1] - layer.item_ends[own]
    return Rows(
        customers=layer.customers[rows],
        folded=layer.folded[rows],
        orders=numbered(layer.orders[own], "row", np.repeat(np.arange(len(places)), sizes)),
        items=numbered(layer.items[items], "number", np.repeat(np.arange(len(own)), item_sizes)),
    )


def together(parts: Sequence[Rows]) -> Rows:
    """Return all rows of several parts, which share no customer and no order."""
    if len(parts) == 1:
        return parts[0]
    customers = [part.customers.height for part in parts]
    orders = [part.orders.height for part in parts]
    return Rows(
        customers=pl.concat([part.customers for part in parts]),
        folded=pl.concat([part.folded for part in parts]),
        orders=pl.concat(
            _shifted(part.orders, "row", sum(customers[:n])) for n, part in enumerate(parts)
        ),
        items=pl.concat(
            _shifted(part.items, "number", sum(orders[:n])) for n, part in enumerate(parts)
        ),
    )


def without_orders(rows: Rows, gone: pl.Series) -> Rows:
    """Return the same without some orders; ``gone`` is one Boolean an order."""
    if not gone.any():
        return rows
    kept = ~gone
    place = np.cumsum(kept.to_numpy()) - 1
    numbers = rows.items["number"].to_numpy()
    items = rows.items.filter(kept.gather(rows.items["number"]))
    numbers = numbers[kept.to_numpy()[numbers]]
    return replace(
        rows,
        orders=rows.orders.filter(kept),
        items=numbered(items, "number", place[numbers]),
    )


def ordered(rows: Rows) -> Rows:
    """Return the same, customers by id, orders by customer, items by order."""
    by_id = rows.customers["customer_id"].arg_sort()
    of_row = _inverse(by_id)[rows.orders["row"].to_numpy()]
    by_row = pl.Series(of_row).arg_sort()
    of_number = _inverse(by_row)[rows.items["number"].to_numpy()]
    by_number = pl.Series(of_number).arg_sort()
    return Rows(
        customers=rows.customers[by_id],
        folded=rows.folded[by_id],
        orders=numbered(rows.orders[by_row], "row", of_row[by_row.to_numpy()]),
        items=numbered(rows.items[by_number], "number", of_number[by_number.to_numpy()]),
    )


def _inverse(order: pl.Series) -> NDArray[np.uint32]:
    places = np.empty(order.len(), dtype=np.uint32)
    places[order.to_numpy()] = np.arange(order.len(), dtype=np.uint32)
    return places


def _shifted(frame: pl.DataFrame, column: str, by: int) -> pl.DataFrame:
    return frame.with_columns(pl.col(column) + pl.lit(by, dtype=pl.UInt32)) if by else frame
