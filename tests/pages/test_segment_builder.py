from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from engine import decode, encode
from pages._ui.rule_document import walk
from tests.pages.campaign_shop import spenders, stock
from tests.pages.conftest import texts
from tests.pages.rule_edits import drafts, edit, open_tab, paste, spent

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from engine import Crm
    from tests.pages.conftest import Shell


def value(app: AppTest, segment_id: str) -> object:
    """Return the value of the first condition of a rule that is being edited."""
    _, (_, first) = zip(*walk(drafts(app)[segment_id].document), strict=True)
    return first["value"]


def count(app: AppTest) -> str:
    _, counted = app.subheader  # the first one begins the rule
    return str(counted.value).replace("\\", "")


def test_a_new_segment_counts_everyone(shell: Shell, imported: Callable[..., None]) -> None:
    stock(imported)
    app = shell("segment_builder.py")
    assert not app.exception
    assert count(app) == "3 of 3 customers (100.0%)"
    assert "Data as of" in texts(app).replace("\\", "")
    assert "Unsaved changes" not in texts(app)


def test_the_count_follows_every_edit_and_leaves_out_what_is_unfinished(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = edit(shell("segment_builder.py"), spent("1000.00"))
    assert not app.exception
    assert count(app) == "2 of 3 customers (66.7%)"
    blank = {"field": "", "op": "", "id": "b"}
    off = {**blank, "id": "o", "enabled": False}
    app = edit(app, spent("2000.00"), blank, off, incomplete=["b", "o"])
    assert not app.exception
    assert count(app) == "1 of 3 customers (33.3%)"
    assert "Without 1 unfinished condition" in texts(app)


def test_an_edit_of_an_older_revision_came_too_late(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = shell("segment_builder.py")
    old = drafts(app)[""].revision
    app = paste(app, json.dumps({"version": 1, "rule": {"all": [spent("2000.00")]}}))
    assert drafts(app)[""].revision > old
    app = edit(app, spent("0.00"), revision=old)
    assert count(app) == "1 of 3 customers (33.3%)"


def test_ids_that_the_editor_fills_in_change_nothing_but_locks_and_switches_do(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    segment = spenders(crm)
    app = shell("segment_builder.py", segment=segment.segment_id)
    own = drafts(app)[segment.segment_id].document["rule"]
    assert own == {
        "all": [{**spent("1000.00"), "id": "n2"}],
        "id": "n1",
    }
    app = edit(app, spent("1000.00", "other"), segment_id=segment.segment_id)
    assert "Unsaved changes" not in texts(app)
    app = edit(app, spent("1000.00", locked=True), segment_id=segment.segment_id)
    assert "Unsaved changes" in texts(app)
    app.button(key="save_segment").click().run()
    assert encode(crm.segment(segment.segment_id).rule)["rule"] == {
        "all": [{**spent("1000.00"), "locked": True}],
        "id": "r",
    }
    app = edit(app, spent("1000.00", locked=True, enabled=False), segment_id=segment.segment_id)
    assert "Unsaved changes" in texts(app)
    assert count(app) == "3 of 3 customers (100.0%)"


def test_words_are_indented_by_their_depth(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    tests = [{"field": field, "op": "is_set"} for field in ("email", "phone")]
    rule = decode({"version": 1, "rule": {"any": tests}})
    segment = crm.save_segment(name="Reachable", description="", rule=rule)
    app = open_tab(shell("segment_builder.py", segment=segment.segment_id), "In words")
    assert "any of these:\n\u2003e-mail is set\n\u2003phone is set" in [
        one.value for one in app.text
    ]


def test_discarding_the_changes_to_a_segment_that_is_gone_says_so(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    segment = spenders(crm)
    app = shell("segment_builder.py", segment=segment.segment_id)
    app.text_input(key="segment_name").set_value("Mine").run()
    crm.delete_segment(segment.segment_id, version=1)
    app.button(key="discard_changes").click().run()
    assert not app.exception
    assert "it may have been deleted" in texts(app)
    assert not app.text_input


def test_saving_without_a_change_makes_no_version(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    segment = spenders(crm)
    app = shell("segment_builder.py", segment=segment.segment_id)
    app.button(key="save_segment").click().run()
    assert not app.exception
    assert crm.segment(segment.segment_id).version == 1


def test_the_first_members_are_shown(shell: Shell, imported: Callable[..., None]) -> None:
    stock(imported, 12)
    app = shell("segment_builder.py")
    assert app.dataframe[0].value["customer_id"].to_list() == [
        "c0", "c1", "c10", "c11", "c2", "c3", "c4", "c5", "c6", "c7",
    ]  # fmt: skip
    assert "The first 10 of 12 members" in texts(app)


def test_what_each_condition_costs_is_told_the_weightiest_first(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = edit(shell("segment_builder.py"), spent("0.00"), spent("2000.00", "b"))
    app = open_tab(app, "What each condition costs")
    assert not app.exception
    said = texts(app).replace("\\", "")
    assert "Without this condition 2 more people, ₹1,002 of spend." in said
    assert "Without this condition nothing changes." in said
    frame = app.dataframe[0].value
    assert frame["words"].to_list()[0] == "total spend is greater than ₹2,000.00"
    assert frame["more"].to_list() == [2, 0]
    assert frame["fewer"].to_list() == [0, 0]


def test_a_customer_is_told_which_conditions_they_meet(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    either = {"id": "g", "any": [spent("2000.00", "b"), spent("500.00", "c")]}
    app = edit(shell("segment_builder.py"), spent("1000.00"), either)
    app = open_tab(app, "Why a customer")
    app.text_input(key="why_customer").set_value(" c1 ").run()
    assert not app.exception
    said = texts(app).replace("\\", "")
    assert "**c1 is in this segment**" in said
    assert ":red[:material/close: No] · total spend is greater than ₹2,000.00" in said
    assert "\n  - :green[:material/check: Yes] · total spend is greater than ₹500.00" in said
    app.text_input(key="why_customer").set_value("c0").run()
    assert "**c0 is not in this segment**" in texts(app).replace("\\", "")
    app.text_input(key="why_customer").set_value("*nobody*").run()
    assert "There is no customer '\\*nobody\\*'" in app.warning[0].value


def test_the_rule_is_shown_as_the_queries_that_evaluate_it(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    late = {"field": "last_order_at", "op": "in_the_last", "value": {"n": 30, "unit": "day"}}
    app = edit(shell("segment_builder.py"), {**late, "id": "l"}, spent("1000.00"))
    app = open_tab(app, "SQL")
    assert not app.exception
    codes = [str(one.value) for one in app.code]
    assert '"total_spend" > ?' in codes[2]
    assert codes[3] == "100000"
    assert codes[1].count("Z") == 2
    app = open_tab(app, "MongoDB")
    assert not app.exception
    (code,) = [json.loads(one.value) for one in app.code]
    assert isinstance(code, list)
    assert "$date" in str(code)


def test_the_steps_of_the_rule_are_told_in_words_and_as_a_table(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = shell("segment_builder.py")
    app.session_state["waterfall_table"] = True
    app = edit(app, spent("0.00"), spent("2000.00", "b"))
    assert not app.exception
    assert "**How the rule narrows**" in texts(app)
    (chart,) = app.get("vega_lite_chart")
    assert chart.proto.alt == (
        "Bar chart of 3 customers, step by step: 3 after total spend is greater than ₹0.00; "
        "1 after total spend is greater than ₹2,000.00"
    )
    frame = app.dataframe[0].value
    assert frame["words"].to_list()[0] == "Everyone"
    assert frame["remaining"].to_list() == [3, 3, 1]
    assert frame["change"].to_list() == [0, 0, -2]
    assert frame["alone"].to_list() == [3, 3, 1]
    either = {"id": "g", "any": [spent("2000.00"), spent("0.00", "b")]}
    app = paste(app, json.dumps({"version": 1, "rule": either}))
    assert "**How the rule grows**" in texts(app)
    assert app.dataframe[0].value["remaining"].to_list() == [1, 3]


def test_only_the_open_tab_is_worked_out(shell: Shell, imported: Callable[..., None]) -> None:
    stock(imported)
    app = edit(shell("segment_builder.py"), spent("1000.00"))
    assert [one.label for one in app.tabs] == [
        *("First members", "What each condition costs", "Why a customer", "In words"),
        *("SQL", "MongoDB", "JSON"),
    ]
    assert [bool(len(one.children)) for one in app.tabs] == [True, *[False] * 6]


def test_a_wrong_value_is_left_out_of_the_count_and_not_saved(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = edit(shell("segment_builder.py"), spent("12.345"))
    assert not app.exception
    assert count(app) == "3 of 3 customers (100.0%)"
    assert "Counted without 1 part that is wrong" in texts(app)
    app.text_input(key="segment_name").set_value("Wrong").run()
    app.button(key="save_segment").click().run()
    assert "at most 2 decimals" in app.error[0].value
    assert crm.segments() == ()


def test_evaluating_at_another_time_is_shown_and_taken_back(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = shell("segment_builder.py")
    late = {"field": "last_order_at", "op": "in_the_last", "value": {"n": 30, "unit": "day"}}
    app = edit(app, {**late, "id": "l"})
    assert count(app) == "0 of 3 customers (0.0%)"
    app.date_input(key="evaluated_on").set_value(date(2026, 1, 10)).run()
    assert not app.exception
    assert count(app) == "3 of 3 customers (100.0%)"
    assert r"Evaluated as of **10 Jan 2026, 00\:00 IST**, not at the present" in texts(app)
    app.button(key="at_present").click().run()
    assert count(app) == "0 of 3 customers (0.0%)"
    assert app.date_input(key="evaluated_on").value is None


def test_a_rule_that_is_wrong_as_a_whole_has_no_count(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = shell("segment_builder.py")
    draft = drafts(app)[""]
    app.session_state["segment_drafts"] = {"": draft.replaced({"version": 2, "rule": {"all": []}})}
    app.run()
    assert not app.exception
    assert count(app) == "No count yet"
    assert "2 is not known" in app.error[0].value
    assert "Shown once there is a count." in texts(app)


def test_pasted_json_that_is_no_rule_is_refused_by_path_and_changes_nothing(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = edit(shell("segment_builder.py"), spent("1000.00"))
    app = paste(app, '{"version": 1, "rule": {"all": [{"fild": 1}]}}')
    assert "rule\\.all\\[0\\]\\: unknown key 'fild'" in app.error[0].value
    assert count(app) == "2 of 3 customers (66.7%)"
    assert "fild" in str(app.text_area(key="pasted_json").value)


def test_a_segment_is_saved_and_opened_again(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = edit(shell("segment_builder.py"), spent("1000.00"))
    assert "Unsaved changes" in texts(app)
    app.text_input(key="segment_name").set_value("Spenders").run()
    app.button(key="save_segment").click().run()
    assert not app.exception
    (segment,) = crm.segments()
    assert encode(segment.rule)["rule"] == {"all": [spent("1000.00")], "id": "r"}
    assert app.query_params["segment"] == segment.segment_id
    assert "Unsaved changes" not in texts(app)
    app = edit(app, spent("2000.00"), segment_id=segment.segment_id)
    app.button(key="save_segment").click().run()
    assert crm.segment(segment.segment_id).version == 2
    app.button(key="save_segment_as_new").click().run()
    assert "there is a segment named" in app.error[0].value.lower()
    app.text_input(key="segment_name").set_value("Others").run()
    app.button(key="save_segment_as_new").click().run()
    assert [one.name for one in crm.segments()] == ["Others", "Spenders"]


def test_an_unfinished_condition_is_not_saved(shell: Shell, crm: Crm) -> None:
    blank = {"field": "", "op": "", "id": "b"}
    app = edit(shell("segment_builder.py"), blank, incomplete=["b"])
    app.text_input(key="segment_name").set_value("Nobody").run()
    app.button(key="save_segment").click().run()
    assert "1 condition is unfinished" in app.error[0].value
    assert crm.segments() == ()


def test_a_conflict_is_told_and_the_edits_stay(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    segment = spenders(crm, "Spenders")
    app = shell("segment_builder.py", segment=segment.segment_id)
    app = edit(app, spent("2000.00"), segment_id=segment.segment_id)
    crm.save_segment(
        name="Theirs",
        description="",
        rule=segment.rule,
        segment_id=segment.segment_id,
        version=segment.version,
    )
    app.button(key="save_segment").click().run()
    assert not app.exception
    assert "saved 'Theirs' as version 2" in app.error[0].value.replace("\\", "")
    assert value(app, segment.segment_id) == "2000.00"
    assert crm.segment(segment.segment_id).name == "Theirs"
    app.button(key="discard_changes").click().run()
    assert app.text_input(key="segment_name").value == "Theirs"
    assert value(app, segment.segment_id) == "1000.00"


def test_unsaved_changes_survive_a_look_at_another_page(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    segment = spenders(crm, "Spenders")
    app = shell("segment_builder.py", segment=segment.segment_id)
    app = edit(app, spent("2000.00"), segment_id=segment.segment_id)
    crm.save_segment(
        name="Theirs",
        description="",
        rule=segment.rule,
        segment_id=segment.segment_id,
        version=segment.version,
    )
    app.switch_page("segments.py").run()
    assert "Unsaved changes" in texts(app)
    app.button(key=f"open_{segment.segment_id}").click().run()
    assert value(app, segment.segment_id) == "2000.00"


def test_a_segment_that_is_gone_is_named(shell: Shell) -> None:
    app = shell("segment_builder.py", segment="nope")
    assert not app.exception
    assert "There is no segment" in app.error[0].value
    assert [one.value for one in app.title] == ["Edit segment"]
