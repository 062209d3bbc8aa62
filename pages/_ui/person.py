"""Who is signed in, in the sidebar, and the ways out; and the banner of a demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.domain.permission import ROLE_MEANINGS
from engine.domain.sign_in import SignInMode
from pages._ui.engine import access
from pages._ui.format import plain
from pages._ui.gate import go_out, go_out_everywhere
from pages._ui.state import TAB_ONLY

if TYPE_CHECKING:
    from engine.domain.user import SignedIn


def person(signed_in: SignedIn) -> None:
    """Say who is signed in, as what and how long, and offer to sign out."""
    user = signed_in.user
    with st.container(gap="xsmall", key="person"):
        st.markdown(
            f":material/account_circle: **{plain(user.name or user.email)}**",
            help=plain(f"{user.email}: {ROLE_MEANINGS[user.role]}"),
        )
        st.caption(user.role.value.capitalize())
        if TAB_ONLY.get():
            st.caption(
                ":material/tab: You are signed in in this tab only, until it is closed or loaded "
                "anew: the browser could not fetch a cookie from this server."
            )
        here = st.button("Sign out", key="sign_out", icon=":material/logout:")
        everywhere = st.button(
            "Sign out everywhere",
            key="sign_out_everywhere",
            type="tertiary",
            help="Ends this session. Other visitors of the demo stay."
            if access().mode is SignInMode.DEMO
            else "Ends every session you have, in other browsers as well.",
        )
    if here:
        go_out()
        st.rerun()
    if everywhere:
        go_out_everywhere(signed_in)
        st.rerun()


def demo_banner() -> None:
    """Say on every page of a demo that it is one."""
    if access().mode is SignInMode.DEMO:
        with st.container(key="demo_banner"):
            st.markdown(
                ":orange-badge[:material/science: Demo] :small[Anybody who reaches this address "
                "can enter in any role. Keep no real customers here.]"
            )
