"""Build a segment: a rule whose count follows every edit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from engine import decode
from pages._ui.engine import crm
from pages._ui.feedback import flash, guard
from pages._ui.format import count, plain, when
from pages._ui.places import Place, go, link, select, selected
from pages._ui.rule_document import written
from pages._ui.rule_fields import field_choices
from pages._ui.rule_panels import RulePanels
from pages._ui.rule_reading import reading
from pages._ui.rule_rows import RuleForm
from pages._ui.rule_widgets import LIVE, show
from pages._ui.segment_draft import DRAFTS, NEW, forget, keep, opened, saved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages._ui.rule_fields import FieldChoice
    from pages._ui.rule_reading import Reading
    from pages._ui.segment_draft import SegmentDraft

NAME, DESCRIPTION = "segment_name", "segment_description"


@st.fragment(key="segment_builder")
def builder(draft_id: str) -> None:
    """Draw the builder; an edit reruns this alone."""
    with guard():
        fields = field_choices(crm())
        draft = DRAFTS.get().get(draft_id)
        if draft is None:  # discarded: the page reads the segment again, or says that it is gone
            st.rerun()
        found = reading(crm(), draft.history.present, fields, draft.now)
        about(draft)
        saving(draft, fields, found)
        panels = RulePanels(crm(), draft, fields, found)
        panels.count()
        history(draft)
        RuleForm(crm(), draft_id, fields, found).draw()
        panels.instant()
        members, words, as_json = st.tabs(["First members", "In words", "As JSON"], key="rule_tabs")
        with members:
            panels.members()
        with words:
            panels.words()
        with as_json:
            panels.as_json()


def about(draft: SegmentDraft) -> None:
    """Take the segment's name and description."""

    def changed() -> None:
        now = DRAFTS.get()[draft.segment_id]
        name, description = st.session_state[NAME], st.session_state[DESCRIPTION]
        keep(replace(now, name=name or "", description=description or ""))

    name, description = st.columns((2, 3))
    with name:
        show(NAME, draft.name)
        st.text_input(
            "Name",
            key=NAME,
            on_change=changed,
            live=LIVE,
            max_chars=120,
            placeholder="Such as: Lapsed big spenders",
        )
    with description:
        show(DESCRIPTION, draft.description)
        st.text_input(
            "Description",
            key=DESCRIPTION,
            on_change=changed,
            live=LIVE,
            max_chars=2_000,
            placeholder="What it is for (optional)",
        )


def saving(draft: SegmentDraft, fields: Mapping[str, FieldChoice], found: Reading) -> None:
    """Offer to save, and say how the draft stands to what is saved."""
    new = draft.segment_id == NEW
    with st.container(horizontal=True, vertical_alignment="center"):
        save = st.button(
            "Save segment" if new else "Save changes",
            key="save_segment",
            type="primary",
        )
        save_new = not new and st.button("Save as new", key="save_segment_as_new")
        use = not new and st.button(
            "Use in a campaign", key="use_segment", disabled=draft.unsaved, type="tertiary"
        )
        if draft.unsaved:
            st.button(
                "Discard changes",
                key="discard_changes",
                type="tertiary",
                on_click=forget,
                args=(draft.segment_id,),
            )
            st.badge("Unsaved changes", color="orange", icon=":material/edit:")
        elif not new:
            st.badge(f"Version {draft.version}, saved", color="gray")
    if use:
        go(Place.CAMPAIGN_EDITOR, {"segment": draft.segment_id})
    if save and not new and not draft.unsaved:
        st.toast(f"There is nothing to save: this is version {draft.version}")
    elif save or save_new:
        store(draft, fields, found, as_new=bool(new or save_new))


def store(
    draft: SegmentDraft, fields: Mapping[str, FieldChoice], found: Reading, *, as_new: bool
) -> None:
    """Save the draft; what stands in the way is said, and the edits stay."""
    if found.missing:
        n = len(found.missing)
        st.error(
            f"{count(n, 'condition has', 'conditions have')} no value yet: give "
            f"{'it' if n == 1 else 'each'} one, switch it off, or remove it.",
            icon=":material/error:",
        )
        return
    with guard() as attempt:
        segment = crm().save_segment(
            name=draft.name,
            description=draft.description,
            rule=decode(written(draft.history.present, fields).document),
            segment_id=None if as_new else draft.segment_id,
            version=None if as_new else draft.version,
        )
    if not attempt.ok:
        return
    saved(draft, segment)
    flash(f"Saved {segment.name} as version {segment.version}")
    select("segment", segment.segment_id)
    st.rerun()


def history(draft: SegmentDraft) -> None:
    """Offer undo and redo."""

    def undo() -> None:
        now = DRAFTS.get()[draft.segment_id]
        keep(replace(now, history=now.history.undone()))

    def redo() -> None:
        now = DRAFTS.get()[draft.segment_id]
        keep(replace(now, history=now.history.redone()))

    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Customers for whom", anchor=False, width="stretch")
        st.button(
            "Undo",
            key="undo",
            icon=":material/undo:",
            type="tertiary",
            disabled=not draft.history.past,
            on_click=undo,
        )
        st.button(
            "Redo",
            key="redo",
            icon=":material/redo:",
            type="tertiary",
            disabled=not draft.history.future,
            on_click=redo,
        )


chosen = selected("segment")
link(Place.SEGMENTS, "Segments", icon=":material/arrow_back:")
head = st.container()
with guard() as opening:
    current = opened(crm(), field_choices(crm()), chosen)
head.title("New segment" if chosen is None else "Edit segment", anchor=False)
if opening.ok:
    if chosen is not None:
        stored = crm().segment(chosen)
        st.caption(
            plain(f"Version {stored.version}, saved {when(stored.saved_at)} by {stored.saved_by}")
        )
    builder(current.segment_id)
