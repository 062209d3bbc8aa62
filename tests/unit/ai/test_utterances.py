"""The utterances that words are measured on: enough, no two equal, each with rules that decode."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from engine.ai.evaluation.utterances import UTTERANCES, read
from engine.domain.asking import MAX_WORDS
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

ALL = read(UTTERANCES)
ANSWERABLE = [one for one in ALL if one.rules]


def test_there_are_five_levels_and_what_cannot_be_answered() -> None:
    groups = Counter(one.group for one in ALL)
    assert set(groups) == {*(f"level_{n}" for n in range(1, 6)), "unanswerable"}
    assert min(groups[f"level_{n}"] for n in range(1, 6)) >= 50
    assert len(ANSWERABLE) >= 250
    assert groups["unanswerable"] >= 40
    assert all((one.group == "unanswerable") is not bool(one.rules) for one in ALL)
    assert all(bool(one.refused) is not bool(one.rules) for one in ALL)


def test_no_two_utterances_are_equal() -> None:
    typed = Counter(" ".join(one.words.casefold().split()) for one in ALL)
    assert [words for words, times in typed.items() if times > 1] == []
    assert all(0 < len(one.words) <= MAX_WORDS for one in ALL)


def test_few_rules_of_a_level_are_the_same() -> None:
    for level in range(1, 6):
        rules = [one.rules[0] for one in ANSWERABLE if one.group == f"level_{level}"]
        assert len(set(map(repr, rules))) >= 0.8 * len(rules)


def test_few_utterances_have_a_second_reading_and_each_says_why() -> None:
    lines = [
        json.loads(line)
        for file in sorted(UTTERANCES.glob("level_*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    twofold = [one for one in lines if "also" in one]
    assert 0 < len(twofold) <= 0.08 * len(lines)
    assert all(one.get("why") for one in twofold)


@pytest.mark.parametrize(
    "line",
    [
        "{",
        '{"rule": {"all": []}}',
        '{"words": "everyone"}',
        '{"words": "everyone", "rule": {"every": []}}',
        '["everyone"]',
    ],
)
def test_a_line_that_is_no_utterance_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text('{"words": "hello", "refused": "chit-chat"}\n\n' + line)
    with pytest.raises(InvalidInput, match=r"mine\.jsonl, line 3"):
        read(file)


def test_a_folder_without_utterances_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="holds no utterances"):
        read(tmp_path)
    with pytest.raises(InvalidInput, match="cannot be read"):
        read(tmp_path / "gone.jsonl")
