"""What rules refer to, as it is stored: saved segments, and what campaigns did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from engine.domain.campaign import CampaignStatus
from engine.domain.delivery import DeliveryStatus
from engine.domain.rules import InCampaign, InSegment
from engine.errors import NotFound, RuleError
from engine.rules.tree import walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.rules import Rule
    from engine.rules.evaluate import References
    from engine.store.campaigns import CampaignStore
    from engine.store.deliveries import DeliveryStore
    from engine.store.segments import SegmentStore

_STATUS: Mapping[str, DeliveryStatus | None] = {
    "targeted": None,
    "sent": DeliveryStatus.SENT,
    "failed": DeliveryStatus.FAILED,
}
"""The status of a delivery with each outcome that is recorded; None is any."""


@dataclass(frozen=True, slots=True)
class StoredReferences:
    """Segments by their present rule; campaigns by their deliveries as they stand."""

    segments: SegmentStore
    campaigns: CampaignStore
    deliveries: DeliveryStore

    def segment(self, segment_id: str) -> Rule | None:
        """Return the rule of a saved segment; None where there is no such one."""
        try:
            found = self.segments.get(segment_id)
        except NotFound:
            return None
        try:
            return found.rule
        except RuleError as error:
            raise RuleError(
                [f"in the segment {found.name!r}, {one}" for one in error.problems]
            ) from None

    def campaign(self, campaign_id: str, outcome: str) -> pl.Series | None:
        """Return the ids of those for whom a campaign had an outcome; None if there is none.

        While its audience is being fixed it had none for anybody yet.
        """
        status = self.status(campaign_id)
        if status is None or status is CampaignStatus.LAUNCHING:
            return None if status is None else pl.Series(dtype=pl.String)
        ids = self.deliveries.customer_ids(campaign_id, status=_STATUS[outcome])
        return pl.Series(ids, dtype=pl.String)

    def status(self, campaign_id: str) -> CampaignStatus | None:
        """Return where a campaign stands; None where there is no such one."""
        try:
            return self.campaigns.get(campaign_id).status
        except NotFound:
            return None

    def names_in(self, rule: Rule) -> Mapping[str, str]:
        """Return the names of the segments and campaigns that a rule refers to, by id.

        A campaign whose name another one has, too, is told apart by its id.
        """
        nodes = [node for _, node in walk(rule.root)]
        segments = [node.segment_id for node in nodes if isinstance(node, InSegment)]
        campaigns = [node.campaign_id for node in nodes if isinstance(node, InCampaign)]
        found = self.segments.names(segments) if segments else {}
        called = self.campaigns.names(campaigns) if campaigns else {}
        twice = {name for name, n in Counter(called.values()).items() if n > 1}
        for campaign_id, name in called.items():
            found[campaign_id] = f"{name} ({campaign_id})" if name in twice else name
        return found


@dataclass(frozen=True, slots=True)
class FixedSegments:
    """Segments by the rules they had at an instant that is past."""

    rules: Mapping[str, Rule]
    others: References

    def segment(self, segment_id: str) -> Rule | None:
        """Return the rule a segment had; None where it is not one of them."""
        return self.rules.get(segment_id)

    def campaign(self, campaign_id: str, outcome: str) -> pl.Series | None:
        """Return the ids of those for whom a campaign had an outcome; None if there is none."""
        return self.others.campaign(campaign_id, outcome)
