"""The rule editor by itself, on a page that says what it was told."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import WAIT_MS, alone, running
from tests.browser.rule_steps import drag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGE = """
import json
import time
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import streamlit as st

from engine.domain.money import currency
from engine.domain.workspace import Workspace
from engine.rules.catalogue import Catalogue
from pages._ui.rule_editor import last_edit, rule_choices, rule_editor

space = Workspace(name="", currency=currency("GBP"), zone=ZoneInfo("UTC"), locale="en_GB")
catalogue = Catalogue.build({})
engine = SimpleNamespace(catalogue=lambda: catalogue, workspace=space)
given = json.loads(st.query_params["rule"])
held = st.session_state
held.setdefault("rule", given)
held.setdefault("revision", 1)


def changed():
    edit = last_edit("editor")
    if edit.revision == held.revision:
        held.rule = edit.document


def restore():
    held.revision += 1
    held.rule = given


@st.fragment
def part():
    time.sleep(float(st.query_params.get("sleep", "0")))
    edit = rule_editor(
        key="editor",
        document=held.rule,
        revision=held.revision,
        choices=rule_choices(
            engine, suggestions={"city": ["Pune", "Mumbai"]}, segments=(), campaigns=()
        ),
        notes={"a": {"count": 1000 + edit_serial()}},
        on_change=changed,
    )
    st.button("Restore", on_click=restore)
    st.code(json.dumps({"rule": edit.document["rule"], "incomplete": sorted(edit.incomplete)}))


def edit_serial():
    edit = last_edit("editor")
    return edit.serial if edit else 0


part()
"""

CITY = {"field": "city", "op": "equals", "value": "Pune"}
SPEND = {"field": "total_spend", "op": "greater_than", "value": "50.00"}
RULE = {
    "id": "r",
    "all": [
        {**SPEND, "id": "a"},
        {**CITY, "id": "b"},
        {"id": "g", "any": [{**CITY, "id": "c"}, {**SPEND, "id": "d"}]},
        {"id": "n", "not": {**CITY, "id": "e"}},
        {**CITY, "id": "l", "locked": True},
    ],
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server with the page above."""
    script = tmp_path_factory.mktemp("editor") / "page.py"
    script.write_text(PAGE)
    with running(str(script)) as address:
        yield address


@contextmanager
def editor(
    browser: Browser, address: str, rule: object = RULE, *, width: int = 1280, sleep: float = 0
) -> Iterator[Page]:
    """A tab on the page."""
    with alone(browser, address, width=width) as page:
        document = json.dumps({"version": 1, "rule": rule})
        page.goto(f"/?sleep={sleep}&rule={quote(document)}")
        expect(page.locator('[data-node="r"]')).to_be_visible()
        yield page


def told(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.get_by_test_id("stCode").locator("code").inner_text())
    return found


def shape(node: dict[str, Any]) -> str:
    """The ids as they nest: ``r(a b)``; a negation is ``n!e``."""
    for how in ("all", "any"):
        if how in node:
            return f"{node['id']}({' '.join(shape(child) for child in node[how])})"
    return f"{node['id']}!{shape(node['not'])}" if "not" in node else str(node["id"])


def expect_shape(page: Page, expected: str) -> None:
    """Wait until the server was told a rule of this shape; ``*`` stands for an id made since."""
    pattern = re.escape(expected).replace(r"\*", r"[\w-]+")
    for _ in range(int(WAIT_MS / 100)):
        if re.fullmatch(pattern, found := shape(told(page)["rule"])):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"the server was told {found} and not {expected}")


def says(page: Page) -> str:
    return page.locator(".re-whole > [role=status]").inner_text()


def test_a_part_is_dragged_into_a_group_and_out_and_between(browser: Browser, address: str) -> None:
    with editor(browser, address) as page:
        drag(page, "a", "c", 0.85)
        expect_shape(page, "r(b g(c a d) n!e l)")
        drag(page, "a", "b", 0.15)
        expect_shape(page, "r(a b g(c d) n!e l)")
        drag(page, "d", "g", 0.9, ".re-foot")
        expect_shape(page, "r(a b g(c) d n!e l)")
        drag(page, "c", "r", 0.5, ".re-head")
        expect_shape(page, "r(c a b g() d n!e l)")
        drag(page, "b", "g", 0.6, ".re-head")
        expect_shape(page, "r(c a g(b) d n!e l)")
        drag(page, "g", "n", 0.9, ".re-foot")
        expect_shape(page, "r(c a d n!e g(b) l)")
        drag(page, "a", "e", 0.85)
        expect_shape(page, "r(c d n!*(e a) g(b) l)")
        for _ in range(7):
            page.get_by_role("button", name="Undo").click()
        expect_shape(page, shape(RULE))
        expect(page.get_by_role("button", name="Undo")).to_have_attribute("aria-disabled", "true")


def test_what_the_limits_and_the_locks_forbid_is_refused_and_said(
    browser: Browser, address: str
) -> None:
    deep: dict[str, object] = {**CITY, "id": "x"}
    for level in range(6, 0, -1):
        deep = {"id": f"g{level}", "all": [deep]}
    rule = {
        "id": "r",
        "all": [
            deep,
            {"id": "q", "any": [{**CITY, "id": "y"}]},
            {"id": "k", "any": [{**CITY, "id": "z"}], "locked": True},
        ],
    }
    with editor(browser, address, rule) as page:
        before = shape(told(page)["rule"])
        drag(page, "q", "x", 0.85)
        assert says(page) == "A rule has at most 8 levels; this would be 9."
        drag(page, "y", "z", 0.85)
        assert says(page) == "That group is locked."
        drag(page, "k", "q", 0.1, ".re-head", locked=True)
        drag(page, "r", "q", 0.5, ".re-head")
        assert shape(told(page)["rule"]) == before


def test_a_nested_rule_is_built_without_a_pointer(browser: Browser, address: str) -> None:
    with editor(browser, address, {"id": "r", "all": []}, sleep=0.2) as page:
        keys = page.keyboard

        def reach(start: str) -> None:
            for _ in range(20):
                label = page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''")
                if str(label).startswith(start):
                    return
                keys.press("Tab")
            pytest.fail(f"Tab did not reach {start!r}")

        page.get_by_label("How the whole rule combines its parts").focus()
        reach("Add condition")
        keys.press("Enter")
        reach("Field of condition")
        keys.press("Enter")
        keys.type("spend")
        keys.press("Enter")
        reach("Amount in GBP")
        keys.type("12.50")
        reach("Add group to the whole rule")
        keys.press("Enter")
        reach("Field of condition")
        keys.press("Enter")
        keys.type("city")
        keys.press("Enter")
        keys.press("Tab")
        keys.type("is one")
        keys.press("Tab")
        keys.type("Delhi")
        keys.press("Enter")
        keys.type("mum")
        keys.press("ArrowDown")
        keys.press("Enter")
        keys.type("Goa")
        keys.press("Tab")
        expect_shape(page, "r(* *(*))")
        page.get_by_label("Move down: total spend").focus()
        keys.press("Enter")
        expect_shape(page, "r(*(* *))")
        rule = told(page)["rule"]["all"][0]["any"]
        assert [(one["field"], one["op"], one["value"]) for one in rule] == [
            ("total_spend", "greater_than", "12.50"),
            ("city", "in", ["Delhi", "Mumbai", "Goa"]),
        ]
        assert told(page)["incomplete"] == []
        reach("Remove: total spend")
        keys.press("Enter")
        reach("Remove: city")
        keys.press("Control+z")
        expect_shape(page, "r(*(* *))")


def test_typing_is_not_disturbed_by_a_slow_server(browser: Browser, address: str) -> None:
    with editor(browser, address, sleep=0.4) as page:
        box = page.get_by_label("Amount in GBP: total spend").first
        box.fill("")
        page.evaluate("window.box = document.activeElement")
        for letter in "1234":
            page.keyboard.type(letter)
            page.wait_for_timeout(170)
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        page.keyboard.type("5")
        for _ in range(int(WAIT_MS / 100)):
            if told(page)["rule"]["all"][0].get("value") == "12534":
                break
            page.wait_for_timeout(100)
        page.wait_for_timeout(1_000)
        expect(box).to_have_value("12534")
        assert page.evaluate("window.box === document.activeElement && box.selectionStart === 3")
        page.keyboard.type("9")
        page.keyboard.press("Tab")
        for _ in range(int(WAIT_MS / 100)):
            if told(page)["rule"]["all"][0].get("value") == "125934":
                return
            page.wait_for_timeout(100)
        pytest.fail("the last letter was lost")


def test_what_the_server_restores_can_be_undone(browser: Browser, address: str) -> None:
    with editor(browser, address) as page:
        page.get_by_label("Remove: total spend").first.click()
        expect_shape(page, "r(b g(c d) n!e l)")
        page.get_by_role("button", name="Restore").click()
        expect(page.locator('[data-node="a"]')).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        expect_shape(page, "r(b g(c d) n!e l)")


def test_it_fits_a_phone(browser: Browser, address: str) -> None:
    with editor(browser, address, width=390) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        past = "e => !e.closest('.re-hidden') && e.getBoundingClientRect().right > innerWidth"
        assert (
            page.evaluate(f"[...document.querySelectorAll('.re-root *')].filter({past}).length")
            == 0
        )
