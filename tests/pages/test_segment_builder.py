from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from engine import decode, encode
from tests.pages.campaign_shop import spenders, stock
from tests.pages.conftest import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from engine import Crm
    from tests.pages.conftest import Shell


def count(app: AppTest) -> str:
    return str(app.subheader[0].value).replace("\\", "")


def choose(app: AppTest, key: str, field: str, value: str) -> AppTest:
    app.selectbox(key=f"{key}_field").set_value(field).run()
    return app.text_input(key=f"{key}_value_text").set_value(value).run()


def test_a_new_segment_counts_everyone_and_says_what_it_leaves_out(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = shell("segment_builder.py")
    assert not app.exception
    assert count(app) == "3 of 3 customers (100.0%)"
    assert "Without 1 unfinished condition" in texts(app)
    assert "Needs a field; not counted until it has one." in texts(app)
    assert "Data as of" in texts(app).replace("\\", "")


def test_the_count_follows_every_edit_and_undo_takes_it_back(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = choose(shell("segment_builder.py"), "n1", "total_spend", "1000.00")
    assert not app.exception
    assert count(app) == "2 of 3 customers (66.7%)"
    app.text_input(key="n1_value_text").set_value("2000.00").run()
    assert count(app) == "1 of 3 customers (33.3%)"
    app.button(key="undo").click().run()
    assert count(app) == "2 of 3 customers (66.7%)"
    assert app.text_input(key="n1_value_text").value == "1000.00"
    app.button(key="redo").click().run()
    assert count(app) == "1 of 3 customers (33.3%)"


def test_words_are_indented_by_their_depth(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    tests = [{"field": field, "op": "is_set"} for field in ("email", "phone")]
    rule = decode({"version": 1, "rule": {"any": tests}})
    segment = crm.save_segment(name="Reachable", description="", rule=rule)
    app = shell("segment_builder.py", segment=segment.segment_id)
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


def test_groups_nest_and_combine_as_chosen(shell: Shell, imported: Callable[..., None]) -> None:
    stock(imported)
    app = choose(shell("segment_builder.py"), "n1", "total_spend", "500.00")
    app.button(key="root_add_group").click().run()
    app = choose(app, "n3", "name", "N1")
    assert count(app) == "1 of 3 customers (33.3%)"
    app.selectbox(key="n3_op").set_value("not_equals").run()
    app.selectbox(key="n3_op").set_value("is_set").run()
    assert count(app) == "2 of 3 customers (66.7%)"
    app.segmented_control(key="n2_how").set_value("none").run()
    assert count(app) == "0 of 3 customers (0.0%)"
    assert "not this:" in texts(app)
    app.segmented_control(key="root_how").set_value("any").run()
    assert count(app) == "2 of 3 customers (66.7%)"


def test_a_row_is_switched_off_duplicated_moved_and_removed(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = choose(shell("segment_builder.py"), "n1", "total_spend", "1000.00")
    app.menu_button(key="n1_menu").click("Switch off").run()
    assert count(app) == "3 of 3 customers (100.0%)"
    assert "Switched off" in texts(app)
    app.menu_button(key="n1_menu").click("Switch on").run()
    app.menu_button(key="n1_menu").click("Duplicate").run()
    assert app.text_input(key="n2_value_text").value == "1000.00"
    app.text_input(key="n2_value_text").set_value("2000.00").run()
    app.menu_button(key="n2_menu").click("Move up").run()
    assert [one.key for one in app.text_input if "value" in (one.key or "")] == [
        "n2_value_text",
        "n1_value_text",
    ]
    app.menu_button(key="n2_menu").click("Remove").run()
    assert not app.exception
    assert count(app) == "2 of 3 customers (66.7%)"


def test_a_wrong_value_is_named_at_its_row_and_left_out(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = choose(shell("segment_builder.py"), "n1", "total_spend", "12.345")
    assert not app.exception
    assert count(app) == "3 of 3 customers (100.0%)"
    assert "at most 2 decimals" in texts(app)
    assert "Counted without 1 part that is wrong" in texts(app)
    app.text_input(key="segment_name").set_value("Wrong").run()
    app.button(key="save_segment").click().run()
    assert "at most 2 decimals" in app.error[0].value


def test_evaluating_at_another_time_is_shown_and_taken_back(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = shell("segment_builder.py")
    app.selectbox(key="n1_field").set_value("last_order_at").run()
    assert count(app) == "0 of 3 customers (0.0%)"
    app.date_input(key="evaluated_on").set_value(date(2026, 1, 10)).run()
    assert not app.exception
    assert count(app) == "3 of 3 customers (100.0%)"
    assert r"Evaluated as of **10 Jan 2026, 00\:00 IST**, not at the present" in texts(app)
    app.button(key="at_present").click().run()
    assert count(app) == "0 of 3 customers (0.0%)"
    assert app.date_input(key="evaluated_on").value is None


def test_what_this_version_cannot_count_is_named_and_can_be_switched_off(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = shell("segment_builder.py")
    orders = {"orders": "count", "ever": True, "op": "at_least", "value": 1}
    text = json.dumps({"version": 1, "rule": {"all": [orders]}})
    app.text_area(key="pasted_json").set_value(text)
    app.button(key="apply_json").click().run()
    assert not app.exception
    assert count(app) == "No count yet"
    assert "cannot be evaluated by this version yet" in texts(app)
    assert "number of orders ever is at least 1" in texts(app)
    app.menu_button(key="n2_menu").click("Switch off").run()
    assert count(app) == "3 of 3 customers (100.0%)"


def test_pasted_json_that_is_no_rule_is_refused_by_path_and_changes_nothing(
    shell: Shell, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = choose(shell("segment_builder.py"), "n1", "total_spend", "1000.00")
    app.text_area(key="pasted_json").set_value('{"version": 1, "rule": {"all": [{"fild": 1}]}}')
    app.button(key="apply_json").click().run()
    assert "rule\\.all\\[0\\]\\: unknown key 'fild'" in app.error[0].value
    assert count(app) == "2 of 3 customers (66.7%)"
    assert "fild" in str(app.text_area(key="pasted_json").value)


def test_a_segment_is_saved_and_opened_again(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    app = choose(shell("segment_builder.py"), "n1", "total_spend", "1000.00")
    assert "Unsaved changes" in texts(app)
    app.text_input(key="segment_name").set_value("Spenders").run()
    app.button(key="save_segment").click().run()
    assert not app.exception
    (segment,) = crm.segments()
    assert encode(segment.rule)["rule"] == {
        "all": [{"field": "total_spend", "op": "greater_than", "value": "1000.00"}]
    }
    assert app.query_params["segment"] == segment.segment_id
    assert "Unsaved changes" not in texts(app)
    app.text_input(key="n1_value_text").set_value("2000.00").run()
    app.button(key="save_segment").click().run()
    assert crm.segment(segment.segment_id).version == 2
    app.button(key="save_segment_as_new").click().run()
    assert "there is a segment named" in app.error[0].value.lower()
    app.text_input(key="segment_name").set_value("Others").run()
    app.button(key="save_segment_as_new").click().run()
    assert [one.name for one in crm.segments()] == ["Others", "Spenders"]


def test_an_unfinished_condition_is_not_saved(shell: Shell, crm: Crm) -> None:
    app = shell("segment_builder.py")
    app.text_input(key="segment_name").set_value("Nobody").run()
    app.button(key="save_segment").click().run()
    assert "1 condition has no value yet" in app.error[0].value
    assert crm.segments() == ()


def test_a_conflict_is_told_and_the_edits_stay(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    segment = spenders(crm, "Spenders")
    app = shell("segment_builder.py", segment=segment.segment_id)
    app.text_input(key="n2_value_text").set_value("2000.00").run()
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
    assert app.text_input(key="n2_value_text").value == "2000.00"
    assert crm.segment(segment.segment_id).name == "Theirs"
    app.button(key="discard_changes").click().run()
    assert app.text_input(key="segment_name").value == "Theirs"
    assert app.text_input(key="n2_value_text").value == "1000.00"


def test_unsaved_changes_survive_a_look_at_another_page(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    segment = spenders(crm, "Spenders")
    app = shell("segment_builder.py", segment=segment.segment_id)
    app.text_input(key="n2_value_text").set_value("2000.00").run()
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
    assert app.text_input(key="n2_value_text").value == "2000.00"


def test_a_segment_that_is_gone_is_named(shell: Shell) -> None:
    app = shell("segment_builder.py", segment="nope")
    assert not app.exception
    assert "There is no segment" in app.error[0].value
    assert [one.value for one in app.title] == ["Edit segment"]
