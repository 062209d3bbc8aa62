"""How campaigns and deliveries read on the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import streamlit as st

from engine.domain.campaign import CampaignStatus, Channel
from engine.domain.delivery import DeliveryStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.campaign import Campaign

CHANNELS: Mapping[Channel, str] = {
    Channel.EMAIL: "E-mail",
    Channel.SMS: "SMS",
    Channel.WHATSAPP: "WhatsApp",
}
STATUSES: Mapping[CampaignStatus, str] = {
    CampaignStatus.DRAFT: "Draft",
    CampaignStatus.LAUNCHING: "Launching",
    CampaignStatus.SENDING: "Sending",
    CampaignStatus.FINISHED: "Finished",
}
DELIVERIES: Mapping[DeliveryStatus, str] = {
    DeliveryStatus.PENDING: "Waiting",
    DeliveryStatus.CLAIMED: "Being sent",
    DeliveryStatus.SENT: "Sent",
    DeliveryStatus.FAILED: "Failed",
}
UNDER_WAY = (CampaignStatus.LAUNCHING, CampaignStatus.SENDING)
"""Statuses in which figures change by themselves."""
_COLOURS: Mapping[CampaignStatus, Literal["gray", "blue", "green"]] = {
    CampaignStatus.DRAFT: "gray",
    CampaignStatus.LAUNCHING: "blue",
    CampaignStatus.SENDING: "blue",
    CampaignStatus.FINISHED: "green",
}


def campaign_status(campaign: Campaign) -> str:
    """Return where a campaign stands; a draft whose launch did not go through says so."""
    return STATUSES[campaign.status] if campaign.problem is None else "Launch failed"


def by_channel(channel: Channel) -> str:
    """Return a channel as it stands in a sentence: ``by e-mail``."""
    return "by e-mail" if channel is Channel.EMAIL else f"by {CHANNELS[channel]}"


def status_badge(status: CampaignStatus) -> None:
    """Show where a campaign stands."""
    st.badge(STATUSES[status], color=_COLOURS[status])
