"""The one engine behind every page of this process, as whoever is signed in may use it."""

from __future__ import annotations

from hashlib import sha256
from threading import Event
from typing import TYPE_CHECKING

import streamlit as st

from engine import open_crm
from engine.domain.actor import NOBODY
from engine.domain.sign_in import SESSION_COOKIE
from engine.errors import NotAuthenticated, Unavailable
from pages._ui import import_jobs, uploads
from pages._ui.state import PROOF, SESSION

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine import Access, Crm
    from engine.domain.permission import Permission
    from engine.domain.user import SignedIn
    from engine.domain.workspace import Workspace

OPENING = "Opening the workspace…"

_provided: list[Crm] = []
_settled = Event()
"""Cleared while an engine is on its way."""
_settled.set()


def expect() -> None:
    """Announce an engine: pages wait until it is provided, and open none themselves."""
    _settled.clear()


def provide(crm: Crm) -> None:
    """Hand the pages an open engine; the server's start does this, and so do tests.

    By itself it serves nobody. What a killed server left of uploads is deleted.
    """
    _provided[:] = [crm.acting_as(NOBODY)]
    uploads.sweep()
    _settled.set()


def withdraw() -> None:
    """Take the engine back before it is closed; imports that run are stopped first."""
    import_jobs.stop_all()
    _provided.clear()


def provided() -> Crm:
    """Return the engine that was provided, without waiting; raises Unavailable without one.

    It acts for nobody.
    """
    if not _provided:
        msg = "the engine is opening or closing; try again in a moment"
        raise Unavailable(msg)
    return _provided[0]


def access() -> Access:
    """Return the front door: sign-in and sessions. Waits for an engine that is on its way.

    Raises what :func:`engine.open_crm` raises.
    """
    return _engine().access


def signed_in(*, used: bool = True) -> SignedIn:
    """Return who is signed in in this browser session, as it stood five seconds ago at most.

    Where nobody is any more, the app runs anew, and the shell asks to sign in: a fragment is drawn
    without the shell. Raises NotAuthenticated where nothing can run anew: outside a page's run.
    """
    try:
        return held(used=used)
    except NotAuthenticated:
        _run_anew()
        raise


def held(*, used: bool) -> SignedIn:
    """Return who this browser session was opened for; raises NotAuthenticated.

    Whoever knows a browser session's id can connect to it again, so the cookie of the connection
    has to be the one it was opened with. It need not be good any more: it is renewed meanwhile.
    """
    if PROOF.get() != proof():
        msg = "this connection came without the cookie of its session; sign in again"
        raise NotAuthenticated(msg)
    return access().still(SESSION.get(), used=used)


def proof() -> str:
    """Return a hash of the session's cookie that this connection came with; empty without one."""
    token = st.context.cookies.get(SESSION_COOKIE, "")
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest() if token else ""


def crm(*, used: bool = True) -> Crm:
    """Return the engine as who is signed in may use it, asked for anew at each call.

    ``used`` is false for what a page does by itself, which keeps no session from ending for lack
    of use. Raises what :func:`signed_in` raises.
    """
    return _engine().acting_as(signed_in(used=used).actor())


def for_later() -> Callable[[], Crm]:
    """Return what a download calls on its click for the engine: it runs outside every session.

    It asks anew whether this session holds, and what its person may do.
    """
    session_id = SESSION.get()

    def at_the_click() -> Crm:
        return _engine().acting_as(access().still(session_id).actor())

    return at_the_click


def may(permission: Permission) -> bool:
    """Tell whether who is signed in may do something, so that a page offers nothing else.

    The engine checks it again.
    """
    return signed_in().actor().may(permission)


def workspace() -> Workspace:
    """Return what amounts and dates are written by, also in threads that serve no session."""
    return _engine().workspace


def present() -> datetime:
    """Return the present instant by the engine's clock, also where nobody is signed in."""
    return _engine().clock.now()


def _engine() -> Crm:
    if not _settled.is_set():
        with st.spinner(OPENING):
            _settled.wait()
    return _provided[0] if _provided else _opened().acting_as(NOBODY)


def _run_anew() -> None:
    st.rerun(scope="app")


@st.cache_resource(show_spinner=OPENING, on_release=lambda crm: crm.close())
def _opened() -> Crm:
    return open_crm()
