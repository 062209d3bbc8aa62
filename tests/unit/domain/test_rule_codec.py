from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.rule_codec import decode, decode_text, encode
from engine.domain.rules import (
    All,
    FieldCondition,
    InCampaign,
    InSegment,
    Not,
    OrderFilter,
    OrdersCondition,
    RandomBucket,
    Rule,
)
from engine.domain.rules import Any as AnyOf
from engine.errors import RuleError

LAW = """
{"version": 1,
 "rule": {"all": [
   {"field": "total_spend", "op": "greater_than", "value": "5000.00"},
   {"field": "last_order_at", "op": "not_in_the_last", "value": {"n": 90, "unit": "day"}},
   {"any": [
     {"field": "city", "op": "in", "value": ["Pune", "Mumbai"]},
     {"field": "tags", "op": "contains_any", "value": ["vip"]}]},
   {"not": {"orders": "count",
            "where": [{"field": "category", "op": "equals", "value": "Footwear"}],
            "in_the_last": {"n": 30, "unit": "day"},
            "op": "at_least", "value": 1}}]}}
"""


def rule(node: Any) -> dict[str, Any]:  # noqa: ANN401 - well-formed or not
    return {"version": 1, "rule": node}


def problems(document: Any) -> tuple[str, ...]:  # noqa: ANN401 - well-formed or not
    with pytest.raises(RuleError) as caught:
        decode(document)
    return caught.value.problems


def test_the_example_of_the_rules_decodes() -> None:
    assert decode_text(LAW) == Rule(
        All(
            (
                FieldCondition("total_spend", "greater_than", "5000.00"),
                FieldCondition("last_order_at", "not_in_the_last", {"n": 90, "unit": "day"}),
                AnyOf(
                    (
                        FieldCondition("city", "in", ("Pune", "Mumbai")),
                        FieldCondition("tags", "contains_any", ("vip",)),
                    ),
                ),
                Not(
                    OrdersCondition(
                        aggregate="count",
                        of=None,
                        where=(OrderFilter("category", "equals", "Footwear"),),
                        window=("in_the_last", {"n": 30, "unit": "day"}),
                        op="at_least",
                        value=1,
                    ),
                ),
            ),
        ),
    )


def test_encoding_gives_the_document_back() -> None:
    assert encode(decode_text(LAW)) == json.loads(LAW)


@pytest.mark.parametrize(
    "node",
    [
        {"all": []},
        {"any": [], "id": "g", "enabled": False},
        {"not": {"segment": "s-1", "enabled": False}, "id": "n"},
        {"any": [{"segment": "s-1", "locked": True}], "enabled": False, "locked": True},
        {"field": "email", "op": "is_set"},
        {"field": "gone", "op": "no such", "value": [1, 2.5, True, None, "x"]},
        {"campaign": "c-1", "outcome": "opened"},
        {"random_bucket": {"salt": "spring", "from": 0, "to": 12.34}},
        {"random_bucket": {"salt": "spring", "from": 0.07, "to": 100}},
        {"orders": "sum", "of": "amount", "ever": True, "op": "between", "value": ["1.00", "2.00"]},
        {"orders": "count", "between": ["2026-01-01", "2026-02-01"], "op": "equals", "value": 0},
    ],
)
def test_what_a_node_may_carry_survives_the_round_trip(node: dict[str, Any]) -> None:
    decoded = decode(rule(node))
    assert encode(decoded) == rule(node)
    assert decode_text(json.dumps(encode(decoded))) == decoded


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_every_hundredth_of_a_percent_survives_the_round_trip(hundredths: int) -> None:
    share = Rule(RandomBucket("s", hundredths, 10_000))
    assert decode_text(json.dumps(encode(share))) == share


def test_values_are_frozen() -> None:
    condition = decode(rule({"field": "x", "op": "y", "value": {"n": 1, "unit": "day"}})).root
    assert isinstance(condition, FieldCondition)
    assert isinstance(condition.value, MappingProxyType)


def test_every_problem_is_told_with_its_path() -> None:
    document = rule({"all": [{"all": []}, {"any": [{"feild": "city", "op": "is_set"}, 7]}]})
    unknown = (
        "rule.all[1].any[0]: unknown key 'feild'; did you mean 'field'? valid keys are all, any, "
        "not, field, op, value, orders, of, where, ever, in_the_last, before_the_last, between, "
        "segment, campaign, outcome, random_bucket, id, enabled, locked"
    )
    assert problems(document) == (unknown, "rule.all[1].any[1]: needs an object, not 7")


SPAN = {"n": 1, "unit": "day"}
BUCKET = {"salt": "s", "from": 0, "to": 10}


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ([], "document: needs an object, not a list of 0"),
        ({"rule": {"all": []}}, "document: the key 'version' is missing"),
        ({"version": 1}, "document: the key 'rule' is missing"),
        ({"version": 2, "rule": {"all": []}}, "version: 2 is not known; write 1"),
        ({"version": True, "rule": {"all": []}}, "version: true is not known; write 1"),
        ({**rule({"all": []}), "x": 1}, "document: unknown key 'x'; valid keys are version, rule"),
        (rule(None), "rule: needs an object, not nothing"),
        (rule({}), "rule: says nothing; a node has exactly one of all, any, not, field, orders, "),
        (rule({"all": [], "any": []}), "rule: has all and any; a node has exactly one of"),
        (rule({"all": {}}), "rule.all: needs a list, not an object"),
        (rule({"all": [], "value": 1}), "rule: unknown key 'value'; valid keys are all, id, en"),
        (rule({"field": "city"}), "rule: the key 'op' is missing"),
        (rule({"field": 5, "op": "is_set"}), "rule.field: needs text, not 5"),
        (rule({"field": "", "op": "is_set"}), "rule.field: needs text, not ''"),
        (rule({"segment": "s", "enabled": 1}), "rule.enabled: needs true or false, not 1"),
        (rule({"segment": "s", "locked": 1}), "rule.locked: needs true or false, not 1"),
        (rule({"all": [{"any": [], "locked": None}]}), "rule.all[0].locked: needs true or false"),
        (rule({"segment": "s", "id": 1}), "rule.id: needs text, not 1"),
        (rule({"campaign": "c"}), "rule: the key 'outcome' is missing"),
        (rule({"orders": "count", "op": "equals", "value": 1}), "rule: has none; orders need ex"),
        (
            rule({"orders": "count", "ever": True, "between": [], "op": "equals", "value": 1}),
            "rule: has ever and between; orders need exactly one window of",
        ),
        (
            rule({"orders": "count", "ever": True, "where": [{}], "op": "equals", "value": 1}),
            "rule.where[0]: the key 'field' is missing",
        ),
        (rule({"random_bucket": {**BUCKET, "to": 1.234}}), "rule.random_bucket.to: needs a per"),
        (rule({"random_bucket": {**BUCKET, "to": True}}), "rule.random_bucket.to: needs a perce"),
        (rule({"random_bucket": {"salt": "s", "from": 0}}), "rule.random_bucket: the key 'to'"),
    ],
)
def test_a_wrong_shape_is_refused(document: object, problem: str) -> None:
    assert problems(document)[0].startswith(problem)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (2**53 + 1, "rule.value: needs a number between"),
        (10**400, "rule.value: needs a number between -(2**53) and 2**53, not a number past 60"),
        (float("nan"), "rule.value: needs a number between"),
        (float("inf"), "rule.value: needs a number between"),
        ("a\0b", "rule.value: 'a\\x00b' holds a NUL"),
        ("\ud800", "rule.value: '\\ud800' holds a NUL or half a surrogate pair"),
        ("x" * 1001, "rule.value: '" + "x" * 59 + "…' has 1,001 characters; at most 1,000"),
        (["x"] * 1001, "rule.value: has 1,001 entries; at most 1,000 are taken"),
        ([["x"]], "rule.value[0]: needs a text, a number, true or false, not a list of 1"),
        ({**SPAN, "$where": 1}, "rule.value: unknown key '$where'; valid keys are n, unit"),
        ({"n": [], "unit": "day"}, "rule.value.n: needs a text, a number"),
        (b"x", "rule.value: needs a text, a number, true or false, not a bytes"),
    ],
)
@pytest.mark.parametrize("enabled", [True, False])
def test_what_no_store_can_hold_is_refused_even_in_a_disabled_node(
    value: object, problem: str, *, enabled: bool
) -> None:
    node = {"field": "city", "op": "equals", "value": value, "enabled": enabled}
    assert problems(rule(node))[0].startswith(problem)
    assert problems(rule(node))[0].isprintable()


def nested(levels: int) -> dict[str, Any]:
    return {"segment": "s"} if levels == 1 else {"not": nested(levels - 1)}


def test_a_rule_nests_to_8_levels() -> None:
    assert decode(rule(nested(8)))
    path = "rule" + ".not" * 8
    assert problems(rule(nested(9))) == (f"{path}: stands on level 9; a rule has at most 8 levels",)


def test_a_rule_has_at_most_200_nodes() -> None:
    assert decode(rule({"all": [{"segment": "s"}] * 199}))
    halves = {"all": [{"any": [{"segment": "s"}] * 99}, {"any": [{"segment": "s"}] * 99}]}
    assert problems(rule(halves)) == (
        "rule.all[1].any[98]: is node 201; a rule has at most 200 nodes",
    )


def test_a_rule_holds_at_most_a_million_characters() -> None:
    node = {"field": "city", "op": "in", "value": ["x" * 1000] * 1000}
    assert problems(rule(node))[0].startswith("rule: holds 1,000,006 characters of text; at most")


def test_no_more_problems_are_told_than_anyone_reads() -> None:
    node = {"field": "city", "op": "in", "value": [[]] * 1000}
    assert len(problems(rule({"all": [node] * 100}))) == 100


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the rule is not JSON: Expecting value at line 1, column 1"),
        ('{"version": 1,\n "rule": }', "the rule is not JSON: Expecting value at line 2, column"),
        ('{"version": 1, "version": 1}', "the key 'version' occurs twice in one object"),
        ('{"version": NaN}', "the rule holds NaN, which is no number of JSON"),
        ("[" * 100_000, "the rule is nested too deeply to be read"),
        ("9" * 5_000, "the rule holds a number with too many digits to be read"),
        ('{"version": 1e999, "rule": {"all": []}}', "version: inf is not known"),
        (" " * 2_000_001, "the rule has 2,000,001 characters; at most 2,000,000 are taken"),
    ],
)
def test_a_text_that_is_no_rule_is_refused(text: str, problem: str) -> None:
    with pytest.raises(RuleError) as caught:
        decode_text(text)
    assert caught.value.problems[0].startswith(problem)


def test_a_byte_order_mark_is_let_pass() -> None:
    assert decode_text("\ufeff" + LAW) == decode_text(LAW)


def test_segments_and_campaigns_decode() -> None:
    both = decode(rule({"any": [{"segment": "s"}, {"campaign": "c", "outcome": "sent"}]}))
    assert both == Rule(AnyOf((InSegment("s"), InCampaign("c", "sent"))))


NODE_KEYS = ["all", "any", "not", "field", "op", "value", "orders", "of", "where", "ever"]
OTHER_KEYS = ["segment", "campaign", "outcome", "random_bucket", "salt", "from", "to", "id", "n"]
MORE_KEYS = ["between", "in_the_last", "enabled", "unit"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*NODE_KEYS, *OTHER_KEYS, *MORE_KEYS]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(json_values)
def test_any_document_decodes_and_round_trips_or_is_refused_in_words(node: object) -> None:
    told: tuple[str, ...] = ()
    try:
        decoded = decode(rule(node))
    except RuleError as error:
        told = error.problems
    else:
        assert decode_text(json.dumps(encode(decoded))) == decoded
    assert all(problem.isprintable() for problem in told)
