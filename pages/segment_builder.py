"""Build a segment: a rule whose count follows every edit."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from engine import decode, encode
from engine.domain.permission import Permission
from engine.domain.segment import SegmentContent
from pages._ui.engine import crm, may
from pages._ui.feedback import flash, guard
from pages._ui.format import count, plain, when
from pages._ui.inputs import LIVE, show
from pages._ui.places import Place, go, link, select, selected
from pages._ui.rule_answer_panel import AnswerPanel
from pages._ui.rule_count import RuleCount
from pages._ui.rule_document import without
from pages._ui.rule_form import rule_form, saved_things
from pages._ui.rule_reading import reading
from pages._ui.rule_tabs import RuleTabs
from pages._ui.rule_words import rule_words
from pages._ui.segment_conflict import conflict_noted, conflict_panel
from pages._ui.segment_draft import DRAFTS, NEW, forget, keep, opened, saved
from pages._ui.segment_tags import tags_box

if TYPE_CHECKING:
    from pages._ui.rule_form import Named
    from pages._ui.rule_reading import Reading
    from pages._ui.segment_draft import SegmentDraft

NAME, DESCRIPTION, TAGS = "segment_name", "segment_description", "segment_tags"


@st.fragment(key="segment_builder")
def builder(draft_id: str, segments: Named, campaigns: Named) -> None:
    """Draw the builder; an edit reruns this alone.

    ``segments`` and ``campaigns`` are what a rule may name, as the page was opened.
    """
    with guard():
        draft = DRAFTS.get().get(draft_id)
        if draft is None:  # discarded: the page reads the segment again, or says that it is gone
            st.rerun()
        top, words = st.container(), st.container()
        with words:
            draft = rule_words(crm(), draft)
        found = reading(crm(), draft.document, draft.incomplete, draft.now)
        with top:  # so that what is said up here moves no part of the rule's editor
            about(draft)
            saving(draft, found)
            conflict_panel(
                draft.segment_id,
                draft.version,
                partial(content, draft),
                partial(store, draft, found),
            )
        rule, beside = st.columns((8, 5), gap="medium")
        with rule:
            with st.container():  # which is there, too, while there is nothing to say
                AnswerPanel(crm(), draft).draw()
            st.subheader("Customers for whom", anchor=False)
            rule_form(crm(), draft, found, segments, campaigns)
        with beside:
            RuleCount(crm(), draft, found).draw()
        RuleTabs(crm(), draft, found).draw()


def about(draft: SegmentDraft) -> None:
    """Take the segment's name, description and tags."""

    def changed() -> None:
        now = DRAFTS.get()[draft.segment_id]
        name, description = st.session_state[NAME], st.session_state[DESCRIPTION]
        tags = tuple(st.session_state[TAGS])
        keep(replace(now, name=name or "", description=description or "", tags=tags))

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
    tags_box(TAGS, draft.tags, changed)


def saving(draft: SegmentDraft, found: Reading) -> None:
    """Offer to save, and say how the draft stands to what is saved."""
    new = draft.segment_id == NEW
    with st.container(horizontal=True, vertical_alignment="center"):
        save = st.button(
            "Save segment" if new else "Save changes",
            key="save_segment",
            type="primary",
        )
        save_new = not new and st.button("Save as new", key="save_segment_as_new")
        use = (
            not new
            and may(Permission.CAMPAIGNS)
            and st.button(
                "Use in a campaign", key="use_segment", disabled=draft.unsaved, type="tertiary"
            )
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
        if draft.left_out:
            phrases = count(len(draft.left_out), "phrase")
            st.badge(f"{phrases} not in the rule", color="orange", icon=":material/help:")
    if use:
        go(Place.CAMPAIGN_EDITOR, {"segment": draft.segment_id})
    if save and not new and not draft.unsaved:
        st.toast(f"There is nothing to save: this is version {draft.version}")
    elif save or save_new:
        store(draft, found, None if new or save_new else draft.version)


def content(draft: SegmentDraft) -> SegmentContent:
    """Return what a save of the draft would keep, once nothing is unfinished."""
    rule = decode(without(draft.document, draft.incomplete))
    return SegmentContent(
        name=draft.name, description=draft.description, tags=draft.tags, document=encode(rule)
    )


def store(draft: SegmentDraft, found: Reading, over: int | None, name: str | None = None) -> None:
    """Save the draft over a version, or as a new segment where that is None.

    What stands in the way is said, and the edits stay.
    """
    if found.missing:
        n = len(found.missing)
        st.error(
            f"{count(n, 'condition is', 'conditions are')} unfinished: give "
            f"{'it' if n == 1 else 'each'} what it lacks, or remove it.",
            icon=":material/error:",
        )
        return
    with guard() as attempt, conflict_noted(draft.segment_id):
        segment = crm().save_segment(
            name=name or draft.name,
            description=draft.description,
            tags=draft.tags,
            rule=decode(draft.document),
            segment_id=None if over is None else draft.segment_id,
            version=over,
        )
    if not attempt.ok:
        return
    saved(draft, segment)
    flash(f"Saved {segment.name} as version {segment.version}")
    select("segment", segment.segment_id)
    st.rerun()


chosen = selected("segment")
link(Place.SEGMENTS, "Segments", icon=":material/arrow_back:")
head = st.container()  # all that is said above the builder: nothing may move the rule's editor
with guard() as opening:
    current = opened(crm(), chosen)
with head:
    st.title("New segment" if chosen is None else "Edit segment", anchor=False)
if opening.ok:
    if chosen is not None:
        with head, guard():  # where it is gone, the edits can still be saved as a new segment
            stored = crm().segment(chosen)
            said = f"Version {stored.version}, saved {when(stored.saved_at)} by {stored.saved_by}"
            st.caption(plain(said))
    builder(current.segment_id, *saved_things(crm(), chosen))
