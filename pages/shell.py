"""The only script Streamlit runs: it asks who is there, and runs the page that was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.engine import crm, signed_in, workspace
from pages._ui.feedback import flash, guard, leave, show_flash
from pages._ui.format import count, plain, when
from pages._ui.gate import who_is_there
from pages._ui.navigation import navigation, only
from pages._ui.person import demo_banner, person
from pages._ui.sign_in import sign_in
from pages._ui.state import DRAWN_AS, LEFT

if TYPE_CHECKING:
    from datetime import datetime

# A Material icon here would be fetched from another machine.
ICON = Path(__file__).parent / "_ui" / "icon.svg"
FRESHNESS_SECONDS = 10

st.set_page_config(layout="wide", page_icon=ICON)

with guard() as asking:
    somebody = who_is_there()
if not asking.ok:
    only(lambda: None, "Mini CRM").run()
    st.stop()
if somebody is None:
    if LEFT.get() is not None:  # the sidebar of who was here stays open otherwise, and empty
        st.set_page_config(initial_sidebar_state="collapsed")
    only(sign_in, "Sign in").run()
    st.stop()
DRAWN_AS.set(somebody.user.role)
page = navigation(somebody.user.role)


@st.fragment(run_every=FRESHNESS_SECONDS)
def freshness(drawn: list[datetime]) -> None:
    """Show what the page's figures are made from, and tell when there are newer ones.

    ``drawn`` is empty when the page is drawn, and then holds as of when its figures are. It also
    notices that the session has ended, or that the person has another role now.
    """
    with guard():
        if signed_in(used=False).user.role is not DRAWN_AS.get():
            st.rerun()
        now = crm(used=False).freshness()
        drawn[:] = drawn or [now.changed_at]
        st.caption(
            f"{count(now.customers, 'customer')} · {count(now.orders, 'order')}  \n"
            f"As of {when(now.as_of)}"
        )
        if now.behind:
            st.caption(":material/sync: Catching up with changes")
        elif now.changed_at > drawn[0]:
            st.caption(":material/sync: This page shows older figures")
        if st.button(
            "Refresh",
            key="refresh",
            icon=":material/refresh:",
            help="Catch up with what was written until now and redraw this page.",
        ):
            crm().refresh()
            flash("Figures refreshed")
            st.rerun()


with guard() as opening:
    name = workspace().name
    st.set_page_config(page_title=f"{page.title} · {name}")
    leave()
    show_flash()
    with st.sidebar:
        st.space("small")
        st.markdown(f"**{plain(name)}**")
        freshness([])
        person(somebody)
    demo_banner()

if opening.ok:
    with guard():
        page.run()
