"""Whom rules hold: evaluated on snapshots, counted, listed and explained."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.audience.explanation import Explanation
from engine.audience.preview import Preview, previewed
from engine.audience.references import FixedSegments
from engine.rules.catalogue import Catalogue
from engine.rules.references import leaned_on

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import polars as pl

    from engine.domain.rules import Rule
    from engine.mirror.snapshot import Snapshot
    from engine.rules.evaluate import Evaluation, Evaluator


@dataclass(frozen=True, slots=True)
class Audiences:
    """Evaluates rules on snapshots; what one evaluation found out, the next one need not ask.

    Every method raises RuleError for a rule that is wrong and NotEvaluatedYet for one that asks
    for what this version does not record.
    """

    evaluator: Evaluator

    def evaluate(self, rule: Rule, snapshot: Snapshot, now: datetime) -> Evaluation:
        """Evaluate a rule: the bitmap of the whole and of each of its nodes."""
        catalogue = Catalogue.build(snapshot.attribute_types)
        return self.evaluator.evaluate(rule, snapshot, now, catalogue)

    def preview(self, rule: Rule, snapshot: Snapshot, now: datetime, *, sample: int = 0) -> Preview:
        """Count a rule's members, and return the first ``sample`` of them."""
        started = time.perf_counter()
        evaluation = self.evaluate(rule, snapshot, now)
        elapsed_ms = (time.perf_counter() - started) * 1000
        return previewed(evaluation, snapshot, now, elapsed_ms, sample)

    def counts(self, rules: Sequence[Rule], snapshot: Snapshot, now: datetime) -> list[int]:
        """Count the members of many rules, which share what they ask."""
        catalogue = Catalogue.build(snapshot.attribute_types)
        found = self.evaluator.evaluate_all(rules, snapshot, now, catalogue)
        return [int(one.members.sum()) for one in found]

    def member_ids(self, rule: Rule, snapshot: Snapshot, now: datetime) -> pl.Series:
        """Return the members' ids in ascending order."""
        return snapshot.ids_of(self.evaluate(rule, snapshot, now).members)

    def explain(
        self, rule: Rule, snapshot: Snapshot, now: datetime, names: Mapping[str, str]
    ) -> Explanation:
        """Evaluate a rule, and return what explains it."""
        started = time.perf_counter()
        evaluation = self.evaluate(rule, snapshot, now)
        return Explanation(
            evaluation=evaluation,
            snapshot=snapshot,
            now=now,
            workspace=self.evaluator.workspace,
            catalogue=Catalogue.build(snapshot.attribute_types),
            names=names,
            segments=self.segments(rule),
            elapsed_ms=(time.perf_counter() - started) * 1000,
        )

    def segments(self, rule: Rule) -> dict[str, Rule]:
        """Return the present rules of the segments that a rule leads to, by id."""
        return leaned_on(rule, self.evaluator.references.segment)

    def as_of(self, segments: Mapping[str, Rule]) -> Audiences:
        """Return the same, where references to segments mean these rules."""
        references = FixedSegments(segments, self.evaluator.references)
        return Audiences(replace(self.evaluator, references=references))
