"""All that can be said about one evaluation of a rule, worked out when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.audience import explain
from engine.audience.members import Members, member_fields
from engine.audience.preview import Preview, previewed
from engine.domain.rules import InCampaign, InSegment
from engine.rules.compile import compile_leaf
from engine.rules.evaluate import leaves
from engine.rules.pipeline.compiler import member_pipeline
from engine.rules.words import reader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from engine.audience.explain import Step, Verdict, Without
    from engine.domain.rules import Node, Rule
    from engine.domain.workspace import Workspace
    from engine.mirror.snapshot import Snapshot
    from engine.rules.catalogue import Catalogue
    from engine.rules.evaluate import Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafSql:
    """One condition: its words, its query, and the parameters of the query's ``?`` in order."""

    words: str
    sql: str
    parameters: tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One evaluation at ``now`` on one snapshot, and what follows from it."""

    evaluation: Evaluation
    snapshot: Snapshot
    now: datetime
    workspace: Workspace
    catalogue: Catalogue
    names: Mapping[str, str]
    """Of segments and campaigns, by id."""
    segments: Mapping[str, Rule]
    """The rules of the segments that the rule leans on, by id."""
    elapsed_ms: float
    """What the evaluation took."""

    def preview(self, sample: int = 0) -> Preview:
        """Return how many there are, and the first ``sample`` of them."""
        return previewed(self.evaluation, self.snapshot, self.now, self.elapsed_ms, sample)

    def members(self, fields: Sequence[str] = ()) -> Members:
        """Return who they are, with these fields of theirs; raises InvalidInput for one unknown."""
        return Members(
            snapshot=self.snapshot,
            bits=self.evaluation.members,
            now=self.now,
            currency=self.workspace.currency,
            fields=member_fields(fields, self.catalogue),
        )

    def waterfall(self) -> tuple[Step, ...]:
        """Return how many remain after each part of the rule."""
        return explain.waterfall(self.evaluation, self._say)

    def steps(self) -> tuple[Step, ...]:
        """Return the same for every group of the rule."""
        return explain.every_step(self.evaluation, self._say)

    def without(self) -> tuple[Without, ...]:
        """Return, for each condition, who would come in and go out without it."""
        spend = self.snapshot.column("total_spend")
        return explain.leave_one_out(self.evaluation, spend, self._say)

    def why(self, customer_id: str) -> tuple[Verdict, ...]:
        """Return whether one customer meets the rule and each of its nodes; raises NotFound."""
        return explain.verdicts(self.evaluation, self.snapshot, customer_id, self._say)

    def sql(self) -> tuple[LeafSql, ...]:
        """Return the query of each condition; references to segments and campaigns have none."""
        shards, found = self.snapshot.layers[0].shards, []
        for _, node in leaves(self.evaluation.rule.root):
            if isinstance(node, (InSegment, InCampaign)):
                continue
            query = compile_leaf(
                node, self.now, self.workspace, self.catalogue, self.snapshot.coded
            )
            found.append(
                LeafSql(
                    words=self._say(node),
                    sql=query.sql(shards),
                    parameters=tuple(query.all_parameters(shards)),
                )
            )
        return tuple(found)

    def pipeline(self) -> list[dict[str, object]]:
        """Return the aggregation pipeline over ``customers`` that finds the same members."""
        return member_pipeline(
            self.evaluation.rule, self.now, self.workspace, self.catalogue, self.segments
        )

    @property
    def _say(self) -> Callable[[Node], str]:
        return reader(self.catalogue, self.workspace, self.names)
