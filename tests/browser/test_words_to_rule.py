"""An audience in words, as an analyst comes to trust it: read, chosen, changed, edited, saved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from engine import decode, encode
from pages._ui.rule_document import bare
from tests.browser.conftest import SHOPPERS, beside, tab
from tests.browser.rule_steps import expect_count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

HOSTILE = "jazz <img src=x onerror=alert(1)> ![x](http://x.test/a.png) :red[y]"
WORDS = "Customers who like jazz and spent over £20 and haven't ordered in 3 months"
IN_PUNE = {"field": "city", "op": "equals", "value": "Pune"}


@pytest.fixture
def page(browser: Browser, shop: Shop) -> Iterator[Page]:
    """A tab on a new segment."""
    with tab(browser, shop.address, "words-to-rule") as page:
        page.goto("/segment_builder")
        expect_count(page, SHOPPERS, SHOPPERS)
        expect(page.get_by_role("group", name="The whole rule")).to_be_visible()
        page.evaluate("document.querySelector('.re-root').dataset.first = 'yes'")
        yield page
        assert page.locator("text=Traceback").count() == 0


def lapsed(n: int, unit: str) -> dict[str, object]:
    return {"field": "last_order_at", "op": "not_in_the_last", "value": {"n": n, "unit": unit}}


def over(amount: str) -> dict[str, object]:
    return {"field": "total_spend", "op": "greater_than", "value": amount}


def members(shop: Shop, *nodes: Mapping[str, object]) -> int:
    """Return how many customers meet all of some conditions, by an engine beside the server."""
    with beside(shop.folder) as crm:
        return crm.preview(decode({"version": 1, "rule": {"all": list(nodes)}})).count


def say(page: Page, label: str, words: str) -> None:
    box = page.get_by_label(label, exact=True)
    box.fill(words)
    box.press("Enter")


def test_words_become_a_rule_that_is_chosen_changed_edited_saved_and_opened_again(
    page: Page, shop: Shop
) -> None:
    spenders = members(shop, lapsed(3, "month"), over("20.00"))
    in_pune = members(shop, lapsed(90, "day"), over("20.00"), IN_PUNE)
    fewer = members(shop, lapsed(90, "day"), over("50.00"), IN_PUNE)
    assert SHOPPERS > spenders > in_pune > fewer > 0

    answer = page.locator(".st-key-words_answer")
    say(page, "Describe the audience", HOSTILE)
    expect(answer.get_by_text("These words made no rule")).to_be_visible()
    expect(answer.get_by_test_id("stAlert")).to_contain_text("<img src=x")
    expect(answer.locator("img, script, a")).to_have_count(0)
    answer.get_by_role("button", name="Have not ordered in 3 months").click()
    box = page.get_by_label("Describe the audience", exact=True)
    expect(box).to_have_value("Have not ordered in 3 months")

    say(page, "Describe the audience", WORDS)
    expect_count(page, spenders, SHOPPERS)
    expect(answer.get_by_text("Read by the built-in grammar")).to_be_visible()
    expect(answer.get_by_role("cell", name="spent over £20")).to_be_visible()
    expect(answer.get_by_test_id("stAlert")).to_contain_text(
        "Not understood, and not in the rule: “like jazz”."
    )
    expect(page.get_by_text("1 phrase not in the rule")).to_be_visible()

    answer.get_by_text(re.compile("^90 days")).click()
    expect(
        page.get_by_role("button", name="Remove: last order is not in the last 90 days")
    ).to_be_visible()
    expect_count(page, spenders, SHOPPERS)

    say(page, "Change it in words", "only those in Pune")
    expect_count(page, in_pune, SHOPPERS)
    expect(page.get_by_text("1 phrase not in the rule")).to_be_visible()

    page.get_by_label("Amount in GBP: total spend").fill("50.00")
    expect_count(page, fewer, SHOPPERS)
    expect(answer.get_by_text("You have edited the rule since")).to_be_visible()
    assert page.locator(".re-root[data-first=yes]").count() == 1, "the editor was mounted anew"

    page.get_by_label("Name", exact=True).fill("In words")
    expect(page.get_by_text("Unsaved changes")).to_be_visible()
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_text("Version 1, saved", exact=True)).to_be_visible()
    page.reload()
    expect_count(page, fewer, SHOPPERS)
    expect(answer).to_have_count(0)
    with beside(shop.folder) as crm:
        (saved,) = (one for one in crm.segments() if one.name == "In words")
        assert crm.preview(saved.rule).count == fewer
    assert bare(encode(saved.rule)) == {"all": [over("50.00"), lapsed(90, "day"), IN_PUNE]}
