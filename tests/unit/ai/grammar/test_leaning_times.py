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


@pytest.mark.parametrize(
    "words",
    [
        "ordered in 2024 but not 2025",
        "ordered in 2024, not 2025",
        "ordered in 2024 and never 2025",
        "ordered on 13 or 14 June 2025",
        "ordered 13 or 14 June",
        "ordered on 13 June or 14",
        "ordered in 24-25",
        "ordered in 2024 but not 24-25",
        "ordered in 24-26",
        "ordered in 25",
        "ordered on 13",
        "ordered in 2024 or 25",
        "ordered in week 25",
        "ordered in May 24-25",
        "ordered from 24 to 26",
        "ordered between 24 and 26",
        "ordered in neither 2024 nor 2025",
        "ordered in May 2025 but not 2024",
        "ordered in the last 3 months but not 2024",
    ],
)
def test_a_bare_number_in_the_place_of_a_time_is_never_an_amount(
    words: str, vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret(words, vocabulary, now)
    said = json.dumps(encode(found.rule)) if found.rule else ""
    assert "amount" not in said
    assert "total_spend" not in said
    assert found.certain or not found.rule


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("ordered in 2024 but not 2025", ("2025-01-01", "2025-12-31")),
        ("ordered on 13 June or 14", ("2025-06-14", "2025-06-14")),
        ("ordered on 13 or 14 June", ("2025-06-13", "2025-06-13")),
        ("ordered in 24-25", ("2024-04-01", "2025-03-31")),
        ("ordered in May or July 2024", ("2024-05-01", "2024-05-31")),
        ("ordered in November or January 2025", ("2024-11-01", "2024-11-30")),
        ("ordered in May, not June", ("2025-06-01", "2025-06-30")),
        ("ordered in 2024 except May and June", ("2024-06-01", "2024-06-30")),
        ("ordered June 5-10", ("2025-06-05", "2025-06-10")),
        ("ordered from June 5 to 10, 2024", ("2024-06-05", "2024-06-10")),
        ("spent over 5k in FY 24-25", ("2024-04-01", "2025-03-31")),
        ("ordered between 2023 and 2025", ("2023-01-01", "2025-12-31")),
        ("ordered 2023 to 2024", ("2023-01-01", "2024-12-31")),
        ("ordered 2024 to now", ("2024-01-01", "2025-10-20")),
    ],
)
def test_a_bare_year_day_or_month_beside_a_time_is_a_time(
    words: str, days: tuple[str, str], vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret(words, vocabulary, now)
    assert found.not_understood == ()
    said = json.dumps(list(days))
    assert f'"between": {said}' in json.dumps(encode(found.rule) if found.rule else None)


@pytest.mark.parametrize(
    ("words", "of"),
    [
        ("spent over 1000 in 2024 and over 2000 in 2025", "2000.00"),
        ("spending in 50-100k", "50000.00"),
        ("spent between 2000 and 2025", "2000.00"),
        ("spent 2023 to 2025", "2023.00"),
        ("ordered 2000 to 2100", "2000.00"),
        ("average order value between 2010 and 2025", "2010.00"),
        ("loyalty points between 2010 and 2025", "2010"),
        ("ordered June 5 and spent over 10", "10.00"),
        ("spent over 3000 in 2024, and 2024+ points", "3000.00"),
    ],
)
def test_an_amount_that_could_be_a_year_stays_one_where_it_is_compared(
    words: str, of: str, vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret(words, vocabulary, now)
    assert found.rule is not None
    assert of in json.dumps(encode(found.rule))


@pytest.mark.parametrize(
    "words",
    [
        "spent over 5000 in 1999 but not 2000",
        "bought Footwear in 2024 but not 2025 in Pune",
        "ordered in May 2025 but not 2024",
        "ordered in 2024 or 25",
    ],
)
def test_what_may_be_an_amount_as_well_as_a_year_or_of_two_conditions_is_refused(
    words: str, vocabulary: Vocabulary, now: datetime
) -> None:
    assert interpret(words, vocabulary, now).rule is None


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("joined in 2024 but not in May", ["2024-05-01", "2024-05-31"]),
        ("joined in 2024 but not between March and May", ["2024-03-01", "2024-05-31"]),
        ("joined last year but not in December", ["2024-12-01", "2024-12-31"]),
        ("joined in FY25 but not in January", ["2025-01-01", "2025-01-31"]),
    ],
)
def test_a_month_is_of_the_year_that_it_is_taken_out_of(
    words: str, days: list[str], vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret(words, vocabulary, now)
    assert found.rule is not None
    assert not [choice for choice in found.choices if "Which day" in choice.question]
    test = {"not": {"field": "signed_up_at", "op": "between", "value": days}}
    assert json.dumps(test) in json.dumps(encode(found.rule))


@pytest.mark.parametrize("words", ["ordered in 2024 and in May", "ordered in 2024 or in May"])
def test_a_month_that_is_joined_to_a_year_is_of_the_latest_year_or_of_that_one(
    words: str, vocabulary: Vocabulary, now: datetime
) -> None:
    [choice] = interpret(words, vocabulary, now).choices
    assert [option.label[-4:] for option in choice.options] == ["2025", "2024"]


@pytest.mark.parametrize(
    "words", ["ordered in May 2024 but not in June", "joined in 2024 but haven't ordered in May"]
)
def test_a_month_that_need_not_be_of_the_year_said_before_is_a_choice(
    words: str, vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret(words, vocabulary, now)
    [choice] = found.choices
    assert [option.label[-4:] for option in choice.options] == ["2024", "2025"]


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("joined from March to now", ["2025-03-01", "2025-10-20"]),
        ("joined from 1 March to the present", ["2025-03-01", "2025-10-20"]),
        ("joined between 2024 and now", ["2024-01-01", "2025-10-20"]),
        ("joined March-now", ["2025-03-01", "2025-10-20"]),
        ("joined from last month to today", ["2025-09-01", "2025-10-20"]),
        ("joined from October to this month", ["2025-10-01", "2025-10-31"]),
        ("joined between May and November", ["2024-05-01", "2024-11-30"]),
    ],
)
def test_a_stretch_of_days_ends_where_it_is_said_to(
    words: str, days: list[str], vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret(words, vocabulary, now)
    assert found.rule is not None
    rule = {"field": "signed_up_at", "op": "between", "value": days}
    assert encode(found.rule)["rule"] == rule


def test_a_number_behind_a_month_is_a_year_or_a_day(vocabulary: Vocabulary, now: datetime) -> None:
    [choice] = interpret("ordered in May 24", vocabulary, now).choices
    labels = [option.label for option in choice.options]
    assert labels == ["1 May 2024 to 31 May 2024", "24 May 2025"]
    assert interpret("ordered on May 24", vocabulary, now).choices == ()


def test_till_now_may_stand_before_what_it_begins_with(
    vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret("joined till now from March", vocabulary, now)
    assert found.rule is not None
    rule = {"field": "signed_up_at", "op": "after", "value": "2025-02-28"}
    assert encode(found.rule)["rule"] == rule


@pytest.mark.parametrize("words", ["from 3 months ago to now", "since 3 months ago"])
def test_so_long_ago_until_now_is_lately(words: str, vocabulary: Vocabulary, now: datetime) -> None:
    found = interpret(f"ordered {words}", vocabulary, now)
    assert found.rule is not None
    span = {"n": 3, "unit": "month"}
    rule = {"field": "last_order_at", "op": "in_the_last", "value": span}
    assert encode(found.rule)["rule"] == rule


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("not ordered for 3 months but ordered in the 3 months before", ("04-20", "07-20")),
        ("not ordered for 3 months but ordered in the 3 months before that", ("04-20", "07-20")),
        ("not ordered in 2 weeks but ordered in the 7 days before that", ("09-29", "10-06")),
        ("ordered last month but not in the month before", ("08-01", "08-31")),
        ("ordered in the last 7 days but not the 7 days before", ("10-06", "10-13")),
        ("spent 5k in September and twice in the 2 months before that", ("07-01", "08-31")),
    ],
)
def test_a_length_before_that_ends_where_the_time_before_begins(
    words: str, days: tuple[str, str], vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret(words, vocabulary, now)
    assert found.not_understood == ()
    said = json.dumps([f"2025-{day}" for day in days])
    assert f'"between": {said}' in json.dumps(encode(found.rule) if found.rule else None)


@pytest.mark.parametrize(
    "words",
    [
        "not ordered in the last 90 days but ordered in the 3 months before that",
        "ordered in last month but not in the month before",
        "ordered 3 months ago but not in the 3 months before that",
    ],
)
def test_a_length_before_what_has_no_fixed_beginning_is_not_understood(
    words: str, vocabulary: Vocabulary, now: datetime
) -> None:
    assert interpret(words, vocabulary, now).not_understood


def test_what_was_bought_but_not_this_year_may_have_been_bought_at_any_time_before(
    vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret("bought Beauty but nothing from it this year", vocabulary, now)
    where = [{"field": "category", "op": "equals", "value": "Beauty"}]
    some = {"orders": "count", "where": where, "op": "at_least", "value": 1}
    assert found.rule is not None
    assert encode(found.rule)["rule"] == {
        "all": [
            {**some, "ever": True},
            {"not": {**some, "between": ["2025-01-01", "2025-12-31"]}},
        ]
    }
