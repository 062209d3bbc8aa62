"""What a browser session remembers between runs: every key, with its type, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar, cast

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.permission import Role
    from engine.domain.sign_in import SignInAttempt
    from pages._ui.places import Parameter, Place
    from pages._ui.uploads import Upload

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entering:
    """A session that has begun, and the ticket that gets the browser its cookie."""

    session_id: str
    ticket: str = field(repr=False)


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


SESSION: Slot[str] = Slot("session", "")
"""The id of the session that this browser session belongs to; empty while nobody is signed in."""

PROOF: Slot[str] = Slot("proof", "")
"""Hash of the cookie that the session was recognised by, or that the browser came with by then."""

TAB_ONLY: Slot[bool] = Slot("tab_only", initial=False)
"""Whether the session has no cookie, and so ends with this tab."""

ENTERING: Slot[Entering | None] = Slot("entering", None)
"""A session that has just begun, while the browser fetches its cookie."""

LEFT: Slot[str | None] = Slot("left", None)
"""Why nobody is signed in any more, to be told once on the sign-in page."""

LEAVING: Slot[bool] = Slot("leaving", initial=False)
"""Whether the browser has a cookie of a session that was ended here, to be taken back."""

ATTEMPT: Slot[SignInAttempt | None] = Slot("sign_in_attempt", None)
"""The sign-in at the issuer that is offered, or under way."""

ATTEMPTS: Slot[int] = Slot("sign_in_attempts", 0)
"""How many sign-ins came to an end without success; a new number makes a new button."""

REFUSED: Slot[str | None] = Slot("sign_in_refused", None)
"""Why the last sign-in did not succeed, until the next is tried."""

DRAWN_AS: Slot[Role | None] = Slot("drawn_as", None)
"""The role that the page was drawn for."""

FLASH: Slot[str | None] = Slot("flash", None)
"""A sentence to show once at the start of the next run."""

FLASH_PROBLEM: Slot[tuple[str, str | None] | None] = Slot("flash_problem", None)
"""An error to show once at the start of the next run: its text and its heading."""

CONFIRMED: Slot[tuple[Place, Mapping[Parameter, str]] | None] = Slot("confirmed", None)
"""Where an action leads that was just confirmed."""

DISMISSED: Slot[bool] = Slot("dismissed", initial=False)
"""Whether a confirmation was just closed by its cross, so that the page is to be drawn anew."""

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

INVITATIONS: Slot[int] = Slot("invitations", 0)
"""How many people this session has invited; a new number empties the form."""

CREDENTIALS_SET: Slot[int] = Slot("credentials_set", 0)
"""How many credentials this session has kept; a new number empties the form."""

WORKSPACE_OPENED: Slot[tuple[int, int]] = Slot("workspace_opened", (0, -1))
"""How often the form was filled, and which version of the workspace's settings with."""

ERASURES: Slot[int] = Slot("erasures", 0)
"""How many people this session has erased; a new number empties the boxes."""

ERASED: Slot[str | None] = Slot("erased", None)
"""What the last erasure did, to be told once."""


def forget_everything() -> None:
    """Forget all that this browser session remembers, before somebody else may use it."""
    st.session_state.clear()
