"""What Streamlit serves beside the pages to whoever asks, and what we ask for first.

Files that pages show or take are named by what nobody can guess, and ask for a session besides.
What is uploaded lies in memory until a page has taken it, so only who may import leaves anything.
Streamlit's own figures tell how many people are here, and how much memory what they do takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.permission import Permission
from engine.errors import NotAuthenticated

if TYPE_CHECKING:
    from engine.auth.access import Access


@dataclass(frozen=True, slots=True)
class Room:
    """Addresses below one path, and what who asks has to be permitted."""

    path: str
    permission: Permission
    by_tab: bool = True
    """Whether nothing is asked while a session that no cookie could be set for may come in."""


ROOMS = (
    Room("/media/", Permission.FIGURES),
    Room("/_stcore/upload_file/", Permission.IMPORTS),
    Room("/_stcore/metrics", Permission.FIGURES, by_tab=False),
)


def room_of(path: str) -> Room | None:
    """Return the room that a path leads to; None where nothing is asked for."""
    return next((room for room in ROOMS if path.startswith(room.path)), None)


def reason_against(access: Access, token: str, room: Room) -> str | None:
    """Say why whoever comes with a token of a session, or none, may not come in; None if they may.

    Raises CrmError where MongoDB cannot be asked.
    """
    if token:
        try:
            actor = access.recognise(token).actor()
        except NotAuthenticated:
            pass
        else:
            return None if actor.may(room.permission) else "Your role may not do this."
    if room.by_tab and access.some_tab_may(room.permission):
        return None
    return "Sign in first."
