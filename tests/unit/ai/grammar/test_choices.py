from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.ai.grammar.choosing import MOST_CHOICES
from engine.ai.grammar.interpret import interpret
from engine.rules.words import words as say

if TYPE_CHECKING:
    from datetime import datetime

    from engine.ai.vocabulary import Vocabulary

SEVERAL = "haven't ordered in 3 months and ordered 3 times in 2024"


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        ("joined in the last 3 months", ("3 calendar months", "90 days")),
        ("ordered 3 times", ("exactly", "at least")),
        ("spent 5000", ("at least", "exactly")),
        ("joined on 5/3/2025", ("5 March 2025", "3 May 2025")),
        (
            "haven't ordered in 90 days",
            ("also those who never ordered", "only those who ordered before"),
        ),
        (
            "in Pune and vip or gold tier",
            (
                "“and” first: (in Pune and vip) or gold tier",
                "“or” first: in Pune and (vip or gold tier)",
            ),
        ),
    ],
)
def test_what_can_be_taken_two_ways_is_a_choice(
    words: str, labels: tuple[str, ...], vocabulary: Vocabulary, now: datetime
) -> None:
    [choice] = interpret(words, vocabulary, now).choices
    assert tuple(one.label for one in choice.options) == labels
    assert choice.taken == 0


def test_alternatives_that_say_the_same_of_themselves_are_no_choice(
    vocabulary: Vocabulary, now: datetime
) -> None:
    assert interpret("gold in Pune or silver in Mumbai", vocabulary, now).choices == ()
    assert len(interpret("gold in Pune or with no phone", vocabulary, now).choices) == 1


def test_how_conditions_hang_together_is_a_doubt_and_what_one_of_them_says_is_none(
    vocabulary: Vocabulary, now: datetime
) -> None:
    joined = interpret("in Pune and vip or gold tier", vocabulary, now)
    assert (joined.doubted, joined.not_understood) == (("in Pune and vip or gold tier",), ())
    assert interpret("joined in the last 3 months", vocabulary, now).doubted == ()
    assert interpret("in Pune and qwer", vocabulary, now).doubted == ("qwer",)


def test_an_option_is_the_whole_rule_that_asking_again_gives(
    vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret(SEVERAL, vocabulary, now)
    assert len(found.choices) == 3
    for choice in found.choices:
        for index, option in enumerate(choice.options):
            again = interpret(SEVERAL, vocabulary, now, taken={choice.phrase: index})
            assert again.rule == option.rule
            assert next(one.taken for one in again.choices if one.phrase == choice.phrase) == index


def test_choices_compose(vocabulary: Vocabulary, now: datetime) -> None:
    taken = {one.phrase: 1 for one in interpret(SEVERAL, vocabulary, now).choices}
    found = interpret(SEVERAL, vocabulary, now, taken=taken)
    assert found.rule is not None
    assert say(found.rule, vocabulary.catalogue, vocabulary.workspace) == (
        "number of orders is greater than or equal to 1 and last order is not in the last 90 days"
        " and number of orders between 1 January 2024 and 31 December 2024 is at least 3"
    )


def test_an_index_that_is_no_option_counts_for_nothing(
    vocabulary: Vocabulary, now: datetime
) -> None:
    first = interpret("spent 5000", vocabulary, now)
    assert interpret("spent 5000", vocabulary, now, taken={"5000": 7}).rule == first.rule


def test_more_than_a_few_choices_are_notes(vocabulary: Vocabulary, now: datetime) -> None:
    words = ", ".join(f"spent {n}000 in {month}" for n, month in enumerate(MONTHS, 1))
    found = interpret(words, vocabulary, now)
    assert len(found.choices) == MOST_CHOICES
    assert any("was taken as: at least" in note for note in found.notes)


MONTHS = ("Jan 2025", "Feb 2025", "March 2025", "April 2025", "May 2025", "June 2025")
