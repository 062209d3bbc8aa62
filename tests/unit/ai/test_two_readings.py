"""The model's reading beside the grammar's: agreement, doubt, and who is taken."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from engine.ai.measured import Measured
from engine.ai.two_readings import NO_RULE, UNCHECKED, compared
from engine.domain.asking import Choice, Interpretation, Option, Source, Understood
from engine.domain.rule_codec import decode
from engine.errors import NotEvaluatedYet
from tests.unit.ai.model_answers import VOCABULARY

if TYPE_CHECKING:
    from engine.domain.rules import Rule


def rule(city: str) -> Rule:
    return decode({"version": 1, "rule": {"field": "city", "op": "equals", "value": city}})


PUNE, POONA, AGRA, NOWHERE, LOST = map(rule, ("Pune", "Poona", "Agra", "x", "y"))
MEMBERS = {PUNE: (3, b"p"), POONA: (3, b"p"), AGRA: (2, b"a"), NOWHERE: (0, b""), LOST: (0, b"")}


def measure(found: Rule) -> Measured:
    return Measured(*MEMBERS[found])


def grammar(found: Rule | None, **others: Any) -> Interpretation:  # noqa: ANN401
    return Interpretation(words="in Pune", rule=found, **others)


def model(found: Rule | None, **others: Any) -> Interpretation:  # noqa: ANN401
    return grammar(found, source=Source.MODEL, **others)


def both(proposed: Interpretation, read: Interpretation) -> Interpretation:
    return compared(proposed, read, VOCABULARY, measure)


def test_two_rules_with_the_same_members_are_one_reading() -> None:
    choice = Choice("3 months", "Which?", (Option("a", POONA), Option("b", AGRA)))
    found = both(model(PUNE, notes=("m",)), grammar(POONA, choices=(choice,), notes=("g",)))
    assert found.rule == PUNE
    assert found.source is Source.MODEL
    assert found.choices == (choice,)
    assert found.notes == ("g", "m")


def test_two_rules_with_other_members_are_both_shown_with_their_counts_the_models_first() -> None:
    understood = (Understood("in Pune", "city is Pune"),)
    found = both(model(PUNE, understood=understood), grammar(AGRA))
    assert (found.rule, found.source, found.understood) == (PUNE, Source.MODEL, understood)
    [choice] = found.choices
    assert (choice.phrase, choice.taken) == ("in Pune", 0)
    assert found.doubted == ("in Pune",)  # and so does whoever looks at no choices
    assert choice.question.startswith("Two readings")
    assert [one.rule for one in choice.options] == [PUNE, AGRA]
    readings = [one.reading for one in choice.options]
    assert readings == [model(PUNE, understood=understood), grammar(AGRA)]
    assert [one.label for one in choice.options] == [
        "The language model's: 3 customers",
        "The built-in grammar's: 2 customers",
    ]
    assert "differently: they hold 3 and 2 customers" in found.notes[0]


def test_a_model_that_left_words_out_comes_second_to_a_grammar_that_did_not() -> None:
    found = both(model(PUNE, not_understood=("in",)), grammar(AGRA))
    assert (found.rule, found.source) == (AGRA, Source.GRAMMAR)
    [choice] = found.choices
    assert choice.taken == 1
    assert found.not_understood == ("in",)
    reading = choice.options[1].reading
    assert reading is not None
    assert reading.not_understood == ("in",)  # also where that option is taken by hand


def test_the_option_that_the_model_took_is_the_one_taken() -> None:
    other = Choice("x", "Which?", (Option("a", AGRA), Option("b", NOWHERE)))
    choice = Choice("3 months", "Which?", (Option("a", AGRA), Option("b", POONA)))
    found = both(model(PUNE), grammar(AGRA, choices=(other, choice)))
    assert found.rule == PUNE
    assert found.choices == (other, replace(choice, taken=1))


def test_two_rules_that_hold_nobody_are_one_reading_only_where_they_read_the_same() -> None:
    assert both(model(NOWHERE), grammar(NOWHERE)).choices == ()
    [choice] = both(model(NOWHERE), grammar(LOST)).choices
    assert choice.question.startswith("Two readings")


@pytest.mark.parametrize(
    "read", [grammar(None, not_understood=("in Pune",)), grammar(AGRA, not_understood=("in",))]
)
def test_a_reading_that_nothing_checked_says_so(read: Interpretation) -> None:
    found = both(model(PUNE), read)
    assert (found.rule, found.source) == (PUNE, Source.MODEL)
    assert found.warnings == (UNCHECKED,)
    assert found.not_understood == read.not_understood


def test_where_the_model_found_no_rule_the_grammars_is_taken_and_it_is_said() -> None:
    found = both(model(None, notes=("a ranking",)), grammar(AGRA))
    assert (found.rule, found.source) == (AGRA, Source.GRAMMAR)
    assert (found.notes, found.warnings) == (("a ranking",), (NO_RULE,))
    assert found.not_understood == ("in Pune",)
    neither = both(model(None, not_understood=("best",)), grammar(None))
    assert (neither.rule, neither.notes, neither.warnings) == (None, (NO_RULE,), ())
    assert neither.not_understood == ("best",)


def test_a_rule_that_cannot_be_evaluated_any_more_is_no_agreement() -> None:
    def gone(found: Rule) -> Measured:
        raise NotEvaluatedYet(str(found))

    found = compared(model(PUNE), grammar(AGRA), VOCABULARY, gone)
    assert found.choices[0].options[0].label == (
        "The language model's: an unknown number of customers"
    )
