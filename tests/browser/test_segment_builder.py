"""A segment as an analyst builds it: by dragging and by keys, while the count follows."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SHOPPERS, tab
from tests.browser.rule_steps import add_condition, choose_field, drag, expect_count, pick

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

    from tests.browser.conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

# Customer c0NN spent NN + 1 pounds and is called "Name NN".
SPENDERS = "total spend is greater than £50.00"
THIRD = "name is Name 3"


@pytest.fixture
def page(browser: Browser, shop: Shop, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab on a new segment."""
    with tab(browser, shop.address, request.node.name) as page:
        page.goto("/segment_builder")
        expect_count(page, SHOPPERS, SHOPPERS)
        expect(whole(page)).to_be_visible()
        page.evaluate("document.querySelector('.re-root').dataset.first = 'yes'")
        yield page
        assert page.locator("text=Traceback").count() == 0


def whole(page: Page) -> Locator:
    return page.get_by_role("group", name="The whole rule")


def part(page: Page, words: str) -> Locator:
    """Return the row of a condition, by its words."""
    named = page.get_by_role("button", name=f"Remove: {words}", exact=True)
    return page.locator("[data-node]").filter(has=named).last


def node_id(page: Page, words: str) -> str:
    return str(part(page, words).get_attribute("data-node"))


def expect_same_editor(page: Page) -> None:
    assert page.locator(".re-root[data-first=yes]").count() == 1, "the editor was mounted anew"


def expect_both_inside(page: Page) -> None:
    inside = page.locator(".re-group .re-group")
    for words in (SPENDERS, THIRD):
        expect(inside.get_by_role("button", name=f"Remove: {words}")).to_be_visible()


def save(page: Page, name: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.get_by_text("Unsaved changes")).to_be_visible()
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_text("Version 1, saved", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("segment="))


def paste(page: Page, *parts: object) -> None:
    page.get_by_role("tab", name="JSON", exact=True).click()
    box = page.get_by_label("Replace the rule with this JSON")
    box.fill(json.dumps({"version": 1, "rule": {"all": parts}}))
    box.press("Control+Enter")
    page.get_by_role("button", name="Apply JSON").click()


def add_third(page: Page) -> None:
    page.get_by_role("button", name="Add condition to the whole rule").click()
    choose_field(page, "name")
    page.get_by_label("Value of name").fill("Name 3")


def test_a_nested_rule_is_dragged_together_saved_and_opened_again(page: Page) -> None:
    add_condition(page, "total spend", "50.00")
    expect_count(page, 10, SHOPPERS)
    add_third(page)
    expect_count(page, 0, SHOPPERS)
    page.get_by_role("button", name="Add group to the whole rule").click()
    expect(page.get_by_text("Without 1 unfinished condition")).to_be_visible()
    blank = node_id(page, "new condition")
    drag(page, node_id(page, SPENDERS), blank, 0.85)
    drag(page, node_id(page, THIRD), blank, 0.85)
    expect_count(page, 11, SHOPPERS)
    expect(part(page, SPENDERS)).to_contain_text("brings in +10")
    page.get_by_role("button", name="Remove: new condition").click()
    expect(page.get_by_text("unfinished condition")).to_have_count(0)
    expect_same_editor(page)
    save(page, "Dragged together")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Unsaved changes")).to_be_visible()
    page.get_by_role("button", name="Redo").click()
    expect(page.get_by_text("Unsaved changes")).to_have_count(0)
    expect_same_editor(page)
    page.goto("/segments")
    page.locator("[class*=st-key-segment_]").filter(
        has=page.get_by_role("heading", name="Dragged together")
    ).get_by_role("button", name="Open").last.click()
    expect_count(page, 11, SHOPPERS)
    expect_both_inside(page)
    expect(page.get_by_text("Version 1, saved", exact=True)).to_be_visible()


def test_a_nested_rule_is_built_and_saved_with_the_keyboard_alone(page: Page) -> None:
    keys = page.keyboard

    def reach(start: str) -> None:
        for _ in range(25):
            told = "e => e.getAttribute('aria-label') ?? e.innerText ?? ''"
            if str(page.evaluate(f"({told})(document.activeElement)")).startswith(start):
                return
            keys.press("Tab")
        pytest.fail(f"Tab did not reach {start!r}")

    page.get_by_label("Name", exact=True).focus()
    keys.type("Built by keys")
    reach("Add condition to the whole rule")
    keys.press("Enter")
    reach("Field of condition")
    keys.press("Enter")
    keys.type("total spend")
    keys.press("Enter")
    reach("Amount in GBP")
    keys.type("50.00")
    expect_count(page, 10, SHOPPERS)
    reach("Add group to the whole rule")
    keys.press("Enter")
    reach("Field of condition")
    keys.press("Enter")
    keys.type("name")
    keys.press("Enter")
    reach("Value of name")
    keys.type("Name 3")
    expect_count(page, 0, SHOPPERS)
    page.get_by_label(f"Move down: {SPENDERS}").focus()
    keys.press("Enter")
    expect_count(page, 11, SHOPPERS)
    expect_same_editor(page)
    page.get_by_role("button", name="Save segment").focus()
    keys.press("Enter")
    expect(page.get_by_text("Version 1, saved", exact=True)).to_be_visible()
    page.reload()
    expect_count(page, 11, SHOPPERS)
    expect_both_inside(page)


def test_edits_in_quick_succession_end_with_the_right_count(page: Page) -> None:
    add_condition(page, "total spend", "1.00")
    box = page.get_by_label("Amount in GBP: total spend")
    for amount in range(2, 30):
        box.fill(f"{amount}.00")
    add_third(page)
    page.get_by_role("button", name=f"Remove: {THIRD}").click()
    box.fill("55.00")
    expect_count(page, 5, SHOPPERS)
    expect(part(page, "total spend is greater than £55.00")).to_contain_text("leaves 5")
    page.get_by_role("tab", name="In words", exact=True).click()
    words = page.get_by_role("tabpanel").get_by_text("total spend is greater than £55.00")
    expect(words).to_be_visible()
    expect(box).to_have_value("55.00")
    expect_same_editor(page)


def test_a_condition_is_switched_off_and_locked(page: Page) -> None:
    add_condition(page, "total spend", "50.00")
    expect_count(page, 10, SHOPPERS)
    pick(page, SPENDERS, "Switch off")
    expect_count(page, SHOPPERS, SHOPPERS)
    pick(page, SPENDERS, "Switch on")
    expect_count(page, 10, SHOPPERS)
    pick(page, SPENDERS, "Lock")
    box = page.get_by_label("Amount in GBP: total spend")
    expect(box).to_be_disabled()
    save(page, "Locked up")
    page.reload()
    expect_count(page, 10, SHOPPERS)
    expect(box).to_be_disabled()
    expect(page.get_by_text("Unsaved changes")).to_have_count(0)


def test_a_problem_is_shown_at_its_node_and_the_rest_is_counted(page: Page) -> None:
    wrong = {"field": "total_spend", "op": "greater_than", "value": "12.345"}
    right = {"field": "total_spend", "op": "greater_than", "value": "50.00"}
    paste(page, right, {"any": [wrong, {"segment": "gone"}]})
    expect_count(page, 10, SHOPPERS)
    expect(page.get_by_text("Counted without 2 parts that are wrong")).to_be_visible()
    problems = whole(page).get_by_role("alert")
    expect(problems).to_have_count(2)
    expect(problems.nth(0)).to_contain_text("at most 2 decimals")
    expect(problems.nth(1)).to_contain_text("there is no segment", ignore_case=True)
    expect(part(page, SPENDERS).get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_test_id("stAlert")).to_be_visible()
    expect_same_editor(page)
    page.get_by_role("button", name="Undo").click()
    expect(problems).to_have_count(0)
    expect_count(page, SHOPPERS, SHOPPERS)
    expect_same_editor(page)
