"""Two people at work on the same things, each in a tab of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SHOPPERS, tab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def tabs(
    browser: Browser, shop: Shop, request: pytest.FixtureRequest
) -> Iterator[tuple[Page, Page]]:
    name = request.node.name
    with (
        tab(browser, shop.address, f"{name}-1") as one,
        tab(browser, shop.address, f"{name}-2") as other,
    ):
        yield one, other


def test_two_tabs_that_launch_the_same_draft_send_it_once(
    tabs: tuple[Page, Page], shop: Shop
) -> None:
    campaign = shop.ids["Launched twice"]
    for page in tabs:
        page.goto(f"/campaign_editor?campaign={campaign}")
        page.get_by_role("button", name="Launch…").click()
    for page in tabs:
        page.get_by_role("button", name=f"Send to {SHOPPERS} customers").click()
    for page in tabs:
        expect(page).to_have_url(re.compile(rf"/campaign_report\?campaign={campaign}"))
        expect(page.get_by_role("heading", name="Launched twice")).to_be_visible()
        expect(page.get_by_text("Finished", exact=True).first).to_be_visible()
        expect(page.get_by_text(f"{SHOPPERS} of {SHOPPERS} customers done")).to_be_visible()


@pytest.mark.parametrize(
    ("draft", "close"),
    [
        ("Launched and closed", ".st-key-confirm_cancel button"),
        ("Launched and dismissed", "button[aria-label=Close]"),
    ],
)
def test_a_draft_that_was_launched_in_another_tab_is_not_deleted_and_the_dialog_says_why(
    tabs: tuple[Page, Page], shop: Shop, draft: str, close: str
) -> None:
    one, other = tabs
    for page in tabs:
        page.goto(f"/campaign_editor?campaign={shop.ids[draft]}")
        expect(page.get_by_role("heading", name="Edit campaign")).to_be_visible()
    other.get_by_role("button", name="Delete draft").click()
    dialog = other.get_by_role("dialog")
    expect(dialog).to_contain_text(f"{draft} is deleted for everyone.")
    one.get_by_role("button", name="Launch…").click()
    one.get_by_role("button", name=f"Send to {SHOPPERS} customers").click()
    expect(one.get_by_text("Finished", exact=True).first).to_be_visible()
    dialog.get_by_role("button", name="Delete draft").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.locator(close).click()
    expect(other.get_by_role("heading", name=draft)).to_be_visible()
    other.get_by_role("button", name="Open the report").click()
    expect(other.get_by_text("Finished", exact=True).first).to_be_visible()


def test_changes_to_a_draft_that_was_deleted_in_another_tab_can_be_discarded(
    tabs: tuple[Page, Page], shop: Shop
) -> None:
    one, other = tabs
    for page in tabs:
        page.goto(f"/campaign_editor?campaign={shop.ids['Deleted and discarded']}")
        expect(page.get_by_role("heading", name="Edit campaign")).to_be_visible()
    other.get_by_label("Name", exact=True).fill("Mine")
    expect(other.get_by_text("Unsaved changes")).to_be_visible()
    one.get_by_role("button", name="Delete draft").click()
    one.get_by_role("dialog").get_by_role("button", name="Delete draft").click()
    expect(one.get_by_role("heading", name="Campaigns")).to_be_visible()
    other.get_by_role("button", name="Discard changes").click()
    expect(other.get_by_role("alert")).to_contain_text("it may have been deleted")
    expect(other.get_by_label("Name", exact=True)).to_have_count(0)


def test_two_tabs_that_save_the_same_segment_do_not_overwrite_each_other(
    tabs: tuple[Page, Page], shop: Shop
) -> None:
    one, other = tabs
    for page, said in ((one, "First to save"), (other, "Second to save")):
        page.goto(f"/segment_builder?segment={shop.ids['Everyone']}")
        page.get_by_label("Description", exact=True).fill(said)
        page.get_by_label("Description", exact=True).press("Enter")
        expect(page.get_by_text("Unsaved changes")).to_be_visible()
    one.get_by_role("button", name="Save changes").click()
    expect(one.get_by_text("Version 2, saved", exact=True)).to_be_visible()
    other.get_by_role("button", name="Save changes").click()
    expect(other.get_by_role("alert").first).to_contain_text("as version 2")
    expect(other.get_by_label("Description", exact=True)).to_have_value("Second to save")
    expect(other.get_by_text("Unsaved changes")).to_be_visible()
    other.get_by_role("button", name="Discard changes").click()
    expect(other.get_by_label("Description", exact=True)).to_have_value("First to save")


def test_whoever_saves_second_sees_both_sides_and_saves_over_what_was_shown_only(
    tabs: tuple[Page, Page], shop: Shop
) -> None:
    one, other = tabs
    for page, said in ((one, "Mine"), (other, "Theirs")):
        page.goto(f"/segment_builder?segment={shop.ids['Everyone']}")
        page.get_by_label("Description", exact=True).fill(said)
        page.get_by_label("Description", exact=True).press("Enter")
        expect(page.get_by_text("Unsaved changes")).to_be_visible()
    other.get_by_role("button", name="Save changes").click()
    expect(other.get_by_text("Unsaved changes")).to_have_count(0)
    one.get_by_role("button", name="Save changes").click()
    expect(one.get_by_text("Somebody saved this segment before you")).to_be_visible()
    expect(one.get_by_text('to "Theirs".')).to_be_visible()
    expect(one.get_by_text('to "Mine".')).to_be_visible()
    over = one.get_by_role("button", name="Save mine over version")
    shown = int(over.inner_text().split()[-1])
    other.get_by_label("Description", exact=True).fill("Theirs again")
    other.get_by_label("Description", exact=True).press("Enter")
    expect(other.get_by_text("Unsaved changes")).to_be_visible()
    other.get_by_role("button", name="Save changes").click()
    expect(other.get_by_text("Unsaved changes")).to_have_count(0)
    over.click()
    expect(one.get_by_text('to "Theirs again".')).to_be_visible()
    one.get_by_role("button", name=f"Save mine over version {shown + 1}").click()
    expect(one.get_by_text(f"Version {shown + 2}, saved", exact=True)).to_be_visible()
    one.goto("/segments")
    card = one.locator(f".st-key-segment_{shop.ids['Everyone']}")  # other tests save some too
    card.get_by_role("button", name="History").click()
    history = one.get_by_role("dialog")
    expect(history.get_by_text(f"Version {shown + 2}", exact=True)).to_be_visible()
    history.get_by_role("button", name="Restore…").first.click()
    history.get_by_role("button", name="Restore", exact=True).click()
    expect(history).to_have_count(0)
    expect(one.get_by_text("Theirs again", exact=True)).to_be_visible()
    card.get_by_role("button", name="History").click()
    expect(history.get_by_text(f"Version {shown + 1} restored", exact=True)).to_be_visible()
    history.get_by_role("button", name="Close").click()
    expect(history).to_have_count(0)
    one.get_by_role("button", name="Refresh").click()
    expect(one.get_by_text("Figures refreshed")).to_be_visible()
    expect(history).to_have_count(0)
