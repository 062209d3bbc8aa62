"""One variant of a message: its text, what was found in it, how a member reads it, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.errors import CrmError
from pages._ui.copy_offers import offer_rewritten, use
from pages._ui.copy_words import WAYS, show_findings, show_source
from pages._ui.engine import crm
from pages._ui.feedback import guard, sentence, show_error
from pages._ui.format import plain

if TYPE_CHECKING:
    from engine.domain.campaign import Message
    from pages._ui.campaign_draft import CampaignDraft
    from pages._ui.copy_offers import Offer, Offers

MOST_HOW = 300


def variant(draft: CampaignDraft, on: Offers, index: int) -> bool:
    """Show an offered variant; return whether it was taken into the draft."""
    one = on.variants[index]
    message = one.variant.message(on.channel)
    with st.container(horizontal=True, vertical_alignment="center"):
        taken = st.button(
            "Use this",
            key=f"use_copy_{index}",
            type="primary",
            on_click=use,
            args=(draft.campaign_id, message.subject or None, message.body),
            disabled=any(found.blocks for found in one.variant.findings),
        )
        show_source(one.source)
    _notes(one)
    show_findings(one.variant.findings)
    _text(draft, message)
    rewriting(on, index, message)
    return taken


def present(draft: CampaignDraft, on: Offers) -> None:
    """Show what stands in the draft, to be rewritten; what comes of it is one more variant."""
    _text(draft, draft.content.message)
    rewriting(on, len(on.variants), draft.content.message)


def rewriting(on: Offers, index: int, message: Message) -> None:
    """Offer to write a message anew."""
    how = ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for way, said in WAYS.items():
            if st.button(said, key=f"{way}_{index}"):
                how = way.value
        own = st.text_input(
            "In your own words",
            key=f"how_{index}",
            max_chars=MOST_HOW,
            placeholder="Such as: mention the new shop in Pune",
            width=320,
        )
        if st.button("Rewrite", key=f"rewrite_{index}", disabled=not own):
            how = own or ""
    if how:
        with st.spinner("Rewriting…"), guard() as writing:
            offer_rewritten(on, index, crm().rewrite_copy(message, how))
        if writing.ok:
            st.rerun()


def _text(draft: CampaignDraft, message: Message) -> None:
    """Show a message as it is written, and as a member reads it; both as plain text."""
    written, read = st.columns(2, gap="medium")
    with written:
        st.caption("As it is written")
        _shown(message.subject, message.body)
    with read:
        _as_read(draft.content.segment_id, message)


def _as_read(segment_id: str, message: Message) -> None:
    if not segment_id:
        st.caption("Choose a segment to see it as one of its members reads it")
        return
    try:
        found = crm().render_examples(segment_id, message, limit=1)
    except CrmError as error:
        show_error(error)
        return
    if not found:
        st.caption("No customer is in this segment now")
        return
    (one,) = found
    st.caption(plain(f"As {one.name or f'customer {one.customer_id}'} reads it"))
    if one.problem is not None:
        st.markdown(f":red[:material/error: {plain(sentence(one.problem))}]")
    else:
        _shown(one.subject, one.body)


def _shown(subject: str, body: str) -> None:
    with st.container(border=True, gap="small"):
        if subject:
            st.text(subject)
        st.text(body)


def _notes(one: Offer) -> None:
    for note in one.notes:
        st.caption(plain(note))
