"""What a rule leans on beyond itself: other saved segments, and outcomes of campaigns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.domain.refusal import shown
from engine.domain.rules import InCampaign, InSegment
from engine.errors import NotEvaluatedYet, RuleError
from engine.rules.tree import segments_in, walk
from engine.rules.validate import problems

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.domain.rules import Rule
    from engine.domain.workspace import Workspace
    from engine.rules.catalogue import Catalogue

MAX_CHAIN = 50
"""Segments that lean on segments that lean on others, one after another."""
RECORDED = ("targeted", "sent", "failed")
"""Outcomes that deliveries tell of."""


def leaned_on(rule: Rule, find: Callable[[str], Rule | None]) -> dict[str, Rule]:
    """Return the segments that a rule leads to, directly or not, as far as they are found."""
    found: dict[str, Rule] = {}
    waiting = [rule]
    while waiting:
        for segment_id in segments_in(waiting.pop()):
            if segment_id not in found and (segment := find(segment_id)) is not None:
                found[segment_id] = segment
                waiting.append(segment)
    return found


def check_references(
    rule: Rule, segments: Mapping[str, Rule], catalogue: Catalogue, workspace: Workspace
) -> None:
    """Look at every segment that the rule leads to, each once.

    Raises:
        RuleError: a segment that is not there, that leads back to itself, or whose own rule means
            nothing; carries every problem with the path of the reference.
        NotEvaluatedYet: an outcome that this version does not record.
    """
    checking = _Checking(segments, catalogue, workspace)
    checking.rule(rule, "")
    if checking.problems:
        raise RuleError(checking.problems)
    if checking.unrecorded:
        raise NotEvaluatedYet(checking.unrecorded[0])


@dataclass(slots=True)
class _Checking:
    segments: Mapping[str, Rule]
    catalogue: Catalogue
    workspace: Workspace
    problems: list[str] = field(default_factory=list)
    unrecorded: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _within: list[str] = field(default_factory=list)

    def rule(self, rule: Rule, where: str) -> None:
        for path, node in walk(rule.root):
            if isinstance(node, InSegment):
                self._segment(node.segment_id, f"{where}{path}.segment")
            elif isinstance(node, InCampaign) and node.outcome not in RECORDED:
                what = f"who was {node.outcome} by a campaign"
                self.unrecorded.append(
                    f"{where}{path}: {what} cannot be evaluated by this version yet"
                )

    def _segment(self, segment_id: str, path: str) -> None:
        rule = self.segments.get(segment_id)
        if rule is None:
            gone = f"there is no segment {shown(segment_id)}; it may have been deleted"
            self.problems.append(f"{path}: {gone}")
        elif segment_id in self._within:
            circle = [*self._within[self._within.index(segment_id) :], segment_id]
            leads = " -> ".join(shown(one) for one in circle)
            self.problems.append(f"{path}: the segment leads back to itself ({leads})")
        elif len(self._within) == MAX_CHAIN:
            tell = f"segments lean on segments {MAX_CHAIN} levels deep"
            self.problems.append(f"{path}: {tell}; put the conditions of some into one segment")
        elif segment_id not in self._seen:
            self._seen.add(segment_id)
            self._within.append(segment_id)
            where = f"{path}: in the segment {shown(segment_id)}, "
            own = problems(rule, self.catalogue, self.workspace)
            self.problems += [f"{where}{problem}" for problem in own]
            self.rule(rule, where)
            self._within.pop()
