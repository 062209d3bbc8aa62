"""One launched campaign: how far it is, how it went, why what failed failed, and every delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from engine.domain.campaign import CampaignStatus
from engine.domain.permission import Permission
from engine.errors import CrmError
from pages._ui.campaign_words import UNDER_WAY, by_channel, status_badge
from pages._ui.delivery_log import delivery_log
from pages._ui.engine import crm, may
from pages._ui.feedback import as_of, empty_state, guard, show_error
from pages._ui.format import NOTHING, count, number, outline, plain, share, when
from pages._ui.frames import Column, table
from pages._ui.places import Place, go, link, selected

if TYPE_CHECKING:
    from engine.domain.campaign import Campaign, Launch

LIVE_SECONDS = 1
LOG_SECONDS = 3


def progress(campaign_id: str) -> None:
    """Show how far a campaign is; while it is under way this alone runs every second."""
    with guard():
        campaign = crm().campaign(campaign_id)
        figures = crm().delivery_figures(campaign_id)
        ended = figures.sent + figures.failed
        audience = figures.audience if campaign.audience is None else campaign.audience
        with st.container(horizontal=True, vertical_alignment="center"):
            status_badge(campaign.status)
            if campaign.status is CampaignStatus.LAUNCHING:
                st.text(f"Fixing the audience: {count(figures.audience, 'customer')} so far")
            elif campaign.finished_at is not None:
                st.text(f"Finished {when(campaign.finished_at)}")
        if campaign.status is not CampaignStatus.LAUNCHING:
            st.progress(
                ended / audience if audience else 1.0,
                text=plain(f"{number(ended)} of {count(audience, 'customer')} done"),
            )
        with st.grid(5, min_column_width=140):
            st.metric("Audience", number(audience), border=True, height="stretch")
            for label, part, what in (
                ("Sent", figures.sent, None),
                ("Failed", figures.failed, None),
                ("Pending", figures.pending, "Waiting, or being sent."),
            ):
                st.metric(
                    label,
                    number(part),
                    delta=f"{share(part, audience)} of {number(audience)}" if audience else None,
                    delta_color="off",
                    delta_arrow="off",
                    border=True,
                    height="stretch",
                    help=what,
                )
            st.metric(
                "Sent rate",
                NOTHING if figures.sent_rate is None else share(figures.sent, ended),
                delta=f"of {number(ended)} ended" if ended else None,
                delta_color="off",
                delta_arrow="off",
                border=True,
                height="stretch",
                help="Sent, of sent and failed.",
            )
        as_of(figures.as_of, "Numbers of customers")
        reasons(campaign_id, figures.failed)
        if campaign.status is not current.status:
            st.rerun()


def reasons(campaign_id: str, failed: int) -> None:
    """List why deliveries failed."""
    if not failed:
        return
    st.subheader("Why deliveries failed", anchor=False)
    found = crm().failures(campaign_id)
    total = sum(found.values())
    table(
        pl.DataFrame(
            {
                "reason": list(found),
                "customers": list(found.values()),
                "part": [n / total for n in found.values()],
            },
            schema={"reason": pl.String, "customers": pl.Int64, "part": pl.Float64},
        ),
        {
            "reason": Column("Reason"),
            "customers": Column("Customers", "number"),
            "part": Column("Share of failed", "share"),
        },
        alt="Failed deliveries by reason",
        key="failures",
    )


def launch_facts(campaign: Campaign, launch: Launch) -> None:
    """Say who launched what, to whom, and at which instant the rule was evaluated."""
    st.subheader("As it was launched", anchor=False)
    facts, rule = st.columns(2, gap="large")
    with facts:
        st.markdown(
            plain(
                f"Launched {when(launch.now, seconds=True)} by {launch.by}; sent "
                f"{by_channel(campaign.message.channel)}, simulated."
            )
        )
        with st.expander("The message, before fields were filled in", key="sent_message"):
            if campaign.message.subject:
                st.text(campaign.message.subject)
            st.text(campaign.message.body)
    with rule:
        name = segment_name(campaign)
        st.markdown(
            f"Everyone in **{plain(name)}** (version {launch.segment_version}), evaluated at "
            f"{plain(when(launch.now, seconds=True))}:"
        )
        try:
            st.text(outline(crm().words(launch.rule)))
        except CrmError as error:
            show_error(error)


def segment_name(campaign: Campaign) -> str:
    """Return the segment's present name."""
    names = {one.segment_id: one.name for one in crm().segments()}
    return names.get(campaign.segment_id, "a segment that was deleted")


link(Place.CAMPAIGNS, "Campaigns", icon=":material/arrow_back:")
wanted = selected("campaign")
if wanted is None:
    st.title("Campaign report", anchor=False)
    if empty_state(
        "No campaign chosen",
        "Choose one from the list of campaigns to see how it went.",
        "See campaigns",
        key="see_campaigns",
    ):
        go(Place.CAMPAIGNS)
    st.stop()
head = st.container()
with guard() as opening:
    current = crm().campaign(wanted)
if not opening.ok:
    head.title("Campaign report", anchor=False)
    st.stop()
st.title(plain(current.name), anchor=False)
if current.launch is None:
    if current.problem is not None:
        st.error(
            plain(f"The launch did not go through: {current.problem}"), icon=":material/error:"
        )
    if empty_state(
        "Not launched yet",
        "This campaign is a draft. It is finished in the editor and launched there.",
        "Open the draft" if may(Permission.CAMPAIGNS) else None,
        key="open_draft",
    ):
        go(Place.CAMPAIGN_EDITOR, {"campaign": current.campaign_id})
    st.stop()
live = current.status in UNDER_WAY
st.fragment(progress, run_every=LIVE_SECONDS if live else None)(current.campaign_id)
launch_facts(current, current.launch)
if may(Permission.PEOPLE):
    st.subheader("Delivery log", anchor=False)
    st.fragment(delivery_log, run_every=LOG_SECONDS if live else None)(current)
