"""The workspace: its name, zone, currency and sender."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.engine import crm
from pages._ui.feedback import flash, guard
from pages._ui.format import plain
from pages._ui.state import WORKSPACE_OPENED

if TYPE_CHECKING:
    from engine.domain.workspace import WorkspaceChoice

LABELS = {
    "workspace_name": ("Name", "Stands above the pages, and in messages that name it."),
    "timezone": ("Time zone", "Days, months and times without an offset are read in it."),
    "currency": ("Currency", "Of every amount; fixed once there are orders."),
    "sender_name": ("Sender's name", "Whom messages come from."),
    "sender_address": ("Sender's address", "The e-mail address that messages come from."),
}


def workspace_form() -> None:
    """Show the workspace's settings, and keep what is changed."""
    st.subheader("Workspace", anchor=False)
    st.markdown(
        "Name and sender hold at once. Time zone and currency hold when the server and its workers "
        "start next."
    )
    choices, version = crm().workspace_choices()
    filled, opened = WORKSPACE_OPENED.get()
    if opened < 0:
        opened = version
        WORKSPACE_OPENED.set((filled, opened))
    with st.container(border=True, key="workspace_form"):
        given = {one.field: box(one, filled) for one in choices}
        changed = {
            one.field: given[one.field]
            for one in choices
            if one.fixed_by is None and given[one.field] != shown(one)
        }
        if st.button("Save", key="save_workspace", type="primary", disabled=not changed):
            with guard() as attempt:
                crm().choose_workspace(changed, version=opened)
            if attempt.ok:
                flash("Saved the workspace's settings")
                WORKSPACE_OPENED.set((filled + 1, -1))
                st.rerun()
    if version != opened:
        st.warning(
            "Somebody changed these settings after you opened them.", icon=":material/sync_problem:"
        )
        if st.button("Show them as they are", key="reload_workspace"):
            WORKSPACE_OPENED.set((filled + 1, -1))
            st.rerun()


def shown(one: WorkspaceChoice) -> str:
    """Return what a field's box holds before it is changed."""
    return one.in_force if one.fixed_by or one.chosen is None else one.chosen


def box(one: WorkspaceChoice, filled: int) -> str:
    """Show one field; return what it holds."""
    label, said = LABELS[one.field]
    key, fixed = f"{one.field}_{filled}", one.fixed_by is not None
    if one.options:
        options = list(one.options)
        at = options.index(shown(one)) if shown(one) in options else None
        value = st.selectbox(
            label, options, index=at, key=key, help=said, disabled=fixed, width=400
        )
    else:
        value = st.text_input(
            label, shown(one), key=key, help=said, disabled=fixed, width=400, max_chars=254
        )
    if one.fixed_by is not None:
        st.caption(f":material/lock: {plain(one.fixed_by)} says so; change it there.")
    elif one.waits:
        st.caption(f":material/schedule: {plain(one.in_force)} until the next start.")
    return value or ""
