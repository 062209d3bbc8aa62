"""The only script Streamlit runs: it opens the workspace and runs the page that was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.engine import crm
from pages._ui.feedback import flash, guard, leave, show_flash
from pages._ui.format import count, plain, when
from pages._ui.places import Place

if TYPE_CHECKING:
    from datetime import datetime

# A Material icon here would be fetched from another machine.
ICON = Path(__file__).parent / "_ui" / "icon.svg"
FRESHNESS_SECONDS = 10

st.set_page_config(layout="wide", page_icon=ICON)

page = st.navigation(
    {
        "": [
            st.Page(
                Place.OVERVIEW,
                title="Overview",
                icon=":material/monitoring:",
                default=True,
                help="The business at a glance: customers, orders, revenue and recent campaigns.",
            )
        ],
        "Audience": [
            st.Page(
                Place.CUSTOMERS,
                title="Customers",
                icon=":material/group:",
                help="Find a customer and read their profile and orders.",
            ),
            st.Page(
                Place.CUSTOMER,
                title="Customer",
                visibility="hidden",
            ),
            st.Page(
                Place.SEGMENTS,
                title="Segments",
                icon=":material/filter_alt:",
                help="Saved groups of customers, each defined by a rule.",
            ),
            st.Page(
                Place.SEGMENT_BUILDER,
                title="Segment builder",
                visibility="hidden",
            ),
        ],
        "Campaigns": [
            st.Page(
                Place.CAMPAIGNS,
                title="Campaigns",
                icon=":material/campaign:",
                help="What was sent to whom, and how it went.",
            ),
            st.Page(
                Place.CAMPAIGN_EDITOR,
                title="Campaign editor",
                visibility="hidden",
            ),
            st.Page(
                Place.CAMPAIGN_REPORT,
                title="Campaign report",
                visibility="hidden",
            ),
        ],
        "Data": [
            st.Page(
                Place.IMPORTS,
                title="Imports",
                icon=":material/upload_file:",
                help="Bring in orders and customers from a file, and see what was brought in.",
            ),
            st.Page(
                Place.SETTINGS,
                title="Settings",
                icon=":material/settings:",
                help="Keys for programs that call the API, and erasing a person.",
            ),
        ],
    },
    expanded=True,
)


@st.fragment(run_every=FRESHNESS_SECONDS)
def freshness(drawn: list[datetime]) -> None:
    """Show what the page's figures are made from, and tell when there are newer ones.

    ``drawn`` is empty when the page is drawn, and then holds as of when its figures are.
    """
    with guard():
        now = crm().freshness()
        drawn[:] = drawn or [now.changed_at]
        st.caption(
            f"{count(now.customers, 'customer')} · {count(now.orders, 'order')}  \n"
            f"As of {when(now.as_of)}"
        )
        if now.behind:
            st.caption(":material/sync: Catching up with changes")
        elif now.changed_at > drawn[0]:
            st.caption(":material/sync: This page shows older figures")
        if st.button(
            "Refresh",
            key="refresh",
            icon=":material/refresh:",
            help="Catch up with what was written until now and redraw this page.",
        ):
            crm().refresh()
            flash("Figures refreshed")
            st.rerun()


with guard() as opening:
    workspace = crm().workspace
    st.set_page_config(page_title=f"{page.title} · {workspace.name}")
    leave()
    show_flash()
    with st.sidebar:
        st.space("small")
        st.markdown(f"**{plain(workspace.name)}**")
        freshness([])

if opening.ok:
    with guard():
        page.run()
