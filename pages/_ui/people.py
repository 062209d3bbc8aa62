"""People: who may sign in, as what, and what an admin may change about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.domain.permission import ROLE_MEANINGS, Role
from engine.domain.user import UserStatus
from pages._ui.engine import crm, signed_in
from pages._ui.feedback import flash, guard
from pages._ui.format import count, plain, when
from pages._ui.inputs import LIVE
from pages._ui.person_dialogs import change_role, disable, remove, show_sessions
from pages._ui.state import INVITATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.domain.user import User

MANY = 10
"""So many people and more are looked for by a search."""
SHOWN = 50
ROLE, SESSIONS = "Change role", "Sessions"
DISABLE, ENABLE, REMOVE = "Disable", "Enable", "Remove"
ROLES = list(Role)


def people() -> None:
    """List everybody, and offer to invite somebody."""
    st.subheader("People", anchor=False)
    st.markdown(
        "Who may sign in, and what they may do. An invitation sends nothing: tell the person to "
        "sign in with that address."
    )
    invite()
    everybody = crm().people()
    if not everybody:
        st.caption("Nobody has been invited yet.")
    found = searched(everybody) if len(everybody) >= MANY else everybody
    for one in found[:SHOWN]:
        card(one)
    if len(found) > SHOWN:
        st.caption(f"And {plain(count(len(found) - SHOWN, 'more person', 'more people'))}.")


def invite() -> None:
    """Ask for an address and a role, and invite it."""
    made = INVITATIONS.get()  # a new number empties the boxes
    with (
        st.container(border=True, key="new_person"),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        email = st.text_input(
            "E-mail address", key=f"invite_email_{made}", max_chars=254, width=320
        )
        role = st.selectbox(
            "Role",
            ROLES,
            key=f"invite_role_{made}",
            format_func=lambda one: Role(one).value.capitalize(),
            help="  \n".join(
                f"**{one.value.capitalize()}** {said}" for one, said in ROLE_MEANINGS.items()
            ),
            width=160,
        )
        asked = st.button("Invite", key="invite_person", icon=":material/person_add:")
    if asked:
        with guard() as attempt:
            invited = crm().invite_person(email or "", Role(role or Role.VIEWER))
        if attempt.ok:
            INVITATIONS.set(made + 1)
            flash(f"Invited {invited.email} as {invited.role.value}")
            st.rerun()


def searched(everybody: Sequence[User]) -> Sequence[User]:
    """Return those whose address, name or role contains what is typed."""
    text = st.text_input("Find a person", key="find_person", width=320, live=LIVE)
    wanted = (text or "").strip().casefold()
    return [
        one for one in everybody if wanted in f"{one.email} {one.name} {one.role.value}".casefold()
    ]


def card(one: User) -> None:
    """Show a person, with what may be changed about them."""
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", key=f"who_{one.email}"
    ):
        with st.container(gap="xxsmall"):
            st.markdown(
                f"**{plain(one.name or one.email)}**"
                + (f" {plain(one.email)}" if one.name else "")
                + (" (you)" if is_own(one) else "")
            )
            st.caption(plain(said_of(one)))
        if one.status is UserStatus.DISABLED:
            st.badge("Disabled", color="gray", icon=":material/block:")
        st.badge(one.role.value.capitalize(), color="gray")
        chosen = st.menu_button(
            "More",
            choices(one),
            key=f"person_menu_{one.email}",
            type="tertiary",
        )
    if chosen:
        act(one, chosen)


def is_own(one: User) -> bool:
    """Tell whether it is the person who looks."""
    return one.email == signed_in().user.email


def said_of(one: User) -> str:
    """Say how a person came in, and when they were here last."""
    if one.fixed:
        came = f"named by {one.created_by}" if one.created_by.isupper() else "named by the settings"
    else:
        came = f"added {when(one.created_at)} by {one.created_by}"
    here = f"last signed in {when(one.last_sign_in_at)}" if one.last_sign_in_at else "not here yet"
    return f"{here} · {came}"


def choices(one: User) -> list[str]:
    """Return what may be done about a person."""
    if one.fixed or is_own(one):
        return [SESSIONS]
    return [ROLE, SESSIONS, ENABLE if one.status is UserStatus.DISABLED else DISABLE, REMOVE]


def act(one: User, chosen: str) -> None:
    """Do what was chosen from a person's menu, or ask first."""
    if chosen == ROLE:
        change_role(one)
    elif chosen == SESSIONS:
        show_sessions(one)
    elif chosen == ENABLE:
        with guard() as attempt:
            crm().enable_person(one.email)
        if attempt.ok:
            flash(f"{one.email} may sign in again")
            st.rerun()
    elif chosen == DISABLE:
        disable(one)
    else:
        remove(one)
