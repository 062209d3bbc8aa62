"""Vendors' credentials: which are kept, and new ones, which nobody can read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.engine import crm
from pages._ui.feedback import confirm, flash, guard
from pages._ui.format import plain, when
from pages._ui.state import CREDENTIALS_SET

if TYPE_CHECKING:
    from engine.domain.credential import Credential


def vendor_credentials() -> None:
    """List the credentials, and offer to keep another."""
    st.subheader("Vendors' credentials", anchor=False)
    st.markdown(
        "What a service that carries messages asks for, such as a key of its API. It is kept "
        "encrypted, and shown to nobody: to change one, enter it anew. The simulated vendor, "
        "which sends nothing, needs none."
    )
    if crm().can_keep_credentials():
        new_credential()
    else:
        st.info(
            "No credential can be kept yet: set `CRM_SECRETS_KEY` to a secret of 32 characters or "
            "more where the server runs, and start the server again.",
            icon=":material/key_off:",
        )
    kept = crm().vendor_credentials()
    if not kept:
        st.caption("No credential is kept.")
    for one in kept:
        card(one)


def new_credential() -> None:
    """Ask for a credential, and keep it."""
    made = CREDENTIALS_SET.get()  # a new number empties the boxes
    with st.container(border=True, key="new_credential"):
        with st.container(horizontal=True):
            vendor = st.text_input(
                "Vendor", key=f"credential_vendor_{made}", max_chars=40, placeholder="twilio"
            )
            name = st.text_input(
                "Name", key=f"credential_name_{made}", max_chars=40, placeholder="auth_token"
            )
        value = st.text_input(
            "Value",
            key=f"credential_value_{made}",
            type="password",
            autocomplete="new-password",
            max_chars=4_096,
        )
        if st.button("Keep", key="set_credential", icon=":material/lock:"):
            with guard() as attempt:
                kept = crm().set_vendor_credential(vendor or "", name or "", value or "")
            if attempt.ok:
                CREDENTIALS_SET.set(made + 1)
                flash(f"Kept {kept.name} of {kept.vendor}")
                st.rerun()


def card(one: Credential) -> None:
    """Show that a credential is kept, with the way to remove it."""
    with st.container(
        border=True,
        horizontal=True,
        vertical_alignment="center",
        key=f"credential_{one.vendor}/{one.name}",
    ):
        with st.container(gap="xxsmall"):
            st.markdown(f"**{plain(one.vendor)}** {plain(one.name)}")
            st.caption(plain(f"set {when(one.set_at)} by {one.set_by}"))
            if not one.readable:
                st.caption(
                    ":orange[:material/warning: Kept under another CRM\\_SECRETS\\_KEY: set that "
                    "key again, or enter the credential anew.]"
                )
        if st.button(
            "Remove", key=f"remove_credential_{one.vendor}/{one.name}", icon=":material/delete:"
        ):
            confirm(
                "Remove this credential?",
                f"**{plain(one.name)}** of **{plain(one.vendor)}** is deleted. What needs it "
                "fails until it is entered again.",
                "Remove",
                lambda: remove(one),
            )


def remove(one: Credential) -> str:
    """Remove a credential; return what was done."""
    crm().remove_vendor_credential(one.vendor, one.name)
    return f"Removed {one.name} of {one.vendor}"
