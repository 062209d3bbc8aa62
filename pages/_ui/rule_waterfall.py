"""How many customers remain after each condition, in the order of the rule."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import altair as alt
import polars as pl
import streamlit as st

from pages._ui.axis import value_axis
from pages._ui.format import count, number
from pages._ui.frames import Column, table

if TYPE_CHECKING:
    from engine import Explanation, Step

ROW, BAR, AXIS = 40, 14, 50
"""Pixels of a step with its words, of its bar, and of the axis below with the chart's margins."""
INK = "luminance(background) < 0.4 ? '#E4EAEC' : '#1C2730'"
"""Of the words, on a dark theme and on a light one: an axis' own grey has a contrast of 3.7 only.
The browser decides, because the page is not run again when the theme is changed."""
WORDS = 290
"""Pixels that a step's words are cut to; the tooltip has all of them."""
TABLE = {
    "words": Column("Step", width=150),
    "remaining": Column("Customers", "number", help="Who are left after this step"),
    "change": Column("Change", "number", help="Against the step before"),
    "alone": Column("Alone", "number", help="Who meet this condition by itself"),
}


def waterfall(explanation: Explanation, locale: str) -> None:
    """Draw the steps of the rule's outermost group as bars, and offer them as a table."""
    steps = explanation.waterfall()
    if not steps:
        return
    total = explanation.preview().total
    grows = steps[0].path.rpartition(".")[2].startswith("any[")
    rows = step_rows(steps, total, grows=grows)
    st.markdown("**How the rule grows**" if grows else "**How the rule narrows**")
    st.altair_chart(_chart(rows, total, locale), alt=told(steps, total), key="rule_waterfall")
    shown = st.expander("The same as a table", key="waterfall_table", on_change="rerun")
    if shown.open:
        with shown:
            table(rows, TABLE, alt="How many customers remain after each step of the rule")


def step_rows(steps: tuple[Step, ...], total: int, *, grows: bool) -> pl.DataFrame:
    """Return one row a step: its words, what remains, the change, and who meet it alone.

    A rule that narrows begins with everyone, a row of its own.
    """
    first = [] if grows else [(0, "Everyone", total, 0, total, total)]
    rows = [
        (n, one.words, one.after, one.after - one.before, max(one.before, one.after), one.alone)
        for n, one in enumerate(steps, start=1)
    ]
    schema = {
        "place": pl.Int64,
        "words": pl.String,
        "remaining": pl.Int64,
        "change": pl.Int64,
        "reach": pl.Int64,
        "alone": pl.Int64,
    }
    return pl.DataFrame([*first, *rows], schema=schema, orient="row")


def told(steps: tuple[Step, ...], total: int) -> str:
    """Return the chart in words, for those who do not see it."""
    said = "; ".join(f"{number(one.after)} after {one.words}" for one in steps)
    return f"Bar chart of {count(total, 'customer')}, step by step: {said}"


def _chart(rows: pl.DataFrame, total: int, locale: str) -> alt.LayerChart | alt.FacetChart:
    shown = rows.with_columns(
        text=pl.col("remaining").map_elements(number, return_dtype=pl.String),
        more=pl.col("change").map_elements(_signed, return_dtype=pl.String),
        by_itself=pl.col("alone").map_elements(number, return_dtype=pl.String),
    )
    tooltip = [
        alt.Tooltip("words:N", title="Step"),
        alt.Tooltip("text:N", title="Customers"),
        alt.Tooltip("more:N", title="Change"),
        alt.Tooltip("by_itself:N", title="Meet it alone"),
    ]
    # The words are the labels of an axis, drawn above the bars, where they have the whole width.
    labels = json.dumps({str(n): f"{text} · {words}" for n, text, words in _labels(shown)})
    steps = alt.Y(
        "place:O",
        title=None,
        scale=alt.Scale(paddingInner=0, paddingOuter=0),
        axis=alt.Axis(
            labelExpr=f"{labels}[toString(datum.value)]",
            labelAlign="left",
            labelColor=alt.ExprRef(INK),
            labelFontSize=12,
            labelPadding=-1,
            labelOffset=-9,
            labelLimit=WORDS,
            ticks=False,
            domain=False,
            zindex=1,
        ),
    )
    axis = value_axis(pl.Series([total]), locale)
    scale = alt.Scale(domain=[0, max(total, 1) * 1.03], nice=False)
    base = alt.Chart(shown).encode(y=steps, tooltip=tooltip)
    return alt.layer(
        base.mark_bar(height=BAR, yOffset=8, cornerRadiusEnd=2, opacity=0.25).encode(
            x=alt.X("reach:Q", title=None, axis=axis, scale=scale)
        ),
        base.mark_bar(height=BAR, yOffset=8, cornerRadiusEnd=2).encode(
            x=alt.X("remaining:Q", title=None, axis=axis, scale=scale)
        ),
    ).properties(height=ROW * shown.height + AXIS)


def _labels(shown: pl.DataFrame) -> list[tuple[int, str, str]]:
    return shown.select("place", "text", "words").rows()


def _signed(n: int) -> str:
    return f"+{number(n)}" if n > 0 else number(n)
