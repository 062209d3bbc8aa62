"""A chart's axis of values, its labels as the workspace's locale writes them: 80L in en_IN, 8M."""

from __future__ import annotations

import json
from math import floor, log10
from typing import TYPE_CHECKING

import altair as alt

from engine.domain.figures import compact_text

if TYPE_CHECKING:
    import polars as pl

MOST_STEPS = 5


def value_axis(values: pl.Series, locale: str) -> alt.Axis:
    """Return an axis for the values of bars, which begin at 0; its steps are whole numbers."""
    some = values.drop_nulls().to_list()
    marks = ticks(min(0, *some, 0), max(0, *some, 0))
    labels = json.dumps({str(mark): compact_text(mark, locale) for mark in marks})
    return alt.Axis(values=marks, labelExpr=f"{labels}[toString(datum.value)]")


def ticks(lowest: float, highest: float) -> list[int]:
    """Return the multiples of 1, 2 or 5 times a power of ten between the two, at most six.

    >>> ticks(0, 8_600_000)
    [0, 2000000, 4000000, 6000000, 8000000]
    """
    least = max((highest - lowest) / MOST_STEPS, 1)
    power = 10 ** floor(log10(least))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= least)
    first = -(-lowest // step)
    return [int(n) * step for n in range(int(first), int(highest // step) + 1)]
