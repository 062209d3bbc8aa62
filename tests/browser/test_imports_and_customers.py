"""A file as the world writes them, and the customers it brings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SHOPPER, tab, tick

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

LINES = (
    "\ufeffOrder ID;Customer ID;Order date;Total;Name;City",
    "1;a;2026-03-01;10.00;Asha;Leeds",
    '2;b;2026-03-02;20.00;"Two\r\nlines";"York; North"',
    "3;c;31/03/2026;30.00;Late;Leeds",
    "4;d;soon;40.00;Never;Leeds",
    "5;e;2026-03-05;fifty;Words;Leeds",
    "6;f;2026-03-06;60.00;Caf\udce9;Leeds",
    "7;g;2026-03-07;70.00;Short",
    "8;;2026-03-08;80.00;Nobody;Leeds",
)
DIRTY = "\r\n".join(LINES).encode("utf-8", "surrogateescape")
"""Line by line: taken, taken, two bad dates, a bad amount, a byte of another encoding, a cell too
few, no customer."""


def test_a_dirty_file_is_imported_and_each_row_left_out_says_why(
    page: Page, tmp_path: Path
) -> None:
    file = tmp_path / "<b>orders* :red[1].csv"
    file.write_bytes(DIRTY)
    page.goto("/imports")
    page.locator('input[type="file"]').set_input_files(file)
    expect(page.get_by_text("divided by semicolons")).to_be_visible()
    expect(page.get_by_text("Some of the text is not utf-8.")).to_be_visible()
    page.get_by_role("button", name="Start import").click()
    expect(page.get_by_role("button", name="Import another file")).to_be_visible()
    expect(page.get_by_role("heading", name=file.name)).to_be_visible()
    expect(page.get_by_text("2 rows of 8 taken.")).to_be_visible()
    expect(page.get_by_text("6 rows, 75.0% of 8.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all rows left out").click()
    left_out = download.value.path().read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[:3] for line in left_out[1:]] == [
        ["5", "not a date and time", "Order date"],
        ["6", "not a date and time", "Order date"],
        ["7", "not a number", "Total"],
        ["8", "text not in the file's encoding", "Name"],
        ["9", "wrong number of cells", ""],
        ["10", "no customer id", "Customer ID"],
    ]
    assert "expected a date and time such as 2026-03-31 09:30" in left_out[1]


def test_a_customer_is_opened_from_the_table_and_back_leads_there_again(
    browser: Browser, shop: Shop, request: pytest.FixtureRequest
) -> None:
    with tab(browser, shop.address, request.node.name) as page:
        page.goto("/customers")
        tick(page, 0, until=page.get_by_role("heading", name=SHOPPER))
        expect(page).to_have_url(re.compile(r"customer=c000"))
        expect(page.get_by_text("£1.00").first).to_be_visible()
        page.go_back()
        expect(page.get_by_role("heading", name="Customers")).to_be_visible()
        page.go_forward()
        expect(page.get_by_role("heading", name=SHOPPER)).to_be_visible()
