"""The delivery log of a campaign: pages of rows, one message at a time, and the whole as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from engine.domain.delivery import DeliveryStatus
from engine.domain.permission import Permission
from pages._ui.campaign_words import DELIVERIES
from pages._ui.delivery_csv import log_file
from pages._ui.engine import crm, for_later, may
from pages._ui.feedback import guard
from pages._ui.format import plain
from pages._ui.frames import Column, selectable
from pages._ui.pager import PAGE, Paging, pager, paging
from pages._ui.state import Slot

if TYPE_CHECKING:
    from engine.domain.campaign import Campaign
    from engine.domain.delivery import Delivery

FILTER, ALL = "delivery_status", "all"
COLUMNS = {
    "customer_id": Column("Customer id", pinned=True),
    "status": Column("Status"),
    "reason": Column("Reason", width=230),
    "attempts": Column("Attempts", "number", "small", help="How often a worker took it up"),
    "ended_at": Column("Ended", "instant"),
}
Wanted = tuple[str, DeliveryStatus | None]
"""A campaign's id, and which deliveries of it."""
PAGING: Slot[Paging[Wanted]] = Slot("delivery_paging", Paging(("", None)))


def delivery_log(campaign: Campaign) -> None:
    """Draw the log with its filter, paging, selection and download."""
    with guard():
        st.segmented_control(
            "Show",
            [ALL, *DeliveryStatus],
            key=FILTER,
            default=ALL,
            required=True,
            format_func=lambda one: DELIVERIES.get(one, "All"),
        )
        chosen = st.session_state.get(FILTER, ALL)
        status = chosen if isinstance(chosen, DeliveryStatus) else None
        at = paging(PAGING, (campaign.campaign_id, status))
        found = crm().deliveries(
            campaign.campaign_id, status=status, after=at.after, limit=PAGE + 1
        )
        rows = found[:PAGE]
        if not rows:
            st.caption(
                "No delivery has this status." if status else "The audience is not fixed yet."
            )
        else:
            _table(rows, at)
        end = rows[-1].delivery_id if len(found) > PAGE else None
        pager(PAGING, "log", ("Earlier rows", "Later rows"), len(rows), end)
        if may(Permission.EXPORT):
            _download(campaign)


def _table(rows: tuple[Delivery, ...], at: Paging[Wanted]) -> None:
    picked = selectable(
        pl.DataFrame(
            {
                "customer_id": [one.customer_id for one in rows],
                "status": [DELIVERIES[one.status] for one in rows],
                "reason": [one.reason or "" for one in rows],
                "attempts": [one.attempts for one in rows],
                "ended_at": [one.ended_at for one in rows],
            },
            schema={
                **dict.fromkeys(("customer_id", "status", "reason"), pl.String),
                "attempts": pl.Int64,
                "ended_at": pl.Datetime("us", "UTC"),
            },
        ),
        COLUMNS,
        alt="Delivery log",
        key=f"deliveries_{at.wanted[1]}_{at.number}",
        height=400,
    )
    if picked is None:
        st.caption("Select a row to read its message.")
        return
    row = rows[picked]
    with st.container(border=True, key="delivery_message"):
        st.caption(plain(f"Customer {row.customer_id} · {DELIVERIES[row.status]}"))
        if row.reason:
            st.text(row.reason)
        if row.body is None:
            st.caption("No message was rendered.")
            return
        if row.subject:
            st.text(row.subject)
        st.text(row.body)


def _download(campaign: Campaign) -> None:
    engine = for_later()

    def built() -> bytes:  # on the click; Streamlit takes no file that can be written to
        with log_file(engine().delivery_log(campaign.campaign_id)) as file:
            return file.read()

    st.download_button(
        "Download the log as CSV",
        data=built,
        file_name=f"deliveries-{campaign.campaign_id}.csv",
        mime="text/csv",
        key="download_log",
        icon=":material/download:",
        on_click="ignore",
    )
