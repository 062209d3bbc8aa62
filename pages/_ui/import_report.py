"""What an import did: its figures, what changed, and every row that was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from pages._ui.engine import crm, for_later
from pages._ui.feedback import as_of, sentence
from pages._ui.format import count, money, number, plain, share
from pages._ui.frames import Column, table
from pages._ui.places import Place, link

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine import ImportResult
    from pages._ui.import_jobs import ImportJob


DETAILS_SHOWN = 3
"""Rows whose complaint stands in full below the table, which cuts it."""


def report(job: ImportJob) -> None:
    """Show how an ended import went."""
    result = job.result
    if result is None:
        why = plain(sentence((job.problem or "").replace(job.upload.path.name, job.upload.name, 1)))
        if job.was_stopped:
            st.warning(why, title="Import stopped", icon=":material/stop_circle:")
        else:
            st.error(why, title="Import failed", icon=":material/error:")
        return
    verdict(result)
    with st.grid("auto", min_column_width=150):
        st.metric("Rows", number(result.rows), border=True, help="Without the header.")
        st.metric("Customers", number(result.customers), border=True, help="In the rows taken.")
        if result.orders:
            st.metric("Orders", number(result.orders), border=True, help="In the rows taken.")
            st.metric("Of these refunds", number(result.refunded), border=True)
    if result.orders:
        st.markdown(f"Net amount of the orders taken: **{plain(money(result.net_amount))}**")
    changes(result)
    rejected(job, result)
    as_of(crm().freshness().as_of, f"Took {number(round(result.seconds, 1))} s")
    with st.container(horizontal=True):
        link(Place.OVERVIEW, "See the overview", icon=":material/monitoring:")
        link(Place.SEGMENT_BUILDER, "Build a segment", icon=":material/filter_alt:")


def verdict(result: ImportResult) -> None:
    """Say in one line how it went."""
    if result.customers == 0 and result.orders == 0:
        st.warning(
            "No row of the file could be taken; the reasons are below.",
            title="Nothing was imported",
            icon=":material/warning:",
        )
    elif result.changed_nothing:
        st.info(
            "Every row that could be taken is stored already, just so.",
            title="Nothing changed: this file was imported already",
            icon=":material/check:",
        )
    else:
        left_out = sum(result.rejected.values())
        st.success(
            f"{count(result.rows - left_out, 'row')} of {number(result.rows)} taken.",
            title="Import finished",
            icon=":material/check:",
        )


def changes(result: ImportResult) -> None:
    """Show what was written."""
    written = {"Customers": result.customers_written, "Orders": result.orders_written}
    table(
        pl.DataFrame(
            {
                "what": list(written),
                "new": [one.inserted for one in written.values()],
                "changed": [one.updated for one in written.values()],
                "unchanged": [one.unchanged for one in written.values()],
            }
        ),
        {
            "what": Column("Written"),
            "new": Column("New", "number"),
            "changed": Column("Changed", "number"),
            "unchanged": Column("Unchanged", "number", help="Stored already, just so"),
        },
        alt="Customers and orders that the import made, changed and left as they were",
        key="import_changes",
    )


def rejected(job: ImportJob, result: ImportResult) -> None:
    """Show the rows left out: how many by reason, samples, and all of them to download."""
    st.subheader("Rows left out", anchor=False)
    total = sum(result.rejected.values())
    if total == 0:
        st.markdown("None: every row was taken.")
        return
    st.markdown(f"{count(total, 'row')}, {share(total, result.rows)} of {number(result.rows)}.")
    table(
        pl.DataFrame(
            {
                "reason": [sentence(reason)[:-1] for reason in result.rejected],
                "rows": list(result.rejected.values()),
                "share": [rows / result.rows for rows in result.rejected.values()],
            }
        ),
        {
            "reason": Column("Reason", width="medium"),
            "rows": Column("Rows", "number"),
            "share": Column("Of all rows", "share"),
        },
        alt="Rows left out, by reason",
        key="rejected_reasons",
    )
    reason = st.selectbox(
        "Show rows left out because of",
        list(result.rejected),
        format_func=lambda reason: sentence(reason)[:-1],
        key="rejected_reason",
    )
    samples = result.samples.get(reason, ())
    table(
        pl.DataFrame(
            {
                "line": [one.line for one in samples],
                "column": [one.column for one in samples],
                "value": [one.value for one in samples],
                "detail": [sentence(one.detail) for one in samples],
            },
            schema={"line": pl.Int64, **dict.fromkeys(("column", "value", "detail"), pl.String)},
        ),
        {
            "line": Column("Line", "number", help="In a CSV the header is line 1"),
            "column": Column("Column"),
            "value": Column("Value", width="medium"),
            "detail": Column("What is wrong", width="large"),
        },
        alt="Rows left out for the chosen reason",
        key="rejected_samples",
        height="auto",
    )
    for detail in dict.fromkeys(one.detail for one in samples[:DETAILS_SHOWN]):
        st.caption(plain(sentence(detail)))
    all_shown = len(samples) == result.rejected[reason]
    first = "" if all_shown else f"The first {number(len(samples))} of "
    st.caption(f"{first}{count(result.rejected[reason], 'row')}")
    if job.upload.rejects_path.exists():
        st.download_button(
            "Download all rows left out",
            left_out(job),
            file_name="rows_left_out.csv",
            mime="text/csv",
            key="download_rejected",
            icon=":material/download:",
            on_click="ignore",
        )


def left_out(job: ImportJob) -> Callable[[], bytes]:
    """Return what reads the rows left out, on the click, for who may import then."""
    engine = for_later()

    def read() -> bytes:
        engine().imports()  # raises where it is nobody's any more to see
        return job.upload.rejects_path.read_bytes()

    return read
