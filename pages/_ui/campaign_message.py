"""What a campaign says: its subject and text, what is wrong with them, and help in writing them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from engine.domain.campaign import Channel
from engine.domain.message_copy import Check
from pages._ui.campaign_draft import DRAFTS, keep
from pages._ui.copy_offers import put_back
from pages._ui.copy_words import show_findings
from pages._ui.copy_writer import open_writer, writer_dialog
from pages._ui.engine import crm
from pages._ui.format import plain
from pages._ui.inputs import LIVE, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages._ui.campaign_draft import CampaignDraft

SUBJECT, BODY, FIELD = "campaign_subject", "campaign_body", "insert_field"


def message(draft: CampaignDraft, changed: Callable[[], None]) -> None:
    """Take the subject and the text, with the fields they may name; ``changed`` keeps them."""
    if draft.content.channel is Channel.EMAIL:
        show(SUBJECT, draft.content.subject)
        st.text_input("Subject", key=SUBJECT, max_chars=200, live=LIVE, on_change=changed)
    show(BODY, draft.content.body)
    st.text_area(
        "Message",
        key=BODY,
        height=220,
        max_chars=20_000,
        placeholder='Hello {{ first_name | default: "there" }}, …',
        help="Liquid: {{ field }} is replaced for each customer.",
        on_change=changed,
    )
    fields = crm().template_fields()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.menu_button(
            "Add a field",
            list(fields),
            key=FIELD,
            icon=":material/data_object:",
            format_func=lambda name: f"{name}: {fields[name]}",
            on_click=add_field,
            args=(draft.campaign_id,),
            help="Puts the field at the end of the message",
        )
        st.button(
            "Write it for me",
            key="write_copy",
            icon=":material/edit_note:",
            on_click=open_writer,
            args=(draft.campaign_id,),
        )
        if draft.before is not None:
            st.button(
                "Undo",
                key="put_back",
                icon=":material/undo:",
                help="Puts back the subject and the message that stood here before",
                on_click=put_back,
                args=(draft.campaign_id,),
            )
    with st.container(key="findings", gap="small"):  # always there: what follows keeps its place
        findings(draft)
    writer_dialog(draft.campaign_id)
    with st.expander("Fields and how to write them", key="field_help"):
        st.markdown(
            "\n".join(f"- `{{{{ {name} }}}}` {plain(said)}" for name, said in fields.items())
        )
        st.markdown(
            'A customer may lack a field: `{{ first_name | default: "there" }}` says what stands '
            "there then. `{% if order_count > 5 %}…{% endif %}` shows a part to some only."
        )


def findings(draft: CampaignDraft) -> None:
    """Show what is wrong with the message, or worth another look."""
    content = draft.content
    if content.body.strip():
        found = crm().check_copy(content.message, segment_id=content.segment_id or None)
        # With a segment the examples say so, beside it.
        told = {Check.TEMPLATE} if content.segment_id else set()
        show_findings(one for one in found if one.check not in told)


def add_field(draft_id: str) -> None:
    """Put the chosen field at the end of the message."""
    name = st.session_state[FIELD]
    if name:
        draft = DRAFTS.get()[draft_id]
        body = f"{draft.content.body}{{{{ {name} }}}}"
        keep(replace(draft, content=replace(draft.content, body=body)))
