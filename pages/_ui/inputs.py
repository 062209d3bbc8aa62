"""What the pages' input boxes share: when they give what is typed, and how they are filled."""

from __future__ import annotations

from datetime import date

import streamlit as st

from engine.domain.calendar import EARLIEST, LATEST

DAY_FIRST, DAY_LAST = EARLIEST.date(), date(LATEST.year - 1, 12, 31)
LIVE = "400ms"
"""When a box gives what is typed in it. Not when it is left: a tap on a link sends the change of
page before that of the box, and Streamlit 1.67 then leaves the page empty."""


def show(key: str, value: object) -> None:
    """Make the widget with this key show a value when it is drawn next.

    Writing only what differs leaves alone what somebody is typing into another box meanwhile.
    """
    if st.session_state.get(key) != value:
        st.session_state[key] = value
