"""A rule as one aggregation pipeline over the collection ``customers``.

What it yields is one document ``{customer_id}`` a member, in no order, or their number. It reads
``orders`` and ``deliveries`` by the customer's id. For where the customers are too many for the
mirror: nothing of it grows with their number, and each shard works on its own customers.

Where the rule is an ``all``, what needs no lookup is asked first, and each lookup is made only for
the customers who have passed all before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.rule_decoder import ROOT
from engine.domain.rules import All
from engine.errors import RuleError
from engine.rules.evaluate import check_now
from engine.rules.pipeline.context import Context
from engine.rules.pipeline.expressions import every
from engine.rules.pipeline.tree import Tests
from engine.rules.references import check_references
from engine.rules.tree import takes_part
from engine.rules.validate import check

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.domain.rules import Node, Rule
    from engine.domain.workspace import Workspace
    from engine.rules.catalogue import Catalogue
    from engine.rules.pipeline.expressions import Stage

COUNTED = "members"
"""The field that :func:`count_pipeline` puts the number in; nobody at all is no document."""

MAX_STAGES = 1_000
"""MongoDB takes no longer pipeline."""


def member_pipeline(
    rule: Rule,
    now: datetime,
    workspace: Workspace,
    catalogue: Catalogue,
    segments: Mapping[str, Rule],
) -> list[Stage]:
    """Return the pipeline that yields ``{customer_id}`` of every member at ``now``.

    ``segments`` holds the rules of the saved segments that the rule may name, by id.

    Raises:
        RuleError: the rule means nothing, or names a segment that is not there, leads back to
            itself or means nothing; or it needs more stages than MongoDB takes.
        NotEvaluatedYet: the rule asks for an outcome that this version does not record.
        InvalidInput: ``now`` is naive or not of the years 1900 to 2199.
    """
    stages = _members(rule, Context(now, workspace, catalogue), segments)
    return _bounded([*stages, {"$project": {"_id": 0, "customer_id": 1}}])


def count_pipeline(
    rule: Rule,
    now: datetime,
    workspace: Workspace,
    catalogue: Catalogue,
    segments: Mapping[str, Rule],
) -> list[Stage]:
    """Return the pipeline that yields ``{members: n}``, or nothing where n is 0; raises alike."""
    stages = _members(rule, Context(now, workspace, catalogue), segments)
    return _bounded([*stages, {"$count": COUNTED}])


def _members(rule: Rule, context: Context, segments: Mapping[str, Rule]) -> list[Stage]:
    check(rule, context.catalogue, context.workspace)
    check_now(context.now)
    check_references(rule, segments, context.catalogue, context.workspace)
    tests = Tests(context, segments)
    asked = [(test, tests.steps.all_of(test.needs)) for test in map(tests.of, _all(rule.root))]
    asked.sort(key=lambda one: len(one[1]))
    stages: list[Stage] = []
    if first := [test.expression for test, needs in asked if not needs]:
        stages.append({"$match": {"$expr": every(*first)}})
    made: set[str] = set()
    for test, needs in asked:
        if needs:
            stages += [tests.steps.stage(name) for name in needs if name not in made]
            made |= set(needs)
            stages.append({"$match": {"$expr": test.expression}})
    return stages


def _all(node: Node) -> list[Node]:
    """Return nodes that must all hold for this one to hold."""
    if not takes_part(node):
        return []
    if isinstance(node, All):
        return [one for child in node.children for one in _all(child)]
    return [node]


def _bounded(stages: list[Stage]) -> list[Stage]:
    if len(stages) > MAX_STAGES:
        needs = f"needs {len(stages):,} stages with the segments it names"
        raise RuleError([f"{ROOT}: {needs}; MongoDB takes {MAX_STAGES:,}"])
    return stages
