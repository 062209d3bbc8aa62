"""Campaigns that are being written in this browser session."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.domain.campaign import Channel, Message
from pages._ui.state import Slot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.campaign import Campaign

NEW = ""
"""Stands for the id of a campaign that has not been saved yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What an analyst writes. ``segment_id`` is empty until a segment is chosen."""

    name: str = ""
    segment_id: str = ""
    channel: Channel = Channel.EMAIL
    subject: str = ""
    body: str = ""

    @property
    def message(self) -> Message:
        """The message; only an e-mail has a subject."""
        subject = self.subject if self.channel is Channel.EMAIL else ""
        return Message(channel=self.channel, subject=subject, body=self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDraft:
    """A campaign as it stands in the editor, and as it was saved."""

    campaign_id: str = NEW
    version: int | None = None
    content: Content = Content()
    saved: Content = Content()
    before: tuple[str, str] | None = None
    """The subject and the text that stood here before others were put in; None where none were."""

    @property
    def unsaved(self) -> bool:
        """Whether something was changed since the last save."""
        return self.content != self.saved


DRAFTS: Slot[Mapping[str, CampaignDraft]] = Slot("campaign_drafts", MappingProxyType({}))


def opened(campaign: Campaign | None) -> CampaignDraft:
    """Return the draft of a campaign, or of a new one; unsaved changes are kept."""
    known = DRAFTS.get().get(NEW if campaign is None else campaign.campaign_id)
    if known is not None and (known.unsaved or campaign is None):
        return known
    if campaign is None:
        return keep(CampaignDraft())
    return keep(replace(of_campaign(campaign), before=None if known is None else known.before))


def of_campaign(campaign: Campaign) -> CampaignDraft:
    """Return the draft of a campaign as it was saved."""
    content = Content(
        name=campaign.name,
        segment_id=campaign.segment_id,
        channel=campaign.message.channel,
        subject=campaign.message.subject,
        body=campaign.message.body,
    )
    return CampaignDraft(
        campaign_id=campaign.campaign_id, version=campaign.version, content=content, saved=content
    )


def keep(draft: CampaignDraft) -> CampaignDraft:
    """Remember a draft."""
    DRAFTS.set(MappingProxyType({**DRAFTS.get(), draft.campaign_id: draft}))
    return draft


def forget(campaign_id: str) -> None:
    """Forget a draft and its unsaved changes."""
    left = {key: draft for key, draft in DRAFTS.get().items() if key != campaign_id}
    DRAFTS.set(MappingProxyType(left))
