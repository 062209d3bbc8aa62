"""The dialog that writes a message: what for, in which tone, about what; then variants to use.

The draft changes only by "Use this".
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import streamlit as st

from engine.domain.campaign import Channel
from engine.domain.message_copy import (
    ENGLISH,
    MAX_DETAILS,
    MAX_LANGUAGE,
    MAX_UNSUBSCRIBE,
    Brief,
    Goal,
    Tone,
)
from engine.domain.permission import Permission
from pages._ui.campaign_draft import DRAFTS, CampaignDraft
from pages._ui.campaign_words import by_channel
from pages._ui.copy_offers import OFFERS, WRITING, Offers, offer, offers, use
from pages._ui.copy_variant import present, variant
from pages._ui.copy_words import GOALS, TONES, show_findings, show_source
from pages._ui.engine import crm, may
from pages._ui.feedback import guard
from pages._ui.format import plain
from pages._ui.state import Slot

ASKED: Slot[Brief] = Slot(
    "copy_asked", Brief(goal=Goal.OFFER, tone=Tone.FRIENDLY, channel=Channel.EMAIL)
)
"""What was asked for last: the boxes show it when the dialog is opened again."""


def open_writer(campaign_id: str) -> None:
    """Let the next run show the dialog for a draft; for a button's ``on_click``."""
    WRITING.set(campaign_id)


def close_writer() -> None:
    """Let no run show the dialog again."""
    WRITING.set(None)


def writer_dialog(campaign_id: str) -> None:
    """Show the dialog for this draft, if it was asked for."""
    if WRITING.get() == campaign_id:
        _writer(campaign_id)


@st.dialog("Write it for me", width="large", on_dismiss=close_writer)
def _writer(campaign_id: str) -> None:
    taken = False
    with guard():
        draft = DRAFTS.get().get(campaign_id)
        if draft is None or not may(Permission.CAMPAIGNS):  # this reruns by itself
            close_writer()
            st.rerun()
            return
        brief = asked(draft)
        write(draft, brief)
        on = offers(draft.campaign_id, draft.content.channel)
        taken = choose(draft, on)
        if draft.content.channel is Channel.EMAIL:
            taken = subjects(draft, on, brief) or taken
    if taken:
        st.rerun()


def asked(draft: CampaignDraft) -> Brief:
    """Take what is wanted."""
    last = ASKED.get()
    with st.container(horizontal=True):
        goal = st.selectbox(
            "What for",
            list(Goal),
            index=list(Goal).index(last.goal),
            key="copy_goal",
            format_func=lambda one: GOALS[one],
            width=240,
        )
        tone = st.segmented_control(
            "Tone",
            list(Tone),
            default=last.tone,
            key="copy_tone",
            required=True,
            format_func=lambda one: TONES[cast("Tone", one)],
        )
    details = st.text_area(
        "What it is about",
        value=last.details,
        key="copy_details",
        max_chars=MAX_DETAILS,
        height=90,
        placeholder="Such as: 20% off all shoes until Sunday, with the code SHOES20",
        help="Facts, prices, dates and links that it may name. It makes up none.",
    )
    with st.expander("Language and unsubscribing", key="copy_more"):
        language = st.text_input(
            "Language", value=last.language, key="copy_language", max_chars=MAX_LANGUAGE
        )
        unsubscribe = st.text_input(
            "How to get no more of them",
            value=last.unsubscribe,
            key="copy_unsubscribe",
            max_chars=MAX_UNSUBSCRIBE,
            placeholder="Empty: our own words",
        )
    brief = Brief(
        goal=goal or last.goal,
        tone=tone or last.tone,
        channel=draft.content.channel,
        details=details or "",
        language=(language or "").strip() or ENGLISH,
        unsubscribe=unsubscribe or "",
    )
    ASKED.set(brief)
    return brief


def write(draft: CampaignDraft, brief: Brief) -> None:
    """Write three variants on a click."""
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = st.button(
            "Write three variants",
            key="write_variants",
            type="primary",
            icon=":material/edit_note:",
        )
        st.caption(f"To be sent {by_channel(brief.channel)}. Nothing is saved or sent by this.")
    if wanted:
        with st.spinner("Writing…"), guard():
            copy = crm().write_copy(brief, segment_id=draft.content.segment_id or None)
            offer(offers(draft.campaign_id, draft.content.channel), copy)


def choose(draft: CampaignDraft, on: Offers) -> bool:
    """Show the variants and what stands in the draft; return whether a variant was taken."""
    for note in on.notes:
        st.caption(plain(note))
    names = [f"Variant {n + 1}" for n in range(len(on.variants))]
    written = bool(draft.content.body.strip())
    if not names:
        # No tabs yet: where they come later, the browser would keep the one open that it knows.
        if written:
            st.markdown("**Your message**")
            present(draft, on)
        return False
    tabs = st.tabs(
        [*names, "Your message"] if written else names,
        key=f"copy_tabs_{on.made}",
        default=names[on.first],
    )
    taken = False
    for index, tab in enumerate(tabs):
        with tab:
            if index < len(on.variants):
                taken = variant(draft, on, index) or taken
            else:
                present(draft, on)
    return taken


def subjects(draft: CampaignDraft, on: Offers, brief: Brief) -> bool:
    """Offer five subjects; return whether one was taken."""
    if st.button("Write five subjects", key="write_subjects", icon=":material/title:"):
        with st.spinner("Writing…"), guard():
            found = crm().subject_lines(brief, message=draft.content.message)
            on = replace(on, subjects=found)
            OFFERS.set(on)
    if on.subjects is None or not on.subjects.lines:
        return False
    show_source(on.subjects.source)
    for note in on.subjects.notes:
        st.caption(plain(note))
    lines = on.subjects.lines
    chosen = st.radio(
        "Subject",
        range(len(lines)),
        key="copy_subject",
        format_func=lambda index: plain(lines[index].text),
    )
    show_findings(lines[chosen].findings)
    return st.button(
        "Use this subject",
        key="use_subject",
        on_click=use,
        args=(draft.campaign_id, lines[chosen].text, None),
    )
