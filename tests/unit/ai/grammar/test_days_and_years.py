from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from engine.ai.grammar.interpret import interpret
from engine.domain.rule_codec import encode

if TYPE_CHECKING:
    from datetime import datetime

    from engine.ai.vocabulary import Vocabulary

# Now is Monday, 20 October 2025.


def rule_of(words: str, vocabulary: Vocabulary, now: datetime) -> object:
    found = interpret(words, vocabulary, now)
    assert found.not_understood == ()
    return encode(found.rule)["rule"] if found.rule else None


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("in April last year", ["2024-04-01", "2024-04-30"]),
        ("in the month of April this year", ["2025-04-01", "2025-04-30"]),
        ("from April to June last year", ["2024-04-01", "2024-06-30"]),
        ("in Q2 of last year", ["2024-04-01", "2024-06-30"]),
        ("in Q4 FY26", ["2026-01-01", "2026-03-31"]),
        ("in FY25 Q1", ["2024-04-01", "2024-06-30"]),
        ("in H2 of FY 2024-25", ["2024-10-01", "2025-03-31"]),
        ("last weekend", ["2025-10-18", "2025-10-19"]),
        ("between 1-6-25 and 10.6.25", ["2025-06-01", "2025-06-10"]),
    ],
)
def test_days_are_those_of_the_year_that_is_said(
    words: str, days: list[str], vocabulary: Vocabulary, now: datetime
) -> None:
    test = {"field": "signed_up_at", "op": "between", "value": days}
    assert rule_of(f"joined {words}", vocabulary, now) == test


@pytest.mark.parametrize(
    ("words", "test"),
    [
        ("joined exactly 10 days ago", {"op": "on", "value": "2025-10-10"}),
        ("joined exactly 2 months back", {"op": "on", "value": "2025-08-20"}),
        ("joined by 31 March 2025", {"op": "before", "value": "2025-04-01"}),
        ("joined by March 2025", {"op": "before", "value": "2025-04-01"}),
        ("customers since 2023", {"op": "after", "value": "2022-12-31"}),
        ("joined in the last 45 d", {"op": "in_the_last", "value": {"n": 45, "unit": "day"}}),
    ],
)
def test_a_sign_up_is_tested_as_it_is_said(
    words: str, test: dict[str, object], vocabulary: Vocabulary, now: datetime
) -> None:
    assert rule_of(words, vocabulary, now) == {"field": "signed_up_at", **test}


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("turning 30 this year", ["1995-01-01", "1995-12-31"]),
        ("turned 18 in May 2024", ["2006-05-01", "2006-05-31"]),
    ],
)
def test_who_turns_an_age_was_born_so_many_years_before(
    words: str, days: list[str], vocabulary: Vocabulary, now: datetime
) -> None:
    test = {"field": "birth_date", "op": "between", "value": days}
    assert rule_of(words, vocabulary, now) == test


@pytest.mark.parametrize("words", ["years of age above 30", "above 30 years of age"])
def test_years_of_age_stand_before_or_behind_their_number(
    words: str, vocabulary: Vocabulary, now: datetime
) -> None:
    test = {"field": "birth_date", "op": "before", "value": "1994-10-21"}
    assert rule_of(words, vocabulary, now) == test


@pytest.mark.parametrize(
    "words",
    [
        *("ordered by amount", "ordered by 2025", "sorted by March", "ordered this weekend"),
        *(
            "ordered on weekends",
            "turning 30 in May",
            "turning 30 next month",
            "turning over 30 this year",
        ),
    ],
)
def test_what_is_no_day_is_refused(words: str, vocabulary: Vocabulary, now: datetime) -> None:
    assert interpret(words, vocabulary, now).rule is None


@pytest.mark.parametrize(
    "words",
    [
        *("born in May", "born on 15 Aug", "born this month", "born last week", "born in Q1"),
        *("born in July or August", "born between May and July", "born after May", "born today"),
        *("date of birth in July", "not born in May", "born in last month", "born this May"),
        *("born tomorrow", "birthdays in July"),
    ],
)
def test_no_year_is_made_up_for_a_day_of_birth(
    words: str, vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret(words, vocabulary, now)
    assert found.rule is None
    assert any("Days of birth need a year" in note for note in found.notes)


@pytest.mark.parametrize(
    ("words", "said"), [("next week", 1), ("in the next week", 0), ("in the next 7 days", 0)]
)
def test_next_week_is_said_to_be_the_next_seven_days(
    words: str, said: int, vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret(f"birthday {words}", vocabulary, now)
    week = {"n": 7, "unit": "day"}
    test = {"field": "birth_date", "op": "anniversary_in_the_next", "value": week}
    assert found.rule is not None
    assert encode(found.rule)["rule"] == test
    assert sum("Next week" in note for note in found.notes) == said


@pytest.mark.parametrize(
    ("months", "days"), [("12 months", 365), ("24 months", 730), ("6 months", 180)]
)
def test_twelve_months_in_days_are_a_year(
    months: str, days: int, vocabulary: Vocabulary, now: datetime
) -> None:
    [choice] = interpret(f"joined in the last {months}", vocabulary, now).choices
    assert choice.options[1].label == f"{days} days"


@pytest.mark.parametrize("words", ["0 orders", "ordered 0 times in 2025", "spent 0"])
def test_none_at_all_is_no_choice_between_exactly_and_at_least(
    words: str, vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret(words, vocabulary, now)
    assert found.rule is not None
    assert '"equals"' in json.dumps(encode(found.rule))
    assert found.choices == ()


def test_a_time_behind_alternatives_may_hold_for_the_first_of_them_too(
    vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret("spent over 10k or ordered 5+ times in 2025", vocabulary, now)
    [choice] = found.choices
    assert [option.label for option in choice.options] == [
        "the nearest only",
        "all that is joined to it",
    ]


@pytest.mark.parametrize(
    "words",
    ["haven't ordered or spent over 5k in 2024", "haven't spent over 5k or ordered in 2024"],
)
def test_who_has_neither_ordered_nor_spent_so_much_in_a_year_may_have_ordered_before(
    words: str, vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret(words, vocabulary, now)
    [choice] = found.choices
    assert choice.options[0].label == "all that is joined to it"
    said = json.dumps(encode(choice.options[0].rule))
    assert said.count('["2024-01-01", "2024-12-31"]') == 2
    assert json.dumps(encode(choice.options[1].rule)).count("2024-01-01") == 1


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("haven't bought Footwear in 6 months but bought before that", "Footwear"),
        ("bought Footwear in 2024 but not bought after that", "anything"),
    ],
)
def test_what_was_bought_before_or_after_that_is_a_choice(
    words: str, first: str, vocabulary: Vocabulary, now: datetime
) -> None:
    [choice] = [one for one in interpret(words, vocabulary, now).choices if "about" in one.question]
    assert choice.options[0].label == first
    assert {option.label for option in choice.options} == {"Footwear", "anything"}


def test_nothing_bought_since_is_nothing_at_all(vocabulary: Vocabulary, now: datetime) -> None:
    words = "bought Beauty in 2024 and has since bought nothing in the last 4 months"
    assert not any("about" in one.question for one in interpret(words, vocabulary, now).choices)
