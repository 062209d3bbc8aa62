"""Equal members are equal meaning, and a wrong rule without a word of doubt is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ai.evaluation.scoring import Verdict, figures, judge
from engine.ai.evaluation.utterances import Utterance
from engine.domain.asking import Choice, Interpretation
from engine.domain.rules import All, Any, FieldCondition, Rule
from engine.errors import RuleError

if TYPE_CHECKING:
    from collections.abc import Sequence

PUNE = Rule(FieldCondition("city", "equals", "Pune"))
PUNE_LISTED = Rule(FieldCondition("city", "in", ("Pune",)))
MUMBAI = Rule(FieldCondition("city", "equals", "Mumbai"))
MEANINGLESS = Rule(FieldCondition("town", "equals", "Pune"))
MEMBERS = {PUNE: b"\1\0\0", PUNE_LISTED: b"\1\0\0", MUMBAI: b"\0\1\0", Rule(All()): b"\1\1\1"}


def members(rule: Rule) -> bytes:
    if rule not in MEMBERS:
        raise RuleError(["rule.field: unknown"])
    return MEMBERS[rule]


def utterance(*rules: Rule, group: str = "level_1") -> Utterance:
    return Utterance(group=group, words="words", rules=rules, refused="" if rules else "vague")


def verdict(asked: Utterance, rule: Rule | None, *unread: str, choice: bool = False) -> Verdict:
    choices = (Choice("5/3", "which day?", ()),) if choice else ()
    answer = Interpretation(words="words", rule=rule, not_understood=unread, choices=choices)
    (found,) = judge([asked], lambda _: answer, members)
    return found


def wrong_and_silent(found: Verdict) -> tuple[bool, bool]:
    return not found.right, found.silently_wrong


def test_another_rule_that_holds_the_same_customers_is_right() -> None:
    assert wrong_and_silent(verdict(utterance(PUNE), PUNE_LISTED)) == (False, False)


def test_as_many_other_customers_are_silently_wrong() -> None:
    assert wrong_and_silent(verdict(utterance(PUNE), MUMBAI)) == (True, True)


def test_a_second_accepted_reading_is_right() -> None:
    assert verdict(utterance(PUNE, MUMBAI), MUMBAI).right


def test_a_wrong_rule_that_names_what_it_did_not_read_is_wrong_aloud() -> None:
    assert wrong_and_silent(verdict(utterance(PUNE), MUMBAI, "pnue")) == (True, False)


def test_no_rule_for_words_that_have_one_is_wrong_aloud() -> None:
    assert wrong_and_silent(verdict(utterance(PUNE), None)) == (True, False)


def test_a_rule_that_means_nothing_is_wrong() -> None:
    assert wrong_and_silent(verdict(utterance(PUNE), MEANINGLESS)) == (True, True)


def test_what_cannot_be_answered_is_refused_by_no_rule_or_by_words_not_understood() -> None:
    assert verdict(utterance(), None).right
    assert verdict(utterance(), PUNE, "big spenders").right
    assert wrong_and_silent(verdict(utterance(), PUNE)) == (True, True)


def test_figures_are_shares_by_group_of_all_and_without_choices() -> None:
    verdicts: Sequence[Verdict] = [
        verdict(utterance(PUNE), PUNE),
        verdict(utterance(PUNE), MUMBAI),
        verdict(utterance(PUNE, group="level_2"), MUMBAI, choice=True),
        verdict(utterance(group="unanswerable"), None),
        verdict(utterance(group="unanswerable"), PUNE),
    ]
    assert figures(verdicts) == {
        "level_1": 0.5,
        "level_2": 0.0,
        "refused_rightly": 0.5,
        "silently_wrong": 0.6,
        "silently_wrong_without_choice": 0.4,
        "utterances": 5,
        "source": "grammar",
    }


def test_no_one_and_everyone_are_told_apart() -> None:
    nobody = Rule(Any())
    held = {**MEMBERS, nobody: b"\0\0\0"}
    answer = Interpretation(words="words", rule=nobody)
    (found,) = judge([utterance(Rule(All()))], lambda _: answer, held.__getitem__)
    assert found.silently_wrong
