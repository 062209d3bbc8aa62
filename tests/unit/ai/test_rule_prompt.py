"""What a model is told to write a rule, and what it is not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.ai.rule_grounds import ungrounded
from engine.ai.rule_prompt import MOST_REFS, UNNAMED, brief
from engine.ai.salt import salt_of
from engine.domain.rule_codec import decode
from tests.unit.ai.model_answers import VOCABULARY

NOW = datetime(2026, 3, 31, 20, tzinfo=UTC)


def rule(node: dict[str, Any]) -> Any:  # noqa: ANN401
    return decode({"version": 1, "rule": node})


def test_the_catalogue_the_clock_and_values_that_many_share_are_told_and_no_other_values() -> None:
    told = brief("in Pune", VOCABULARY, NOW, None)
    text = json.dumps(told.material)
    assert told.material["now"] == "Wednesday 2026-04-01T01:30+05:30"
    assert told.material["currency"] == "INR"
    assert told.material["frequent_values"] == {"city": ("Pune",)}
    assert "Mumbai" not in text
    assert "attributes.tier" in text


def test_segments_and_campaigns_are_told_only_where_the_words_name_them_and_never_by_id() -> None:
    told = brief("in the segment vip pune, sent SPRING", VOCABULARY, NOW, None)
    assert told.material["segments"] == {"segment_1": "VIP Pune", "segment_2": "VIP"}
    assert told.material["campaigns"] == {"campaign_1": "Spring"}
    assert told.refs == {"segment_1": "6f1b", "segment_2": "6f1a", "campaign_1": "7e2a"}
    text = json.dumps(told.material)
    assert not any(its_id in text for its_id in told.refs.values())
    assert "Ignore" not in text


def test_a_name_is_told_where_it_stands_as_words_of_its_own_only() -> None:
    some = {"1": "e", "2": "VIP", "3": "VIP Pune", "4": "Mr. X"}
    told = brief("vip customers of puneet, mr. x", replace(VOCABULARY, segments=some), NOW, None)
    assert told.material["segments"] == {"segment_1": "Mr. X", "segment_2": "VIP"}


def test_no_more_names_are_told_than_that() -> None:
    many = {str(n): "a" for n in range(MOST_REFS + 5)}
    told = brief("a", replace(VOCABULARY, segments=many), NOW, None)
    assert len(told.refs) == MOST_REFS


def test_a_rule_to_change_is_told_with_names_for_ids_and_keeps_its_salt() -> None:
    base = rule(
        {
            "all": [
                {"segment": "6f1a"},
                {"not": {"campaign": "7e2a", "outcome": "sent"}},
                {"random_bucket": {"salt": "kept", "from": 0, "to": 10}},
            ]
        }
    )
    told = brief("only women of Spring", VOCABULARY, NOW, base)
    shown: Any = told.material["base_rule"]
    assert told.material["segments"] == {"segment_1": UNNAMED}
    assert told.material["campaigns"] == {"campaign_1": "Spring"}
    assert "kept" not in json.dumps(told.material)
    assert shown["rule"]["all"][:2] == [
        {"segment": "segment_1"},
        {"not": {"campaign": "campaign_1", "outcome": "sent"}},
    ]
    assert told.refs == {"segment_1": "6f1a", "campaign_1": "7e2a"}
    assert told.salt == "kept"
    assert brief("only women", VOCABULARY, NOW, None).salt == salt_of("Only  women")


@pytest.mark.parametrize(
    ("words", "node"),
    [
        ("people of puné or Agra", {"field": "city", "op": "equals", "value": "AGRA"}),
        ("from Bombay", {"field": "city", "op": "equals", "value": "mumbai"}),
        ("gmail users", {"field": "email", "op": "ends_with", "value": "@gmail.com"}),
        ("ladies", {"field": "gender", "op": "in", "value": ["female"]}),
        (
            "who cancelled",
            {
                "orders": "count",
                "ever": True,
                "op": "at_least",
                "value": 1,
                "where": [{"field": "status", "op": "equals", "value": "cancelled"}],
            },
        ),
        (
            "shoes",
            {
                "orders": "count",
                "ever": True,
                "op": "at_least",
                "value": 1,
                "where": [{"field": "category", "op": "equals", "value": "Footwear"}],
            },
        ),
        ("over 5", {"field": "order_count", "op": "greater_than", "value": 99}),
        ("no phone", {"field": "phone", "op": "is_not_set"}),
    ],
)
def test_a_value_of_the_words_or_the_data_may_be_tested(words: str, node: dict[str, Any]) -> None:
    assert ungrounded(rule(node), words, VOCABULARY, None) == ()


@pytest.mark.parametrize(
    ("words", "node", "value"),
    [
        ("in Pune", {"field": "city", "op": "equals", "value": "Delhi"}, "delhi"),
        ("in Pune", {"any": [{"field": "city", "op": "in", "value": ["Pune", "Goa"]}]}, "goa"),
        ("everyone", {"field": "email", "op": "equals", "value": "ceo@corp.example"}, "ceo@corp"),
        ("all people", {"field": "name", "op": "contains", "value": "l"}, "'l'"),
        ("all vips", {"not": {"field": "tags", "op": "contains_any", "value": ["staff"]}}, "staff"),
        ("all", {"field": "attributes.tier", "op": "equals", "value": "silver"}, "silver"),
        ("in Agra", {"field": "city", "op": "equals", "value": "Agra <b>no ![x](y)"}, "agra <b>"),
        ("in Agra", {"field": "city", "op": "equals", "value": "Agra Nagar"}, "agra nagar"),
        ("a@", {"field": "email", "op": "ends_with", "value": "@.com"}, "@.com"),
        ("a@", {"field": "email", "op": "contains", "value": "@"}, "'@'"),
        ("corp", {"field": "email", "op": "ends_with", "value": "@corp.example"}, "@corp.example"),
        (
            "all",
            {
                "orders": "count",
                "ever": True,
                "op": "at_least",
                "value": 1,
                "where": [{"field": "sku", "op": "equals", "value": "X-1"}],
            },
            "x-1",
        ),
    ],
)
def test_a_value_that_nobody_named_is_told_as_a_problem(
    words: str, node: dict[str, Any], value: str
) -> None:
    [problem] = ungrounded(rule(node), words, VOCABULARY, None)
    assert value in problem


@pytest.mark.parametrize("hidden", ["\x1b]0;agra\x07", "\u202e", "\u200b", "\x7f", "\ue000", "\n"])
def test_no_value_holds_what_cannot_be_seen(hidden: str) -> None:
    for text in (f"Pune{hidden}", f"Agra{hidden}"):
        node = {"field": "city", "op": "equals", "value": text}
        [problem] = ungrounded(rule(node), f"in Pune{hidden} or Agra{hidden}", VOCABULARY, None)
        assert problem == "a value of city has characters that cannot be seen"
        # What the data or the rule to change holds already is theirs to test.
        known = replace(VOCABULARY, values={"city": (text,)})
        assert ungrounded(rule(node), "in", known, None) == ()
        assert ungrounded(rule(node), "in", VOCABULARY, rule(node)) == ()


def test_what_joins_letters_may_be_in_a_value() -> None:
    node = {"field": "city", "op": "equals", "value": "रा\u200dम"}
    assert ungrounded(rule(node), "in रा\u200dम", VOCABULARY, None) == ()


def test_what_the_rule_to_change_tested_before_may_stay() -> None:
    base = rule({"field": "city", "op": "equals", "value": "Goa"})
    wider = rule({"all": [{"field": "city", "op": "equals", "value": "Goa"}]})
    assert ungrounded(wider, "as before", VOCABULARY, base) == ()
