"""Words above a rule, as the built-in grammar reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine import encode
from engine.domain.asking import MAX_WORDS
from engine.domain.permission import Role
from pages._ui.rule_answer import Asked
from pages._ui.rule_document import bare
from pages._ui.rule_words import ASKED
from tests.pages.campaign_shop import spenders, stock
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
    from collections.abc import Callable
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from engine import Crm
    from tests.pages.conftest import Shell

JAZZ = "Customers who like jazz and spent over 1000"
IN_PUNE = {"field": "city", "op": "equals", "value": "Pune"}


def lapsed(n: int, unit: str) -> dict[str, object]:
    return {"field": "last_order_at", "op": "not_in_the_last", "value": {"n": n, "unit": unit}}


@pytest.fixture
def shop(crm: Crm, tmp_path: Path) -> None:
    """Customers c0 to c5, who spent a thousand times their number; the odd ones live in Pune."""
    file = tmp_path / "orders.csv"
    lines = [
        f"o{n},c{n},2026-01-0{n + 1},1,{n * 1000 + 1}.00,S1,Shoes,{('Delhi', 'Pune')[n % 2]}"
        for n in range(6)
    ]
    header = "order_id,customer_id,ordered_at,quantity,unit_price,sku,category,city"
    file.write_text("\n".join([header, *lines]) + "\n")
    result = crm.run_import(file, crm.guess_mapping(crm.inspect_file(file)))
    assert not result.rejected


@pytest.mark.usefixtures("shop")
def test_the_words_of_the_issue_become_the_rule_of_an_expert_and_its_choices_add_up(
    shell: Shell,
) -> None:
    app = shell("segment_builder.py")
    app = say(app, "People who haven't ordered in 3 months and spent over ₹2000")
    assert not app.exception
    assert rule(app) == {"all": [lapsed(3, "month"), over("2000.00")]}
    assert count(app) == "4 of 6"
    assert "Read by the built-in grammar" in texts(app)
    meanings = [str(cell) for cell in app.table[0].value["In the rule"]]
    assert meanings == [
        "last order is not in the last 3 months",
        "total spend is greater than ₹2,000\\.00",
    ]
    months, _ = choices(app)
    assert "3 months" in str(months.label)
    assert months.options[1].startswith("90 days")
    months.set_value(1).run()
    assert rule(app) == {"all": [lapsed(90, "day"), over("2000.00")]}
    choices(app)[1].set_value(1).run()
    assert not app.exception
    both = rule(app)
    assert "'unit': 'day'" in str(both), "the first choice holds"
    assert both != {"all": [lapsed(90, "day"), over("2000.00")]}
    assert [one.value for one in choices(app)] == [1, 1]
    app = say(app, "but not those who ordered in the last month")
    choices(app)[0].set_value(1).run()
    changed = rule(app)
    assert {"n": 30, "unit": "day"} in [
        one["not"]["value"] for one in changed["all"] if "not" in one
    ]
    assert over("2000.00") in changed["all"], "the rule that they change is there"
    app.button(key="undo_words").click().run()
    assert rule(app) == both
    app.button(key="undo_words").click().run()
    assert rule(app) == {"all": []}


@pytest.mark.usefixtures("shop")
def test_the_examples_are_of_what_the_data_holds_and_each_is_understood(shell: Shell) -> None:
    app = shell("segment_builder.py")
    phrases = [str(one.label).replace("\\", "") for one in app.button if "example_" in str(one.key)]
    assert phrases == [
        "Customers in Delhi who spent over ₹5,000",
        "Bought Shoes in the last 6 months",
        "Have not ordered in 3 months",
    ]
    app.button(key="example_0").click().run()
    assert box(app).value == phrases[0]
    for phrase in phrases:
        app = say(app, phrase)
        assert not app.exception
        assert "not in the rule" not in texts(app)
        assert "undo_words" in buttons(app)
        app.button(key="undo_words").click().run()
        assert box(app).value == phrase
    for change in ("only those in Delhi", "only those who ordered at least twice"):
        app = say(edit(app, spent("0.00")), change)
        assert "not in the rule" not in texts(app)
    assert "ordered at least twice" in texts(app)


@pytest.mark.usefixtures("shop")
def test_words_change_the_rule_that_there_is_or_begin_anew_and_can_be_undone(shell: Shell) -> None:
    app = say(shell("segment_builder.py"), JAZZ)
    assert rule(app) == {"all": [over("1000.00")]}
    assert "1 phrase not in the rule" in texts(app)
    app = say(app, "only those in Pune who sing")
    assert not app.exception
    assert rule(app) == {"all": [over("1000.00"), IN_PUNE]}
    assert count(app) == "3 of 6"
    assert "2 phrases not in the rule" in texts(app), "what was missing before still is"
    assert "“like jazz”, “sing”" in texts(app)
    app.button(key="undo_words").click().run()
    assert not app.exception
    assert rule(app) == {"all": [over("1000.00")]}
    assert box(app).value == "only those in Pune who sing"
    assert "1 phrase not in the rule" in texts(app), "the answer that stood there is back"
    app.radio[0].set_value("Start anew").run()
    app = say(app, "Customers in Delhi")
    assert rule(app) == {"all": [{**IN_PUNE, "value": "Delhi"}]}
    assert "phrase not in the rule" not in texts(app)
    assert app.radio[0].value == "Change this rule"
    app.button(key="undo_words").click().run()
    app.button(key="undo_words").click().run()
    assert rule(app) == {"all": []}
    assert "Unsaved changes" not in texts(app)
    assert "undo_words" not in buttons(app)


@pytest.mark.usefixtures("shop")
def test_a_rule_that_was_edited_by_hand_is_not_replaced_by_a_choice(shell: Shell) -> None:
    app = say(
        shell("segment_builder.py"), "Customers who like jazz and haven't ordered in 3 months"
    )
    assert rule(app) == {"all": [lapsed(3, "month")]}
    choice = choices(app)[0]
    assert not choice.disabled
    assert "undo_words" in buttons(app)
    choice.set_value(1)  # clicks that are on their way when the edit comes
    app.button(key="undo_words").click()
    app = edit(app, spent("2000.00"))
    assert rule(app) == {"all": [over("2000.00")]}
    choice = choices(app)[0]
    assert choice.disabled
    assert choice.value == 0
    assert "customer" not in " ".join(choice.options)
    assert "You have edited the rule since" in texts(app)
    assert "undo_words" not in buttons(app)
    assert "1 phrase not in the rule" not in texts(app)
    app = edit(app, lapsed(3, "month"))
    assert not choices(app)[0].disabled, "it is the rule of the words again"
    assert "1 phrase not in the rule" in texts(app)


@pytest.mark.usefixtures("shop")
def test_words_that_no_rule_can_answer_change_nothing_and_the_page_says_why(shell: Shell) -> None:
    app = say(shell("segment_builder.py"), "send them all an e-mail")
    assert not app.exception
    assert "These words made no rule" in texts(app)
    assert "nothing is sent" in texts(app)
    assert not app.error
    assert rule(app) == {"all": []}
    assert box(app).value == "send them all an e-mail"
    app.button(key="example_2").click().run()
    assert box(app).value == "Have not ordered in 3 months"
    app = say(app, f"customers {HOSTILE}")
    told = [one for one in seen(app) if "alert" in one]
    assert told
    assert not [one for one in told for raw in MARKUP if raw in one]


@pytest.mark.usefixtures("shop")
def test_a_rule_that_is_not_finished_is_not_changed_by_words(shell: Shell) -> None:
    app = shell("segment_builder.py")
    blank = {"field": "", "op": "", "id": "b"}
    wrong = {"field": "total_spend", "op": "near", "value": "1", "id": "b"}
    for node, incomplete in ((blank, ["b"]), (wrong, [])):
        app = edit(app, spent("2000.00"), node, incomplete=incomplete)
        before = rule(app)
        app = say(app, "only those in Pune")
        assert not app.exception
        assert "Words change a rule that is finished" in texts(app)
        assert rule(app) == before
    app = edit(app, spent("2000.00"), blank, incomplete=["b"])
    app.radio[0].set_value("Start anew").run()
    app = say(app, "Customers in Pune")
    assert rule(app) == {"all": [IN_PUNE]}
    app.button(key="undo_words").click().run()
    assert "Without 1 unfinished condition" in texts(app)


def test_no_words_are_said_to_be_none_and_no_more_are_taken_than_are_read(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = say(shell("segment_builder.py"), "  ")
    assert "Say whom you look for" in texts(app)
    assert box(app).max_chars == MAX_WORDS
    app = say(app, "x" * (MAX_WORDS + 1))
    assert "x" * MAX_WORDS in texts(app)
    assert "x" * (MAX_WORDS + 1) not in texts(app), "the box takes no more"
    assert rule(app) == {"all": []}


def test_an_answer_goes_with_its_draft_and_stays_beside_what_was_saved_until_it_is_put_away(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    other = spenders(crm, "Other")

    def opened(segment_id: str) -> AppTest:
        app.query_params["segment"] = segment_id
        return app.run()

    app = say(shell("segment_builder.py"), JAZZ)
    app.text_input(key="segment_name").set_value("Jazz").run()
    app.button(key="discard_changes").click().run()
    assert "jazz" not in texts(app)
    app = say(app, JAZZ)
    assert "jazz" not in texts(opened(other.segment_id))
    assert "1 phrase not in the rule" in texts(opened("")), "not saved: nothing of it is lost"
    app.text_input(key="segment_name").set_value("Jazz").run()
    app.button(key="save_segment").click().run()
    assert not app.exception
    (saved,) = (one for one in crm.segments() if one.name == "Jazz")
    assert bare(encode(saved.rule)) == {"all": [over("1000.00")]}
    assert "1 phrase not in the rule" in texts(app)
    assert "Version 1, saved" in texts(app)
    assert "jazz" not in texts(opened(other.segment_id))
    assert "jazz" not in texts(opened(saved.segment_id)), "it is saved, and was left"
    app.radio[0].set_value("Start anew").run()
    app = say(app, JAZZ.replace("1000", "2000"))
    for _ in range(2):
        app = say(app, "send them all an e-mail")
    assert "made no rule" in texts(app)
    assert "1 phrase not in the rule" in texts(app), "nothing was changed"
    app.button(key="dismiss_answer").click().run()
    assert "1 phrase not in the rule" in texts(app)
    assert "Not understood, and not in the rule" in texts(app), "the answer before stands again"
    app.button(key="dismiss_answer").click().run()
    assert "not in the rule" not in texts(app)
    assert rule(app, saved.segment_id) == {"all": [over("2000.00")]}


def test_words_of_one_draft_are_not_read_for_another(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = shell("segment_builder.py")
    app.session_state[ASKED.key] = Asked(draft_id="another", words=JAZZ, edits=False)
    app.run()
    assert rule(app) == {"all": []}


def test_who_may_not_see_people_is_offered_no_words(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = shell("segment_builder.py", role=Role.VIEWER)
    assert not app.text_input
    assert "ask_words" not in buttons(app)
    assert "ask_words" in buttons(shell("segment_builder.py", role=Role.ANALYST))
