"""How a segment's size went from day to day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import polars as pl
import streamlit as st

from pages._ui.engine import crm
from pages._ui.format import count, day, number, plain, share

if TYPE_CHECKING:
    from engine.domain.segment import Segment

DAYS_SHOWN = 90
HEIGHT = 64
DOTS = 31
"""Up to so many days, each is a dot."""


def size_history(segment: Segment, *, due: bool) -> None:
    """Draw a segment's recorded sizes, with the change since the day before.

    Where there is none yet, say so if one is ``due``.
    """
    sizes = crm().segment_sizes(segment.segment_id)
    if sizes.is_empty():
        if due:
            st.caption("Size by day: the first size is recorded today.")
        return
    st.caption(plain(change(sizes)))
    if sizes.height > 1:
        chart(sizes.tail(DAYS_SHOWN), segment)


def change(sizes: pl.DataFrame) -> str:
    """Return the last size with its day, and how it differs from the one before."""
    last = sizes.row(-1, named=True)
    said = f"{day(last['day'])}, version {last['version']}: {count(last['count'], 'customer')}"
    if sizes.height == 1:
        return f"{said}, the first size recorded"
    before = sizes.row(-2, named=True)
    more = last["count"] - before["count"]
    if more == 0:
        return f"{said}, as many as on {day(before['day'])}"
    by = f"{number(abs(more))} {'more' if more > 0 else 'fewer'}"
    if before["count"]:
        sign = "+" if more > 0 else "\N{MINUS SIGN}"
        by += f" ({sign}{share(abs(more), before['count'])})"
    return f"{said}, {by} than on {day(before['day'])}"


def chart(sizes: pl.DataFrame, segment: Segment) -> None:
    """Draw sizes as a small area from 0; a day's figures show where one points."""
    shown = sizes.with_columns(
        day_text=pl.col("day").map_elements(day, return_dtype=pl.String),
        size_text=pl.struct("count", "total").map_elements(
            lambda row: f"{number(row['count'])} of {number(row['total'])}",
            return_dtype=pl.String,
        ),
    )
    area = (
        alt.Chart(shown)
        .mark_area(
            line={"size": 2},
            point={"size": 20} if sizes.height <= DOTS else False,
            fillOpacity=0.15,
        )
        .encode(
            x=alt.X("yearmonthdate(day):T", title=None, axis=None),
            y=alt.Y("count:Q", title=None, axis=None, scale=alt.Scale(zero=True, nice=False)),
            tooltip=[
                alt.Tooltip("day_text:N", title="Day"),
                alt.Tooltip("size_text:N", title="Customers"),
                alt.Tooltip("version:Q", title="Version"),
            ],
        )
        .properties(height=HEIGHT)
    )
    first, last = sizes["day"][0], sizes["day"][-1]
    st.altair_chart(
        area,
        alt=f"Chart of the segment's size from {day(first)} to {day(last)}",
        key=f"sizes_{segment.segment_id}",
    )
