"""A segment: a named rule, with its versions, its uses and its size by day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.rule_codec import decode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from engine.domain.campaign import CampaignStatus
    from engine.domain.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentContent:
    """What a save keeps, and what two versions are compared by."""

    name: str
    description: str
    tags: tuple[str, ...]
    document: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A named rule. ``version`` counts its saves from 1; a save names the version it edits.

    ``document`` is the rule as it is stored, so that one which only a later version of the engine
    can read keeps nobody from the others.
    """

    segment_id: str
    name: str
    description: str
    document: Mapping[str, object]
    version: int
    saved_at: datetime
    saved_by: str
    tags: tuple[str, ...] = ()

    @property
    def rule(self) -> Rule:
        """The rule; raises RuleError where this version of the engine cannot read it."""
        return decode(self.document)

    @property
    def content(self) -> SegmentContent:
        """What was saved, without who and when."""
        return SegmentContent(
            name=self.name, description=self.description, tags=self.tags, document=self.document
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentVersion:
    """A segment as one save left it. ``restored_from`` is the version it brought back, if any."""

    segment_id: str
    version: int
    content: SegmentContent
    saved_at: datetime
    saved_by: str
    restored_from: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsingCampaign:
    """A campaign that a segment is used by, launched or not."""

    campaign_id: str
    name: str
    status: CampaignStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class UsingSegment:
    """A segment whose rule names another one, be it in a part that is switched off."""

    segment_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentUsage:
    """What a segment is used by: campaigns, oldest first, and segments by name."""

    campaigns: tuple[UsingCampaign, ...] = ()
    segments: tuple[UsingSegment, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.campaigns or self.segments)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSize:
    """How many of ``total`` customers were in a version of a segment on a local day.

    ``at`` is the instant (UTC) at which the rule was evaluated.
    """

    segment_id: str
    day: date
    version: int
    count: int
    total: int
    at: datetime
