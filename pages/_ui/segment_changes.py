"""What changed in a segment, as a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.domain.segment_change import ChangeKind
from pages._ui.feedback import sentence
from pages._ui.format import count, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.domain.segment_change import Change

LONGEST = 600
"""Characters of one change that are shown; a rule's JSON can have a million."""

_ICONS = {
    ChangeKind.ADDED: ":green[:material/add:]",
    ChangeKind.REMOVED: ":red[:material/remove:]",
    ChangeKind.MOVED: ":material/move_down:",
    ChangeKind.SWITCHED_OFF: ":material/toggle_off:",
    ChangeKind.SWITCHED_ON: ":material/toggle_on:",
    ChangeKind.REORDERED: ":material/swap_vert:",
    ChangeKind.REWRITTEN: ":material/swap_vert:",
}


def change_list(changes: Sequence[Change], nothing: str) -> None:
    """List changes, one a line; ``nothing`` (Markdown) stands where there is none."""
    if not changes:
        st.caption(nothing)
        return
    lines = [f"{_ICONS.get(one.kind, ':material/edit:')} {_said(one)}" for one in changes]
    st.markdown("  \n".join(lines))


def _said(change: Change) -> str:
    text = change.sentence
    more = len(text) - LONGEST
    if more > 0:
        return plain(f"{sentence(text[:LONGEST] + '…')} ({count(more, 'more character')})")
    return plain(sentence(text))
