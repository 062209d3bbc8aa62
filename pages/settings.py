"""The workspace's settings: keys for programs, and erasing a person."""

from __future__ import annotations

import streamlit as st

from pages._ui.api_keys import api_keys
from pages._ui.erasing import erasing

st.title("Settings", anchor=False)
api_keys()
st.space("medium")
erasing()
