"""What each condition of a rule costs: who would come in and go out without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from pages._ui.format import count, plain, when, whole_money
from pages._ui.frames import Column, table

if TYPE_CHECKING:
    from engine import Explanation

SAID = 3
"""So many conditions, those that matter most, are told in a sentence."""
COLUMNS = {
    "words": Column("Condition", width="large", pinned=True),
    "more": Column("More people", "number", help="Who would come in without the condition"),
    "more_spend": Column("Their spend", "money", help="Total spend of those who would come in"),
    "fewer": Column("Fewer people", "number", help="Who would go out without the condition"),
    "fewer_spend": Column("Their spend", "money", help="Total spend of those who would go out"),
}


def costs(explanation: Explanation) -> None:
    """Show each condition with what the segment would be without it, the weightiest first."""
    found = explanation.without()
    if not found:
        st.caption("The rule has no condition that counts: it holds everyone.")
        return
    rows = (
        pl.DataFrame(
            {
                "words": [one.words for one in found],
                "more": [one.more for one in found],
                "more_spend": [one.more_spend for one in found],
                "fewer": [one.fewer for one in found],
                "fewer_spend": [one.fewer_spend for one in found],
            }
        )
        .with_columns(moved=pl.col("more") + pl.col("fewer"))
        .sort("moved", descending=True, maintain_order=True)
    )
    for row in rows.head(SAID).iter_rows(named=True):
        st.markdown(f"**{plain(row['words'])}**  \n{plain(effect(row))}")
    table(rows, COLUMNS, alt="What the segment would be without each condition", key="rule_costs")
    preview = explanation.preview()
    st.caption(
        plain(
            f"Against {count(preview.count, 'member')} of {count(preview.total, 'customer')} · "
            f"spend is all time, less refunds · data as of {when(preview.as_of)}"
        )
    )


def effect(row: dict[str, int]) -> str:
    """Return what leaving out one condition does, as a sentence.

    ``row`` has ``more`` and ``fewer`` people, and their spend in minor units.
    """
    parts = [
        f"{count(row[way], f'{way} person', f'{way} people')}, "
        f"{whole_money(row[f'{way}_spend'])} of spend"
        for way in ("more", "fewer")
        if row[way]
    ]
    return f"Without this condition {' and '.join(parts) or 'nothing changes'}."
