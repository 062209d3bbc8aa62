from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.domain.rule_codec import decode, encode
from engine.domain.rules import FieldCondition, Not, Rule
from engine.rules.evaluate import Evaluator
from engine.rules.operators import FieldType, Takes
from tests.reference import generated
from tests.reference.generated import CATALOGUE, World
from tests.reference.rules import Reference

if TYPE_CHECKING:
    import polars as pl

    from engine.domain.rules import Json

Case = tuple[World, list[dict[str, Any]]]


@st.composite
def nested(draw: st.DrawFn) -> Case:
    world = draw(generated.worlds)
    return world, draw(st.lists(generated.rule_nodes(world), min_size=1, max_size=4))


@st.composite
def single(draw: st.DrawFn) -> Case:
    world = draw(generated.worlds)
    return world, draw(st.lists(generated.conditions(world), min_size=3, max_size=8))


def agrees(case: Case) -> None:
    world, nodes = case
    reference = Reference(world.now, world.workspace, CATALOGUE)
    for node in nodes:
        rule = decode({"version": 1, "rule": node})
        bits = bits_of(world, rule)
        assert bits.null_count() == 0
        assert bits.to_list() == reference.members(rule, world.people), node
        assert decode(encode(rule)) == rule


def bits_of(world: World, rule: Rule) -> pl.Series:
    return Evaluator(world.workspace).evaluate(rule, world.snapshot, world.now, CATALOGUE).members


# Every run tries other rules; what fails is printed in full, so no database of examples is kept.
profile = settings(
    max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@profile
@given(nested())
def test_nested_rules_choose_whom_the_reference_chooses(case: Case) -> None:
    agrees(case)


@profile
@given(single())
def test_each_condition_chooses_whom_the_reference_chooses(case: Case) -> None:
    agrees(case)


@profile
@given(nested())
def test_not_is_the_exact_complement(case: Case) -> None:
    world, nodes = case
    for node in nodes:
        root = decode({"version": 1, "rule": {"all": [node]}}).root
        assert (bits_of(world, Rule(root)) ^ bits_of(world, Rule(Not(root)))).all()


def test_a_negated_operator_is_the_exact_complement_of_the_positive_one() -> None:
    compared = 0
    for place in range(len(generated.PLACES)):
        world = generated.world(place, 0)
        for negative in negated_conditions():
            negates = CATALOGUE.field(negative.field).operator(negative.op).negates
            positive = FieldCondition(negative.field, str(negates), negative.value)
            assert (bits_of(world, Rule(negative)) ^ bits_of(world, Rule(positive))).all()
            compared += 1
    assert compared > 500


def negated_conditions() -> list[FieldCondition]:
    values: dict[Takes, Json] = {
        Takes.NOTHING: None,
        Takes.MANY: ("a", "s"),
        Takes.SPAN: {"n": 30, "unit": "day"},
    }
    ones: dict[FieldType, Json] = {FieldType.NUMBER: 1, FieldType.MONEY: "1.00"}
    return [
        FieldCondition(field.name, operator.name, value)
        for field in CATALOGUE.fields.values()
        for operator in field.operators.values()
        for value in [values.get(operator.takes, ones.get(field.type, "a"))]
        if operator.negates
    ]
