"""Coming in, staying and leaving, in Chromium and against a real issuer on this machine."""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from engine.domain.permission import Role
from tests.browser.conftest import (
    BASE_URL_PATH,
    SLOWER,
    WAIT_MS,
    beside,
    enter_demo,
    free_port,
    serving,
    tab,
)
from tests.integration.auth.issuer import CLIENT_ID, CLIENT_SECRET, parameters, provider_mock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ASHA, RAVI, MAYA = "asha@example.com", "ravi@example.com", "maya@example.com"
NEAR, FAR = "eve@sub.example.com", "eve@elsewhere.test"
EFFECT_MS = 60_000 * SLOWER
"""A sign-out elsewhere, and a disabled person, take effect within a minute."""


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider_mock(ASHA, RAVI, MAYA, NEAR, FAR) as issuer:
        yield issuer


def settings(issuer: str) -> dict[str, str]:
    return {
        "CRM_OIDC_ISSUER": issuer,
        "GOOGLE_CLIENT_ID": CLIENT_ID,
        "GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "CRM_ADMIN_EMAILS": ASHA,
        "CRM_ALLOWED_DOMAINS": "example.com",
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("signed")


@pytest.fixture(scope="module")
def house(issuer: str, folder: Path) -> Iterator[str]:
    """Address of a server where people sign in with accounts of the issuer."""
    with serving(folder, settings(issuer)) as address:
        yield address


@contextmanager
def anybody(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    with tab(browser, address, request.node.name, signed_in=False) as page:
        # The issuer's own page asks for its styles elsewhere.
        page.context.route(re.compile(r"^https://"), lambda route: route.abort())
        yield page


@pytest.fixture
def page(browser: Browser, house: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A browser that nobody is signed in with."""
    with anybody(browser, house, request) as page:
        yield page


def window(page: Page) -> Page:
    """Open the issuer's window, by a button that is dressed and so watched."""
    button = page.frame_locator(".st-key-sign_in_window iframe").get_by_role("button")
    expect(button).to_have_css("box-sizing", "border-box")
    expect(button).to_have_css("border-top-left-radius", "8px")
    with page.expect_popup() as opened:
        button.click()
    opened.value.wait_for_load_state()
    return opened.value


def sign_in(page: Page, email: str) -> None:
    window(page).get_by_role("button", name=email).click()


def answer(opened: Page, **given: str) -> None:
    """Answer in the issuer's place; with its state, unless that is given, or empty."""
    asked = parameters(opened.url)
    reply = {one: value for one, value in ({"state": asked["state"]} | given).items() if value}
    opened.evaluate("url => { location.href = url }", f"{asked['redirect_uri']}?{urlencode(reply)}")


def signed_in(page: Page, name: str) -> None:
    expect(page.locator(".st-key-person").get_by_text(name, exact=True)).to_be_visible()


def asked_to_sign_in(page: Page, *, timeout: float = WAIT_MS) -> None:
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=timeout)
    expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)
    expect(page.locator(".st-key-person")).to_have_count(0)


def session_cookie(context: BrowserContext) -> dict[str, object] | None:
    found = [one for one in context.cookies() if one.get("name") == "crm_session"]
    return dict(found[0]) if found else None


def test_who_signs_in_comes_out_where_they_wanted_to_go_and_stays_over_a_refresh(
    page: Page,
) -> None:
    page.goto("/segments")
    asked_to_sign_in(page)
    assert session_cookie(page.context) is None
    sign_in(page, ASHA)
    expect(page.get_by_role("heading", name="Segments", exact=True)).to_be_visible()
    signed_in(page, "Asha")
    expect(page).to_have_url(re.compile(r"/segments$"))
    expect(page.get_by_text("in this tab only")).to_have_count(0)
    cookie = session_cookie(page.context)
    assert cookie
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    assert "crm_session" not in page.evaluate("document.cookie")
    page.reload()
    signed_in(page, "Asha")
    page.goto("/settings")
    expect(page.get_by_role("heading", name="Settings", exact=True)).to_be_visible()


def test_a_restart_of_the_server_signs_nobody_out(
    browser: Browser, issuer: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    port = free_port()
    with ExitStack() as tabs:
        with serving(tmp_path, settings(issuer), port=port) as address:
            page = tabs.enter_context(anybody(browser, address, request))
            page.goto("/campaigns")
            sign_in(page, ASHA)
            signed_in(page, "Asha")
            # Until all scripts are there; the browser asks the server for some as it draws.
            expect(page.get_by_role("button", name="New segment")).to_be_visible()
            expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
        with serving(tmp_path, settings(issuer), port=port):
            page.reload()
            signed_in(page, "Asha")
            expect(page).to_have_url(re.compile(r"/campaigns$"))


def test_pages_below_a_path_are_signed_in_to_and_out_of_as_others(
    browser: Browser, issuer: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with (
        serving(tmp_path, settings(issuer) | {BASE_URL_PATH: "/crm"}) as address,
        anybody(browser, address, request) as page,
    ):
        page.goto("/crm/campaigns")
        sign_in(page, ASHA)
        signed_in(page, "Asha")
        assert session_cookie(page.context), "the session holds for the tab only"
        page.reload()
        signed_in(page, "Asha")
        for path in ("media/x", "_stcore/metrics"):
            assert page.request.get(f"{address}/crm/{path}").status != 403
        page.get_by_role("button", name="Sign out", exact=True).click()
        asked_to_sign_in(page)
        assert session_cookie(page.context) is None
        kept = page.request.get(f"{address}/crm/media/x")
        assert kept.status == 403
        assert "sandbox" in kept.headers["content-security-policy"]


def test_a_sign_out_in_one_tab_reaches_the_other_within_a_minute(page: Page) -> None:
    page.goto("/segments")
    sign_in(page, ASHA)
    signed_in(page, "Asha")
    other = page.context.new_page()
    other.goto("/campaigns")
    signed_in(other, "Asha")
    page.get_by_role("button", name="Sign out", exact=True).click()
    asked_to_sign_in(page)
    asked_to_sign_in(other, timeout=EFFECT_MS)
    expect(other.get_by_text("This session has ended")).to_be_visible()
    expect(other.get_by_role("heading", name="Campaigns")).to_have_count(0)
    assert session_cookie(page.context) is None
    page.reload()
    asked_to_sign_in(page)


def test_a_sign_out_everywhere_reaches_other_browsers(
    browser: Browser, house: str, page: Page, request: pytest.FixtureRequest
) -> None:
    with anybody(browser, house, request) as elsewhere:
        for one in (page, elsewhere):
            one.goto("/")
            sign_in(one, MAYA)
            signed_in(one, "Maya")
        page.get_by_role("button", name="Sign out everywhere").click()
        asked_to_sign_in(page)
        asked_to_sign_in(elsewhere, timeout=EFFECT_MS)


@pytest.mark.parametrize("email", [NEAR, FAR])
def test_an_address_that_is_not_allowed_is_told_so_and_gets_no_session(
    page: Page, email: str
) -> None:
    page.goto("/customers")
    sign_in(page, email)
    expect(page.get_by_role("alert")).to_contain_text(f"{email} is not invited here")
    asked_to_sign_in(page)
    assert session_cookie(page.context) is None
    sign_in(page, ASHA)  # the page is ready for another try
    signed_in(page, "Asha")


def test_a_window_that_was_closed_and_a_consent_that_was_denied_are_told(page: Page) -> None:
    page.goto("/")
    window(page).close()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("closed before you were signed in")
    answer(window(page), error="access_denied")
    expect(told).to_contain_text("you did not let", ignore_case=True)
    sign_in(page, ASHA)
    signed_in(page, "Asha")


def test_a_window_whose_button_is_gone_is_closed_and_told(page: Page) -> None:
    page.goto("/")
    opened = window(page)
    page.locator(".st-key-sign_in_window iframe").evaluate("button => button.remove()")
    with opened.expect_event("close"):
        opened.get_by_role("button", name=ASHA).click()
    expect(page.get_by_role("alert")).to_contain_text("closed before you were signed in")


@pytest.mark.parametrize("state", ["", "another"])
def test_an_answer_that_was_not_asked_for_here_lets_nobody_in(page: Page, state: str) -> None:
    page.goto("/")
    answer(window(page), code="a-code", state=state)
    expect(page.get_by_role("alert")).to_contain_text("does not belong to the sign-in")
    asked_to_sign_in(page)
    assert session_cookie(page.context) is None


def test_a_role_and_a_disabled_person_take_effect_in_an_open_tab(
    page: Page, folder: Path, issuer: str
) -> None:
    page.goto("/")
    sign_in(page, RAVI)
    signed_in(page, "Ravi")
    menu = page.get_by_test_id("stSidebarNav")
    expect(menu.get_by_role("link", name="Segments")).to_be_visible()
    expect(menu.get_by_role("link", name="Customers")).to_have_count(0)
    with beside(folder, settings(issuer)) as crm:
        crm.set_role(RAVI, Role.ANALYST)
        expect(menu.get_by_role("link", name="Customers")).to_be_visible(timeout=EFFECT_MS)
        crm.disable_person(RAVI)
        asked_to_sign_in(page, timeout=EFFECT_MS)
        sign_in(page, RAVI)
        expect(page.get_by_role("alert")).to_contain_text("may not sign in here any more")
        asked_to_sign_in(page)


def test_where_the_cookies_route_is_out_of_reach_the_session_holds_for_the_tab(page: Page) -> None:
    page.context.route("**/auth/session", lambda route: route.fulfill(status=404, body="no page"))
    page.goto("/segments")
    sign_in(page, ASHA)
    signed_in(page, "Asha")
    expect(page.get_by_text("You are signed in in this tab only")).to_be_visible()
    expect(page.get_by_role("heading", name="Segments", exact=True)).to_be_visible()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Customers").click()
    expect(page.get_by_role("heading", name="Customers", exact=True)).to_be_visible()
    assert session_cookie(page.context) is None
    page.reload()
    asked_to_sign_in(page)


def test_a_demo_is_entered_by_one_click_and_says_on_every_page_what_it_is(
    browser: Browser, shop: Shop, request: pytest.FixtureRequest
) -> None:
    with anybody(browser, shop.address, request) as page:
        page.goto("/campaigns")
        page.get_by_role("button", name="Enter as a demo user").click()
        signed_in(page, "Demo admin")
        expect(page.get_by_role("heading", name="Campaigns", exact=True)).to_be_visible()
        for name in ("Overview", "Customers", "Settings"):
            page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
            expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
            expect(page.get_by_text("Anybody who reaches this address")).to_be_visible()


def test_a_viewer_has_no_way_to_what_a_viewer_may_not(
    browser: Browser, shop: Shop, request: pytest.FixtureRequest
) -> None:
    with anybody(browser, shop.address, request) as page:
        enter_demo(page, "Viewer")
        menu = page.get_by_test_id("stSidebarNav")
        expect(menu.get_by_role("link")).to_have_text(
            [re.compile("Overview"), re.compile("Segments"), re.compile("Campaigns")]
        )
        page.goto("/customer?customer=c001")
        expect(page.get_by_text("needs the role analyst")).to_be_visible()
        expect(page.get_by_text("Name 1")).to_have_count(0)
        menu.get_by_role("link", name="Segments").click()
        expect(page.get_by_text("Everyone", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="History")).to_be_visible()
        for button in ("New segment", "Open", "Duplicate", "Delete", "Use in a campaign"):
            expect(page.get_by_role("button", name=button, exact=True)).to_have_count(0)


def test_the_next_person_in_a_browser_finds_nothing_of_the_one_before(
    browser: Browser, shop: Shop, request: pytest.FixtureRequest
) -> None:
    with anybody(browser, shop.address, request) as page:
        enter_demo(page, "Analyst")
        page.goto("/segment_builder")
        page.get_by_label("Name", exact=True).fill("Of the analyst")
        page.get_by_label("Name", exact=True).press("Enter")
        expect(page.get_by_text("Unsaved changes")).to_be_visible()
        page.get_by_role("button", name="Sign out", exact=True).click()
        asked_to_sign_in(page)
        page.get_by_role("button", name="Enter as a demo user").click()
        signed_in(page, "Demo admin")
        expect(page.get_by_role("heading", name="New segment")).to_be_visible()
        expect(page.get_by_label("Name", exact=True)).to_have_value("")
        expect(page.get_by_text("Unsaved changes")).to_have_count(0)
