"""A message as real members would read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.errors import CrmError
from pages._ui.engine import crm
from pages._ui.feedback import sentence, show_error
from pages._ui.format import count, plain

if TYPE_CHECKING:
    from pages._ui.campaign_draft import Content

EXAMPLES = 5


def examples(content: Content) -> None:
    """Show the message as real members would read it, as plain text."""
    st.subheader("As members read it", anchor=False)
    if not content.segment_id or not content.body.strip():
        st.caption("Choose a segment and write a message to see it for five of its members.")
        return
    try:
        found = crm().render_examples(content.segment_id, content.message, limit=EXAMPLES)
    except CrmError as error:
        show_error(error)
        return
    if not found:
        st.caption("No customer is in this segment now.")
    for one in found:
        with st.container(border=True, gap="small"):
            to = f"{one.name} ({one.customer_id})" if one.name else f"customer {one.customer_id}"
            st.caption(plain(f"To {to}"))
            if one.problem is not None:
                st.markdown(f":red[:material/error: {plain(sentence(one.problem))}]")
                continue
            if one.subject:
                st.text(one.subject)
            st.text(one.body)
    if found:
        st.caption(f"The first {count(len(found), 'member')} by customer id.")
