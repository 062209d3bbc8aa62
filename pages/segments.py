"""The saved segments: who is in each now, what its rule says, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.errors import CrmError
from pages._ui.engine import crm
from pages._ui.feedback import as_of, confirm, empty_state, sentence
from pages._ui.format import count, number, outline, plain, share, when
from pages._ui.places import Place, go
from pages._ui.segment_draft import DRAFTS, NEW, forget

if TYPE_CHECKING:
    from engine.domain.segment import Segment

LINES = 3
MANY = 8
"""From so many segments on, there is a box to find one by name."""


def card(segment: Segment) -> None:
    """Show one segment with what can be done with it."""
    with st.container(border=True, key=f"segment_{segment.segment_id}"):
        st.subheader(plain(segment.name), anchor=False)
        if segment.description:
            st.text(segment.description)
        size(segment)
        st.caption(
            plain(
                f"Version {segment.version}, saved {when(segment.saved_at)} by {segment.saved_by}"
            )
        )
        actions(segment)


def size(segment: Segment) -> None:
    """Say how many customers are in a segment now, and how its rule begins."""
    try:
        found = crm().preview(segment.rule)
        st.markdown(
            f"**{plain(number(found.count))}** of {plain(count(found.total, 'customer'))} "
            f"({plain(share(found.count, found.total))})"
        )
        lines = crm().words(segment.rule)
    except CrmError as error:
        st.markdown(f":red[:material/error: {plain(sentence(str(error)))}]")
        return
    shown = outline(lines[:LINES])
    if len(lines) > LINES:
        shown += f"\nand {count(len(lines) - LINES, 'more line')}"
    st.text(shown)


def actions(segment: Segment) -> None:
    """Offer to open, use and delete a segment."""
    key, query = segment.segment_id, segment.segment_id
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Open", key=f"open_{key}", icon=":material/edit:"):
            go(Place.SEGMENT_BUILDER, {"segment": query})
        if st.button("Use in a campaign", key=f"use_{key}", icon=":material/campaign:"):
            go(Place.CAMPAIGN_EDITOR, {"segment": query})
        if st.button("Delete", key=f"delete_{key}", type="tertiary"):
            confirm(
                "Delete this segment?",
                f"**{plain(segment.name)}** is deleted for everyone. "
                "Its customers stay. This cannot be undone.",
                "Delete segment",
                lambda: delete(segment),
            )
        draft = DRAFTS.get().get(segment.segment_id)
        if draft is not None and draft.unsaved:
            st.badge("Unsaved changes", color="orange", icon=":material/edit:")


def delete(segment: Segment) -> str:
    """Delete a segment; return what was deleted."""
    crm().delete_segment(segment.segment_id, version=segment.version)
    forget(segment.segment_id)
    return f"Deleted {segment.name}"


st.title("Segments", anchor=False)
segments = crm().segments()
if not segments:
    if empty_state(
        "No segments yet",
        "A segment is a rule that chooses customers. Build one and watch its count as you edit.",
        "New segment",
        key="new_segment",
        icon=":material/filter_alt:",
    ):
        go(Place.SEGMENT_BUILDER)
    st.stop()

unfinished = DRAFTS.get().get(NEW)
with st.container(horizontal=True, vertical_alignment="center"):
    if st.button("New segment", key="new_segment", type="primary", icon=":material/add:"):
        go(Place.SEGMENT_BUILDER)
    if unfinished is not None and unfinished.unsaved:
        st.badge("You have an unsaved new segment", color="orange", icon=":material/edit:")
wanted = ""
if len(segments) >= MANY:
    wanted = (
        st.text_input(
            "Find a segment",
            key="find_segment",
            type="search",
            live=True,
            placeholder="Part of its name or description",
        )
        or ""
    )
found = [
    one
    for one in segments
    if wanted.casefold().strip() in f"{one.name}\n{one.description}".casefold()
]
with st.grid(2, min_column_width=340):
    for each in found:
        card(each)
if not found:
    st.caption("No segment has that in its name or description.")
as_of(
    crm().freshness().as_of,
    f"{count(len(segments), 'segment')}; sizes are evaluated at the present",
)
