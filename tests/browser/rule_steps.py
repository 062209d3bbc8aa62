"""What a person does in the rule editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page


def drag(
    page: Page, node: str, onto: str, height: float, part: str = "", *, locked: bool = False
) -> None:
    """Drag a node by its grip to a height, 0 to 1, of another's row or of a part of it.

    Each step waits until the editor shows it, as a person does: what is held is pale, and a line
    tells where it would be put. What is ``locked`` cannot be held.
    """
    grip = page.locator(f'[data-node="{node}"] .re-grip').first
    target = page.locator(f'[data-node="{onto}"] {part and f"> {part}"}').first
    grip.hover()
    box, held = grip.bounding_box(), page.locator("[data-dragging]")
    assert box is not None
    page.mouse.down()
    page.mouse.move(box["x"] + 20, box["y"] + 20, steps=3)
    expect(held).to_have_count(0 if locked else 1)
    for nearer in (2, 0):  # the first move over a place tells the browser only that it is one
        size = target.bounding_box()
        assert size is not None
        target.hover(position={"x": 80 - nearer, "y": size["height"] * height}, force=True)
    if not locked:
        expect(page.locator(f'[data-node="{onto}"][data-over]')).to_have_count(1)
    page.mouse.up()
    expect(held).to_have_count(0)


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
