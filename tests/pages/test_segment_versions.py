"""The history of a segment, and a save that meets somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.domain.actor import Actor
from engine.domain.permission import EVERYTHING
from tests.pages.campaign_shop import spenders, stock
from tests.pages.conftest import texts
from tests.pages.rule_edits import drafts, edit, spent

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from engine import Crm
    from engine.domain.segment import Segment
    from tests.pages.conftest import Shell


def saved(crm: Crm, over: Segment, name: str, by: str = "Asha <b>&</b>") -> Segment:
    return crm.acting_as(Actor(by, EVERYTHING)).save_segment(
        name=name,
        description=over.description,
        tags=over.tags,
        rule=over.rule,
        segment_id=over.segment_id,
        version=over.version,
    )


def said(app: AppTest) -> str:
    return texts(app).replace("\\", "")


@pytest.fixture
def edited(shell: Shell, crm: Crm, imported: Callable[..., None]) -> tuple[AppTest, Segment]:
    """The builder with a changed value, of a segment that Asha saved meanwhile."""
    stock(imported)
    segment = spenders(crm, "Spenders")
    app = shell("segment_builder.py", segment=segment.segment_id)
    app = edit(app, spent("2000.00"), segment_id=segment.segment_id)
    theirs = saved(crm, segment, "Theirs *now*")
    app.button(key="save_segment").click().run()
    return app, theirs


def test_the_history_says_who_saved_what_and_brings_a_version_back(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    segment = spenders(crm, "Spenders")
    saved(crm, segment, "Renamed")
    app = shell("segments.py")
    app.button(key=f"history_{segment.segment_id}").click().run()
    assert not app.exception
    assert 'Name: from "Spenders" to "Renamed".' in said(app)
    assert "by Asha <b>&</b>" in said(app)
    assert "Created." in said(app)
    assert [one.key for one in app.button if (one.key or "").startswith("restore_")] == [
        "restore_1"
    ]
    app.button(key="restore_1").click().run()
    assert 'Name: from "Renamed" to "Spenders".' in said(app)
    assert crm.segment(segment.segment_id).version == 2, "it asks first"
    app.button(key="restore_version").click().run()
    assert not app.exception
    assert crm.segment(segment.segment_id).name == "Spenders"
    assert crm.segment_history(segment.segment_id)[0].restored_from == 1


def test_a_restore_that_meets_a_save_is_refused_and_says_so(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    segment = spenders(crm, "Spenders")
    second = saved(crm, segment, "Renamed")
    app = shell("segments.py")
    app.button(key=f"history_{segment.segment_id}").click().run()
    app.button(key="restore_1").click().run()
    third = saved(crm, second, "Third")
    app.button(key="restore_version").click().run()
    assert not app.exception
    assert "saved 'Third' as version 3" in app.error[0].value.replace("\\", "")
    assert crm.segment(segment.segment_id) == third
    app.button(key="keep_version").click().run()
    assert 'Name: from "Renamed" to "Third".' in said(app)


def test_many_versions_are_shown_a_page_at_a_time(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    segment = spenders(crm, "N0")
    for n in range(1, 14):
        segment = saved(crm, segment, f"N{n}")
    app = shell("segments.py")
    app.button(key=f"history_{segment.segment_id}").click().run()
    assert '"N3" to "N4"' in said(app)
    assert '"N2" to "N3"' not in said(app)
    app.button(key="older_versions").click().run()
    assert '"N0" to "N1"' in said(app)
    assert "Created." in said(app)
    assert "older_versions" not in [one.key for one in app.button]


def test_a_conflict_shows_what_both_changed(edited: tuple[AppTest, Segment], crm: Crm) -> None:
    app, theirs = edited
    assert not app.exception
    assert "Asha <b>&</b> saved 'Theirs *now*' as version 2" in app.error[0].value.replace("\\", "")
    assert "\\<b\\>" in app.error[0].value
    assert 'Name: from "Spenders" to "Theirs *now*".' in said(app)
    assert (
        "from total spend is greater than ₹1,000.00 to total spend is greater than ₹2,000.00"
        in said(app)
    )
    assert crm.segment(theirs.segment_id) == theirs


def test_mine_is_kept_as_a_new_segment_and_theirs_stays(
    edited: tuple[AppTest, Segment], crm: Crm
) -> None:
    app, theirs = edited
    app.button(key="keep_mine_as_new").click().run()
    assert not app.exception
    assert crm.segment(theirs.segment_id) == theirs
    (mine,) = [one for one in crm.segments() if one.segment_id != theirs.segment_id]
    assert mine.name == "Spenders"
    assert app.query_params["segment"] == mine.segment_id
    assert "2000.00" in str(drafts(app)[mine.segment_id].document)
    assert not app.error


def test_mine_is_kept_under_a_name_that_is_free(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    segment = spenders(crm, "Spenders")
    app = shell("segment_builder.py", segment=segment.segment_id)
    app = edit(app, spent("2000.00"), segment_id=segment.segment_id)
    saved(crm, segment, "SPENDERS")
    app.button(key="save_segment").click().run()
    app.button(key="keep_mine_as_new").click().run()
    assert not app.exception
    assert [one.name for one in crm.segments()] == ["SPENDERS", "Spenders (2)"]
    assert app.text_input(key="segment_name").value == "Spenders (2)"


def test_mine_is_saved_over_the_version_that_was_shown_and_no_later_one(
    edited: tuple[AppTest, Segment], crm: Crm
) -> None:
    app, theirs = edited
    assert app.button(key="save_mine_over").label == "Save mine over version 2"
    third = saved(crm, theirs, "Third", by="Ravi")
    app.button(key="save_mine_over").click().run()
    assert not app.exception
    assert crm.segment(theirs.segment_id) == third, "a third save conflicts again"
    assert "Ravi saved 'Third' as version 3" in app.error[0].value.replace("\\", "")
    assert 'Name: from "Spenders" to "Third".' in said(app)
    assert app.button(key="save_mine_over").label == "Save mine over version 3"
    app.button(key="save_mine_over").click().run()
    assert not app.exception
    mine = crm.segment(theirs.segment_id)
    assert (mine.version, mine.name) == (4, "Spenders")
    assert not app.error
    names = [one.content.name for one in crm.segment_history(theirs.segment_id)]
    assert names == ["Spenders", "Third", "Theirs *now*", "Spenders"]


def test_a_conflict_is_shown_while_a_condition_is_unfinished_and_nothing_is_saved(
    edited: tuple[AppTest, Segment], crm: Crm
) -> None:
    app, theirs = edited
    blank = {"field": "", "op": "", "id": "b"}
    app = edit(app, spent("2000.00"), blank, segment_id=theirs.segment_id, incomplete=["b"])
    assert not app.exception
    assert "to total spend is greater than ₹2,000.00" in said(app)
    app.button(key="save_mine_over").click().run()
    assert "1 condition is unfinished" in [one.value for one in app.error][-1]
    assert crm.segment(theirs.segment_id) == theirs


def test_mine_is_discarded_and_theirs_shown(edited: tuple[AppTest, Segment], crm: Crm) -> None:
    app, theirs = edited
    app.button(key="see_theirs").click().run()
    assert not app.exception
    assert app.text_input(key="segment_name").value == "Theirs *now*"
    assert "1000.00" in str(drafts(app)[theirs.segment_id].document)
    assert not app.error
    assert crm.segment(theirs.segment_id) == theirs


def test_a_conflict_over_a_segment_that_is_gone_then_says_so(
    edited: tuple[AppTest, Segment], crm: Crm
) -> None:
    app, theirs = edited
    crm.delete_segment(theirs.segment_id, version=2)
    app.button(key="save_mine_over").click().run()
    assert not app.exception
    assert "it may have been deleted" in said(app)
    app.button(key="save_segment_as_new").click().run()
    assert [one.name for one in crm.segments()] == ["Spenders"]


def test_tags_are_chosen_from_those_of_other_segments_or_typed(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    segment = spenders(crm, "Spenders")
    other = crm.save_segment(name="Other", description="", rule=segment.rule, tags=["VIP"])
    app = shell("segment_builder.py", segment=segment.segment_id)
    tags = app.multiselect(key="segment_tags")
    assert tags.options == ["VIP"]
    tags.set_value(["VIP"]).run()
    assert "Unsaved changes" in texts(app)
    app.button(key="save_segment").click().run()
    assert not app.exception
    assert crm.segment(segment.segment_id).tags == other.tags == ("VIP",)
    assert "Unsaved changes" not in texts(app)
