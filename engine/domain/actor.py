"""Who is asking, and what they may do. Every change records its actor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.domain.permission import EVERYTHING, Permission


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a program or a process that calls the engine, by the name the records show.

    One who was given no permission may do nothing.
    """

    name: str
    permissions: frozenset[Permission] = frozenset()
    kind: Literal["person", "program", "process"] = "process"
    address: str | None = None
    """Where the request came from, as far as it is known."""
    session_id: str | None = None
    """The session that a person asks in."""

    def may(self, permission: Permission) -> bool:
        """Tell whether this is permitted."""
        return permission in self.permissions


SYSTEM = Actor("system", EVERYTHING)
NOBODY = Actor("nobody")
"""Who has not shown who they are."""
