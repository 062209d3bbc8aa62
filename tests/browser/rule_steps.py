"""What a person does in the rule editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page


def drag(page: Page, node: str, onto: str, height: float, part: str = "") -> None:
    """Drag a node by its grip to a height, 0 to 1, of another's row or of a part of it."""
    grip = page.locator(f'[data-node="{node}"] .re-grip').first.bounding_box()
    target = page.locator(f'[data-node="{onto}"] {part and f"> {part}"}').first.bounding_box()
    assert grip is not None
    assert target is not None
    x, y = target["x"] + 80, target["y"] + target["height"] * height
    page.mouse.move(grip["x"] + 8, grip["y"] + 12)
    page.mouse.down()
    page.mouse.move(grip["x"] + 20, grip["y"] + 20, steps=3)
    page.mouse.move(x, y, steps=6)
    # The browser says where the pointer is in its own time.
    page.wait_for_timeout(150)
    page.mouse.move(x + 2, y, steps=2)
    page.wait_for_timeout(100)
    page.mouse.up()


def add_condition(page: Page, field: str, amount: str) -> None:
    """Add a condition on a field of money at the end of the whole rule."""
    page.get_by_role("button", name="Add condition to the whole rule").click()
    choose_field(page, field)
    page.get_by_label(f"Amount in GBP: {field}").last.fill(amount)


def choose_field(page: Page, field: str) -> None:
    """Choose the field of the condition that has none yet."""
    page.get_by_label("Field of condition: Choose a field").click()
    page.keyboard.type(field)
    page.keyboard.press("Enter")


def pick(page: Page, words: str, item: str) -> None:
    """Pick from the menu of a part, which is named by its words."""
    page.get_by_role("button", name=f"More: {words}").click()
    page.get_by_role("menuitem", name=item, exact=True).click()


def expect_count(page: Page, members: int, of: int) -> None:
    heading = page.get_by_role("heading", name=f"{members} of {of} customers (")
    expect(heading).to_be_visible()
