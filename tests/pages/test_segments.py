from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from engine import decode
from engine.domain.permission import Role
from engine.domain.segment import SegmentSize
from tests.pages.campaign_shop import HARD, draft, spenders, stock
from tests.pages.conftest import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from engine import Crm
    from tests.pages.conftest import Shell


def test_without_segments_the_page_offers_to_build_one(shell: Shell) -> None:
    app = shell("segments.py")
    assert not app.exception
    assert "No segments yet" in texts(app)
    app.button(key="new_segment").click().run()
    assert [one.value for one in app.title] == ["New segment"]
    app = shell("segments.py")
    app.button(key="describe_audience").click().run()
    assert "Describe the audience" in [one.label for one in app.text_input]
    app = shell("segments.py", role=Role.VIEWER)
    assert not {"new_segment", "describe_audience"}.intersection(one.key for one in app.button)


def test_a_segment_shows_its_size_of_all_customers_and_how_its_rule_begins(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    spenders(crm)
    app = shell("segments.py")
    assert not app.exception
    said = texts(app)
    assert "**2** of 3 customers (66\\.7%)" in said
    assert "total spend is greater than ₹1,000.00" in said
    assert "Version 1, saved" in said
    assert "As of " in said


def test_a_name_is_shown_as_it_is_written(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    spenders(crm)
    app = shell("segments.py")
    assert HARD not in [one.value for one in app.subheader]
    assert "Big \\*spenders\\* \\$5\\$ \\<b\\>\\&\\</b\\>" in [one.value for one in app.subheader]
    assert "They *spend*." in [one.value for one in app.text]


def test_a_rule_that_cannot_be_counted_yet_says_so_and_leaves_the_rest(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    spenders(crm)
    opened = {"campaign": "c", "outcome": "opened"}
    crm.save_segment(
        name="Readers", description="", rule=decode({"version": 1, "rule": {"all": [opened]}})
    )
    app = shell("segments.py")
    assert not app.exception
    assert "cannot be evaluated by this version yet" in texts(app)
    assert "**2** of 3 customers" in texts(app)


def test_a_viewer_sees_how_many_and_not_whom_a_rule_names(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    c1, c2 = ({"field": "customer_id", "op": "equals", "value": one} for one in ("c1", "c2"))
    saved = None
    for version, rule in enumerate(({"any": [c1, c2]}, c2, c1)):
        saved = crm.save_segment(
            name="For asha@example.com",
            description="Ask asha@example.com.",
            rule=decode({"version": 1, "rule": rule}),
            segment_id=saved.segment_id if saved else None,
            version=version or None,
        )
    assert saved is not None
    for role, shown in ((Role.VIEWER, "•••"), (Role.ANALYST, "c1")):
        sees = role is Role.ANALYST
        app = shell("segments.py", role=role)
        assert not app.exception
        assert "**1** of 3 customers" in texts(app)
        assert f'customer id is "{shown}"' in texts(app)
        app.button(key=f"history_{saved.segment_id}").click().run()
        said = texts(app).replace("\\", "")
        assert ('"c2"' in said) is sees
        assert ("asha@example" in said) is sees
        assert ("Saved without a change that you may see." in said) is not sees


def test_a_segment_opens_in_the_builder(shell: Shell, crm: Crm) -> None:
    segment = spenders(crm)
    app = shell("segments.py")
    app.button(key=f"open_{segment.segment_id}").click().run()
    assert not app.exception
    assert app.text_input(key="segment_name").value == HARD


def test_a_segment_is_chosen_in_the_campaign_that_it_is_used_in(shell: Shell, crm: Crm) -> None:
    segment = spenders(crm)
    app = shell("segments.py")
    app.button(key=f"use_{segment.segment_id}").click().run()
    assert not app.exception
    assert app.selectbox(key="campaign_segment").value == segment.segment_id


def test_deleting_asks_first(shell: Shell, crm: Crm) -> None:
    segment = spenders(crm)
    app = shell("segments.py")
    app.button(key=f"delete_{segment.segment_id}").click().run()
    assert "is deleted for everyone" in texts(app)
    assert app.button(key="confirm_action").label == "Delete segment"
    assert [one.segment_id for one in crm.segments()] == [segment.segment_id]


def test_many_segments_can_be_found_by_name(shell: Shell, crm: Crm) -> None:
    segments = [spenders(crm, name=f"Number {n}") for n in range(8)]
    draft(crm, segments[0])
    app = shell("segments.py")
    app.text_input(key="find_segment").set_value("NUMBER 7").run()
    assert [one.value for one in app.subheader] == ["Number 7"]
    app.text_input(key="find_segment").set_value("nothing").run()
    assert "No segment has that" in texts(app)


def test_tags_are_shown_and_choose_what_is_listed(shell: Shell, crm: Crm) -> None:
    rule = spenders(crm, name="Bare").rule
    crm.save_segment(name="One", description="", rule=rule, tags=["VIP", "*Win* back"])
    crm.save_segment(name="Two", description="", rule=rule, tags=["vip"])
    app = shell("segments.py")
    assert not app.exception
    assert "\\*Win\\* back" in texts(app)
    chosen = app.multiselect(key="filter_tags")
    assert chosen.options == ["*Win* back", "VIP"]
    chosen.set_value(["VIP"]).run()
    assert [one.value for one in app.subheader] == ["One", "Two"]
    app.multiselect(key="filter_tags").set_value(["VIP", "*Win* back"]).run()
    assert [one.value for one in app.subheader] == ["One"]
    assert "1 segment of 3" in texts(app).replace("\\", "")


def test_a_card_says_what_uses_the_segment_and_why_it_cannot_be_deleted(
    shell: Shell, crm: Crm
) -> None:
    segment = spenders(crm)
    draft(crm, segment, "Spring *sale*")
    named = decode({"version": 1, "rule": {"all": [{"segment": segment.segment_id}]}})
    user = crm.save_segment(name="User", description="", rule=named)
    app = shell("segments.py")
    assert not app.exception
    delete = app.button(key=f"delete_{segment.segment_id}")
    assert delete.disabled
    assert "It stays while it is used by 1 campaign and 1 segment." in delete.help
    assert not app.button(key=f"delete_{user.segment_id}").disabled
    links = [one.proto.label for one in app.get("page_link")]
    assert "Spring \\*sale\\*" in links
    assert "User" in links


def test_a_copy_takes_a_name_that_is_free(shell: Shell, crm: Crm) -> None:
    segment = spenders(crm, name="N" * 120)
    app = shell("segments.py")
    for _ in range(2):
        app.button(key=f"duplicate_{segment.segment_id}").click().run()
        assert not app.exception
    copies = [one for one in crm.segments() if one.segment_id != segment.segment_id]
    assert [one.name for one in copies] == ["N" * 116 + " (2)", "N" * 116 + " (3)"]
    assert {one.description for one in copies} == {segment.description}
    assert all(one.document == segment.document for one in copies)


def test_sizes_by_day_begin_today_and_say_what_changed(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported)
    segment = spenders(crm)
    assert "the first size is recorded today" in texts(shell("segments.py"))
    crm.daily_sizes.record_due(datetime(2026, 3, 30, 12, tzinfo=UTC))
    assert "30 Mar 2026, version 1: 2 customers, the first size recorded" in plainly(
        shell("segments.py")
    )
    size = SegmentSize(
        segment_id=segment.segment_id,
        day=date(2026, 4, 2),
        version=1,
        count=3,
        total=3,
        at=datetime(2026, 4, 2, tzinfo=UTC),
    )
    crm.stores.segment_sizes.record(size)
    app = shell("segments.py")
    assert not app.exception
    assert "2 Apr 2026, version 1: 3 customers, 1 more (+50.0%) than on 30 Mar 2026" in plainly(app)
    assert len(app.get("vega_lite_chart")) == 1


def plainly(app: AppTest) -> str:
    return texts(app).replace("\\", "")
