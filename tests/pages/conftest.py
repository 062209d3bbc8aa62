"""A real engine on the real MongoDB, handed to the pages as the server hands its own."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from engine import Crm, load, open_crm
from engine.domain.permission import Role
from engine.domain.sign_in import SESSION_COOKIE, SignInMode
from engine.domain.user import Origin
from pages._ui import engine as handle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Shell = Callable[..., AppTest]
    SignedInApp = Callable[..., AppTest]

SHELL = Path(__file__).resolve().parents[2] / "pages" / "shell.py"
SECONDS = 30


@pytest.fixture
def crm(mongo_uri: str, db_name: str, tmp_path: Path) -> Iterator[Crm]:
    """An engine over an empty database, which the pages use as well."""
    settings = load(
        root=tmp_path,
        environment={
            "MONGODB_URI": mongo_uri,
            "MONGODB_DATABASE": db_name,
            "CRM_DATA_DIR": str(tmp_path),
            "CRM_DEMO_DATA": "false",
            "CRM_WORKSPACE_NAME": "Test shop",
        },
    )
    with open_crm(settings, mode=SignInMode.DEMO) as opened:
        handle.provide(opened)
        try:
            yield opened
        finally:
            handle.withdraw()
            st.cache_resource.clear()


@dataclass
class Browser:
    """What a browser says of itself when it connects; by itself AppTest says nonsense."""

    cookies: dict[str, str] = field(default_factory=dict)
    headers: list[tuple[str, str]] = field(default_factory=list)
    remote_ip: str | None = None


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Browser:
    """The browser in front of every page."""
    client = Browser()
    monkeypatch.setattr("streamlit.runtime.context._get_client_context", lambda: client)
    return client


@pytest.fixture
def signed_in(crm: Crm, client: Browser) -> SignedInApp:
    """Sign somebody in as the demo user of a role, before anything runs: the browser's cookie.

    Once a role, as in one browser: its tabs share the cookie.
    """

    @cache
    def token(role: Role) -> str:
        return crm.access.enter_demo(role, origin=Origin()).token

    def sign_in(app: AppTest, role: Role = Role.ADMIN) -> AppTest:
        client.cookies[SESSION_COOKIE] = token(role)
        return app

    return sign_in


@pytest.fixture
def shell(signed_in: SignedInApp) -> Shell:
    """Open a page as a browser does: by its script's name and what the address asks for.

    Signed in as the demo user of a role, or not at all where the role is None.
    """

    def open_page(
        page: str = "overview.py", /, role: Role | None = Role.ADMIN, **query: str
    ) -> AppTest:
        app = AppTest.from_file(str(SHELL), default_timeout=SECONDS)
        if role is not None:
            signed_in(app, role)
        if page != "overview.py":
            # By its address, as switch_page does for those whose script the role may run.
            app._page_hash = calc_hash(page.removesuffix(".py"))  # noqa: SLF001
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    return open_page


@pytest.fixture
def imported(crm: Crm, tmp_path: Path) -> Callable[..., None]:
    """Import orders: (order id, customer id, ordered at, amount, status, name), as text."""

    def bring_in(*rows: tuple[str, str, str, str, str, str]) -> None:
        file = tmp_path / "orders.csv"
        lines = ["order_id,customer_id,ordered_at,amount,status,name"]
        lines += [",".join(row) for row in rows]
        file.write_text("\n".join(lines) + "\n")
        mapping = crm.guess_mapping(crm.inspect_file(file))
        result = crm.run_import(file, mapping)
        assert not result.rejected

    return bring_in


def texts(app: AppTest) -> str:
    """Return everything a page says in words, for asking whether something is said."""
    kinds: tuple[Any, ...] = (
        *(app.title, app.header, app.subheader, app.markdown, app.caption, app.text),
        *(app.error, app.warning, app.info, app.success),
    )
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def today() -> str:
    """Return the present instant, as a file writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def until(app: AppTest, holds: Callable[[AppTest], bool]) -> AppTest:
    """Rerun a page, as its own timer does, until something holds."""
    deadline = time.monotonic() + SECONDS
    while not holds(app):
        assert time.monotonic() < deadline, texts(app)
        time.sleep(0.05)
        app.run()
    return app
