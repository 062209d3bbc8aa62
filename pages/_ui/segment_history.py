"""The versions of a segment: who saved what, and bringing one back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.domain.permission import Permission
from pages._ui.engine import crm, may
from pages._ui.feedback import flash, guard
from pages._ui.format import plain, when
from pages._ui.segment_changes import change_list
from pages._ui.state import Slot

if TYPE_CHECKING:
    from engine.domain.segment import SegmentVersion

PAGE = 10

OPEN: Slot[str | None] = Slot("history_open", None)
"""The segment whose history is shown."""

RESTORING: Slot[tuple[str, int, int] | None] = Slot("restoring_version", None)
"""The segment, the version it stood at, and the version that was asked to come back."""

SHOWN: Slot[int] = Slot("history_shown", PAGE)
"""How many versions are shown."""


def open_history(segment_id: str) -> None:
    """Let the next run show a segment's versions; for a button's ``on_click``."""
    RESTORING.set(None)
    SHOWN.set(PAGE)
    OPEN.set(segment_id)


def close_history() -> None:
    """Let no run show a history again."""
    OPEN.set(None)


def history_dialog() -> None:
    """Show the history that was asked for, if one was; from the latest version."""
    segment_id = OPEN.get()
    if segment_id is not None:
        _history(segment_id)


@st.dialog("History", width="large", on_dismiss=close_history)
def _history(segment_id: str) -> None:
    with guard():
        asked = RESTORING.get()
        if asked is not None and asked[0] == segment_id:
            _confirm(*asked)
        else:
            _versions(segment_id)


def _versions(segment_id: str) -> None:
    shown = SHOWN.get()
    versions = crm().segment_history(segment_id, limit=shown + 1)
    present = versions[0]
    st.caption(plain(f"{present.content.name}, latest version first"))
    for index, version in enumerate(versions[:shown]):
        older = versions[index + 1] if index + 1 < len(versions) else None
        with st.container(border=True, key=f"version_{version.version}"):
            _version(version, older, present)
    if len(versions) > shown:
        st.button(
            "Show older versions",
            key="older_versions",
            on_click=SHOWN.set,
            args=(shown + PAGE,),
        )


def _version(
    version: SegmentVersion, older: SegmentVersion | None, present: SegmentVersion
) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Version {version.version}**", width="content")
        if version is present:
            st.badge("Present", color="green")
        if version.restored_from is not None:
            st.badge(f"Version {version.restored_from} restored", color="gray")
        st.caption(plain(f"{when(version.saved_at)} by {version.saved_by}"))
        if version is not present and may(Permission.SEGMENTS):
            st.button(
                "Restore…",
                key=f"restore_{version.version}",
                icon=":material/history:",
                type="tertiary",
                on_click=RESTORING.set,
                args=((version.segment_id, present.version, version.version),),
            )
    if older is None:
        first = "Created." if version.version == 1 else "No older version is known."
        st.caption(first)
    else:
        changes = crm().segment_difference(older.content, version.content)
        all_seen = may(Permission.PEOPLE)
        change_list(changes, f"Saved without a change{'' if all_seen else ' that you may see'}.")


def _confirm(segment_id: str, present: int, to: int) -> None:
    """Ask before an old version is saved over the present one."""
    versions = {one.version: one for one in crm().segment_history(segment_id)}
    old, current = versions[to], versions[present]
    st.markdown(f"**Restore version {to}?**")
    st.markdown(
        plain(
            f"Version {present + 1} will be as {old.saved_by} saved it on {when(old.saved_at)}. "
            f"Version {present} stays in the history. This changes:"
        )
    )
    change_list(
        crm().segment_difference(current.content, old.content), "Nothing: the two are equal."
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button("Back", key="keep_version", on_click=RESTORING.set, args=(None,))
        restored = st.button("Restore", key="restore_version", type="primary")
    if restored:
        # On a conflict this dialog stays and says so; Back shows the history as it is now.
        segment = crm().restore_segment(segment_id, version=present, to=to)
        close_history()
        flash(f"Restored version {to} of {segment.name} as version {segment.version}")
        st.rerun()
