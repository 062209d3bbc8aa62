"""What opens over the list of people: a person's role and sessions, and putting them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from engine.domain.permission import ROLE_MEANINGS, Role
from pages._ui.engine import crm
from pages._ui.feedback import confirm, flash, guard
from pages._ui.format import count, plain
from pages._ui.frames import Column, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.domain.user import Session, User


def change_role(one: User) -> None:
    """Ask for a person's new role, and give it."""
    key = f"role_of_{one.email}"

    def offered() -> None:
        st.radio(
            "Role",
            list(Role),
            index=list(Role).index(one.role),
            format_func=lambda role: Role(role).value.capitalize(),
            captions=[ROLE_MEANINGS[role].capitalize() for role in Role],
            key=key,
        )
        st.caption("Each role may also do what the ones above it may. It holds within seconds.")

    def give() -> str:
        changed = crm().set_role(one.email, Role(st.session_state[key]), was=one.role)
        return f"{changed.email} is {changed.role.value} now"

    confirm(
        "Change role",
        f"What may **{plain(one.name or one.email)}** do?",
        "Save",
        give,
        asks=offered,
    )


def disable(one: User) -> None:
    """Ask whether a person is to be put out, and whether their API keys end, too."""
    confirm(
        "Disable this person?",
        f"**{plain(one.name or one.email)}** is signed out everywhere within seconds, and cannot "
        "sign in until you enable them again. What they made stays.",
        "Disable",
        lambda: f"Disabled {crm().disable_person(one.email, revoke_keys=ends_keys(one)).email}",
        asks=keys_asked(one, end=False),
    )


def remove(one: User) -> None:
    """Ask whether a person is to be forgotten, and whether their API keys end, too."""
    confirm(
        "Remove this person?",
        f"**{plain(one.name or one.email)}** is signed out and forgotten here; what they made "
        "stays. Somebody whom CRM\\_ALLOWED\\_EMAILS or CRM\\_ALLOWED\\_DOMAINS lets in may come "
        "again as a viewer: disable them to keep them out.",
        "Remove",
        lambda: f"Removed {crm().remove_person(one.email, revoke_keys=ends_keys(one)).email}",
        asks=keys_asked(one, end=True),
    )


def keys_asked(one: User, *, end: bool) -> Callable[[], object] | None:
    """Return what names a person's active API keys and asks whether they end; None without any.

    ``end`` is what is proposed.
    """
    keys = crm().api_keys_of(one.email)
    if not keys:
        return None
    named = ", ".join(f"**{plain(key.name)}**" for key in keys)
    made = count(len(keys), "API key that is active", "API keys that are active")

    def asked() -> None:
        st.markdown(
            f"They made {plain(made)}: {named}. Programs go on using a key until it is revoked."
        )
        st.checkbox("Revoke these keys, too", value=end, key=f"revoke_keys_of_{one.email}")

    return asked


def ends_keys(one: User) -> bool:
    """Tell whether the keys are to end, as the dialog's box says; without one there are none."""
    return bool(st.session_state.get(f"revoke_keys_of_{one.email}", False))


@st.dialog("Sessions", width="medium")
def show_sessions(one: User) -> None:
    """Show the browsers that a person is signed in with, and offer to end it."""
    name = f"**{plain(one.name or one.email)}**"
    with guard():
        sessions = crm().sessions_of(one.email)
        if not sessions:
            st.markdown(f"{name} is not signed in anywhere.")
            return
        st.markdown(f"{name} is signed in with {plain(count(len(sessions), 'browser'))}.")
        listed(sessions)
        if st.button("Sign out everywhere", key="sign_person_out", icon=":material/logout:"):
            ended = crm().sign_person_out(one.email)
            flash(f"Ended {count(ended, 'session')} of {one.email}")
            st.rerun()


def listed(sessions: tuple[Session, ...]) -> None:
    """Show sessions as a table, the latest first."""
    table(
        pl.DataFrame(
            {
                "seen": [one.last_seen_at for one in sessions],
                "began": [one.began_at for one in sessions],
                "address": [one.origin.address for one in sessions],
                "agent": [one.origin.agent for one in sessions],
            },
            schema_overrides={"address": pl.String},
        ),
        {
            "seen": Column("Last used", "instant"),
            "began": Column("Signed in", "instant"),
            "address": Column("From"),
            "agent": Column("Browser", width=220),
        },
        alt="Sessions, the latest first",
        key="sessions_of_person",
    )
