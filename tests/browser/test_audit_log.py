"""The audit log in a real browser: a line is read, and the lines are taken home as a file."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import tab, tick

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.browser.conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_a_line_is_read_and_all_are_taken_home(browser: Browser, shop: Shop) -> None:
    with tab(browser, shop.address, "audit-log") as page:
        page.goto("/settings?section=Audit+log")
        page.get_by_role("combobox", name="What").fill("Import")
        page.get_by_role("option", name="Import a file").click()
        expect(page.get_by_text("Lines 1 to 1")).to_be_visible()
        line = page.locator(".st-key-audit_line")
        tick(page, 0, until=line.get_by_text("Import a file"))
        expect(line.get_by_test_id("stDataFrame")).to_be_visible()
        # The run that drew the line makes the download anew; until it ends the old one is clicked.
        idle = page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
        expect(idle).to_be_attached()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download these lines as CSV").click()
        path: Path = download.value.path()
        with path.open(encoding="utf-8-sig", newline="") as file:
            [row] = csv.DictReader(file)
        assert (row["action"], row["outcome"]) == ("import", "done")
        assert row["object_name"] == "orders.csv"
        assert "orders: 60" in row["changes"]
