"""From a few words to a campaign: variants are written, one is used, and the draft is saved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import RESULTS, SHOPPER, tab

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

HOSTILE = "20% off ![x](http://x.test/a.png) <script>alert(1)</script> {{ nick }} **now**"


def looked_at(page: Page, name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / f"{name}.png")


def test_copy_becomes_a_campaign(browser: Browser, shop: Shop) -> None:
    with tab(browser, shop.address, "message_copy") as page:
        page.goto(f"/campaign_editor?segment={shop.ids['Everyone']}")
        page.get_by_label("Name", exact=True).fill("Written for me")
        page.get_by_label("Subject", exact=True).fill("Mine")
        page.get_by_label("Message", exact=True).fill("My own {{ country }}")
        page.get_by_label("Message", exact=True).blur()
        expect(page.get_by_text("members have no country")).to_be_visible()

        page.get_by_role("button", name="Write it for me").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("What it is about", exact=True).fill(HOSTILE)
        dialog.get_by_label("What it is about", exact=True).blur()
        dialog.get_by_role("button", name="Write three variants").click()
        expect(dialog.get_by_role("tab", name="Variant 3")).to_be_visible()
        expect(dialog.get_by_text("From built-in templates").first).to_be_visible()
        # What was typed is text, in the template and as a member reads it.
        expect(dialog.get_by_text(HOSTILE).first).to_be_visible()
        assert dialog.locator("img, [data-testid=stText] strong").count() == 0
        looked_at(page, "message_copy_variants")

        dialog.get_by_role("tab", name="Variant 2").click()
        dialog.get_by_role("button", name="Use this", exact=True).locator("visible=true").click()
        expect(dialog).to_have_count(0)
        expect(page.get_by_label("Subject", exact=True)).to_have_value(
            "A treat from {{ workspace_name }}"
        )
        expect(page.get_by_text("A treat from Mini CRM").first).to_be_visible()
        expect(page.get_by_text(f"Hi {SHOPPER.split()[0]},").first).to_be_visible()

        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_label("Subject", exact=True)).to_have_value("Mine")
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_label("Subject", exact=True)).not_to_have_value("Mine")

        page.get_by_role("button", name="Save draft").click()
        expect(page.get_by_text("Draft saved")).to_be_visible()
        page.reload()
        expect(page.get_by_label("Message", exact=True)).to_have_value(re.compile("20% off"))
