"""The same audience found by MongoDB itself, where the mirror would not fit in memory."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.campaign import CampaignStatus
from engine.domain.refusal import shown
from engine.domain.rules import InCampaign
from engine.errors import Conflict, RuleError
from engine.rules.pipeline.compiler import count_pipeline, member_pipeline
from engine.rules.references import leaned_on
from engine.rules.tree import walk

if TYPE_CHECKING:
    from datetime import datetime

    from engine.audience.references import StoredReferences
    from engine.domain.rules import Rule
    from engine.domain.workspace import Workspace
    from engine.rules.catalogue import Catalogue
    from engine.store.pushdown import PushdownStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """``count`` members at the instant ``now``; evaluating took ``elapsed_ms``."""

    count: int
    now: datetime
    elapsed_ms: float


@dataclass(frozen=True, slots=True)
class Pushdown:
    """Evaluates rules in MongoDB; raises what :class:`engine.audience.audiences.Audiences` does."""

    store: PushdownStore
    references: StoredReferences
    workspace: Workspace

    def count(self, rule: Rule, now: datetime, catalogue: Catalogue) -> Counted:
        """Count a rule's members."""
        started = time.perf_counter()
        pipeline = count_pipeline(rule, now, self.workspace, catalogue, self._segments(rule))
        count = self.store.count(pipeline)
        elapsed_ms = (time.perf_counter() - started) * 1000
        return Counted(count=count, now=now, elapsed_ms=elapsed_ms)

    def member_ids(self, rule: Rule, now: datetime, catalogue: Catalogue) -> tuple[str, ...]:
        """Return the members' ids in ascending order."""
        segments = self._segments(rule)
        return self.store.members(member_pipeline(rule, now, self.workspace, catalogue, segments))

    def _segments(self, rule: Rule) -> dict[str, Rule]:
        """Return the segments that a rule leads to; refuse campaigns that are not there."""
        segments = leaned_on(rule, self.references.segment)
        for one in (rule, *segments.values()):
            for path, node in walk(one.root):
                if isinstance(node, InCampaign):
                    self._look_up(path, node)
        return segments

    def _look_up(self, path: str, node: InCampaign) -> None:
        status = self.references.status(node.campaign_id)
        if status is None:
            gone = f"there is no campaign {shown(node.campaign_id)}; it may have been deleted"
            raise RuleError([f"{path}.campaign: {gone}"])
        if status is CampaignStatus.LAUNCHING:
            msg = f"{path}.campaign: its audience is being fixed at this moment; ask again shortly"
            raise Conflict(msg)
