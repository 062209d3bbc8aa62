"""Erasing a person: who it is, what goes, and the id typed a second time."""

from __future__ import annotations

import streamlit as st

from engine.errors import NotFound
from pages._ui.engine import crm
from pages._ui.feedback import guard
from pages._ui.format import count, plain
from pages._ui.inputs import LIVE
from pages._ui.state import ERASED, ERASURES


def erasing() -> None:
    """Take an id, show what would go, and erase when it was typed again."""
    st.subheader("Erase a person", anchor=False)
    st.markdown(
        "For somebody who asks to be forgotten. The profile goes. Orders stay in the books and "
        "deliveries in their campaigns' counts, but neither names anybody any more. A keyed hash "
        "of the id stays, so that no later import brings the person back. This cannot be undone."
    )
    done = ERASURES.get()  # a new number empties the boxes
    if told := ERASED.take():
        st.success(plain(told), icon=":material/check:")
    customer_id = st.text_input(
        "Customer id", key=f"erase_id_{done}", max_chars=200, width=400, live=LIVE
    )
    if not customer_id:
        return
    with guard() as looking:
        found = crm().erasure_preview(customer_id)
        st.markdown(
            f"{who(customer_id)} To go: {plain(count(found.customers, 'profile'))}, the link of "
            f"{plain(count(found.orders, 'order'))}, and the content of "
            f"{plain(count(found.deliveries, 'message'))}."
        )
    if not looking.ok:
        return
    again = st.text_input(
        "Type the id again to erase",
        key=f"erase_again_{done}",
        max_chars=200,
        width=400,
        live=LIVE,
        autocomplete="off",
    )
    if st.button(
        "Erase for good",
        key="erase_person",
        type="primary",
        icon=":material/delete_forever:",
        disabled=again != customer_id,
    ):
        with guard() as attempt:
            gone = crm().erase_customer(customer_id)
        if attempt.ok:
            ERASED.set(
                f"Erased: {count(gone.customers, 'profile')}, the link of "
                f"{count(gone.orders, 'order')}, and the content of "
                f"{count(gone.deliveries, 'message')}."
            )
            ERASURES.set(done + 1)
            st.rerun()


def who(customer_id: str) -> str:
    """Say whose id it is, so that a slip is seen before anything goes."""
    try:
        customer = crm().customer(customer_id).customer
    except NotFound:
        return "Nobody is stored under this id; erasing it keeps it out from now on."
    known = [one for one in (customer.name, customer.email, customer.city) if one]
    return f"This is **{plain(', '.join(known) or customer_id)}**."
