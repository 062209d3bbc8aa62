"""The one engine behind every page of this process."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import streamlit as st

from engine import open_crm
from engine.errors import Unavailable
from pages._ui import import_jobs, uploads

if TYPE_CHECKING:
    from engine import Crm

OPENING = "Opening the workspace…"

_provided: list[Crm] = []
_settled = Event()
"""Cleared while an engine is on its way."""
_settled.set()


def expect() -> None:
    """Announce an engine: pages wait until it is provided, and open none themselves."""
    _settled.clear()


def provide(crm: Crm) -> None:
    """Hand the pages an open engine; the server's start does this, and so do tests.

    What a killed server left of uploads is deleted.
    """
    _provided[:] = [crm]
    uploads.sweep()
    _settled.set()


def withdraw() -> None:
    """Take the engine back before it is closed; imports that run are stopped first."""
    import_jobs.stop_all()
    _provided.clear()


def provided() -> Crm:
    """Return the engine that was provided, without waiting; raises Unavailable without one."""
    if not _provided:
        msg = "the engine is opening or closing; try again in a moment"
        raise Unavailable(msg)
    return _provided[0]


def crm() -> Crm:
    """Return the engine that was provided, or else open one for this process, once.

    Waits for one that is on its way.

    Raises what :func:`engine.open_crm` raises.
    """
    if not _settled.is_set():
        with st.spinner(OPENING):
            _settled.wait()
    return _provided[0] if _provided else _opened()


@st.cache_resource(show_spinner=OPENING, on_release=lambda crm: crm.close())
def _opened() -> Crm:
    return open_crm()
