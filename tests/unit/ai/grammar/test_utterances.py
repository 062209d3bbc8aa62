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

FIXTURE = Path(__file__).with_name("utterances.txt")
"""Two lines a case: the words; the rule, and behind ``--`` what of the words it does not hold."""


def cases() -> list[tuple[str, str, tuple[str, ...]]]:
    blocks = FIXTURE.read_text(encoding="utf-8").split("\n\n")
    found = []
    for block in blocks:
        lines = [line for line in block.splitlines() if not line.startswith("# ")]
        if lines:
            words, answer = lines
            rule, _, unread = answer.partition(" -- ")
            found.append((words, rule, tuple(unread.split(" | ")) if unread else ()))
    return found


@pytest.mark.parametrize(
    ("words", "rule", "unread"), [pytest.param(*case, id=case[0]) for case in cases()]
)
def test_words_become_the_rule_an_expert_would_build(
    words: str, rule: str, unread: tuple[str, ...], vocabulary: Vocabulary, now: datetime
) -> None:
    found = interpret(words, vocabulary, now)
    assert (encode(found.rule)["rule"] if found.rule else None) == (
        None if rule == "no rule" else json.loads(rule)
    )
    assert found.not_understood == unread
