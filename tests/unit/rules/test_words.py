from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.money import currency
from engine.domain.rule_codec import decode
from engine.domain.workspace import Workspace
from engine.errors import RuleError
from engine.rules.words import lines, words
from tests.reference import generated
from tests.reference.generated import CATALOGUE, World

WORKSPACE = Workspace("Test", currency("INR"), ZoneInfo("Asia/Kolkata"), "en_IN")


def said(node: dict[str, Any]) -> str:
    return words(decode({"version": 1, "rule": node}), CATALOGUE, WORKSPACE)


def field(name: str, op: str, value: Any = None) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"field": name, "op": op, "value": value}


def orders(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    node = {"orders": "count", "ever": True, "op": "at_least", "value": 1} | changed
    return {key: value for key, value in node.items() if value is not None}


SPEND = field("total_spend", "greater_than", "5000.00")
LAPSED = field("last_order_at", "not_in_the_last", {"n": 90, "unit": "day"})
SPENT = "total spend is greater than ₹5,000.00"
CITIES = 'city is one of "Pune", "Mumbai"'
WHERE = 'where category is "Footwear" and amount is less than ₹5.00'
CITY = field("city", "in", ["Pune", "Mumbai"])


@pytest.mark.parametrize(
    ("node", "sentence"),
    [
        (
            {"all": [SPEND, LAPSED]},
            "total spend is greater than ₹5,000.00 and last order is not in the last 90 days",
        ),
        (
            {"all": [SPEND, {"any": [CITY, {"not": {"all": [LAPSED, SPEND]}}]}]},
            f"{SPENT} and ({CITIES} or not (last order is not in the last 90 days and {SPENT}))",
        ),
        ({"any": [{"all": [{"any": [CITY]}]}]}, 'city is one of "Pune", "Mumbai"'),
        ({"all": []}, "everyone"),
        ({"any": []}, "no one"),
        ({"not": {"any": []}}, "not (no one)"),
        ({**CITY, "enabled": False}, "everyone"),
        ({"all": [SPEND, {"not": {**CITY, "enabled": False}}]}, SPENT),
        (field("birth_date", "is_set"), "birth date is set"),
        (field("birth_date", "on", "2000-02-29"), "birth date is on 29 February 2000"),
        (
            field("birth_date", "anniversary_in_the_next", {"n": 1, "unit": "day"}),
            "birth date has its anniversary in the next 1 day",
        ),
        (
            field("last_order_at", "before", "2026-03-31T09:30:00.5Z"),
            "last order is before 31 March 2026 15:00:00.500000+05:30",
        ),
        (
            field("last_order_at", "between", ["2026-03-01", "2026-03-31"]),
            "last order is between 1 March 2026 and 31 March 2026",
        ),
        (field("order_count", "equals", 100000), "number of orders is 1,00,000"),
        (
            field("attributes.score", "less_than", 0.1234567),
            'attribute "score" is less than 0.1234567',
        ),
        (field("city", "equals", 'a" or "b'), 'city is "a\\" or \\"b"'),
        (field("tags", "contains_any", ["vip"]), 'tag list contains any of "vip"'),
        (field("city", "in", list("abcdefghijklmnopqrstuvw")), None),
        ({"segment": "s-1"}, 'is in the segment "s-1"'),
        ({"campaign": "c-1", "outcome": "held_out"}, 'was held out of the campaign "c-1"'),
        (
            {"random_bucket": {"salt": "s", "from": 0, "to": 12.5}},
            'is in the random share from 0% up to 12.5% of "s"',
        ),
        (
            orders(
                where=[field("category", "equals", "Footwear"), field("amount", "less_than", "5")]
            ),
            f"number of orders ({WHERE}) ever is at least 1",
        ),
        (
            orders(
                orders="sum",
                of="amount",
                ever=None,
                in_the_last={"n": 1, "unit": "year"},
                value="9",
            ),
            "sum of order amount in the last 1 year is at least ₹9.00",
        ),
        (
            orders(orders="distinct", of="sku", ever=None, between=["2026-01-01", "2026-01-31"]),
            "number of distinct order SKU between 1 January 2026 and 31 January 2026 is at least 1",
        ),
    ],
)
def test_a_rule_reads_as(node: dict[str, Any], sentence: str | None) -> None:
    if sentence is None:
        assert said(node).endswith('"s", "t" and 3 more')
    else:
        assert said(node) == sentence


def test_lines_show_the_groups_by_their_depth() -> None:
    rule = decode({"version": 1, "rule": {"all": [SPEND, {"not": {"any": [CITY, LAPSED]}}]}})
    assert lines(rule, CATALOGUE, WORKSPACE) == [
        (0, "all of these:"),
        (1, "total spend is greater than ₹5,000.00"),
        (1, "not this:"),
        (2, "any of these:"),
        (3, 'city is one of "Pune", "Mumbai"'),
        (3, "last order is not in the last 90 days"),
    ]


def test_a_rule_that_means_nothing_has_no_words() -> None:
    with pytest.raises(RuleError, match="'gone' is no field"):
        said(field("gone", "is_set"))


@st.composite
def worlds_and_rules(draw: st.DrawFn) -> tuple[World, dict[str, Any]]:
    world = draw(generated.worlds)
    return world, draw(generated.rule_nodes(world))


@settings(deadline=None)
@given(worlds_and_rules())
def test_every_valid_rule_has_words_and_balanced_parentheses(
    case: tuple[World, dict[str, Any]],
) -> None:
    world, node = case
    rule = decode({"version": 1, "rule": node})
    sentence = words(rule, CATALOGUE, world.workspace)
    assert sentence
    assert sentence.count("(") == sentence.count(")")
    assert lines(rule, CATALOGUE, world.workspace)[0][0] == 0
