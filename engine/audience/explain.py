"""Why a rule holds whom it holds: step by step, without each condition, and for one customer.

Everything comes from the bitmaps of one evaluation, so every figure is exact and belongs to the
same instant and the same snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import and_, or_
from typing import TYPE_CHECKING, TypeAlias

from engine.domain.refusal import shown
from engine.domain.rule_decoder import ROOT
from engine.domain.rules import All, Any, Not
from engine.errors import NotFound
from engine.rules.evaluate import parts
from engine.rules.tree import takes_part, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl

    from engine.domain.rules import Node
    from engine.mirror.snapshot import Snapshot
    from engine.rules.evaluate import Evaluation

Say: TypeAlias = "Callable[[Node], str]"
"""Reads a node out in plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One child of a group, taken in the group's order.

    ``alone`` customers meet it by itself. ``before`` and ``after`` are how many the group holds
    without it and those after it, and with it: an ``all`` shrinks, an ``any`` grows.
    """

    path: str
    node_id: str | None
    words: str
    alone: int
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """What the rule would hold if one condition were switched off.

    ``more`` customers would come in and ``fewer`` go out; their total spend is in minor units.
    """

    path: str
    node_id: str | None
    words: str
    more: int
    more_spend: int
    fewer: int
    fewer_spend: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether one customer meets one node; ``depth`` is its level in the rule, from 0."""

    path: str
    node_id: str | None
    depth: int
    words: str
    holds: bool


def waterfall(evaluation: Evaluation, say: Say) -> tuple[Step, ...]:
    """Return the steps of the rule's root: how many remain after each of its children.

    A root that is no group is one step from everyone. An ``any`` begins with no one.
    """
    root = evaluation.rule.root
    if isinstance(root, (All, Any)) and takes_part(root):
        return tuple(_steps(evaluation, root, ROOT, say))
    count = int(evaluation.members.sum())
    said = say(root)
    return (
        Step(
            path=ROOT,
            node_id=root.id,
            words=said,
            alone=count,
            before=evaluation.height,
            after=count,
        ),
    )


def every_step(evaluation: Evaluation, say: Say) -> tuple[Step, ...]:
    """Return the steps of every group that takes part, groups before what is in them."""
    return tuple(
        step
        for path, node in walk(evaluation.rule.root)
        if isinstance(node, (All, Any))
        for step in _steps(evaluation, node, path, say)
    )


def leave_one_out(evaluation: Evaluation, spend: pl.Series, say: Say) -> tuple[Without, ...]:
    """Return, for each condition, what the rule would hold without it.

    ``spend`` is one amount a customer, in the order of the bits. Costs each bitmap about twice a
    level, not once for every other condition.
    """
    members = evaluation.members
    found = []
    for path, node, bits in _without(evaluation):
        more, fewer = bits & ~members, members & ~bits
        found.append(
            Without(
                path=path,
                node_id=node.id,
                words=say(node),
                more=int(more.sum()),
                more_spend=int(spend.filter(more).sum()),
                fewer=int(fewer.sum()),
                fewer_spend=int(spend.filter(fewer).sum()),
            )
        )
    return tuple(found)


def verdicts(
    evaluation: Evaluation, snapshot: Snapshot, customer_id: str, say: Say
) -> tuple[Verdict, ...]:
    """Return whether one customer meets the rule and each of its nodes; raises NotFound."""
    found = snapshot.find([customer_id])
    if found.is_empty():
        msg = f"there is no customer {shown(customer_id)} in the data that is counted here"
        raise NotFound(msg)
    return tuple(
        Verdict(
            path=path,
            node_id=node.id,
            depth=depth,
            words=say(node),
            holds=bool(evaluation.bits(node, path)[found[0]]),
        )
        for path, node, depth in _levels(evaluation.rule.root, ROOT, 0)
    )


def _steps(evaluation: Evaluation, group: All | Any, path: str, say: Say) -> Iterator[Step]:
    every = isinstance(group, All)
    held = evaluation.constant(value=every)
    before = evaluation.height if every else 0
    for at, child in parts(group, path):
        bits = evaluation.bits(child, at)
        held = held & bits if every else held | bits
        after = int(held.sum())
        yield Step(
            path=at,
            node_id=child.id,
            words=say(child),
            alone=int(bits.sum()),
            before=before,
            after=after,
        )
        before = after


def _levels(node: Node, path: str, depth: int) -> Iterator[tuple[str, Node, int]]:
    if not takes_part(node):
        return
    yield path, node, depth
    if isinstance(node, Not):
        yield from _levels(node.child, f"{path}.not", depth + 1)
    elif isinstance(node, (All, Any)):
        for at, child in parts(node, path):
            yield from _levels(child, at, depth + 1)


def _without(evaluation: Evaluation) -> Iterator[tuple[str, Node, pl.Series]]:
    """Yield each condition with the bits that the whole rule has when it is switched off."""

    def below(
        node: Node, path: str, whole: Callable[[pl.Series | None], pl.Series]
    ) -> Iterator[tuple[str, Node, pl.Series]]:
        """``whole`` returns the rule's bits if this node had these; None if it were not there."""
        match node:
            case All() | Any():
                yield from within_group(node, path, whole)
            case Not(child=child):
                yield from below(
                    child, f"{path}.not", lambda bits: whole(None if bits is None else ~bits)
                )
            case _:
                yield path, node, whole(None)

    def within_group(
        group: All | Any, path: str, whole: Callable[[pl.Series | None], pl.Series]
    ) -> Iterator[tuple[str, Node, pl.Series]]:
        every = isinstance(group, All)
        join = and_ if every else or_
        children = list(parts(group, path))
        bits = [evaluation.bits(child, at) for at, child in children]
        nothing = evaluation.constant(value=every)
        after = [nothing]
        for one in reversed(bits):
            after.append(join(one, after[-1]))
        after.reverse()
        before = nothing
        for n, (at, child) in enumerate(children):
            others = join(before, after[n + 1])

            def put(one: pl.Series | None, others: pl.Series = others) -> pl.Series:
                return whole(others if one is None else join(others, one))

            yield from below(child, at, put)
            before = join(before, bits[n])

    def top(bits: pl.Series | None) -> pl.Series:
        return evaluation.constant(value=True) if bits is None else bits

    if takes_part(evaluation.rule.root):
        yield from below(evaluation.rule.root, ROOT, top)
