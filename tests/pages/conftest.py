"""A real engine on the real MongoDB, handed to the pages as the server hands its own."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from engine import Crm, load, open_crm
from pages._ui import engine as handle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Shell = Callable[..., AppTest]

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
    with open_crm(settings) as opened:
        handle.provide(opened)
        try:
            yield opened
        finally:
            handle.withdraw()
            st.cache_resource.clear()


@pytest.fixture
def shell(crm: Crm) -> Shell:
    """Open a page as a browser does: by its script's name and what the address asks for."""
    assert crm

    def open_page(page: str = "overview.py", **query: str) -> AppTest:
        app = AppTest.from_file(str(SHELL), default_timeout=SECONDS)
        if page != "overview.py":
            app.run()
            app.switch_page(page)
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
