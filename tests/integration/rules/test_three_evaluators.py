"""DuckDB's bitmaps, MongoDB's pipeline and the plain reading of RULES.md choose the same people.

``FUZZ_PAIRS`` says how many pairs of a rule and a world are compared, over all worlds;
``make fuzz PAIRS=100000`` asks for many.
"""

from __future__ import annotations

import os
from math import ceil
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from engine.domain.rules import Not, Rule
from engine.rules.evaluate import Evaluator
from engine.rules.pipeline.compiler import count_pipeline, member_pipeline
from engine.rules.tree import takes_part
from engine.store.pushdown import PushdownStore
from tests.reference.generated import CATALOGUE, PLACES, World, world
from tests.reference.generated_rules import Case, cases, rule_of
from tests.reference.references import PlainReferences
from tests.reference.rules import Reference
from tests.reference.stored import store

if TYPE_CHECKING:
    from pymongo.database import Database

SEEDS = (0, 1, 2)
RULES = 6
"""Rules a case, which share its saved segments."""

PAIRS = int(os.environ.get("FUZZ_PAIRS", "2000"))
CASES = ceil(PAIRS / (len(PLACES) * len(SEEDS) * RULES))


@pytest.fixture(params=SEEDS, ids="seed {}".format)
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(params=range(len(PLACES)), ids=[f"{zone} {now}" for zone, now in PLACES])
def place(request: pytest.FixtureRequest, seed: int) -> World:
    return world(request.param, seed)


@pytest.mark.timeout(0 if PAIRS > 10_000 else 180)
def test_all_three_choose_the_same_people(database: Database[dict[str, Any]], place: World) -> None:
    store(database, place.people)
    pushdown = PushdownStore(database)
    ids = place.snapshot.customer_ids
    compared = 0

    # Every run tries other rules; what fails is printed in full, so no database is kept.
    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases(place, rules=RULES))
    def agrees(case: Case) -> None:
        nonlocal compared
        reference = Reference(place.now, place.workspace, CATALOGUE, case.segments)
        evaluator = Evaluator(place.workspace, PlainReferences(case.segments, place.people))
        rules = [rule_of(node) for node in case.nodes]
        found = evaluator.evaluate_all(rules, place.snapshot, place.now, CATALOGUE)
        for rule, evaluation in zip(rules, found, strict=True):
            expected = pl.Series(reference.members(rule, place.people))
            assert evaluation.members.to_list() == expected.to_list(), rule
            given = (place.now, place.workspace, CATALOGUE, case.segments)
            members = tuple(sorted(ids.filter(expected)))
            assert pushdown.members(member_pipeline(rule, *given)) == members, rule
            assert pushdown.count(count_pipeline(rule, *given)) == len(members), rule
            if takes_part(rule.root):
                negated = Rule(Not(rule.root))
                others = evaluator.evaluate(negated, place.snapshot, place.now, CATALOGUE)
                assert (others.members ^ expected).all(), rule
                outside = pushdown.members(member_pipeline(negated, *given))
                assert outside == tuple(sorted(ids.filter(~expected))), rule
            compared += 1

    agrees()
    assert compared >= PAIRS / (len(PLACES) * len(SEEDS))


def test_every_anniversary_is_found_at_every_place(
    database: Database[dict[str, Any]], place: World
) -> None:
    """Drawn rules seldom ask for one where the year turns, and each place turns it otherwise."""
    store(database, place.people)
    pushdown = PushdownStore(database)
    reference = Reference(place.now, place.workspace, CATALOGUE)
    fields = ("birth_date", "signed_up_at", "attributes.renews_at", "last_order_at")
    found = 0
    for field in fields:
        for n in (1, 2, 30, 364, 365, 366):
            value = {"n": n, "unit": "day"}
            rule = rule_of({"field": field, "op": "anniversary_in_the_next", "value": value})
            people = zip(place.people, reference.members(rule, place.people), strict=True)
            expected = sorted(one.customer.customer_id for one, member in people if member)
            pipeline = member_pipeline(rule, place.now, place.workspace, CATALOGUE, {})
            assert pushdown.members(pipeline) == tuple(expected), rule
            found += len(expected)
    assert found > 100
