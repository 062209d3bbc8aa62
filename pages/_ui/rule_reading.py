"""What a rule that is being built selects, as far as it can be said already."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine import decode
from engine.errors import NotEvaluatedYet, RuleError
from pages._ui.rule_document import incomplete, without, written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import polars as pl

    from engine import Crm
    from pages._ui.rule_builder import Tree
    from pages._ui.rule_fields import FieldChoice

SAMPLE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """``members`` of ``total`` customers at the instant ``now``, on data as of ``as_of``."""

    members: int
    total: int
    now: datetime
    as_of: datetime
    elapsed_ms: float
    sample: pl.DataFrame
    """The first members by id, one row each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A count where there can be one, and what stands in the way of the rest."""

    count: Count | None
    counted: Tree
    """The tree that was counted: without what is incomplete or wrong."""
    missing: frozenset[str]
    """Keys of conditions without a field or a value."""
    problems: Mapping[str, tuple[str, ...]]
    """What is wrong with a node, by its key; under the empty key what belongs to none."""


def reading(
    crm: Crm, tree: Tree, fields: Mapping[str, FieldChoice], now: datetime | None
) -> Reading:
    """Count a tree at ``now`` (the present if None), leaving out what cannot be counted yet."""
    missing = incomplete(tree, fields)
    problems: dict[str, tuple[str, ...]] = {}
    counted = without(tree, missing)
    count: Count | None = None
    try:
        count = _count(crm, counted, fields, now)
    except RuleError as error:
        problems = _placed(error.problems, counted, fields)
        counted = without(tree, missing | problems.keys())
        if "" not in problems:
            try:
                count = _count(crm, counted, fields, now)
            except NotEvaluatedYet as later:
                problems |= _placed([str(later)], counted, fields)
    except NotEvaluatedYet as error:
        problems = _placed([str(error)], counted, fields)
    return Reading(count=count, counted=counted, missing=missing, problems=problems)


def _count(crm: Crm, tree: Tree, fields: Mapping[str, FieldChoice], now: datetime | None) -> Count:
    rule = decode(written(tree, fields).document)
    found = crm.preview(rule, now=now, sample=SAMPLE)
    return Count(
        members=found.count,
        total=found.total,
        now=found.now,
        as_of=found.as_of,
        elapsed_ms=found.elapsed_ms,
        sample=found.sample,
    )


def _placed(
    problems: tuple[str, ...] | list[str], tree: Tree, fields: Mapping[str, FieldChoice]
) -> dict[str, tuple[str, ...]]:
    places = written(tree, fields)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for problem in problems:
        path, _, said = problem.partition(": ")
        key = places.node_at(path)
        # What is said of the root is said of the rule: the root cannot be left out.
        if key is None or key == tree.root.key:
            found[""].append(problem)
        else:
            found[key].append(said)
    return {key: tuple(said) for key, said in found.items()}
