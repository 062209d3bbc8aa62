"""Which words stay in doubt: those that no rule holds, however a model puts that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.ai.doubts import joined, left_out, standing, unread
from engine.ai.grammar.refusals import REASONS
from engine.domain.asking import Interpretation, Understood
from engine.domain.rule_codec import decode
from engine.rules.words import reader
from tests.unit.ai.model_answers import VOCABULARY

WORDS = "women in Pune who keep pigeons"
PUNE = {"field": "city", "op": "equals", "value": "Pune"}
TAGGED = {"field": "tags", "op": "contains_any", "value": ["pigeons"]}


def rule(*nodes: dict[str, Any]) -> Any:  # noqa: ANN401
    return decode({"version": 1, "rule": {"all": list(nodes)}})


_read = reader(VOCABULARY.catalogue, VOCABULARY.workspace)
IS_PUNE = Understood("in Pune", _read(rule(PUNE).root))
KEEPS = _read(rule(TAGGED).root)


def test_a_phrase_is_found_as_it_was_typed() -> None:
    assert standing(" IN pune ", WORDS) == "in Pune"
    assert standing("in Goa", WORDS) is None
    assert standing(" ", WORDS) is None


@pytest.mark.parametrize(
    ("said", "doubted"),
    [
        ([], ()),
        (["keep pigeons"], ("keep pigeons",)),
        (["keeping pigeons"], ("keep pigeons",)),
        (["pigeon-keeping"], ("keep pigeons",)),
        (["the keeping of birds"], ("keep",)),
        (["owning birds"], (WORDS,)),
        (["owning birds", "women"], ("women",)),
        ([" ", ""], ()),
    ],
)
def test_a_doubt_never_gets_lost_for_how_it_is_put(said: list[str], doubted: tuple[str]) -> None:
    assert left_out(said, WORDS) == doubted


def test_a_phrase_within_another_is_told_once() -> None:
    assert joined(("keep pigeons",), ("pigeons", "women", "women")) == ("keep pigeons", "women")


@pytest.mark.parametrize(
    ("nodes", "understood", "doubted"),
    [
        ([PUNE, TAGGED], [Understood("who keep pigeons", KEEPS)], ()),
        ([PUNE, TAGGED], [Understood("keep", KEEPS), Understood("pigeons", KEEPS)], ()),
        ([PUNE, TAGGED], [Understood(WORDS, _read(rule(PUNE, TAGGED).root))], ()),
        ([PUNE, TAGGED], [Understood("keep", KEEPS)], ("keep pigeons",)),
        ([TAGGED], [Understood(WORDS, KEEPS)], ("keep pigeons",)),
        ([PUNE, TAGGED], [], ("keep pigeons",)),
        ([PUNE], [Understood("in Pune who keep pigeons", IS_PUNE.meaning)], ("keep pigeons",)),
        ([PUNE], [Understood(WORDS, IS_PUNE.meaning)], ("keep pigeons",)),
        ([], [Understood(WORDS, "everyone")], ("keep pigeons",)),
    ],
)
def test_a_model_accounts_for_words_that_became_a_condition_of_their_own(
    nodes: list[dict[str, Any]], understood: list[Understood], doubted: tuple[str, ...]
) -> None:
    proposed = Interpretation(words=WORDS, rule=rule(*nodes), understood=tuple(understood))
    read = Interpretation(
        words=WORDS, rule=rule(PUNE), understood=(IS_PUNE,), not_understood=("keep pigeons",)
    )
    assert tuple(unread(proposed, read, VOCABULARY, None)) == doubted


def test_what_was_in_the_rule_before_accounts_for_nothing() -> None:
    proposed = Interpretation(
        words=WORDS, rule=rule(TAGGED), understood=(Understood("keep pigeons", KEEPS),)
    )
    read = Interpretation(words=WORDS, rule=None, not_understood=("keep pigeons",))
    assert tuple(unread(proposed, read, VOCABULARY, rule(TAGGED))) == ("keep pigeons",)
    assert tuple(unread(proposed, read, VOCABULARY, rule(PUNE))) == ()


@pytest.mark.parametrize(("reason", "stays"), [("ranking", True), ("language", False)])
def test_nothing_accounts_for_what_no_rule_can_answer(reason: str, *, stays: bool) -> None:
    proposed = Interpretation(
        words=WORDS, rule=rule(TAGGED), understood=(Understood("who keep pigeons", KEEPS),)
    )
    read = Interpretation(
        words=WORDS, rule=None, not_understood=("keep pigeons",), notes=(REASONS[reason],)
    )
    assert bool(tuple(unread(proposed, read, VOCABULARY, None))) is stays


@pytest.mark.parametrize(("missed", "stays"), [("keep pigeons", True), (WORDS, False)])
def test_all_of_the_words_account_only_for_all_of_them_where_there_is_no_other_rule(
    missed: str, *, stays: bool
) -> None:
    proposed = Interpretation(
        words=WORDS, rule=rule(PUNE), understood=(replace(IS_PUNE, phrase=WORDS),)
    )
    read = Interpretation(words=WORDS, rule=None, not_understood=(missed,))
    assert bool(tuple(unread(proposed, read, VOCABULARY, None))) is stays
