"""The real server on its own data folder, and the system's Chromium in front of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect, sync_playwright

from engine import load, open_crm
from engine.domain.sign_in import SignInMode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Browser, Locator, Page, StorageState

    from engine import Crm

PROJECT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# Without these, Chromium asks the outside for updates and field trials.
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
RESULTS = PROJECT / "test-results"
ROW = 35
"""Height of a table's row in pixels."""
SHOPPERS = 60
SHOPPER = ":red[Zoë] <b>*O'Neil*</b>"
"""Name of customer c000: Markdown and HTML would change it."""
SLOWER = float(os.environ.get("SLOWER", "1"))
"""How many times slower than they could the browser and the server run: with more than 1, a test
that hangs on who of them is quicker fails. Waiting times grow alike."""
TURN_SECONDS = 0.02
BIT_BY_BIT = """
const gap = GAP_MS;
window.WebSocket = class extends window.WebSocket {
  addEventListener(type, listener, options) {
    let last = Promise.resolve();
    const wait = () => new Promise((done) => setTimeout(done, gap));
    const later = (event) => {
      last = last.then(wait).then(() => listener(event));
    };
    super.addEventListener(type, type === "message" ? later : listener, options);
  }
};
"""
"""Lets what the server says of a page arrive in single words, with time between them: nothing may
be done to a page on the grounds that what comes with it is there as well."""
WAIT_MS = 30_000 * SLOWER
GAP_MS = 10 * SLOWER
BASE_URL_PATH = "STREAMLIT_SERVER_BASE_URL_PATH"
"""Streamlit's option of what stands before the pages' addresses, such as ``/crm``."""
CITIES = ("Pune", "Mumbai", "Delhi")
"""Where customers c000, c001, c002 live; those after them by turns in the same."""
STOCK = """
import json
import sys
from pathlib import Path

from engine import decode, open_crm
from engine.domain.campaign import Channel, Message

with open_crm() as crm:
    file = Path(sys.argv[1])
    crm.run_import(file, crm.guess_mapping(crm.inspect_file(file)))
    rule = decode({"version": 1, "rule": {"all": []}})
    everyone = crm.save_segment(name="Everyone", description="", rule=rule)
    drafts = [
        crm.save_campaign(
            name=name,
            segment_id=everyone.segment_id,
            message=Message(channel=Channel.SMS, subject="", body="Hello"),
        )
        for name in (
            *("Launched twice", "Launched and closed", "Launched and dismissed"),
            "Deleted and discarded",
        )
    ]
    named = {one.name: one.campaign_id for one in drafts}
    print(json.dumps({"Everyone": everyone.segment_id, **named}))
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        limit = item.get_closest_marker("timeout")
        if SLOWER > 1 and limit is not None and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.timeout(limit.args[0] * SLOWER), append=False)


@dataclass(frozen=True, slots=True)
class Shop:
    """A server with data, and the ids of what was made there, by name."""

    address: str
    ids: Mapping[str, str]
    folder: Path


def environment(folder: Path) -> dict[str, str]:
    """What a server on this folder is told: no demo data, pounds and UTC."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "CRM_DATA_DIR": str(folder / "data"),
        "CRM_DEMO_DATA": "false",
        "CRM_TIMEZONE": "UTC",
        "CRM_CURRENCY": "GBP",
    }


@contextmanager
def serving(
    folder: Path, more: Mapping[str, str] | None = None, *, port: int | None = None
) -> Iterator[str]:
    """Run a server on a folder; yield its address."""
    env = {**environment(folder), **(more or {})}
    with running("streamlit_app.py", env=env, port=port) as address:
        yield address


@contextmanager
def running(
    script: str, *arguments: str, env: Mapping[str, str] | None = None, port: int | None = None
) -> Iterator[str]:
    """Run a script under Streamlit, with the project's configuration; yield its address.

    Where ``env`` names a path before the pages (BASE_URL_PATH), that is not in the address.
    """
    port = port or free_port()
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(  # noqa: S603 - the project itself, or a test's own script
        [
            *(sys.executable, "-m", "streamlit", "run", script),
            *("--server.headless=true", "--server.address=127.0.0.1", f"--server.port={port}"),
            *(("--", *arguments) if arguments else ()),
        ],
        cwd=PROJECT,
        env=env,
    )
    try:
        with _slowed(process):
            base = (env or {}).get(BASE_URL_PATH, "")
            wait_for(f"{address}{base}/_stcore/health", 60 * SLOWER)
            yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def _slowed(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Let a process run only a part of the time, in short turns, where it is to be slower."""
    over = threading.Event()

    def take_turns() -> None:
        while not over.wait(TURN_SECONDS) and process.poll() is None:
            process.send_signal(signal.SIGSTOP)
            over.wait(TURN_SECONDS * (SLOWER - 1))
            process.send_signal(signal.SIGCONT)

    turns = threading.Thread(target=take_turns)
    if SLOWER > 1:
        turns.start()
    try:
        yield
    finally:
        over.set()
        if SLOWER > 1:
            turns.join()


@contextmanager
def beside(folder: Path, more: Mapping[str, str] | None = None) -> Iterator[Crm]:
    """Open the engine beside a server, on the same data; it lets demo users in."""
    settings = load(root=folder, environment={**environment(folder), **(more or {})})
    with open_crm(settings, mode=SignInMode.DEMO) as crm:
        yield crm


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Address of a server with no data, in pounds and UTC."""
    with serving(tmp_path) as address:
        yield address


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A server with customers, a segment of everyone and two drafts."""
    folder = tmp_path_factory.mktemp("shop")
    file = folder / "orders.csv"
    names = [SHOPPER, *(f"Name {n}" for n in range(1, SHOPPERS))]
    lines = [
        f"o{n},c{n:03},2026-01-01,{n + 1}.00,{name},{CITIES[n % 3]}" for n, name in enumerate(names)
    ]
    file.write_text("\n".join(["order_id,customer_id,ordered_at,amount,name,city", *lines]))
    with serving(folder) as address:
        made = subprocess.run(  # noqa: S603 - the project itself
            [sys.executable, "-c", STOCK, str(file)],
            cwd=PROJECT,
            env=environment(folder),
            capture_output=True,
            text=True,
            check=True,
        )
        yield Shop(address, json.loads(made.stdout), folder)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(address: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            with urlopen(address, timeout=1):  # noqa: S310 - loopback
                return
        except OSError:
            assert time.monotonic() < end, f"{address} did not answer"
            time.sleep(0.1)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on PATH (Debian: apt-get install chromium)")
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


def enter_demo(page: Page, role: str = "Admin") -> None:
    """Come in by the button of a demo."""
    page.goto("/")
    page.get_by_text(role, exact=True).click()
    page.get_by_role("button", name="Enter as a demo user").click()
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_attached()


_keys: dict[str, StorageState] = {}
"""What a browser keeps once somebody came in, by the server's address."""


@contextmanager
def tab(
    browser: Browser,
    address: str,
    name: str,
    *,
    signed_in: bool = True,
    color_scheme: Literal["light", "dark"] = "light",
    width: int = 1280,
) -> Iterator[Page]:
    """A tab that is signed in as a demo admin, unless that is not wanted.

    How it looked at the end is kept in test-results.
    """
    keys = _keys.get(address) if signed_in else None
    with alone(browser, address, keys, color_scheme=color_scheme, width=width) as page:
        if signed_in and address not in _keys:
            enter_demo(page)
            _keys[address] = page.context.storage_state()
        yield page
        RESULTS.mkdir(exist_ok=True)
        page.screenshot(path=RESULTS / f"{name}.png", full_page=True)


@contextmanager
def alone(
    browser: Browser,
    address: str,
    keys: StorageState | None = None,
    *,
    color_scheme: Literal["light", "dark"] = "light",
    width: int = 1280,
) -> Iterator[Page]:
    """A tab of a browser of its own, with these keys; it may ask nothing of another machine."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 900},
        color_scheme=color_scheme,
        storage_state=keys,
    )
    if SLOWER > 1:
        context.on("page", _slow_down)
        context.add_init_script(BIT_BY_BIT.replace("GAP_MS", str(GAP_MS)))
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    yield page
    context.close()
    foreign = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    assert foreign == [], "a page asked another machine"


def _slow_down(page: Page) -> None:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def tick(page: Page, row: int, *, until: Locator) -> None:
    """Click in the first column of a row of the page's first table, until something shows.

    A table is a canvas, which tells nobody since when it listens, is moved by what is drawn above
    it, and is drawn anew where its rows change: a click that had no effect within three seconds is
    made again.
    """
    table = page.get_by_test_id("stDataFrame").first
    end = time.monotonic() + WAIT_MS / 1000
    while True:
        expect(table).to_be_visible()
        if (box := table.bounding_box()) is not None:
            page.mouse.click(box["x"] + 0.7 * ROW, box["y"] + (row + 1.5) * ROW)
        try:
            expect(until).to_be_visible(timeout=3_000)
        except AssertionError:
            if time.monotonic() > end:
                raise
        else:
            return


@pytest.fixture
def page(browser: Browser, server: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab on a server with no data."""
    with tab(browser, server, request.node.name) as page:
        yield page
