from __future__ import annotations

from typing import TYPE_CHECKING

from engine import decode
from tests.pages.campaign_shop import HARD, draft, spenders, stock
from tests.pages.conftest import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine import Crm
    from tests.pages.conftest import Shell


def test_without_segments_the_page_offers_to_build_one(shell: Shell) -> None:
    app = shell("segments.py")
    assert not app.exception
    assert "No segments yet" in texts(app)
    app.button(key="new_segment").click().run()
    assert [one.value for one in app.title] == ["New segment"]


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
    orders = {"orders": "count", "ever": True, "op": "at_least", "value": 1}
    crm.save_segment(
        name="Buyers", description="", rule=decode({"version": 1, "rule": {"all": [orders]}})
    )
    app = shell("segments.py")
    assert not app.exception
    assert "cannot be evaluated by this version yet" in texts(app)
    assert "**2** of 3 customers" in texts(app)


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
