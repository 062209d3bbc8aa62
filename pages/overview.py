"""The business at a glance: customers, orders, revenue, recent campaigns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import polars as pl
import streamlit as st

from engine.domain.permission import Permission
from pages._ui.axis import value_axis
from pages._ui.campaign_table import campaign_table
from pages._ui.demo_data import removal
from pages._ui.engine import crm, may, workspace
from pages._ui.feedback import as_of, empty_state, flash
from pages._ui.format import count, money, number, plain, share, whole_money
from pages._ui.places import Place, go, link

if TYPE_CHECKING:
    from engine.domain.workspace import Workspace

MONTHS_SHOWN = 24
CAMPAIGNS_SHOWN = 5
FEW_MONTHS, WIDEST_BAR = 6, 40  # the bars of fewer months would be blocks; pixels


def first_steps() -> None:
    """Show the way from an empty workspace to the first campaign."""
    st.markdown("There is nothing here yet. Three steps lead to your first campaign.")
    steps = st.columns(3)
    with steps[0].container(border=True, height="stretch"):
        st.subheader("1. Import orders", anchor=False)
        st.markdown("Bring in a CSV or Parquet file of orders. Customers come with them.")
        if may(Permission.IMPORTS) and st.button(
            "Import orders", key="first_import", type="primary"
        ):
            go(Place.IMPORTS)
    with steps[1].container(border=True, height="stretch"):
        st.subheader("2. Build a segment", anchor=False)
        st.markdown("Say who you want to reach, and see how many customers that is as you edit.")
        if may(Permission.SEGMENTS) and st.button("Build a segment", key="first_segment"):
            go(Place.SEGMENT_BUILDER)
    with steps[2].container(border=True, height="stretch"):
        st.subheader("3. Launch a campaign", anchor=False)
        st.markdown("Write a message, read it as five real members would, and send it.")
        if may(Permission.CAMPAIGNS) and st.button("Create a campaign", key="first_campaign"):
            go(Place.CAMPAIGN_EDITOR)
    if not may(Permission.OPERATE):
        return
    st.markdown("Nothing to import at hand? Look around with the orders of a made-up retailer.")
    if st.button("Load demo data", key="load_demo"):
        with st.spinner("Writing demo data…"):
            loaded = crm().load_demo()
        flash(f"Loaded {count(loaded.customers, 'customer')} and {count(loaded.orders, 'order')}")
        st.rerun()


def demo_banner(customers: int, orders: int) -> None:
    """Say that demo data is there, and offer to remove it."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/science: This workspace holds demo data: {count(customers, 'customer')} "
            f"and {count(orders, 'order')} of a made-up retailer.",
            width="stretch",
        )
        if may(Permission.OPERATE):
            removal(customers, orders)


def month_charts(months: pl.DataFrame, workspace: Workspace) -> None:
    """Draw orders and net revenue by month, one above the other on one time axis."""
    decimals, locale = workspace.currency.decimals, workspace.locale
    shown = months.tail(MONTHS_SHOWN).with_columns(
        revenue=pl.col("net_revenue") / 10**decimals,
        revenue_text=pl.col("net_revenue").map_elements(money, return_dtype=pl.String),
        orders_text=pl.col("orders").map_elements(number, return_dtype=pl.String),
        refunds_text=pl.col("refunds").map_elements(number, return_dtype=pl.String),
        month_text=pl.col("month").dt.strftime("%B %Y"),
    )
    tooltip = [
        alt.Tooltip("month_text:N", title="Month"),
        alt.Tooltip("orders_text:N", title="Orders"),
        alt.Tooltip("refunds_text:N", title="Refunds"),
        alt.Tooltip("revenue_text:N", title="Net revenue"),
    ]
    month = alt.X(
        "yearmonth(month):O",
        title=None,
        axis=alt.Axis(format="%b %Y", labelAngle=0, labelOverlap="greedy", ticks=False),
    )
    size = WIDEST_BAR if shown.height < FEW_MONTHS else alt.Undefined
    bars = alt.Chart(shown).mark_bar(cornerRadiusEnd=2, size=size)
    left, right = st.columns(2)
    with left:
        st.subheader(f"Net revenue by month ({workspace.currency.code})", anchor=False)
        st.altair_chart(
            bars.encode(
                x=month,
                y=alt.Y("revenue:Q", title=None, axis=value_axis(shown["revenue"], locale)),
                tooltip=tooltip,
            ).properties(height=240),
            alt=f"Bar chart of net revenue in {workspace.currency.code} by month",
            key="revenue_by_month",
        )
    with right:
        st.subheader("Orders by month", anchor=False)
        st.altair_chart(
            bars.encode(
                x=month,
                y=alt.Y("orders:Q", title=None, axis=value_axis(shown["orders"], locale)),
                tooltip=tooltip,
            ).properties(height=240),
            alt="Bar chart of completed orders by month",
            key="orders_by_month",
        )


def recent_campaigns() -> None:
    """List the latest campaigns with their figures."""
    st.subheader("Recent campaigns", anchor=False)
    if not crm().campaigns():
        if empty_state(
            "No campaigns yet",
            "Choose a segment, write a message and launch: its figures appear here.",
            "Create a campaign" if may(Permission.CAMPAIGNS) else None,
            key="no_campaigns",
        ):
            go(Place.CAMPAIGN_EDITOR)
        return
    campaign_table(
        alt="The latest campaigns with their figures",
        key="recent_campaigns",
        most=CAMPAIGNS_SHOWN,
    )
    link(Place.CAMPAIGNS, "All campaigns", icon=":material/arrow_forward:")


st.title("Overview", anchor=False)
figures = crm().overview()
demo = crm().demo_counts()
if figures.customers == 0 and figures.months.is_empty():
    first_steps()
    if crm().campaigns():
        recent_campaigns()
    st.stop()
if demo.customers or demo.orders:
    demo_banner(demo.customers, demo.orders)

tiles = st.columns([1, 1.2, 1, 1.4])
tiles[0].metric("Customers", number(figures.customers), border=True, height="stretch")
tiles[1].metric(
    f"Bought in {figures.recent_days} days",
    number(figures.recent_buyers),
    delta=f"{share(figures.recent_buyers, figures.customers)} of customers",
    delta_color="off",
    delta_arrow="off",
    border=True,
    height="stretch",
    help=f"Customers with a completed order in the last {figures.recent_days} days.",
)
tiles[2].metric(
    "Orders",
    number(figures.orders),
    delta=f"and {count(figures.refunds, 'refund')}",
    delta_color="off",
    delta_arrow="off",
    border=True,
    height="stretch",
    help="Completed orders. Cancelled and pending ones are not counted.",
)
tiles[3].metric(
    "Net revenue",
    whole_money(figures.net_revenue),
    delta="completed less refunds",
    delta_color="off",
    delta_arrow="off",
    border=True,
    height="stretch",
    help=f"Over all time; exactly {plain(money(figures.net_revenue))}.",
)
as_of(figures.as_of)
if not figures.months.is_empty():
    month_charts(figures.months, workspace())
    as_of(
        figures.as_of,
        "Completed orders; revenue less refunds. "
        f"Up to {MONTHS_SHOWN} months, the latest in the data last ({workspace().zone.key})",
    )
recent_campaigns()
