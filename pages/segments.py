"""The saved segments: who is in each now, what its rule says, and what can be done with it."""

from __future__ import annotations

import streamlit as st

from engine.domain.permission import Permission
from engine.domain.text import fold
from pages._ui.engine import crm, may
from pages._ui.feedback import as_of, empty_state
from pages._ui.format import count
from pages._ui.places import Place, go
from pages._ui.segment_card import card
from pages._ui.segment_draft import DRAFTS, NEW
from pages._ui.segment_history import history_dialog
from pages._ui.segment_tags import has_tags, tag_filter

MANY = 8
"""From so many segments on, there is a box to find one by name."""


st.title("Segments", anchor=False)
segments = crm().segments()
if not segments:
    builds = may(Permission.SEGMENTS)
    if empty_state(
        "No segments yet",
        "A segment is a rule that chooses customers. "
        + ("Build one and watch its count as you edit." if builds else "An analyst can build one."),
        "New segment" if builds else None,
        key="new_segment",
        icon=":material/filter_alt:",
    ):
        go(Place.SEGMENT_BUILDER)
    if builds:
        with st.container(horizontal_alignment="center"):
            if st.button(
                "Describe an audience in words",
                key="describe_audience",
                icon=":material/chat:",
                type="tertiary",
            ):
                go(Place.SEGMENT_BUILDER)
    st.stop()

unfinished = DRAFTS.get().get(NEW)
with st.container(horizontal=True, vertical_alignment="center"):
    if may(Permission.SEGMENTS) and st.button(
        "New segment", key="new_segment", type="primary", icon=":material/add:"
    ):
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
tags = tag_filter(segments)
found = [
    one
    for one in segments
    if fold(wanted.strip()) in fold(f"{one.name}\n{one.description}") and has_tags(one, tags)
]
usage = crm().segment_usage([one.segment_id for one in found])
with st.grid(2, min_column_width=340):
    for each in found:
        card(each, usage[each.segment_id])
if not found:
    has = " and these tags" if tags else ""
    st.caption(f"No segment has that in its name or description{has}.")
shown = count(len(segments), "segment")
if len(found) < len(segments):
    shown = f"{count(len(found), 'segment')} of {len(segments)}"
as_of(crm().freshness().as_of, f"{shown}; sizes are evaluated at the present")
history_dialog()
