"""A snapshot: all customers and orders as they stood at one instant. It never changes.

It is a stack of layers (:mod:`engine.mirror.layer`, which lists the columns). A customer is read
from the topmost layer that holds it; the rows of a snapshot are the rows of the lowest layer that
are still read, in the order of their ids, then those of the next layer, and so on. So a change
costs what changed, and what was asked of the lower layers need not be asked again.
"""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from engine.mirror.layer import SERIALS, spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from engine.domain.cluster_time import ClusterTime
    from engine.domain.customer import AttributeType
    from engine.mirror.layer import Layer


class Snapshot:
    """All customers and orders at one instant. Safe to read from any number of threads."""

    def __init__(
        self,
        *,
        as_of: datetime,
        layers: Sequence[Layer],
        live: Sequence[pl.Series | None] | None = None,
        attribute_types: Mapping[str, AttributeType],
        position: ClusterTime | None = None,
    ) -> None:
        """``live`` holds one Boolean a row of each layer, or None where all of them are read.

        Everything acknowledged before ``as_of`` (UTC), and everything up to ``position``, is in it.
        """
        self.serial = next(SERIALS)
        self.as_of = as_of
        self.changed_at = as_of
        """As of when the rows are as they are; ``as_of`` moves on while nothing changes."""
        self.position = position
        self.layers = tuple(layers)
        self.live = tuple(live or (None,) * len(self.layers))
        self.attribute_types = attribute_types
        sizes = [layer.height if live is None else int(live.sum()) for layer, live in self._parts()]
        self._starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])

    @property
    def height(self) -> int:
        """How many customers there are."""
        return int(self._starts[-1])

    @property
    def whole(self) -> Layer | None:
        """The one layer that all rows are read from, where there is such a one."""
        return self.layers[0] if len(self.layers) == 1 and self.live[0] is None else None

    @property
    def coded(self) -> frozenset[str]:
        """The columns of customers' text that every layer holds as codes."""
        return self.layers[0].coded

    @cached_property
    def order_count(self) -> int:
        """How many orders there are."""
        return sum(
            layer.orders.height
            if live is None
            else int(np.diff(layer.order_ends)[live.to_numpy()].sum())
            for layer, live in self._parts()
        )

    def renewed(self, as_of: datetime, position: ClusterTime) -> Snapshot:
        """Return the same rows, which are all there is up to later instants."""
        later = copy(self)
        later.as_of, later.position = as_of, position
        return later

    def joined(self, parts: Sequence[pl.Series]) -> pl.Series:
        """Return one value a row from one value a row of each layer."""
        kept = [
            part if live is None else part.filter(live)
            for part, live in zip(parts, self.live, strict=True)
        ]
        return kept[0] if len(kept) == 1 else pl.concat(kept)

    def column(self, name: str) -> pl.Series:
        """Return a column of the customers."""
        return self.joined([layer.customers.get_column(name) for layer in self.layers])

    @cached_property
    def customer_ids(self) -> pl.Series:
        """The id of each row."""
        return self.column("customer_id")

    @cached_property
    def customers(self) -> pl.DataFrame:
        """All customers, one a row, in the order of the rows."""
        return pl.concat([_kept(layer.customers, live) for layer, live in self._parts()])

    @cached_property
    def orders(self) -> pl.DataFrame:
        """All orders, ordered by customer; ``row`` is the customer's in this snapshot."""
        found = []
        for (layer, live), start in zip(self._parts(), self._starts, strict=False):
            orders = layer.orders
            if live is not None:
                rows = live.to_numpy()
                orders = orders[spans(layer.order_ends, np.flatnonzero(rows))]
                place = pl.Series(np.cumsum(rows) - 1 + start)
                orders = orders.with_columns(place.gather(orders["row"]).alias("row"))
            elif start:
                orders = orders.with_columns(pl.col("row") + int(start))
            found.append(orders.cast({"row": pl.UInt32}))
        return found[0] if len(found) == 1 else pl.concat(found)

    def rows(self, places: pl.Series, columns: Sequence[str]) -> pl.DataFrame:
        """Return some customers' columns, in the order of ``places``, which are rows."""
        if (layer := self.whole) is not None:
            return layer.customers.select(columns)[places]
        at = places.to_numpy()
        of_layer = np.searchsorted(self._starts, at, side="right") - 1
        found: list[pl.DataFrame] = []
        order: list[NDArray[np.int64]] = []
        for n, (layer, live) in enumerate(self._parts()):
            mine = np.flatnonzero(of_layer == n)
            if len(mine) == 0:
                continue
            own = at[mine] - self._starts[n]
            if live is not None:
                own = live.arg_true().to_numpy()[own]
            found.append(layer.customers.select(columns)[own])
            order.append(mine)
        if not found:
            return self.layers[0].customers.select(columns).clear()
        return pl.concat(found)[pl.Series(np.argsort(np.concatenate(order)))]

    def by_id(
        self,
        members: pl.Series,
        columns: Sequence[str],
        *,
        offset: int = 0,
        limit: int | None = None,
    ) -> pl.DataFrame:
        """Return some of the customers for whom ``members`` is true, by id (by code point)."""
        end = None if limit is None else offset + limit
        return self.rows(self.first(members, end).slice(offset, limit), columns)

    def first(
        self, members: pl.Series, limit: int | None, *, after: str | None = None
    ) -> pl.Series:
        """Return the rows of the first for whom ``members`` is true, by id (by code point).

        At most ``limit`` of those whose id is greater than ``after``.
        """
        found = []
        for (layer, live), start, end in zip(
            self._parts(), self._starts, self._starts[1:], strict=False
        ):
            passed = 0
            if after is not None:
                passed = int(layer.customer_ids.search_sorted(after, side="right"))
                if live is not None:
                    passed = int(live.head(passed).sum())
            places = members.slice(start + passed, end - start - passed).arg_true()
            # Each layer is in the order of its ids: more of it than that cannot be asked for.
            found.append(places.head(places.len() if limit is None else limit) + start + passed)
        first: pl.Series = pl.concat([one.cast(pl.Int64) for one in found])
        if len(found) > 1:
            ids = self.rows(first, ["customer_id"]).to_series()
            first = first.gather(ids.arg_sort())
        return first if limit is None else first.head(limit)

    def ids_of(self, members: pl.Series) -> pl.Series:
        """Return the ids of the customers for whom ``members`` is true, by code point."""
        found = self.customer_ids.filter(members)
        return found if len(self.layers) == 1 else found.sort()

    def find(self, customer_ids: Sequence[str]) -> pl.Series:
        """Return the rows of those of the customers that are there, in any order."""
        wanted = pl.Series(customer_ids, dtype=pl.String)
        found = []
        for (layer, live), start in zip(self._parts(), self._starts, strict=False):
            _, rows = layer.rows_of(wanted)
            if live is None:
                found.append(rows.cast(pl.Int64) + int(start))
                continue
            kept = live.to_numpy()
            own = rows.filter(live.gather(rows)).to_numpy()
            found.append(pl.Series(np.cumsum(kept)[own] - 1 + start, dtype=pl.Int64))
        return pl.concat(found)

    def _parts(self) -> Iterator[tuple[Layer, pl.Series | None]]:
        return zip(self.layers, self.live, strict=True)


def _kept(frame: pl.DataFrame, live: pl.Series | None) -> pl.DataFrame:
    return frame if live is None else frame.filter(live)
