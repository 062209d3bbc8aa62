"""What is known of all orders together, so that a query can be asked the quicker way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import polars as pl
    from numpy.typing import NDArray

SAMPLE = 1_000


@dataclass(frozen=True, slots=True)
class OrderStatistics:
    """Of the orders of one snapshot."""

    count: int
    times: NDArray[np.datetime64]
    """When orders were made: up to :data:`SAMPLE` of them, evenly drawn, ascending, UTC."""
    largest: Mapping[str, int]
    """The largest absolute ``amount`` and ``quantity``; 0 without orders."""

    @classmethod
    def of(cls, orders: pl.DataFrame) -> OrderStatistics:
        """Return the statistics of a frame of orders."""
        step = max(1, orders.height // SAMPLE)
        times = np.sort(orders.get_column("ordered_at").gather_every(step).to_numpy())
        # The ends apart: the absolute value of the smallest int64 is none.
        ends = {name: (orders[name].min(), orders[name].max()) for name in ("amount", "quantity")}
        largest = {
            name: max((abs(int(str(end))) for end in pair if end is not None), default=0)
            for name, pair in ends.items()
        }
        return cls(orders.height, times, largest)

    def share(self, since: datetime | None, until: datetime | None) -> float:
        """Return about which share of the orders, 0 to 1, lies between two instants (naive UTC)."""
        if len(self.times) == 0:
            return 0.0
        first = 0 if since is None else np.searchsorted(self.times, np.datetime64(since, "us"))
        last = (
            len(self.times)
            if until is None
            else np.searchsorted(self.times, np.datetime64(until, "us"), side="right")
        )
        return max(0.0, float(last - first) / len(self.times))
