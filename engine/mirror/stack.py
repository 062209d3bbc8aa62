"""The layers that the next snapshot is made from, and how they are merged.

Layers above the lowest are merged when they are alike in size, so that there are few of them and
every row is written again only as often as the logarithm of what has changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from engine.mirror.rows import ordered, taken, together
from engine.mirror.tables import coded_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.mirror.layer import Layer

FAN = 6
"""Layers of about one size that are merged into one."""
SMALL = 2_000
"""Customers: layers smaller than this count as of one size."""
BASE_SHARE = 0.5
"""The lowest layer is merged, too, when those above it hold more than this share of its rows."""
OPENED_BEFORE = 20_000
"""Customers: the tables of larger layers are made before they are asked for, if others were."""
NO_IDS = pl.Series("customer_id", [], dtype=pl.String)


@dataclass(slots=True, eq=False)
class Floor:
    """One layer of the stack. Owned by one thread; the masks it hands out are never written to."""

    layer: Layer
    live: pl.Series | None = None
    """One Boolean a row; None where all rows are read."""
    gone: pl.Series = field(default_factory=lambda: NO_IDS)
    """Ids that were deleted at the time of the layer: they are read from no layer below it."""

    @property
    def height(self) -> int:
        """How many customers are read from it."""
        return self.layer.height if self.live is None else int(self.live.sum())

    def cover(self, rows: pl.Series) -> None:
        """Read these rows no longer."""
        if rows.len():
            live = pl.repeat(value=True, n=self.layer.height, eager=True)
            self.live = (live if self.live is None else self.live.clone()).scatter(rows, False)  # noqa: FBT003 - the value


class Stack:
    """The floors, the lowest first. Owned by one thread."""

    def __init__(self, base: Layer) -> None:
        self.floors = [Floor(base)]

    @property
    def coded(self) -> frozenset[str]:
        """The columns that every layer holds as codes."""
        return self.floors[0].layer.coded

    def known(self, customer_ids: pl.Series) -> Iterator[tuple[Layer, pl.Series]]:
        """Yield the layers that some of these customers are read from, with their rows there."""
        for floor in self.floors:
            _, rows = floor.layer.rows_of(customer_ids)
            kept = rows if floor.live is None else rows.filter(floor.live.gather(rows))
            if kept.len():
                yield floor.layer, kept

    def known_ids(self, customer_ids: pl.Series) -> pl.Series:
        """Return those of these customers that are read from some layer."""
        found = [layer.customer_ids.gather(rows) for layer, rows in self.known(customer_ids)]
        return pl.concat(found) if found else NO_IDS

    def put(self, layer: Layer, gone: pl.Series = NO_IDS) -> None:
        """Lay the changed customers on top; ``gone`` are the ids of those that were deleted."""
        covered = pl.concat([layer.customer_ids, gone])
        for floor in self.floors:
            _cover(floor, covered)
        self.floors.append(Floor(layer, gone=gone))

    def due(self, above: int = 0, *, whole: bool = False) -> slice | None:
        """Return which of the floors from ``above`` on to merge now; None where none need be.

        ``whole`` is whether to merge all of them, however few the upper ones hold.
        """
        sizes = [floor.layer.height for floor in self.floors]
        if above == 0 and (whole or sum(sizes[1:]) > max(BASE_SHARE * sizes[0], FAN * SMALL)):
            return slice(0, len(sizes))
        tiers = [_tier(size) for size in sizes]
        for first in range(max(1, above), len(tiers)):
            upper = tiers[first:]
            if max(upper) == upper[0] and upper.count(upper[0]) >= FAN:
                return slice(first, len(tiers))
        return None

    def replace(self, floors: Sequence[Floor], layer: Layer) -> None:
        """Put one layer in the place of those that it was merged from, whatever came since."""
        start = next(n for n, floor in enumerate(self.floors) if floor is floors[0])
        end = start + len(floors)
        gone = pl.concat([floor.gone for floor in floors]) if start else NO_IDS
        merged = Floor(layer, gone=gone)
        for floor in self.floors[end:]:
            _cover(merged, pl.concat([floor.layer.customer_ids, floor.gone]))
            floor.layer = floor.layer.recoded(layer.coded)
        self.floors[start:end] = [merged]

    def widen(self, plain: pl.DataFrame, folded: pl.DataFrame) -> None:
        """Give every layer the columns of profiles that it lacks."""
        for floor in self.floors:
            floor.layer = floor.layer.widened(plain, folded)


def merged(floors: Sequence[Floor], *, whole: bool) -> Layer:
    """Return one layer of what is read from neighbouring floors; ``whole``: of all of them."""
    parts = []
    for floor in floors:
        live = floor.live
        every = pl.arange(floor.layer.height, eager=True)
        parts.append(taken(floor.layer, every if live is None else live.arg_true()))
    rows = ordered(together(parts))
    del parts
    return rows.layer(coded_columns(rows.folded) if whole else floors[0].layer.coded)


def merged_and_open(floors: Sequence[Floor], *, whole: bool) -> Layer:
    """Return what :func:`merged` does, its tables made if it is large and somebody looks."""
    layer = merged(floors, whole=whole)
    # Where nobody looks, the tables would be made for nothing, again and again.
    if layer.height > OPENED_BEFORE and any(floor.layer.is_asked for floor in floors):
        layer.open()
    return layer


def _tier(size: int) -> int:
    tier = 0
    while size > SMALL:
        size, tier = size // FAN, tier + 1
    return tier


def _cover(floor: Floor, customer_ids: pl.Series) -> None:
    _, rows = floor.layer.rows_of(customer_ids)
    floor.cover(rows)
