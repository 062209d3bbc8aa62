"""Generated rules over the whole language: behaviours, shares, references, saved segments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from engine.domain.rule_codec import decode
from engine.rules.operators import COMPARATORS, FieldType, Takes
from tests.reference.generated import (
    CATALOGUE,
    PAISE,
    Leaves,
    World,
    conditions,
    conditions_on,
    rule_nodes,
    spans,
)
from tests.reference.people import AMOUNTS, CAMPAIGNS

if TYPE_CHECKING:
    from engine.domain.rules import Rule
    from engine.rules.catalogue import Aggregate

SEGMENTS = ("s1", "$s2", "the third")
SALTS = ("a", "spring", "$salt", "🙂", "'")
SHARES = (0, 1, 100, 2_500, 5_000, 9_999, 10_000)

# Figures that a few orders come to, and their halves and thirds; at most six decimals.
COUNTS = (0, 1, 2, 3, 4, 0.5, -1, 2**53)
QUANTITIES = (-3, -1, 0, 1, 1.5, 2, 3, 4, 0.333333, 6.5, 2**31, 2**31 + 1)
GAPS = (0, 0.000001, 0.041667, 0.5, 1, 1.041667, 7, 30, 182.5, 365, 365.25, 2**53)
SUMS = (*AMOUNTS, 50, 33, 200, 201, 250_000, 2**52, -125)


@dataclass(frozen=True)
class Case:
    """One world, the rules of its saved segments, and rules to ask there."""

    world: World
    segments: dict[str, Rule]
    nodes: list[dict[str, Any]]


@st.composite
def cases(draw: st.DrawFn, world: World, *, rules: int) -> Case:
    """Draw a case with this many rules."""
    segments: dict[str, Rule] = {}
    for segment_id in SEGMENTS:
        within = every_leaf(tuple(segments))
        segments[segment_id] = rule_of(draw(rule_nodes(world, 1, within)))
    leaf = every_leaf(SEGMENTS)
    asked = leaf(world) | rule_nodes(world, 2, leaf)
    return Case(world, segments, draw(st.lists(asked, min_size=rules, max_size=rules)))


def rule_of(node: dict[str, Any]) -> Rule:
    return decode({"version": 1, "rule": node})


def every_leaf(segments: tuple[str, ...]) -> Leaves:
    """Return a drawer of any leaf; one of two is a behaviour."""
    return partial(leaves, segments=segments)


@st.composite
def leaves(draw: st.DrawFn, world: World, segments: tuple[str, ...]) -> dict[str, Any]:
    kinds = ["field", "field", "orders", "orders", "orders", "orders", "campaign", "bucket"]
    match draw(st.sampled_from(kinds + ["segment"] * bool(segments))):
        case "field":
            return draw(conditions(world))
        case "orders":
            return draw(behaviours(world))
        case "campaign":
            outcome = st.sampled_from(("targeted", "sent", "failed"))
            return {"campaign": draw(st.sampled_from(CAMPAIGNS)), "outcome": draw(outcome)}
        case "segment":
            return {"segment": draw(st.sampled_from(segments))}
        case _:
            return draw(buckets())


@st.composite
def buckets(draw: st.DrawFn) -> dict[str, Any]:
    bounds = st.lists(st.sampled_from(SHARES), min_size=2, max_size=2, unique=True)
    start, end = sorted(draw(bounds))
    share = {"salt": draw(st.sampled_from(SALTS)), "from": start / 100, "to": end / 100}
    return {"random_bucket": share}


@st.composite
def behaviours(draw: st.DrawFn, world: World) -> dict[str, Any]:
    """Draw an aggregate of anything it may be of, filters, a window and a comparison."""
    aggregate = draw(st.sampled_from(tuple(CATALOGUE.aggregates.values())))
    node: dict[str, Any] = {"orders": aggregate.name, **draw(windows(world))}
    of = aggregate.of if aggregate.of_required else (None, *aggregate.of)
    measured = draw(st.sampled_from(of)) if of and aggregate.of else None
    if measured is not None:
        node["of"] = measured
    fields = st.sampled_from(tuple(CATALOGUE.order_fields.values()))
    filters = fields.flatmap(lambda field: conditions_on(field, world))
    if where := draw(st.just([]) | st.lists(filters, max_size=3)):
        node["where"] = where
    comparator = draw(st.sampled_from(tuple(COMPARATORS.values())))
    ends = figures(aggregate, measured)
    value = draw(ends)
    if comparator.takes is Takes.RANGE:
        low, high = sorted((value, draw(ends)))
        value = [low, high]
    if aggregate.result(measured) is FieldType.MONEY:
        value = [PAISE.text(one) for one in value] if isinstance(value, list) else PAISE.text(value)
    return {**node, "op": comparator.name, "value": value}


@st.composite
def windows(draw: st.DrawFn, world: World) -> dict[str, Any]:
    name = draw(st.sampled_from(("ever", "in_the_last", "before_the_last", "between")))
    if name == "ever":
        return {name: True}
    if name == "between":
        day = st.sampled_from(world.days)
        return {name: [date.isoformat(one) for one in sorted(draw(st.tuples(day, day)))]}
    return {name: draw(spans)}


def figures(aggregate: Aggregate, of: str | None) -> st.SearchStrategy[Any]:
    if aggregate.name == "days_between":
        return st.sampled_from(GAPS)
    if of == "amount":
        return st.sampled_from(SUMS)
    return st.sampled_from(QUANTITIES if of == "quantity" else COUNTS)
