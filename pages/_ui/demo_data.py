"""Demo data: how much is there, and the way to be rid of it."""

from __future__ import annotations

import streamlit as st

from pages._ui.engine import crm
from pages._ui.feedback import confirm
from pages._ui.format import count, plain


def demo_data() -> None:
    """Say how much demo data there is, and offer to remove it."""
    st.subheader("Demo data", anchor=False)
    there = crm().demo_counts()
    if not there.customers and not there.orders:
        st.markdown("This workspace holds no demo data.")
        return
    st.markdown(
        f"This workspace holds {plain(count(there.customers, 'made-up customer'))} and "
        f"{plain(count(there.orders, 'made-up order'))}."
    )
    removal(there.customers, there.orders)


def removal(customers: int, orders: int) -> None:
    """Offer to remove the demo data, once that was confirmed."""
    if st.button("Remove demo data", key="remove_demo"):
        confirm(
            "Remove demo data?",
            f"{plain(count(customers, 'customer'))} and {plain(count(orders, 'order'))} are "
            "deleted. What you imported yourself stays, and so do segments and campaigns.",
            "Remove demo data",
            remove_demo,
        )


def remove_demo() -> str:
    """Remove the demo data; return what was removed."""
    gone = crm().remove_demo()
    return f"Removed {count(gone.customers, 'customer')} and {count(gone.orders, 'order')}"
