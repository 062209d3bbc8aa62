"""The delivery log of a campaign: pages of rows, one message at a time, and the whole as CSV."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from engine.domain.delivery import DeliveryStatus
from engine.domain.permission import Permission
from pages._ui.campaign_words import DELIVERIES
from pages._ui.delivery_csv import log_file
from pages._ui.engine import crm, for_later, may, present
from pages._ui.feedback import guard
from pages._ui.format import NOTHING, number, plain, when
from pages._ui.frames import Column, selectable
from pages._ui.state import Slot

if TYPE_CHECKING:
    from engine.domain.campaign import Campaign
    from engine.domain.delivery import Delivery

PAGE = 50
FILTER, ALL = "delivery_status", "all"
COLUMNS = {
    "customer_id": Column("Customer id", pinned=True),
    "status": Column("Status"),
    "reason": Column("Reason", width=230),
    "attempts": Column("Attempts", "number", "small", help="How often a worker took it up"),
    "ended_at": Column("Ended", "instant"),
}


@dataclass(frozen=True, slots=True)
class Paging:
    """Where in a campaign's log the analyst is: the delivery ids after which pages began."""

    campaign_id: str = ""
    status: DeliveryStatus | None = None
    after: tuple[str, ...] = ()


PAGING: Slot[Paging] = Slot("delivery_paging", Paging())


def delivery_log(campaign: Campaign) -> None:
    """Draw the log with its filter, paging, selection and download."""
    with guard():
        paging = _paging(campaign.campaign_id)
        st.segmented_control(
            "Show",
            [ALL, *DeliveryStatus],
            key=FILTER,
            default=ALL,
            required=True,
            format_func=lambda one: DELIVERIES.get(one, "All"),
        )
        found = crm().deliveries(
            campaign.campaign_id,
            status=paging.status,
            after=paging.after[-1] if paging.after else None,
            limit=PAGE + 1,
        )
        rows = found[:PAGE]
        if not rows:
            st.caption(
                "No delivery has this status."
                if paging.status
                else "The audience is not fixed yet."
            )
        else:
            _table(rows, paging)
        _pager(paging, rows, more=len(found) > PAGE)
        if may(Permission.EXPORT):
            _download(campaign)


def _paging(campaign_id: str) -> Paging:
    chosen = st.session_state.get(FILTER, ALL)
    status = chosen if isinstance(chosen, DeliveryStatus) else None
    paging = PAGING.get()
    if paging.campaign_id != campaign_id or paging.status != status:
        paging = Paging(campaign_id, status)
        PAGING.set(paging)
    return paging


def _table(rows: tuple[Delivery, ...], paging: Paging) -> None:
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
        # A key of its own a page, so that a row picked on one is not picked on the next.
        key=f"deliveries_{paging.status}_{len(paging.after)}",
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


def _pager(paging: Paging, rows: tuple[Delivery, ...], *, more: bool) -> None:
    first = len(paging.after) * PAGE + 1
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Earlier rows",
            key="log_back",
            icon=":material/chevron_left:",
            disabled=not paging.after,
            on_click=lambda: PAGING.set(replace(paging, after=paging.after[:-1])),
        )
        st.button(
            "Later rows",
            key="log_on",
            icon=":material/chevron_right:",
            disabled=not more,
            on_click=lambda: PAGING.set(
                replace(paging, after=(*paging.after, rows[-1].delivery_id))
            ),
        )
        shown = f"Rows {number(first)} to {number(first + len(rows) - 1)}" if rows else NOTHING
        st.caption(plain(f"{shown} · as of {when(present())}"))


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
