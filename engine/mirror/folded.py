"""The folded form of customers' texts and lists, which stands beside each in MongoDB."""

from __future__ import annotations

import polars as pl

_TEXTS = (pl.String, pl.List(pl.String))


def split_folded(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the columns but the folded ones, and the folded ones."""
    folded = folded_columns(frame)
    return frame.drop(folded), frame.select(folded)


def folded_columns(frame: pl.DataFrame) -> list[str]:
    """Return the columns that hold the folded form of another, which only rules compare."""
    schema = frame.schema  # made anew at each look: with 500 attributes that took seconds
    return [
        name
        for name, kind in schema.items()
        if name.endswith("_folded")
        and kind in _TEXTS
        and schema.get(name.removesuffix("_folded")) == kind
    ]
