"""Campaigns with their figures as a table; a button in each row opens the campaign."""

from __future__ import annotations

import polars as pl

from engine.domain.campaign import CampaignStatus
from engine.domain.permission import Permission
from pages._ui.campaign_words import UNDER_WAY, campaign_status
from pages._ui.engine import crm, may
from pages._ui.feedback import as_of
from pages._ui.format import count, number
from pages._ui.frames import Column, openable
from pages._ui.places import Place, go

# Together, with the button, as wide as the page is in a window of 1,280 pixels.
COLUMNS = {
    "name": Column("Campaign", width=136),
    "status": Column("Status", width=94),
    "segment": Column("Segment", width=114),
    "launched": Column("Launched", "day", width=96),
    "audience": Column("Audience", "number", width=78, help="Customers the campaign is sent to"),
    "sent": Column("Sent", "number", width=66),
    "failed": Column("Failed", "number", width=60),
    "pending": Column("Pending", "number", width=64, help="Waiting, or being sent"),
    "rate": Column("Sent rate", "share", width=74, help="Sent, of sent and failed"),
}


def campaign_table(*, alt: str, key: str, most: int | None = None) -> bool:
    """Show the latest campaigns (all if ``most`` is None); a draft has no figures yet.

    Opens the one whose button is clicked. Returns whether one of those shown is under way.
    """
    every = crm().campaigns()
    found = every[:most]
    launched = [one.campaign.launch is not None for one in found]
    opened = openable(
        pl.DataFrame(
            {
                "name": [one.campaign.name for one in found],
                "status": [campaign_status(one.campaign) for one in found],
                "segment": [one.segment_name for one in found],
                "audience": [one.campaign.audience for one in found],
                "sent": [one.figures.sent for one in found],
                "failed": [one.figures.failed for one in found],
                "pending": [one.figures.pending for one in found],
                "rate": [one.figures.sent_rate for one in found],
                "launched": [
                    one.campaign.launch.now if one.campaign.launch else None for one in found
                ],
            },
            schema={
                **dict.fromkeys(("name", "status", "segment"), pl.String),
                **dict.fromkeys(("audience", "sent", "failed", "pending"), pl.Int64),
                "rate": pl.Float64,
                "launched": pl.Datetime("us", "UTC"),
            },
        ).with_columns(
            pl.when(pl.Series(launched, dtype=pl.Boolean)).then(pl.col(name)).alias(name)
            for name in ("sent", "failed", "pending")
        ),
        COLUMNS,
        alt=alt,
        key=key,
    )
    if opened is not None:
        campaign = found[opened].campaign
        edits = campaign.status is CampaignStatus.DRAFT and may(Permission.CAMPAIGNS)
        go(
            Place.CAMPAIGN_EDITOR if edits else Place.CAMPAIGN_REPORT,
            {"campaign": campaign.campaign_id},
        )
    if found:
        shown = count(len(found), "campaign") + ", latest first"
        if len(found) < len(every):
            shown = f"The latest {number(len(found))} of {count(len(every), 'campaign')}"
        as_of(found[0].figures.as_of, f"{shown}; figures are numbers of customers")
    return any(one.campaign.status in UNDER_WAY for one in found)
