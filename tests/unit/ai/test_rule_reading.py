"""A model's flat list of nodes, to the rule it means, or to what is wrong with it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from engine.ai import json_answer
from engine.ai.gemini import as_gemini_takes_it
from engine.ai.rule_instructions import EXAMPLE
from engine.ai.rule_reading import rule_of
from engine.ai.rule_schema import SCHEMA
from engine.domain.rule_codec import encode
from engine.errors import ModelUnusable, RuleError
from engine.rules import validate
from tests.unit.ai.model_answers import CATALOGUE, IN_PUNE, WORKSPACE, answer, condition

if TYPE_CHECKING:
    from collections.abc import Iterator

REFS = {"segment_1": "6f1a", "campaign_1": "7e2a"}


def document(written: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return the rule of an answer, after it went through the schema as JSON text."""
    value = json_answer.read(json.dumps(written), SCHEMA)
    found = rule_of(value, CATALOGUE, REFS, "salt")
    assert found is not None
    validate.check(found.rule, CATALOGUE, WORKSPACE)
    return encode(found.rule)["rule"]


def behaviour(**others: object) -> dict[str, Any]:
    return {"kind": "orders", "aggregate": "count", "op": "at_least", "values": ["2"], **others}


@pytest.mark.parametrize(
    ("node", "rule"),
    [
        (IN_PUNE, {"field": "city", "op": "equals", "value": "Pune"}),
        (
            condition("city", "in", "Pune", "Agra"),
            {"field": "city", "op": "in", "value": ["Pune", "Agra"]},
        ),
        (condition("email", "is_set"), {"field": "email", "op": "is_set"}),
        (condition("email", "is_set", "x"), {"field": "email", "op": "is_set"}),
        (
            condition("total_spend", "between", "10.00", "20"),
            {"field": "total_spend", "op": "between", "value": ["10.00", "20"]},
        ),
        (
            condition("order_count", "equals", "3"),
            {"field": "order_count", "op": "equals", "value": 3},
        ),
        (
            condition("attributes.points", "less_than", "2.5"),
            {"field": "attributes.points", "op": "less_than", "value": 2.5},
        ),
        (
            condition("last_order_at", "not_in_the_last", n=3, unit="month"),
            {"field": "last_order_at", "op": "not_in_the_last", "value": {"n": 3, "unit": "month"}},
        ),
        (
            condition("birth_date", "anniversary_in_the_next", n=7, unit="day"),
            {
                "field": "birth_date",
                "op": "anniversary_in_the_next",
                "value": {"n": 7, "unit": "day"},
            },
        ),
        (
            condition("signed_up_at", "on", "2025-03-05"),
            {"field": "signed_up_at", "op": "on", "value": "2025-03-05"},
        ),
        (
            condition("tags", "contains_any", "vip"),
            {"field": "tags", "op": "contains_any", "value": ["vip"]},
        ),
        (behaviour(), {"orders": "count", "ever": True, "op": "at_least", "value": 2}),
        (
            behaviour(of="amount", window="in_the_last", window_n=1, window_unit="year"),
            {
                "orders": "count",
                "in_the_last": {"n": 1, "unit": "year"},
                "op": "at_least",
                "value": 2,
            },
        ),
        (
            behaviour(
                aggregate="sum",
                of="amount",
                values=["500.00"],
                window="between",
                window_days=["2025-01-01", "2025-01-31"],
                where=[{"field": "category", "op": "in", "values": ["Footwear"]}],
            ),
            {
                "orders": "sum",
                "of": "amount",
                "where": [{"field": "category", "op": "in", "value": ["Footwear"]}],
                "between": ["2025-01-01", "2025-01-31"],
                "op": "at_least",
                "value": "500.00",
            },
        ),
        (
            behaviour(aggregate="distinct", of="sku", op="between", values=["1", "3"]),
            {"orders": "distinct", "of": "sku", "ever": True, "op": "between", "value": [1, 3]},
        ),
        (
            {"kind": "random", "share_from": 0, "share_to": 12.5},
            {"random_bucket": {"salt": "salt", "from": 0, "to": 12.5}},
        ),
        ({"kind": "segment", "ref": "segment_1"}, {"segment": "6f1a"}),
        (
            {"kind": "campaign", "ref": "campaign_1", "outcome": "sent"},
            {"campaign": "7e2a", "outcome": "sent"},
        ),
        ({"kind": "all", "children": []}, {"all": []}),
    ],
    ids=str,
)
def test_a_node_becomes_this_rule(node: dict[str, Any], rule: dict[str, Any]) -> None:
    assert document(answer(node)) == rule


def test_groups_hold_the_nodes_they_name_and_each_node_has_its_path() -> None:
    written = answer(
        {"kind": "any", "children": ["n2", "n3"]},
        IN_PUNE,
        {"kind": "not", "children": ["n4"]},
        {"kind": "all", "children": ["n5"]},
        condition("tags", "is_empty"),
    )
    pune = {"field": "city", "op": "equals", "value": "Pune"}
    assert document(written) == {
        "any": [pune, {"not": {"all": [{"field": "tags", "op": "is_empty"}]}}]
    }
    found = rule_of(written, CATALOGUE, REFS, "salt")
    assert found is not None
    assert dict(found.paths) == {
        "n1": "rule",
        "n2": "rule.any[0]",
        "n3": "rule.any[1]",
        "n4": "rule.any[1].not",
        "n5": "rule.any[1].not.all[0]",
    }


def test_no_nodes_and_no_root_are_no_rule() -> None:
    assert rule_of(answer(), CATALOGUE, REFS, "salt") is None


def test_the_example_that_the_model_is_shown_is_one_it_could_give() -> None:
    shown = EXAMPLE[EXAMPLE.index("{") :]
    assert [one["op"] for one in document(json.loads(shown))["all"]] == [
        "equals",
        "in",
        "greater_than",
        "not_in_the_last",
    ]


FAN = [{"kind": "all", "children": [f"n{n + 1}"] * 50} for n in range(2, 7)]


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (answer(IN_PUNE, root="n9"), "no node with the id 'n9'"),
        (answer(IN_PUNE, root=""), "root is empty"),
        (answer(IN_PUNE, {**IN_PUNE, "id": "n1"}), "several nodes have the id 'n1'"),
        (answer(IN_PUNE, IN_PUNE), "not under the root: n2"),
        (answer({"kind": "all", "children": ["n1"]}), "lead back to themselves"),
        (answer({"kind": "not", "children": ["n2"]}, *FAN, IN_PUNE), "200 nodes"),
        (answer(*({"kind": "not", "children": [f"n{n + 2}"]} for n in range(20))), "8 levels"),
        (answer({"kind": "not", "children": []}), "needs one child"),
        (answer({"kind": "not", "children": ["n2", "n3"]}, IN_PUNE, IN_PUNE), "needs one child"),
        (answer({"kind": "segment", "ref": "6f1b"}), "no segment '6f1b'"),
        (answer({"kind": "segment"}), "no segment ''"),
        (answer({"kind": "segment", "ref": "campaign_1"}), "no segment 'campaign_1'"),
        (answer({"kind": "campaign", "ref": "segment_1"}), "no campaign 'segment_1'"),
        (answer(condition("ctiy", "equals", "Pune")), "is no field; did you mean 'city'"),
        (answer(condition("password", "equals", "x")), "'password' is no field"),
        (answer(condition("$where", "equals", "1")), "'$where' is no field"),
        (answer(condition("city", "greater_than", "5")), "is no text operator"),
        (answer(condition("city", "matches", ".*")), "is no text operator"),
        (answer(behaviour(op="roughly")), "is no comparator"),
        (answer(condition("city", "equals")), "needs text"),
        (answer(condition("city", "equals", "Pune", "Agra")), "needs text"),
        (answer(condition("total_spend", "equals", "₹5,000")), "needs an amount"),
        (answer(condition("order_count", "equals", "NaN")), "needs a number"),
        (answer(condition("order_count", "equals", "1 OR 1=1")), "needs a number"),
        (answer(condition("birth_date", "before", "01/02/2000")), "needs a date"),
        (answer(condition("last_order_at", "in_the_last")), "needs a whole number n"),
        (answer(condition("signed_up_at", "between", "2025-02-01", "2025-01-01")), "swap them"),
        (answer(behaviour(window="in_the_last")), "needs a whole number n"),
        (answer(behaviour(aggregate="sum")), "sum cannot be of nothing"),
        (answer(behaviour(where=[condition("city", "equals", "x") | {"kind": ""}])), "order field"),
        (answer({"kind": "random", "share_from": 20, "share_to": 10}), "needs 0 <= from < to"),
        (answer({"kind": "orders"}), "rule.orders: needs text"),
        (answer({"kind": "field"}), "rule.field: needs text"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_no_rule_is_told_so_that_the_model_can_put_it_right(
    written: dict[str, Any], problem: str
) -> None:
    def read() -> None:
        found = rule_of(written, CATALOGUE, REFS, "salt")
        assert found is not None
        validate.check(found.rule, CATALOGUE, WORKSPACE)

    with pytest.raises(RuleError, match=re.escape(problem)):
        read()


@pytest.mark.parametrize(
    "written",
    [
        answer(*[IN_PUNE] * 10_000),
        answer({**IN_PUNE, "sql": "DROP TABLE customers"}),
        answer({**IN_PUNE, "kind": "sql"}),
        answer(condition("city", "in", *["x"] * 101)),
        answer(condition("city", "equals", "x" * 1_001)),
        answer({**IN_PUNE, "values": "Pune"}),
        answer({**IN_PUNE, "values": [5]}),
        answer({**IN_PUNE, "values": [{"$gt": ""}]}),
        answer({"kind": "campaign", "ref": "campaign_1", "outcome": "opened"}),
        answer({"kind": "random", "share_from": -1, "share_to": 200}),
        answer(IN_PUNE, action="launch"),
        {key: value for key, value in answer(IN_PUNE).items() if key != "notes"},
    ],
)
def test_what_is_no_form_of_a_rule_at_all_is_unusable(written: dict[str, Any]) -> None:
    with pytest.raises(ModelUnusable):
        json_answer.read(json.dumps(written), SCHEMA)


def values(schema: dict[str, Any]) -> Iterator[int]:
    """Yield how many values each part of a schema may have."""
    yield len(schema.get("enum", ()))
    for one in (*schema.get("properties", {}).values(), *filter(None, [schema.get("items")])):
        yield from values(one)


def test_gemini_is_told_the_part_of_the_schema_that_it_knows() -> None:
    known = {"type", "format", "description", "nullable", "enum", "items"}
    known |= {"properties", "required"}

    def look(schema: dict[str, Any], depth: int) -> int:
        assert schema.keys() <= known
        assert isinstance(schema["type"], str)
        below = [*schema.get("properties", {}).values(), *filter(None, [schema.get("items")])]
        return max((look(one, depth + 1) for one in below), default=depth)

    assert look(as_gemini_takes_it(SCHEMA), 1) <= 8
    assert sum(values(as_gemini_takes_it(SCHEMA))) < 50, "it refuses schemas with many"
