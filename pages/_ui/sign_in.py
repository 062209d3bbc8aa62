"""The sign-in page: all there is for who is not signed in, whatever page they ask for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urlsplit

import streamlit as st
from streamlit_oauth import OAuth2Component, StreamlitOauthError

from engine.domain.permission import ROLE_MEANINGS, Role
from engine.domain.sign_in import BROWSER_COOKIE, SignInMode
from engine.errors import CrmError
from pages._ui.engine import access, present
from pages._ui.feedback import guard, sentence
from pages._ui.format import plain
from pages._ui.gate import come_in, hold_in_tab, origin
from pages._ui.pop_up import watched
from pages._ui.session_cookie import fetch_cookie, give_cookie_back, load_for_cookie
from pages._ui.state import ATTEMPT, ATTEMPTS, ENTERING, LEAVING, LEFT, REFUSED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.sign_in import SignInAttempt
    from pages._ui.state import Entering

BUTTON = "sign_in_window"
RETURN = "component/streamlit_oauth.authorize_button/index.html"
"""Where the issuer sends the sign-in window back to: the button's own page, below our address."""
FRESH = timedelta(minutes=8)
"""An attempt that is older is replaced before it is used: it holds for ten minutes."""
LOOK_SECONDS = 30
WIDTH = 440
BUTTON_HEIGHT = "3.6rem"
"""The button asks for less than it takes, and would lose its lower edge."""
GOOGLE = Path(__file__).with_name("google.svg")


class _Hidden:
    """The client that the button is given: it leads to the issuer, and exchanges nothing.

    The button would exchange a code before anybody compared the state.
    """

    def __init__(self, address: str) -> None:
        self._address = address

    async def get_authorization_url(self, **_: object) -> str:
        return self._address

    async def get_access_token(self, **_: object) -> dict[str, object]:
        return {}


def sign_in() -> None:
    """Draw the page."""
    st.space("large")
    with (
        st.container(horizontal_alignment="center"),
        st.container(width=WIDTH, border=True, key="sign_in", gap="small"),
    ):
        with guard():
            if (entering := ENTERING.get()) is not None:
                _entering(entering)
                return
            if LEAVING.get():
                _leaving()
                return
            st.title("Sign in", anchor=False)
            told = st.container()
            if access().mode is SignInMode.DEMO:
                _demo()
            elif access().mode is SignInMode.GOOGLE:
                _account()
            else:
                st.markdown(
                    "Nobody can sign in here: no way of signing in is configured. Whoever runs "
                    "this workspace can set one."
                )
            # Last, and in a place that is always there: a button that stands above what is told may
            # be one that is about to be replaced, and a window opened by that is heard by nobody.
            with told:
                _told()
        if not st.context.cookies.get(BROWSER_COOKIE):
            load_for_cookie()


def _entering(entering: Entering) -> None:
    st.title("Signing you in…", anchor=False)
    fetch_cookie(entering.ticket, on_unanswered=lambda: hold_in_tab(entering.session_id))


def _leaving() -> None:
    # Nothing to press: the page is loaded anew in a moment, and what was begun would be lost.
    st.title("Signing you out…", anchor=False)
    give_cookie_back()


def _told() -> None:
    """Say what happened before."""
    if (why := REFUSED.get()) is not None:
        st.error(plain(why), icon=":material/error:")
    elif (why := LEFT.get()) is not None:
        st.info(plain(why), icon=":material/logout:")


# --- demo ----------------------------------------------------------------------------------


def _demo() -> None:
    st.markdown("This is a demo: whoever reaches this address may look around, in any role.")
    role = st.radio(
        "Role",
        list(reversed(Role)),
        key="demo_role",
        format_func=lambda one: Role(one).value.capitalize(),
        captions=[f"{ROLE_MEANINGS[one].capitalize()}." for one in reversed(Role)],
    )
    if st.button("Enter as a demo user", key="enter_demo", type="primary", width="stretch"):
        come_in(access().enter_demo(Role(role or Role.VIEWER), origin=origin()))
        st.rerun()


# --- an account ----------------------------------------------------------------------------


def _account() -> None:
    st.markdown("Use the account that you were invited with. A window of its own opens for it.")
    try:
        attempt = _attempt()
        address = access().authorization_url(attempt)
    except CrmError as error:
        ATTEMPT.take()
        st.error(plain(sentence(str(error))), icon=":material/cloud_off:")
        st.button("Try again", key="ask_issuer_again", icon=":material/refresh:")
        return
    watched(BUTTON, on_end=REFUSED.set)
    reply = _reply(attempt, address)
    if reply is not None:
        _finish(attempt, reply)
    _renew()


def _attempt() -> SignInAttempt:
    known = ATTEMPT.get()
    if known is not None:
        return known
    begun = access().start(_return_address())
    ATTEMPT.set(begun)
    return begun


def _return_address() -> str:
    """Return the address the issuer is to send the window back to, as the browser sees us."""
    public = access().public_url
    if public is not None:
        return f"{public}/{RETURN}"
    shown = urlsplit(st.context.url or "")
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{shown.scheme}://{shown.netloc}/{base + '/' if base else ''}{RETURN}"


def _reply(attempt: SignInAttempt, address: str) -> Mapping[str, object] | None:
    """Draw the button; return what the issuer sent back through it, not looked at by anybody."""
    key = f"account_{ATTEMPTS.get()}"
    # The button compares with what it finds here, where a reply has a state at all; what counts is
    # that the engine compares.
    st.session_state[f"state-{key}"] = attempt.state
    given: object = None
    st.html(f"<style>.st-key-{BUTTON} iframe {{ min-height: {BUTTON_HEIGHT} }}</style>")
    try:
        with st.container(key=BUTTON):
            given = OAuth2Component(client=_Hidden(address)).authorize_button(
                "Continue with Google",
                redirect_uri=attempt.redirect_uri,
                scope="openid",
                key=key,
                icon=f"data:image/svg+xml,{quote(GOOGLE.read_text(encoding='utf-8'))}",
                use_container_width=True,
            )
    except StreamlitOauthError as error:
        given = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    except Exception:  # noqa: BLE001 - the button read what the browser sent, which may be anything
        given = {}
    return cast("Mapping[str, object]", given) if isinstance(given, dict) else None


def _finish(attempt: SignInAttempt, reply: Mapping[str, object]) -> None:
    """Let in who came back, or say why not and offer a new attempt."""
    ATTEMPT.take()
    ATTEMPTS.set(ATTEMPTS.get() + 1)
    try:
        with st.spinner("Signing you in…"):
            opened = access().finish(attempt, reply, origin=origin())
    except CrmError as error:
        LEFT.take()
        REFUSED.set(sentence(str(error)))
    else:
        come_in(opened)
    st.rerun()


@st.fragment(run_every=LOOK_SECONDS)
def _renew() -> None:
    """Offer a new attempt before the one at hand is too old to be used."""
    attempt = ATTEMPT.get()
    if attempt is not None and present() - attempt.began_at > FRESH:
        ATTEMPT.take()
        st.rerun()
