"""Every campaign: to whom, how, and how it went."""

from __future__ import annotations

import streamlit as st

from engine.domain.permission import Permission
from pages._ui.campaign_table import campaign_table
from pages._ui.campaign_words import UNDER_WAY
from pages._ui.engine import crm, may
from pages._ui.feedback import empty_state, guard
from pages._ui.places import Place, go

LIVE_SECONDS = 1


def history() -> None:
    """List every campaign with its figures; a button in each row opens it."""
    with guard():
        under_way = campaign_table(alt="Campaigns with their figures", key="campaign_history")
        if live and not under_way:
            st.rerun()


st.title("Campaigns", anchor=False)
campaigns = crm().campaigns()
if not campaigns:
    if not crm().segments():
        if empty_state(
            "No campaigns yet",
            "A campaign sends one message to everyone in a segment. Build the segment first.",
            "New segment" if may(Permission.SEGMENTS) else None,
            key="first_segment",
            icon=":material/filter_alt:",
        ):
            go(Place.SEGMENT_BUILDER)
    elif empty_state(
        "No campaigns yet",
        "Choose a segment, write a message, read it as five real members would, and launch.",
        "New campaign" if may(Permission.CAMPAIGNS) else None,
        key="new_campaign",
        icon=":material/campaign:",
    ):
        go(Place.CAMPAIGN_EDITOR)
    st.stop()

if may(Permission.CAMPAIGNS) and st.button(
    "New campaign", key="new_campaign", type="primary", icon=":material/add:"
):
    go(Place.CAMPAIGN_EDITOR)
live = any(one.campaign.status in UNDER_WAY for one in campaigns)
st.fragment(history, run_every=LIVE_SECONDS if live else None)()
