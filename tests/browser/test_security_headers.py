"""The policy on the pages in Chromium: nothing of ours breaks it, and nothing of others gets by."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import tab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Shop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

# A violation is heard in the page and in each frame of it.
LISTEN = """
window.violations = [];
addEventListener("securitypolicyviolation", (one) =>
    violations.push([one.effectiveDirective, one.blockedURI, one.sourceFile].join(" ")));
"""
PAGES = (
    *("Overview", "Customers", "Segments", "Campaigns", "Imports", "Settings"),
    *("Segment builder", "Campaign editor"),
)


@pytest.fixture
def watched(browser: Browser, shop: Shop, request: pytest.FixtureRequest) -> Iterator[Page]:
    with tab(browser, shop.address, request.node.name) as page:
        page.add_init_script(LISTEN)
        yield page


def violations(page: Page) -> list[str]:
    return [one for frame in page.frames for one in frame.evaluate("window.violations")]


@pytest.mark.parametrize("title", PAGES)
def test_no_page_breaks_the_policy(watched: Page, title: str) -> None:
    path = "" if title == "Overview" else title.lower().replace(" ", "_")
    watched.goto(f"/{path}")
    expect(watched).to_have_title(re.compile(f"^{title}"))
    expect(watched.get_by_role("heading", level=1).first).to_be_visible()
    if title == "Overview":
        expect(
            watched.locator(".stVegaLiteChart canvas, .stVegaLiteChart svg").first
        ).to_be_visible()
    if title == "Segment builder":  # our component runs, and so does what it is loaded by
        expect(watched.get_by_role("button", name="Order behaviour")).to_be_visible()
    assert violations(watched) == []


def test_a_table_is_drawn_and_offers_no_download_of_its_own(watched: Page) -> None:
    watched.goto("/customers")
    expect(watched.locator(".stDataFrame canvas").first).to_be_visible()
    watched.locator(".stDataFrame").first.hover()
    expect(watched.get_by_role("button", name="Search").first).to_be_visible()
    expect(watched.get_by_role("button", name="Download as CSV")).to_have_count(0)
    assert violations(watched) == []


def test_no_script_that_came_as_text_runs(watched: Page) -> None:
    watched.goto("/")
    expect(watched.get_by_role("heading", level=1).first).to_be_visible()
    watched.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.ran = 'inline'";
        document.body.append(script);
        const image = document.createElement("img");
        image.setAttribute("onerror", "window.ran = 'handler'");
        image.src = "data:,";
        document.body.append(image);
        const frame = document.createElement("iframe");
        frame.src = "https://frames.example/";
        document.body.append(frame);
        const base = document.createElement("base");
        base.href = "https://base.example/";
        document.head.append(base);
    }""")
    watched.wait_for_function("window.violations.length >= 4")
    assert watched.evaluate("window.ran") is None
    told = " ".join(violations(watched))
    for directive in ("script-src-elem inline", "script-src-attr inline", "frame-src", "base-uri"):
        assert directive in told


@contextmanager
def another_site(html: str) -> Iterator[str]:
    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def test_another_site_can_put_no_page_into_a_frame(browser: Browser, shop: Shop) -> None:
    html = f'<iframe src="{shop.address}/customers" onload="document.title = `loaded`"></iframe>'
    with another_site(html) as address:
        page = browser.new_page()
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text))
        page.goto(address)
        expect(page).to_have_title("loaded")
        frame = page.frames[1]
        assert frame.url.startswith("chrome-error:")
        assert any("frame-ancestors 'self'" in one for one in refused)
        page.close()
