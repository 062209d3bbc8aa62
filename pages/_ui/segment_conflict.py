"""Two people saved one segment: what each changed, and what becomes of one's own changes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

from engine.errors import SavedMeanwhile
from pages._ui.engine import crm
from pages._ui.feedback import guard
from pages._ui.format import plain, when
from pages._ui.segment_changes import change_list
from pages._ui.segment_copy import free_name
from pages._ui.segment_draft import forget
from pages._ui.state import Slot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.domain.segment import SegmentContent
    from engine.domain.segment_change import SegmentConflict

CONFLICTS: Slot[frozenset[str]] = Slot("segment_conflicts", frozenset())
"""The segments of which a save was refused because somebody else was first."""

OVER: Slot[tuple[str, int] | None] = Slot("save_over", None)
"""The segment and its version, as it was shown, that somebody asked to save over."""


@contextmanager
def conflict_noted(segment_id: str) -> Iterator[None]:
    """Draw the page anew, with :func:`conflict_panel`, where a save meets somebody else's."""
    try:
        yield
    except SavedMeanwhile:
        CONFLICTS.set(CONFLICTS.get() | {segment_id})
        st.rerun()


def conflict_panel(
    segment_id: str,
    opened: int | None,
    mine: Callable[[], SegmentContent],
    save: Callable[[int | None, str | None], None],
) -> None:
    """Show both sides of a conflict that a save has met, until it is settled.

    ``opened`` is the version that is edited. ``save`` saves over a version, or as a new segment
    where that is None, under a name if one is given.
    """
    asked = OVER.take()
    if opened is None or segment_id not in CONFLICTS.get():
        return
    with guard():
        found = crm().segment_conflict(segment_id, opened=opened, mine=mine())
        if found.present.version == opened:
            CONFLICTS.set(CONFLICTS.get() - {segment_id})
            return
        with st.container(border=True, key="segment_conflict"):
            _sides(found)
            _choices(found, mine, save)
        if asked is not None and asked[0] == segment_id:
            save(asked[1], None)


def _sides(found: SegmentConflict) -> None:
    present = found.present
    st.error(
        plain(
            f"{present.saved_by} saved {present.name!r} as version {present.version} on "
            f"{when(present.saved_at)}, after you opened version {found.opened}. "
            "Nothing of yours is saved yet, and nothing is lost."
        ),
        title="Somebody saved this segment before you",
        icon=":material/call_split:",
    )
    theirs, mine = st.columns(2)
    with theirs:
        st.markdown(f"**What they changed** since version {found.opened}")
        change_list(found.theirs, "Nothing: it stands as you opened it.")
    with mine:
        st.markdown(f"**What you changed** since version {found.opened}")
        change_list(found.mine, "Nothing.")


def _choices(
    found: SegmentConflict,
    mine: Callable[[], SegmentContent],
    save: Callable[[int | None, str | None], None],
) -> None:
    present = found.present
    with st.container(horizontal=True):
        new = st.button(
            "Keep mine as a new segment",
            key="keep_mine_as_new",
            type="primary",
            icon=":material/content_copy:",
        )
        # The version is bound when the button is drawn: by the click, there may be another one.
        st.button(
            f"Save mine over version {present.version}",
            key="save_mine_over",
            icon=":material/save:",
            help="What they changed stays in the history, and can be restored.",
            on_click=OVER.set,
            args=((present.segment_id, present.version),),
        )
        st.button(
            "Discard mine and see theirs",
            key="see_theirs",
            type="tertiary",
            on_click=forget,
            args=(present.segment_id,),
        )
    if new:
        save(None, free_name(mine().name))
