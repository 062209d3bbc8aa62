"""The session's cookie, which the browser fetches with a one-time ticket and gives back at the end.

No script of a page can read the cookie, and the ticket is in no address.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.components.v2.types import ComponentRenderer

SCRIPT = Path(__file__).with_name("session_cookie.js")
ROUTE = "auth/session"


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component("session_cookie", js=SCRIPT.read_text(encoding="utf-8"))


def fetch_cookie(ticket: str, *, on_unanswered: Callable[[], None]) -> None:
    """Swap a ticket for the session's cookie, and load the page anew.

    ``on_unanswered`` is called where the server's route cannot be reached or gives no cookie.
    """
    _component()(
        key="fetch_cookie",
        data={"path": _path(), "ticket": ticket},
        on_unanswered_change=on_unanswered,
    )


def give_cookie_back() -> None:
    """Let the browser forget the session's cookie, and load the page anew."""
    _component()(key="give_cookie_back", data={"path": _path(), "ticket": None})


def load_for_cookie() -> None:
    """Load the page anew, once a tab: one that was loaded while the server started has no cookie.

    A ticket is bound to the browser by that cookie.
    """
    _component()(key="load_for_cookie", data={"path": None})


def _path() -> str:
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/{ROUTE}" if base else f"/{ROUTE}"
