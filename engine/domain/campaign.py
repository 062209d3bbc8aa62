"""A campaign: one message to everyone who is in a segment at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.domain.rule_codec import decode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.domain.rules import Rule


class Channel(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"


class CampaignStatus(StrEnum):
    """Where a campaign stands.

    draft -> launching (the audience is being frozen) -> sending -> finished
    launching -> draft, with a problem, where the audience cannot be evaluated
    """

    DRAFT = "draft"
    LAUNCHING = "launching"
    SENDING = "sending"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent: Liquid templates. Only e-mail has a subject; it is empty elsewhere."""

    channel: Channel
    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A launch: the rules as they stood at the click, and the instant they are evaluated at."""

    document: Mapping[str, object]
    """The rule as it is stored."""
    referred: Mapping[str, Mapping[str, object]]
    """The rules of the segments that it refers to, directly or not, by id, as they are stored."""
    segment_version: int
    now: datetime
    by: str

    @property
    def rule(self) -> Rule:
        """The rule; raises RuleError where this version of the engine cannot read it."""
        return decode(self.document)

    @property
    def segments(self) -> Mapping[str, Rule]:
        """The rules of the segments it refers to, by id; raises RuleError like :attr:`rule`."""
        return {segment_id: decode(one) for segment_id, one in self.referred.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One campaign. ``launch`` is None in a draft, ``audience`` until the members are frozen.

    ``sent`` and ``failed`` are how its deliveries ended, None until all of them have.
    ``problem`` says why a launch went back to a draft; None otherwise.
    """

    campaign_id: str
    name: str
    segment_id: str
    message: Message
    status: CampaignStatus
    version: int
    created_at: datetime
    created_by: str
    launch: Launch | None = None
    audience: int | None = None
    sent: int | None = None
    failed: int | None = None
    finished_at: datetime | None = None
    problem: str | None = None
