"""API keys: those there are, a new one that is shown once, and how to call the API with it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import polars as pl
import streamlit as st

from engine.domain.api_key import MEANINGS, Scope
from engine.domain.permission import Permission
from pages._ui.engine import crm, may
from pages._ui.feedback import confirm, guard
from pages._ui.format import count, plain, when
from pages._ui.frames import Column, table
from pages._ui.state import API_KEYS_MADE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.domain.api_key import ApiKey

ELSEWHERE = "http://localhost:8501"
"""Where a server answers by default; stands where the browser has not said its address."""
EXAMPLE = """# Write an order, with a key that may ingest
curl {server}/api/v1/orders \\
  -H "Authorization: Bearer $API_KEY" \\
  -H "Content-Type: application/json" \\
  -H "Idempotency-Key: order-1001" \\
  -d '{{"order_id": "1001", "customer_id": "c-7",
       "ordered_at": "2026-03-31T09:30:00Z", "amount": "1299.00"}}'

# Read the customer, with a key that may read
curl {server}/api/v1/customers/c-7 \\
  -H "Authorization: Bearer $API_KEY\""""


def api_keys() -> None:
    """List the keys, make new ones, and revoke them."""
    st.subheader("API keys", anchor=False)
    st.markdown(
        "A key lets a program write and read through the HTTP API. Give every program a key of "
        "its own, with no more than it needs."
    )
    new_key()
    keys = crm().api_keys()
    active = [one for one in keys if one.revoked_at is None]
    if not active:
        st.caption("No key is active: no program can call the API.")
    for key in active:
        card(key)
    if len(active) < len(keys):
        revoked([one for one in keys if one.revoked_at is not None])
    example()


def new_key() -> None:
    """Ask for a name and scopes, and make the key."""
    made = API_KEYS_MADE.get()  # a new number empties the boxes
    with st.container(border=True, key="new_api_key"):
        name = st.text_input(
            "What is the key for?",
            key=f"api_key_name_{made}",
            max_chars=120,
            placeholder="Till 4, webshop, nightly report",
        )
        scopes = st.pills(
            "What may it do?",
            list(Scope),
            selection_mode="multi",
            format_func=lambda one: Scope(one).value.capitalize(),
            key=f"api_key_scopes_{made}",
        )
        st.caption(
            "  \n".join(
                f"**{scope.value.capitalize()}**: {meaning}" for scope, meaning in MEANINGS.items()
            )
        )
        if st.button("Create key", key="create_api_key", icon=":material/key:"):
            with guard():
                key, token = crm().create_api_key(name or "", scopes)
                API_KEYS_MADE.set(made + 1)
                shown_once(key, token)


@st.dialog("Keep this key now", width="medium", on_dismiss="rerun")
def shown_once(key: ApiKey, token: str) -> None:
    """Show a new key; when this is closed, nothing and nobody knows it any more."""
    if not may(Permission.ADMIN):  # this reruns by itself, also after a sign-out elsewhere
        return
    st.markdown(
        f"The key **{plain(key.name)}** is shown this once: only a hash of it is stored. Copy it "
        "to where the program keeps its secrets."
    )
    st.code(token, language=None, wrap_lines=True)
    if st.button("I have kept it", key="api_key_kept", type="primary"):
        st.rerun()


def card(key: ApiKey) -> None:
    """Show a key that is active, with the way to end it."""
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", key=f"api_key_{key.id}"
    ):
        with st.container(gap="xxsmall"):
            st.markdown(f"**{plain(key.name)}**")
            used = f"last used {when(key.last_used_at)}" if key.last_used_at else "not used yet"
            st.caption(
                f"{named(key)} · crm\\_{key.id}\\_… · "
                + plain(f"created {when(key.created_at)} by {key.created_by} · {used}")
            )
        if st.button("Revoke", key=f"revoke_{key.id}", icon=":material/block:"):
            confirm(
                "Revoke this key?",
                f"Programs that use **{plain(key.name)}** are turned away within seconds. This "
                "cannot be undone.",
                "Revoke key",
                lambda: f"Revoked {crm().revoke_api_key(key.id).name}",
            )


def revoked(keys: Sequence[ApiKey]) -> None:
    """List the keys that have ended."""
    with st.expander(count(len(keys), "revoked key"), key="revoked_api_keys"):
        table(
            pl.DataFrame(
                {
                    "name": [one.name for one in keys],
                    "id": [one.id for one in keys],
                    "scopes": [named(one) for one in keys],
                    "created": [one.created_at for one in keys],
                    "used": [one.last_used_at for one in keys],
                    "revoked": [one.revoked_at for one in keys],
                    "by": [one.revoked_by for one in keys],
                },
                schema_overrides={"used": pl.Datetime("us", "UTC")},
            ),
            {
                "name": Column("Key", pinned=True),
                "id": Column("Id"),
                "scopes": Column("Scopes"),
                "created": Column("Created", "instant"),
                "used": Column("Last used", "instant"),
                "revoked": Column("Revoked", "instant"),
                "by": Column("By"),
            },
            alt="Revoked keys, latest first",
            key="revoked_keys",
        )


def example() -> None:
    """Show how a program calls the API of this server."""
    with st.expander("How a program uses its key", key="api_example"):
        address = urlsplit(st.context.url or ELSEWHERE)
        st.code(EXAMPLE.format(server=f"{address.scheme}://{address.netloc}"), language="bash")
        st.caption("A request that is sent again with its Idempotency-Key has its effect once.")


def named(key: ApiKey) -> str:
    """Return the scopes of a key, in the order in which they are offered."""
    return ", ".join(one.value.capitalize() for one in Scope if one in key.scopes)
