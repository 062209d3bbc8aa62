"""Who is at the door: asked before any page is chosen, at every run of the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.domain.sign_in import BROWSER_COOKIE, SESSION_COOKIE
from engine.domain.user import Origin
from engine.errors import NotAuthenticated
from pages._ui.engine import access, held, proof
from pages._ui.feedback import sentence
from pages._ui.state import (
    ENTERING,
    LEAVING,
    LEFT,
    PROOF,
    SESSION,
    TAB_ONLY,
    Entering,
    forget_everything,
)

if TYPE_CHECKING:
    from engine.domain.sign_in import Opened
    from engine.domain.user import SignedIn


def who_is_there() -> SignedIn | None:
    """Return who is signed in in this browser session, and None where nobody is.

    By the browser's cookie, or else by the session it was opened with before: the cookie is read
    once, when the page connects, and is renewed since. Nothing of what one person did is left to
    another person, or to nobody.
    """
    found = _of_cookie()
    if found is not None:
        if SESSION.get() not in {"", found.session.session_id}:
            forget_everything()
        SESSION.set(found.session.session_id)
        PROOF.set(proof())
    if not SESSION.get():
        return None
    try:
        return held(used=True)
    except NotAuthenticated as error:
        forget_everything()
        LEFT.set(sentence(str(error)))
        return None


def _of_cookie() -> SignedIn | None:
    token = st.context.cookies.get(SESSION_COOKIE)
    if not token:
        return None
    try:
        return access().recognise(token)
    except NotAuthenticated:
        return None


def come_in(opened: Opened) -> None:
    """Let the browser fetch the cookie of a session that has just begun, if it can."""
    forget_everything()
    session_id = opened.signed_in.session.session_id
    try:
        ticket = access().ticket(opened, browser=st.context.cookies.get(BROWSER_COOKIE, ""))
    except NotAuthenticated:  # it keeps no cookie of ours, or did not load the page from us
        hold_in_tab(session_id)
    else:
        ENTERING.set(Entering(session_id, ticket))


def hold_in_tab(session_id: str) -> None:
    """Let a session hold in this tab alone, without a cookie."""
    ENTERING.take()
    access().hold_in_tab(session_id)
    SESSION.set(session_id)
    PROOF.set(proof())
    TAB_ONLY.set(value=True)


def go_out() -> None:
    """End the session of this browser, and forget all that it did here."""
    access().sign_out(SESSION.get())
    forget_everything()
    LEAVING.set(value=True)


def go_out_everywhere(signed_in: SignedIn) -> None:
    """End every session of a person, this one too; in a demo only this one."""
    access().sign_out_everywhere(signed_in.user.email, by=signed_in.actor())
    forget_everything()
    LEAVING.set(value=True)


def origin() -> Origin:
    """Return where this browser is, as far as it is known."""
    agent = st.context.headers.get("User-Agent", "")
    return Origin(address=st.context.ip_address, agent=agent[:200])
