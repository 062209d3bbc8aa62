"""A rule over a snapshot: one bit a customer.

Each condition is a query that yields a bitmap (:mod:`engine.rules.compile`); groups combine
bitmaps. Bitmaps are kept by what the query says and the snapshot, so that an edit costs the one
condition that changed. Conditions that are new are asked for together: those on customers in one
scan, and behaviours with the same window and filters in one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial, reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Protocol

import polars as pl

from engine.domain.calendar import EARLIEST, LATEST
from engine.domain.refusal import shown
from engine.domain.rule_decoder import ROOT
from engine.domain.rules import All, Any, InCampaign, InSegment, Not
from engine.errors import InvalidInput, RuleError
from engine.rules.bitmaps import Bitmaps
from engine.rules.compile import compile_leaf
from engine.rules.fetch import add_up, fetch
from engine.rules.references import check_references, leaned_on
from engine.rules.tree import children, takes_part
from engine.rules.validate import check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from engine.domain.rules import Node, Rule
    from engine.domain.workspace import Workspace
    from engine.mirror.layer import Layer
    from engine.mirror.snapshot import Snapshot
    from engine.rules.catalogue import Catalogue
    from engine.rules.query import Figure, Query


class References(Protocol):
    """What rules may refer to."""

    def segment(self, segment_id: str) -> Rule | None:
        """Return the rule of a saved segment; None where there is no such one."""

    def campaign(self, campaign_id: str, outcome: str) -> pl.Series | None:
        """Return the ids of those for whom a campaign had an outcome; None if there is none."""


class NoReferences:
    """Where there are neither segments nor campaigns."""

    def segment(self, segment_id: str) -> None:
        """There is none."""

    def campaign(self, campaign_id: str, outcome: str) -> None:
        """There is none."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A rule whose conditions are evaluated: the bitmap of any of its nodes."""

    rule: Rule
    height: int
    leaves: Mapping[str, pl.Series]
    """Of each condition that takes part and each reference, by path."""

    @property
    def members(self) -> pl.Series:
        """One Boolean a customer, never null, in the order of the snapshot's rows."""
        return self.bits(self.rule.root, ROOT)

    def bits(self, node: Node, path: str) -> pl.Series:
        """Return the bitmap of a node.

        A node that is skipped selects everyone, as a rule without conditions does; inside a group
        it is not there at all, so an ``any`` of nothing but skipped nodes selects no one.
        """
        if not takes_part(node):
            return self.constant(value=True)
        match node:
            case All() | Any():
                every = isinstance(node, All)
                bits = [self.bits(child, at) for at, child in parts(node, path)]
                # Without a first bitmap of everyone or no one: each costs as much as a condition.
                return reduce(and_ if every else or_, bits) if bits else self.constant(value=every)
            case Not(child=child):
                return ~self.bits(child, f"{path}.not")
            case _:
                return self.leaves[path]

    def constant(self, *, value: bool) -> pl.Series:
        """Return the bitmap of everyone, or of no one."""
        return pl.repeat(value, self.height, dtype=pl.Boolean, eager=True).alias("bit")


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Evaluates rules; safe to use from any number of threads."""

    workspace: Workspace
    references: References = field(default_factory=NoReferences)
    bitmaps: Bitmaps = field(default_factory=Bitmaps)

    def evaluate(
        self, rule: Rule, snapshot: Snapshot, now: datetime, catalogue: Catalogue
    ) -> Evaluation:
        """Evaluate one rule.

        Raises:
            RuleError: the rule means nothing; carries every problem.
            NotEvaluatedYet: the rule asks for what this version does not record.
            InvalidInput: ``now`` is naive or not of the years 1900 to 2199.
        """
        return self.evaluate_all([rule], snapshot, now, catalogue)[0]

    def evaluate_all(
        self, rules: Sequence[Rule], snapshot: Snapshot, now: datetime, catalogue: Catalogue
    ) -> list[Evaluation]:
        """Evaluate many rules at once: conditions that several have are asked for once."""
        check_now(now)
        asking = _Asking(snapshot, now, catalogue)
        plans = [self._checked(rule, asking) for rule in rules]
        wanted = [query for plan in plans for query in plan.queries()]

        if (layer := snapshot.whole) is not None:
            bits = self.bitmaps.get(layer.serial, wanted, partial(self._fetch, layer))
        else:
            bits = self.bitmaps.get(snapshot.serial, wanted, partial(self._joined, snapshot))
        return [plan.evaluation(bits, snapshot) for plan in plans]

    def _joined(self, snapshot: Snapshot, queries: Sequence[Query]) -> list[pl.Series]:
        """Ask every layer, which keeps what it answered however many snapshots it is part of."""
        parts = [
            self.bitmaps.get(layer.serial, queries, partial(self._fetch, layer))
            for layer in snapshot.layers
        ]
        return [snapshot.joined([part[query] for part in parts]) for query in queries]

    def _fetch(self, layer: Layer, queries: Sequence[Query]) -> list[pl.Series]:
        def add_all(figures: Sequence[Figure]) -> list[pl.Series]:
            return [add_up(figure, layer) for figure in figures]

        def figures(wanted: Sequence[Figure]) -> dict[Figure, pl.Series]:
            return self.bitmaps.get(layer.serial, wanted, add_all)

        return fetch(queries, layer, figures)

    def _checked(self, rule: Rule, asking: _Asking) -> _Plan:
        check(rule, asking.catalogue, self.workspace)
        segments = leaned_on(rule, self.references.segment)
        check_references(rule, segments, asking.catalogue, self.workspace)
        return self._plan(rule, segments, asking, {})

    def _plan(
        self, rule: Rule, segments: Mapping[str, Rule], asking: _Asking, made: dict[str, _Plan]
    ) -> _Plan:
        plan = _Plan(rule)
        for path, node in leaves(rule.root):
            match node:
                case InSegment(segment_id=segment_id):
                    if segment_id not in made:
                        referred = segments[segment_id]
                        made[segment_id] = self._plan(referred, segments, asking, made)
                    plan.segments[path] = made[segment_id]
                case InCampaign(campaign_id=campaign_id, outcome=outcome):
                    plan.campaigns[path] = self._campaign(path, campaign_id, outcome)
                case _:
                    plan.conditions[path] = compile_leaf(
                        node, asking.now, self.workspace, asking.catalogue, asking.snapshot.coded
                    )
        return plan

    def _campaign(self, path: str, campaign_id: str, outcome: str) -> pl.Series:
        ids = self.references.campaign(campaign_id, outcome)
        if ids is None:
            gone = f"there is no campaign {shown(campaign_id)}; it may have been deleted"
            raise RuleError([f"{path}.campaign: {gone}"])
        return ids


@dataclass(frozen=True, slots=True)
class _Asking:
    """What rules are asked of."""

    snapshot: Snapshot
    now: datetime
    catalogue: Catalogue


@dataclass(slots=True)
class _Plan:
    """What a rule needs: queries, plans of the segments it refers to, ids from campaigns."""

    rule: Rule
    conditions: dict[str, Query] = field(default_factory=dict)
    segments: dict[str, _Plan] = field(default_factory=dict)
    campaigns: dict[str, pl.Series] = field(default_factory=dict)
    _made: Evaluation | None = None

    def queries(self, seen: set[int] | None = None) -> Iterator[Query]:
        """Yield what this plan and those it leans on ask, each plan once."""
        seen = set() if seen is None else seen
        if id(self) not in seen:
            seen.add(id(self))
            yield from self.conditions.values()
            for plan in self.segments.values():
                yield from plan.queries(seen)

    def evaluation(self, bits: Mapping[Query, pl.Series], snapshot: Snapshot) -> Evaluation:
        if self._made is None:
            self._made = self._evaluation(bits, snapshot)
        return self._made

    def _evaluation(self, bits: Mapping[Query, pl.Series], snapshot: Snapshot) -> Evaluation:
        found = {path: bits[query] for path, query in self.conditions.items()}
        for path, plan in self.segments.items():
            found[path] = plan.evaluation(bits, snapshot).members
        for path, ids in self.campaigns.items():
            found[path] = snapshot.customer_ids.is_in(ids.implode())
        return Evaluation(self.rule, snapshot.height, found)


def parts(node: Node, path: str) -> Iterator[tuple[str, Node]]:
    """Yield the children that take part, each with its path."""
    yield from ((at, child) for at, child in children(node, path) if takes_part(child))


def leaves(node: Node, path: str = ROOT) -> Iterator[tuple[str, Node]]:
    """Yield each condition that takes part with its path, in the order of the rule."""
    if not takes_part(node):
        return
    if isinstance(node, (All, Any, Not)):
        for at, child in children(node, path):
            yield from leaves(child, at)
    else:
        yield path, node


def check_now(now: datetime) -> None:
    """Raise InvalidInput unless ``now`` is aware and within the instants the engine takes."""
    if now.tzinfo is None:
        msg = f"now must have a time zone, which {now.isoformat()} lacks"
        raise InvalidInput(msg)
    if not EARLIEST <= now < LATEST:
        msg = f"now must be of the years 1900 to 2199, not {now.isoformat()}"
        raise InvalidInput(msg)
