"""Who is asking. Every change records its actor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or a process that calls the engine, by the name the records show."""

    name: str


SYSTEM = Actor("system")
