"""The main journey, as a new user makes it: import, segment, campaign, launch, report."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.rule_steps import add_condition, expect_count

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CUSTOMERS = 400
BIG = 120
"""Customers c000 to c119 spend 60.00, the others 10.00; each has one order of two lines."""


def orders_file(folder: Path) -> Path:
    path = folder / "orders.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            [
                *("InvoiceNo", "StockCode", "Description", "Quantity"),
                *("InvoiceDate", "UnitPrice", "CustomerID", "Country"),
            ]
        )
        for number in range(CUSTOMERS):
            price = "25.00" if number < BIG else "0.00"
            order = [f"5{number:05}"]
            when = ["2011-12-01 08:26:00"]
            who = [f"1{number:04}.0", "United Kingdom"]
            rows.writerow([*order, "A", "CUP", 2, *when, price, *who])
            rows.writerow([*order, "B", "SAUCER", 1, *when, "10.00", *who])
        rows.writerow(["599999", "A", "CUP", 2, "2011-12-01 08:26:00", "1.00", "", "France"])
    return path


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).last.click()
    page.get_by_role("option", name=option, exact=True).click()


def import_orders(page: Page, path: Path) -> None:
    page.goto("/imports")
    page.locator('input[type="file"]').set_input_files(path)
    choose(page, "Mapping", "online-retail")
    page.get_by_role("button", name="Start import").click()
    expect(page.get_by_role("button", name="Import another file")).to_be_visible()
    expect(page.get_by_text(f"{CUSTOMERS} customers").first).to_be_visible()


def build_segment(page: Page) -> None:
    page.goto("/segments")
    page.get_by_role("button", name="New segment").first.click()
    expect(page.get_by_role("heading", name="New segment")).to_be_visible()
    add_condition(page, "total spend", "50.00")
    expect(
        page.get_by_role("heading", name=f"{BIG} of {CUSTOMERS} customers (30.0%)")
    ).to_be_visible()
    amount = page.get_by_label("Amount in GBP: total spend")
    amount.fill("5.00")
    expect_count(page, CUSTOMERS, CUSTOMERS)
    amount.fill("50.00")
    expect_count(page, BIG, CUSTOMERS)
    page.get_by_label("Name", exact=True).fill("Big spenders")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_role("button", name="Use in a campaign")).to_be_enabled()


def write_campaign(page: Page) -> None:
    page.get_by_role("button", name="Use in a campaign").click()
    expect(page.get_by_role("heading", name="New campaign")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Winter thanks")
    page.get_by_label("Subject", exact=True).fill("Thank you")
    page.get_by_label("Message", exact=True).fill("You spent {{ total_spend }} with us.")
    page.get_by_label("Message", exact=True).blur()
    expect(page.get_by_text("You spent £60.00 with us.").first).to_be_visible()


def test_from_a_file_to_a_finished_campaign(page: Page, tmp_path: Path) -> None:
    import_orders(page, orders_file(tmp_path))
    build_segment(page)
    write_campaign(page)
    page.get_by_role("button", name="Launch").click()
    page.get_by_role("button", name=f"Send to {BIG} customers").dblclick()

    expect(page.get_by_text("Finished", exact=True).first).to_be_visible()
    expect(page).to_have_url(re.compile(r"campaign="))
    page.reload()
    expect(page.get_by_text("Finished", exact=True).first).to_be_visible()

    page.goto("/campaigns")
    expect(page.get_by_role("heading", name="Campaigns")).to_be_visible()
    assert page.locator("text=Traceback").count() == 0
