from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.ai.grammar.editing import mapped, without
from engine.ai.grammar.interpret import interpret
from engine.domain.rule_codec import decode
from engine.rules.words import words as say

if TYPE_CHECKING:
    from datetime import datetime

    from engine.ai.vocabulary import Vocabulary
    from engine.domain.rules import Rule

FIXTURE = Path(__file__).with_name("edits.txt")
BASE = "women in Pune or Delhi who haven't ordered in 90 days and spent over 5000"


def cases() -> list[tuple[str, str]]:
    blocks = FIXTURE.read_text(encoding="utf-8").strip().split("\n\n")
    lines = [block.splitlines() for block in blocks if not block.startswith("#")]
    return [(words, reading) for words, reading in lines]


@pytest.fixture(scope="module")
def base(vocabulary: Vocabulary, now: datetime) -> Rule:
    rule = interpret(BASE, vocabulary, now).rule
    assert rule is not None
    return rule


@pytest.mark.parametrize(
    ("words", "reading"), [pytest.param(*case, id=case[0]) for case in cases()]
)
def test_words_change_the_rule_that_is_there(
    words: str, reading: str, base: Rule, vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret(words, vocabulary, now, base=base)
    given = say(found.rule, vocabulary.catalogue, vocabulary.workspace) if found.rule else "no rule"
    assert given == reading


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("vip customers", "further conditions"),
        ("or those in Chennai", "as “or”"),
        ("start over: vip customers", "begun anew"),
        ("remove the age condition", "no such condition"),
        ("change 7 days to 9 days", "no such value"),
    ],
)
def test_what_was_done_with_the_rule_is_said(
    words: str, told: str, base: Rule, vocabulary: Vocabulary, now: datetime
) -> None:
    notes = interpret(words, vocabulary, now, base=base).notes
    assert any(told in note for note in notes)


def test_choices_of_an_edit_are_whole_rules_that_hold_the_base(
    base: Rule, vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret("and joined in the last 3 months", vocabulary, now, base=base)
    [choice] = found.choices
    readings = [say(one.rule, vocabulary.catalogue, vocabulary.workspace) for one in choice.options]
    assert all(reading.startswith('gender is "female"') for reading in readings)
    assert [reading.rpartition(" and ")[2] for reading in readings] == [
        "sign-up is in the last 3 months",
        "sign-up is in the last 90 days",
    ]


def test_nobody_locked_is_changed(vocabulary: Vocabulary, now: datetime) -> None:
    city = {"field": "city", "op": "equals", "value": "Pune", "locked": True}
    base = decode({"version": 1, "rule": {"all": [city]}})
    assert interpret("remove the city condition", vocabulary, now, base=base).rule is None
    assert interpret("Mumbai instead of Pune", vocabulary, now, base=base).rule is None


def test_a_value_that_stands_twice_is_not_guessed(vocabulary: Vocabulary, now: datetime) -> None:
    words = "ordered in the last 90 days and joined in the last 30 days"
    base = interpret(words, vocabulary, now).rule
    found = interpret("make it 60 days", vocabulary, now, base=base)
    assert found.rule is None
    assert any("several such values" in note for note in found.notes)
    assert json.dumps(found.not_understood) == '["make it 60 days"]'


def test_what_is_locked_stays_whatever_is_changed_around_it() -> None:
    locked: dict[str, object] = {"segment": "a", "locked": True}
    rule: dict[str, object] = {"all": [locked, {"segment": "b"}]}
    assert mapped(rule, lambda leaf: {**leaf, "segment": "c"}) == {
        "all": [locked, {"segment": "c"}]
    }
    assert without(rule, lambda _: True) == {"all": [locked]}
