"""Going through a long log a page at a time, by where each page before ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

import streamlit as st

from pages._ui.engine import present
from pages._ui.format import NOTHING, number, plain, when

if TYPE_CHECKING:
    from pages._ui.state import Slot

PAGE = 50
"""Rows a page."""

Wanted = TypeVar("Wanted")


@dataclass(frozen=True, slots=True)
class Paging(Generic[Wanted]):
    """Where in a log one is: what is wanted of it, and the cursors the pages before ended at."""

    wanted: Wanted
    ends: tuple[str, ...] = ()

    @property
    def after(self) -> str | None:
        """The cursor that the page begins after; None for the first."""
        return self.ends[-1] if self.ends else None

    @property
    def number(self) -> int:
        """How many pages lie before; a table's key has it, so that no row stays picked."""
        return len(self.ends)


def paging(slot: Slot[Paging[Wanted]], wanted: Wanted) -> Paging[Wanted]:
    """Return where one is, which is the first page once something else is wanted."""
    at = slot.get()
    if at.wanted != wanted:
        at = Paging(wanted)
        slot.set(at)
    return at


def pager(
    slot: Slot[Paging[Wanted]],
    key: str,
    names: tuple[str, str],
    shown: int,
    end: str | None,
    *,
    rows: str = "Rows",
    order: str = "",
) -> None:
    """Draw the buttons to the page before and the next one, named so, and which rows are shown.

    ``shown`` is how many there are on this page; ``end`` is the cursor it ends at, None where
    nothing follows.
    """
    at = slot.get()
    back, on = names
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            back,
            key=f"{key}_back",
            icon=":material/chevron_left:",
            disabled=not at.ends,
            on_click=lambda: slot.set(replace(at, ends=at.ends[:-1])),
        )
        st.button(
            on,
            key=f"{key}_on",
            icon=":material/chevron_right:",
            disabled=end is None,
            on_click=lambda: slot.set(replace(at, ends=(*at.ends, end or ""))),
        )
        first = at.number * PAGE + 1
        told = f"{rows} {number(first)} to {number(first + shown - 1)}" if shown else NOTHING
        st.caption(plain(" · ".join(filter(None, (told, order, f"as of {when(present())}")))))
