"""What a browser session remembers between runs: every key, with its type, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar, cast

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pages._ui.places import Parameter, Place
    from pages._ui.uploads import Upload

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Slot(Generic[T]):
    """One remembered value. ``initial`` stands until something is set; it must be immutable."""

    key: str
    initial: T

    def get(self) -> T:
        """Return the value."""
        return cast("T", st.session_state.get(self.key, self.initial))

    def set(self, value: T) -> None:
        """Remember a value."""
        st.session_state[self.key] = value

    def take(self) -> T:
        """Return the value and forget it."""
        return cast("T", st.session_state.pop(self.key, self.initial))


FLASH: Slot[str | None] = Slot("flash", None)
"""A sentence to show once at the start of the next run."""

FLASH_PROBLEM: Slot[tuple[str, str | None] | None] = Slot("flash_problem", None)
"""An error to show once at the start of the next run: its text and its heading."""

CONFIRMED: Slot[tuple[Place, Mapping[Parameter, str]] | None] = Slot("confirmed", None)
"""Where an action leads that was just confirmed."""

CUSTOMERS_PAGE: Slot[int] = Slot("customers_page", 0)
"""Which page of the search's results is shown, from 0."""

UPLOAD: Slot[Upload | None] = Slot("upload", None)
"""This session's copy of the file it is about to import."""

UPLOADS: Slot[int] = Slot("uploads", 0)
"""How many files this session has imported; a new number empties the uploader."""

IMPORT_JOB: Slot[str | None] = Slot("import_job", None)
"""The import this session started last, until its end has been put away."""

MAPPING_SHOWN: Slot[tuple[str, tuple[str, ...]] | None] = Slot("mapping_shown", None)
"""The file, and its columns, that the mapping form was filled for."""

READING_SHOWN: Slot[str] = Slot("reading_shown", "")
"""The file that encoding and delimiter were reset for."""

API_KEYS_MADE: Slot[int] = Slot("api_keys_made", 0)
"""How many API keys this session has made; a new number empties the form."""

ERASURES: Slot[int] = Slot("erasures", 0)
"""How many people this session has erased; a new number empties the boxes."""

ERASED: Slot[str | None] = Slot("erased", None)
"""What the last erasure did, to be told once."""
