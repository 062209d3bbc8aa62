from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.audience.explain import every_step, leave_one_out, verdicts, waterfall
from engine.domain.money import currency
from engine.domain.rule_codec import decode, encode
from engine.domain.rules import Rule
from engine.domain.workspace import Workspace
from engine.errors import NotFound
from engine.rules.evaluate import Evaluator
from engine.rules.tree import takes_part, walk
from engine.rules.words import reader
from tests.reference import generated
from tests.reference.generated import CATALOGUE, World
from tests.reference.rules import Reference
from tests.reference.snapshot import plain_snapshot
from tests.unit.rules.test_evaluate import NOW, person

if TYPE_CHECKING:
    from engine.domain.rules import Node
    from engine.mirror.snapshot import Snapshot
    from engine.rules.evaluate import Evaluation

WORKSPACE = Workspace("Test", currency("INR"), ZoneInfo("UTC"), "en_IN")
SAY = reader(CATALOGUE, WORKSPACE)
PUNE = {"field": "city", "op": "equals", "value": "Pune"}
VIP = {"field": "tags", "op": "contains_any", "value": ["vip"]}
NAMED = {"field": "name", "op": "is_set"}
PEOPLE = (
    person("a", city="Pune", tags=("vip",), name="A"),
    person("b", city="Pune", tags=("vip",)),
    person("c", city="Pune", name="C"),
    person("d", tags=("vip",), name="D"),
    person("e"),
)
SPEND = pl.Series([1, 10, 100, 1_000, 10_000])


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return plain_snapshot(PEOPLE, {}, ZoneInfo("UTC"))


def evaluated(node: dict[str, Any], snapshot: Snapshot) -> Evaluation:
    rule = decode({"version": 1, "rule": node})
    return Evaluator(WORKSPACE).evaluate(rule, snapshot, NOW, CATALOGUE)


def test_the_waterfall_tells_how_many_remain_after_each_condition(snapshot: Snapshot) -> None:
    steps = waterfall(evaluated({"all": [PUNE, VIP, NAMED]}, snapshot), SAY)
    assert [(one.before, one.after, one.alone) for one in steps] == [
        (5, 3, 3),
        (3, 2, 3),
        (2, 1, 3),
    ]
    assert steps[0].words == 'city is "Pune"'


def test_an_any_grows_from_no_one(snapshot: Snapshot) -> None:
    steps = waterfall(evaluated({"any": [PUNE, VIP]}, snapshot), SAY)
    assert [(one.before, one.after) for one in steps] == [(0, 3), (3, 4)]


def test_a_rule_that_is_one_condition_is_one_step_from_everyone(snapshot: Snapshot) -> None:
    (step,) = waterfall(evaluated({"not": PUNE}, snapshot), SAY)
    assert (step.before, step.after, step.words) == (5, 2, 'not (city is "Pune")')


def test_what_is_switched_off_is_no_step(snapshot: Snapshot) -> None:
    steps = waterfall(evaluated({"all": [PUNE, {**VIP, "enabled": False}]}, snapshot), SAY)
    assert [one.path for one in steps] == ["rule.all[0]"]
    assert waterfall(evaluated({"all": []}, snapshot), SAY) == ()


def test_steps_are_given_for_groups_below_too(snapshot: Snapshot) -> None:
    node = {"all": [PUNE, {"not": {"any": [VIP, NAMED]}}]}
    steps = every_step(evaluated(node, snapshot), SAY)
    assert [(one.path, one.before, one.after) for one in steps] == [
        ("rule.all[0]", 5, 3),
        ("rule.all[1]", 3, 0),
        ("rule.all[1].not.any[0]", 0, 3),
        ("rule.all[1].not.any[1]", 3, 4),
    ]


def test_without_a_condition_more_or_fewer_come_with_their_spend(snapshot: Snapshot) -> None:
    found = leave_one_out(evaluated({"all": [PUNE, VIP]}, snapshot), SPEND, SAY)
    assert [(one.more, one.more_spend, one.fewer) for one in found] == [(1, 1_000, 0), (1, 100, 0)]
    found = leave_one_out(evaluated({"any": [PUNE, VIP]}, snapshot), SPEND, SAY)
    assert [(one.more, one.fewer, one.fewer_spend) for one in found] == [(0, 1, 100), (0, 1, 1_000)]


def test_the_only_condition_of_a_rule_left_out_lets_everyone_in(snapshot: Snapshot) -> None:
    for node in (PUNE, {"not": PUNE}, {"all": [PUNE]}):
        (found,) = leave_one_out(evaluated(node, snapshot), SPEND, SAY)
        kept = evaluated(node, snapshot).members.sum()
        assert (found.more, found.fewer) == (5 - kept, 0)


def test_a_customer_is_in_or_out_for_reasons(snapshot: Snapshot) -> None:
    node = {"all": [PUNE, {"not": VIP}]}
    found = verdicts(evaluated(node, snapshot), snapshot, "b", SAY)
    assert [(one.depth, one.holds) for one in found] == [
        (0, False),
        (1, True),
        (1, False),
        (2, True),
    ]
    assert found[2].words == 'not (tag list contains any of "vip")'
    with pytest.raises(NotFound, match="'nobody'"):
        verdicts(evaluated(node, snapshot), snapshot, "nobody", SAY)


@st.composite
def rules(draw: st.DrawFn) -> tuple[World, Rule]:
    world = draw(generated.worlds)
    return world, decode({"version": 1, "rule": draw(generated.rule_nodes(world))})


@settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(rules())
def test_without_each_condition_is_what_switching_it_off_gives(case: tuple[World, Rule]) -> None:
    world, rule = case
    evaluation = Evaluator(world.workspace).evaluate(rule, world.snapshot, world.now, CATALOGUE)
    spend = pl.Series(range(len(world.people)))
    members = evaluation.members
    reference = Reference(world.now, world.workspace, CATALOGUE)
    found = leave_one_out(evaluation, spend, lambda node: type(node).__name__)
    asked = [path for path, node in walk(rule.root) if "field" in encode(Rule(node))["rule"]]  # type: ignore[operator]
    assert [one.path for one in found] == asked
    for one in found:
        switched = Rule(switched_off(rule.root, one.path, "rule"))
        expected = pl.Series(reference.members(switched, world.people))
        assert one.more == (expected & ~members).sum()
        assert one.more_spend == spend.filter(expected & ~members).sum()
        assert one.fewer == (members & ~expected).sum()


def switched_off(node: Node, wanted: str, path: str) -> Node:
    document = encode(Rule(node))["rule"]
    place: Any = document
    for step in wanted.removeprefix(path).replace("]", "").replace("[", ".").split(".")[1:]:
        place = place[int(step) if step.isdigit() else step]
    place["enabled"] = False
    return decode({"version": 1, "rule": document}).root


def test_a_rule_that_is_switched_off_has_nothing_to_leave_out(snapshot: Snapshot) -> None:
    evaluation = evaluated({**PUNE, "enabled": False}, snapshot)
    assert not takes_part(evaluation.rule.root)
    assert leave_one_out(evaluation, SPEND, SAY) == ()
    assert [(one.before, one.after) for one in waterfall(evaluation, SAY)] == [(5, 5)]
