"""A rule as a model is told it: names for texts that it may not know, and the texts again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.ai.masked_rule import masked
from engine.domain.rule_codec import decode, encode
from tests.unit.ai.model_answers import VOCABULARY

if TYPE_CHECKING:
    from engine.domain.rules import Rule


def rule(*nodes: dict[str, Any]) -> Rule:
    return decode({"version": 1, "rule": {"any": list(nodes)}})


def field(name: str, value: object, op: str = "equals") -> dict[str, Any]:
    return {"field": name, "op": op, "value": value}


def bought(name: str, value: object) -> dict[str, Any]:
    where = [field(name, value)]
    return {"orders": "count", "ever": True, "op": "at_least", "value": 1, "where": where}


def told(base: Rule, words: str = "only women") -> Any:  # noqa: ANN401
    shown: Any = encode(masked(base, words, VOCABULARY).rule)["rule"]
    return shown["any"]


@pytest.mark.parametrize(
    "node",
    [
        field("email", "a@b.example"),
        field("phone", "+919800012345"),
        field("name", "Priya Rao"),
        field("customer_id", "c-1", "starts_with"),
        field("city", "Mumbai"),  # fewer live there than are told
        field("attributes.tier", "gold"),
        field("tags", ["owner of a dog"], "contains_any"),
        field("gone", "Priya Rao"),
        bought("sku", "s-1"),
    ],
)
def test_a_text_has_a_name_instead_and_comes_back(node: dict[str, Any]) -> None:
    base = rule(node)
    assert "value_1" in str(told(base))
    hidden = node.get("value") if "field" in node else node["where"][0]["value"]
    assert str(hidden) not in str(told(base))
    shown = masked(base, "only women", VOCABULARY)
    assert shown.restored(shown.rule) == base


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (field("city", "Pune"), "only women"),
        (field("email", "A@b.example"), "without a@B.example"),
        (field("total_spend", "5000.00", "greater_than"), "only women"),
        (field("birth_date", "1990-01-31", "before"), "only women"),
        (bought("status", "cancelled"), "only women"),
        ({"field": "email", "op": "is_set"}, "only women"),
    ],
)
def test_what_is_told_or_typed_anyway_stays_as_it_is(node: dict[str, Any], words: str) -> None:
    assert told(rule(node), words) == [node]


def test_each_text_has_a_name_of_its_own_and_none_that_is_taken() -> None:
    base = rule(field("email", ["a", "b"], "in"), field("name", "a"), field("name", "value_4"))
    values = [one["value"] for one in told(base, "and value_2")]
    assert values == [["value_1", "value_3"], "value_5", "value_6"]


def test_a_name_stands_for_the_text_of_its_field_only() -> None:
    shown = masked(rule(field("email", "a@b.example")), "only women", VOCABULARY)
    moved = rule(field("name", "value_1"), field("email", "value_2"), field("email", "VALUE_1"))
    restored: Any = encode(shown.restored(moved))["rule"]
    assert [one["value"] for one in restored["any"]] == ["value_1", "value_2", "a@b.example"]


def test_sentences_are_told_with_names_and_read_with_texts() -> None:
    shown = masked(rule(field("email", "a.b@c.example")), "only women", VOCABULARY)
    assert shown.silent("'A.B@c.example' is wrong") == "'value_1' is wrong"
    assert shown.spoken("value_1 stays, value_12 goes") == "a.b@c.example stays, value_12 goes"
