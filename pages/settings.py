"""The workspace's settings: who comes in, keys, vendors, the workspace, and its data as a whole.

The open tab is in the address (``?section=``), and only that one is worked out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.api_keys import api_keys
from pages._ui.audit_log import audit_log
from pages._ui.demo_data import demo_data
from pages._ui.erasing import erasing
from pages._ui.people import people
from pages._ui.takeout import takeout
from pages._ui.vendor_credentials import vendor_credentials
from pages._ui.workspace_form import workspace_form

if TYPE_CHECKING:
    from collections.abc import Callable


def data() -> None:
    """Show what concerns the data as a whole."""
    demo_data()
    st.space("medium")
    takeout()
    st.space("medium")
    erasing()


SECTIONS: dict[str, Callable[[], None]] = {
    "People": people,
    "API keys": api_keys,
    "Vendors": vendor_credentials,
    "Workspace": workspace_form,
    "Audit log": audit_log,
    "Data": data,
}

st.title("Settings", anchor=False)
tabs = st.tabs(list(SECTIONS), key="section", bind="query-params")
for tab, section in zip(tabs, SECTIONS.values(), strict=True):
    if tab.open:
        with tab:
            section()
