from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.ai.grammar.interpret import interpret
from engine.domain.rule_codec import encode

if TYPE_CHECKING:
    from datetime import datetime

    from engine.ai.vocabulary import Vocabulary

FIXTURE = Path(__file__).with_name("times.txt")


def cases() -> list[tuple[str, str]]:
    blocks = FIXTURE.read_text(encoding="utf-8").strip().split("\n\n")
    lines = [block.splitlines() for block in blocks if not block.startswith("#")]
    return [(words, test) for words, test in lines]


@pytest.mark.parametrize(("words", "test"), [pytest.param(*case, id=case[0]) for case in cases()])
def test_a_time_is_read_as_it_is_said(
    words: str, test: str, vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret(f"joined {words}", vocabulary, now)
    assert found.rule is not None
    assert found.not_understood == ()
    assert encode(found.rule)["rule"] == {"field": "signed_up_at", **json.loads(test)}


def test_a_year_that_was_assumed_is_said(vocabulary: Vocabulary, now: datetime) -> None:
    notes = interpret("joined in November", vocabulary, now).notes
    assert notes == ("November without a year was taken as the latest: 2024.",)


def test_the_financial_year_is_said_to_begin_in_april(
    vocabulary: Vocabulary, now: datetime
) -> None:
    [note] = interpret("joined in FY 2024-25", vocabulary, now).notes
    assert "1 April to 31 March" in note


@pytest.mark.parametrize("words", ["joined on 31 February 2025", "joined on 45/45/2025"])
def test_a_day_that_no_calendar_has_is_not_understood(
    words: str, vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret(words, vocabulary, now)
    assert not found.certain
