"""Everything as one file: made while one waits, and downloaded."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.engine import crm
from pages._ui.feedback import guard
from pages._ui.format import number, plain, size

if TYPE_CHECKING:
    from engine.domain.takeout import TakeoutProgress

MOST_BYTES = 500_000_000
"""Of a file that is offered here: Streamlit keeps it in memory until it is downloaded."""


def takeout() -> None:
    """Offer a file of everything that the workspace keeps."""
    st.subheader("Export everything", anchor=False)
    st.markdown(
        "Customers, orders, segments, campaigns, deliveries and people as a ZIP file of JSON "
        "lines; customers and orders are written as the API takes them. Keys, sessions and "
        "credentials are left out. The file holds personal data."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        asked = st.button("Make the file", key="make_takeout", icon=":material/archive:")
        stop = st.empty()
    if asked:
        # A click while the file is made runs the page anew, which ends the making.
        stop.button("Stop", key="stop_takeout")
        with guard():
            made()
        stop.empty()


def made() -> None:
    """Make the file, show how far it is, and offer it once."""
    bar = st.progress(0.0, "Reading…")

    def tell(done: TakeoutProgress) -> None:
        rows = number(sum(done.written.values()))
        bar.progress(done.share, f"Written: {plain(rows)} rows")

    with tempfile.TemporaryDirectory(prefix="crm-export-") as folder:
        file = Path(folder) / "everything.zip"
        done = crm().export_everything(file, progress=tell)
        bar.empty()
        length = file.stat().st_size
        if length > MOST_BYTES:
            st.warning(
                f"The file has {plain(size(length))}, which is too much for a browser to be given "
                "from here. Make it where the server runs: `python -m engine export FILE.zip`.",
                icon=":material/terminal:",
            )
            return
        content = file.read_bytes()
    counted = " · ".join(f"{number(rows)} {name}" for name, rows in done.written.items() if rows)
    st.caption(plain(counted or "Nothing is kept here yet"))
    st.download_button(
        f"Download ({size(length)})",
        content,
        "everything.zip",
        "application/zip",
        key="download_takeout",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )
