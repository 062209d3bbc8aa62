"""What the page does with an answer to words, whoever gave it: here they are made by the tests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from engine import Crm, decode
from engine.domain.asking import Choice, Interpretation, Option, Source, Understood
from engine.domain.permission import Role
from engine.errors import CrmError, InvalidInput, ModelUnavailable
from pages._ui.rule_answer import Part, parts
from pages._ui.rule_words import ASKED
from pages._ui.segment_draft import DRAFTS, forget
from pages._ui.state import SESSION, Slot
from tests.pages.campaign_shop import stock
from tests.pages.conftest import texts
from tests.pages.rule_edits import edit, spent
from tests.pages.word_steps import (
    HOSTILE,
    MARKUP,
    box,
    buttons,
    choices,
    count,
    over,
    rule,
    say,
    seen,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from engine.domain.rules import Rule
    from tests.pages.conftest import Shell


def all_of(*nodes: Mapping[str, object]) -> Rule:
    return decode({"version": 1, "rule": {"all": list(nodes)}})


class Answers:
    """Answers as tests make them, in place of those of the engine, and what was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.asked: list[tuple[str, Rule | None, dict[str, int]]] = []
        self.answer: Callable[[str, Mapping[str, int]], Interpretation] = lambda words, _: (
            Interpretation(words=words, rule=decode({"version": 1, "rule": over("1000.00")}))
        )

        def ask(
            _: Crm,
            words: str,
            *,
            now: datetime | None = None,
            base: Rule | None = None,
            taken: Mapping[str, int] | None = None,
            editing: str | None = None,
        ) -> Interpretation:
            assert (now, editing) == (None, None)
            self.asked.append((words, base, dict(taken or {})))
            return self.answer(words, taken or {})

        monkeypatch.setattr(Crm, "ask", ask)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    return Answers(monkeypatch)


def test_words_are_marked_where_they_stand_the_longest_phrase_first() -> None:
    found = Interpretation(
        words="Finland: spent over 5000 in all, spent well",
        rule=None,
        understood=(Understood("spent over 5000", "x"), Understood("in", "y")),
        not_understood=("spent", "pent", ""),
    )
    assert parts(found) == (
        Part("Finland: "),
        Part("spent over 5000", understood=True),
        Part(" "),
        Part("in", understood=True),
        Part(" all, "),
        Part("spent", understood=False),
        Part(" well"),
    )


def test_words_become_the_rule_and_what_became_of_them_is_told_as_plain_text(
    shell: Shell, imported: Callable[..., None], answers: Answers
) -> None:
    stock(imported)
    words = f"over 1000 {HOSTILE}"
    rules = [all_of(over("1000.00")), all_of(over("0.00"))]
    answers.answer = lambda words, taken: Interpretation(
        words=words,
        rule=rules[taken.get(HOSTILE, 0)],
        understood=(Understood("over 1000", HOSTILE),),
        not_understood=(HOSTILE,),
        choices=(
            Choice(
                HOSTILE,
                f"{HOSTILE}?",
                tuple(Option(f"{HOSTILE} {n}", one) for n, one in enumerate(rules)),
                taken.get(HOSTILE, 0),
            ),
        ),
        notes=(f"{HOSTILE} was assumed",),
        warnings=(f"{HOSTILE} is confirmed by nothing",),
        source=Source.MODEL,
    )
    app = say(shell("segment_builder.py"), words)
    assert not app.exception
    assert count(app) == "2 of 3"
    assert rule(app) == {"all": [over("1000.00")]}
    assert box(app).value == ""
    said = texts(app).replace("\\", "")
    assert "Nothing has confirmed this rule" in said
    assert "Written by Gemini and checked" not in said
    assert any("is confirmed by nothing" in str(one.value) for one in app.warning)
    assert "Not understood, and not in the rule:" in said
    assert "1 phrase not in the rule" in said
    counts = [one.replace("\\", "").rpartition(" (")[2] for one in choices(app)[0].options]
    assert counts == ["2 customers)", "3 customers)"]
    told = [one for one in seen(app) if "alert" in one]
    assert len(told) == 1 + 1 + 2 + 3 + 1, (
        "the words, a meaning, two warnings, a choice of two, a note"
    )
    for one in told:
        for raw in MARKUP:
            assert raw not in one
    choices(app)[0].set_value(1).run()
    assert not app.exception
    assert answers.asked == [(words, None, {}), (words, None, {HOSTILE: 1})]
    assert count(app) == "3 of 3"
    assert choices(app)[0].value == 1
    answers.answer = lambda words, _: Interpretation(
        words=words, rule=None, not_understood=(words,), notes=(HOSTILE,)
    )
    app = say(app, HOSTILE)
    assert box(app).value == HOSTILE
    told = [one for one in seen(app) if "alert" in one]
    assert len(told) == 1
    for raw in MARKUP:
        assert raw not in told[0]
    app = edit(app, spent("2000.00"))
    app.button(key="dismiss_answer").click().run()
    assert rule(app) == {"all": [over("2000.00")]}, "what was edited since stays"


def test_two_readings_are_a_choice_without_asking_again_and_other_choices_are_asked_as_they_stand(
    shell: Shell, imported: Callable[..., None], answers: Answers
) -> None:
    stock(imported)
    rules = [all_of(over("1000.00")), all_of(over("0.00"))]
    which = tuple(Choice(one, one, (Option("x", rules[1]), Option("y", rules[1]))) for one in "ab")
    theirs = Interpretation(words="w", rule=rules[0], source=Source.MODEL)
    ours = Interpretation(words="w", rule=rules[1], choices=(which[0], replace(which[1], taken=1)))
    readings = (Option("The model's", rules[0], theirs), Option("The grammar's", rules[1], ours))
    answers.answer = lambda _, __: replace(theirs, choices=(Choice("w", "Which?", readings),))
    app = say(shell("segment_builder.py"), "w")
    assert count(app) == "2 of 3"
    assert "Written by Gemini" in texts(app)
    for index, counted, source in (
        (1, "3 of 3", "Read by the built-in grammar"),
        (0, "2 of 3", "Written by Gemini"),
        (1, "3 of 3", "Read by the built-in grammar"),
    ):
        choices(app)[0].set_value(index).run()
        assert not app.exception
        assert count(app) == counted
        assert source in texts(app)
        assert choices(app)[0].value == index
        assert choices(app)[0].options == ["The model's", "The grammar's"]
    assert len(answers.asked) == 1
    assert [one.value for one in choices(app)] == [1, 0, 1]
    choices(app)[1].set_value(1).run()
    assert answers.asked[1:] == [("w", None, {"a": 1, "b": 1})]
    app.button(key="undo_words").click().run()
    assert rule(app) == {"all": []}


def test_what_a_model_left_in_doubt_stays_so_where_an_option_of_the_grammars_is_taken(
    shell: Shell, imported: Callable[..., None], answers: Answers
) -> None:
    stock(imported)
    options = tuple(Option(one, all_of(over(one))) for one in ("1000.00", "0.00"))
    first = Interpretation(
        words="w v",
        rule=options[0].rule,
        not_understood=("v",),
        choices=(Choice("w", "Which?", options),),
        warnings=("look at it",),
        source=Source.MODEL,
    )
    answers.answer = lambda _, taken: (
        Interpretation(words="w v", rule=options[1].rule, choices=first.choices) if taken else first
    )
    app = say(shell("segment_builder.py"), "w v")
    choices(app)[0].set_value(1).run()
    assert answers.asked[-1] == ("w v", None, {"w": 1})
    assert count(app) == "3 of 3"
    told = [str(one.value) for one in app.warning]
    assert any("look at it" in one.lower() for one in told)
    assert any("“v”" in one for one in told)


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (InvalidInput("the description is *too* long"), "The description is \\*too\\* long"),
        (ModelUnavailable("nobody answers"), "Nobody answers\\. Try again in a moment"),
    ],
)
def test_what_stands_in_the_way_of_an_answer_is_said_and_nothing_changes(
    shell: Shell, imported: Callable[..., None], answers: Answers, raised: CrmError, said: str
) -> None:
    stock(imported)
    options = tuple(Option(one, all_of(over("1000.00"))) for one in "ab")
    answers.answer = lambda words, _: Interpretation(
        words=words, rule=options[0].rule, choices=(Choice("f", "Which?", options),)
    )
    app = say(shell("segment_builder.py"), "first")

    def fail(_: str, __: Mapping[str, int]) -> Interpretation:
        raise raised

    answers.answer = fail
    choices(app)[0].set_value(1).run()
    assert said in texts(app)
    assert choices(app)[0].value == 0, "it was not taken"
    app = say(app, "second")
    assert not app.exception
    assert said in texts(app)
    assert rule(app) == {"all": [over("1000.00")]}
    assert box(app).value == "second"
    assert "undo_words" in buttons(app), "the answer before it stays"
    app.run()
    assert said not in texts(app)


def test_an_answer_to_a_draft_that_is_gone_or_has_changed_changes_nothing(
    shell: Shell, imported: Callable[..., None], answers: Answers
) -> None:
    stock(imported)

    def meanwhile(words: str, _: Mapping[str, int]) -> Interpretation:
        forget("")
        return Interpretation(words=words, rule=all_of(over("1000.00")))

    answers.answer = meanwhile
    app = say(shell("segment_builder.py"), "first")
    assert not app.exception
    app.run()
    assert rule(app) == {"all": []}
    assert count(app) == "3 of 3"


@pytest.mark.parametrize("button", ["ask_words", "undo_words", "dismiss_answer"])
def test_a_click_does_nothing_and_finds_nothing_once_the_session_has_ended(
    shell: Shell,
    crm: Crm,
    imported: Callable[..., None],
    answers: Answers,
    button: str,
) -> None:
    stock(imported)
    app = say(shell("segment_builder.py", role=Role.ANALYST), "first")
    assert len(answers.asked) == 1
    crm.access.sign_out(app.session_state[SESSION.key])
    remembered: list[str] = []
    remember = Slot.set

    def noted(slot: Slot[Any], value: Any) -> None:  # noqa: ANN401 - whatever is remembered
        remembered.append(slot.key)
        remember(slot, value)

    answers.monkeypatch.setattr(Slot, "set", noted)
    app.button(key=button).click().run()
    assert [one.value for one in app.title] == ["Sign in"]
    assert not {ASKED.key, DRAFTS.key}.intersection(remembered)
    assert len(answers.asked) == 1
    assert "first" not in str(app.session_state)
