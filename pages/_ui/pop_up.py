"""Notices a sign-in window that was blocked, or closed before the issuer answered."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.components.v2.types import ComponentRenderer

SCRIPT = Path(__file__).with_name("pop_up.js")
SAID = {
    "blocked": "The browser did not open the sign-in window. Allow pop-ups for this address, and "
    "try again.",
    "closed": "The sign-in window was closed before you were signed in. Try again.",
}


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component("pop_up", js=SCRIPT.read_text(encoding="utf-8"))


def watched(button: str, *, on_end: Callable[[str], None]) -> None:
    """Watch the window of a button, by its container's key; ``on_end`` is given a sentence."""
    key = f"watch_{button}"

    def ended() -> None:
        what = cast("dict[str, object]", st.session_state[key]).get("ended")
        if isinstance(what, str) and what in SAID:
            on_end(SAID[what])

    _component()(key=key, data={"button": button}, on_ended_change=ended)
