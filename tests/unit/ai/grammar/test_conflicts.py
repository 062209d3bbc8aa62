"""Conditions that nobody meets both of, and edits that would leave nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.ai.grammar.conflicts import disjoint
from engine.ai.grammar.interpret import interpret
from engine.domain.rule_codec import decode, encode
from engine.rules.words import words as say

if TYPE_CHECKING:
    from datetime import datetime

    from engine.ai.vocabulary import Vocabulary

Leaf = dict[str, object]


def spend(op: str, value: object) -> Leaf:
    return {"field": "total_spend", "op": op, "value": value}


def last(op: str, n: int, unit: str) -> Leaf:
    return {"field": "last_order_at", "op": op, "value": {"n": n, "unit": unit}}


def count(op: str, value: int, **more: object) -> Leaf:
    return {"orders": "count", **more, "op": op, "value": value}


MONTH = {"n": 1, "unit": "month"}
NEVER: Leaf = {"field": "order_count", "op": "equals", "value": 0}
REFUNDED = [{"field": "status", "op": "equals", "value": "refunded"}]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (spend("greater_than", "5000.00"), spend("less_than", "5000.00")),
        (spend("greater_than", "5000.00"), spend("less_or_equal", "5000")),
        (spend("between", ["1.00", "2.00"]), spend("equals", "3.00")),
        (last("in_the_last", 30, "day"), last("not_in_the_last", 3, "month")),
        (last("in_the_last", 3, "month"), last("not_in_the_last", 3, "month")),
        (last("not_in_the_last", 3, "month"), count("at_least", 1, in_the_last=MONTH)),
        (NEVER, last("in_the_last", 1, "day")),
        (NEVER, count("at_least", 1, ever=True)),
        (count("at_least", 2, in_the_last=MONTH), count("at_most", 1, in_the_last=MONTH)),
        (
            {"field": "signed_up_at", "op": "before", "value": "2024-01-01"},
            {"field": "signed_up_at", "op": "after", "value": "2024-12-31"},
        ),
        (
            {"field": "city", "op": "in", "value": ["Pune", "Surat"]},
            {"field": "city", "op": "equals", "value": "Delhi"},
        ),
        (
            {"field": "city", "op": "equals", "value": "pune"},
            {"field": "city", "op": "not_in", "value": ["Pune", "Delhi"]},
        ),
    ],
)
def test_what_leaves_nobody_is_found(one: Leaf, other: Leaf) -> None:
    assert disjoint(one, other)
    assert disjoint(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (spend("greater_or_equal", "5000.00"), spend("less_or_equal", "5000.00")),
        (spend("greater_than", "5000.00"), spend("greater_than", "9000.00")),
        (spend("less_than", "5000.00"), {**spend("greater_than", "9.00"), "field": "points"}),
        (last("in_the_last", 3, "month"), last("not_in_the_last", 30, "day")),
        (last("in_the_last", 91, "day"), last("not_in_the_last", 3, "month")),
        (last("in_the_last", 3, "month"), last("not_in_the_last", 91, "day")),
        (last("not_in_the_last", 3, "month"), count("at_least", 0, in_the_last=MONTH)),
        (NEVER, count("at_least", 1, where=REFUNDED, ever=True)),
        (NEVER, last("not_in_the_last", 3, "month")),
        (count("at_least", 2, in_the_last=MONTH), count("at_most", 1, ever=True)),
        (
            {"field": "tags", "op": "contains_any", "value": ["vip"]},
            {"field": "tags", "op": "contains_any", "value": ["wholesale"]},
        ),
        ({"field": "attributes.size", "op": "equals", "value": 5}, {"segment": "s1"}),
        (
            {"field": "attributes.size", "op": "equals", "value": 5},
            {"field": "attributes.size", "op": "equals", "value": 5.0},
        ),
    ],
)
def test_what_may_leave_somebody_is_none(one: Leaf, other: Leaf) -> None:
    assert not disjoint(one, other)
    assert not disjoint(other, one)


BASE = "vip in Pune who haven't ordered in 90 days and spent over 5000"
REST = 'tag list contains any of "vip" and city is '


@pytest.mark.parametrize(
    ("words", "readings"),
    [
        (
            "only those in Mumbai",
            ('"Mumbai" and last order is not in the last 90 days and', '"Pune", "Mumbai" and'),
        ),
        (
            "also in Mumbai",
            ('"Pune", "Mumbai" and', '"Mumbai" and last order is not in the last 90 days and'),
        ),
        (
            "less than 3000",
            ("total spend is less than ₹3,000.00", "₹5,000.00 or total spend is less than"),
        ),
        (
            "those who ordered in the last 30 days",
            ('"Pune" and last order is in the last 30', "90 days or last order is in the last 30"),
        ),
        ("add women", ('gender is "female"', ') or gender is "female"')),
    ],
)
def test_what_would_leave_nobody_takes_the_place_or_stands_beside(
    words: str, readings: tuple[str, str], vocabulary: Vocabulary, now: datetime
) -> None:
    base = interpret(BASE, vocabulary, now).rule
    found = interpret(words, vocabulary, now, base=base)
    [choice] = found.choices
    assert choice.joins
    assert found.rule == choice.options[0].rule
    for option, reading in zip(choice.options, readings, strict=True):
        assert reading in say(option.rule, vocabulary.catalogue, vocabulary.workspace)


def test_figures_of_the_same_stand_together_in_either_of_the_two(
    vocabulary: Vocabulary, now: datetime
) -> None:
    base = interpret("spent over 5000", vocabulary, now).rule
    found = interpret("spent over 1000 and spent less than 2000", vocabulary, now, base=base)
    either = encode(found.choices[0].options[1].rule)["rule"]
    bounds = [spend("greater_than", "1000.00"), spend("less_than", "2000.00")]
    assert either == {"any": [spend("greater_than", "5000.00"), {"all": bounds}]}


@pytest.mark.parametrize("locked", [True, False])
def test_what_is_locked_keeps_its_place(
    locked: bool,  # noqa: FBT001 - one of the two cases
    vocabulary: Vocabulary,
    now: datetime,
) -> None:
    city: Leaf = {"field": "city", "op": "equals", "value": "Pune", "locked": locked}
    for rule in ({"all": [city]}, {"all": [{**city, "locked": False}], "locked": locked}):
        base = decode({"version": 1, "rule": rule})
        assert (interpret("only Mumbai", vocabulary, now, base=base).rule is None) is locked
        assert (interpret("Mumbai instead", vocabulary, now, base=base).rule is None) is locked


def test_what_is_skipped_is_in_no_conflict(vocabulary: Vocabulary, now: datetime) -> None:
    city: Leaf = {"field": "city", "op": "equals", "value": "Pune", "enabled": False}
    base = decode({"version": 1, "rule": {"all": [city]}})
    found = interpret("only Mumbai", vocabulary, now, base=base)
    assert found.rule is not None
    reading = say(found.rule, vocabulary.catalogue, vocabulary.workspace)
    assert (reading, found.choices) == ('city is "Mumbai"', ())


@pytest.mark.parametrize("words", ["not in Pune", "women instead"])
def test_the_mere_contrary_and_what_is_instead_of_nothing_are_no_edit(
    words: str, vocabulary: Vocabulary, now: datetime
) -> None:
    base = interpret("customers in Pune", vocabulary, now).rule
    assert interpret(words, vocabulary, now, base=base).rule is None


def test_words_that_leave_nobody_are_doubted(vocabulary: Vocabulary, now: datetime) -> None:
    found = interpret("spent over 10k and spent less than 5k", vocabulary, now)
    assert found.rule is None
    assert any("contrary" in note for note in found.notes)
