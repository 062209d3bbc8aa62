"""An API key: what a program that calls the HTTP API is known by, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.domain.refusal import unknown
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


class Scope(StrEnum):
    """One thing that a key may do."""

    INGEST = "ingest"
    READ = "read"
    ERASE = "erase"


MEANINGS = {
    Scope.INGEST: "write customers and orders",
    Scope.READ: "read customers, segments and their members",
    Scope.ERASE: "erase a person for good",
}
"""What each scope allows, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key without its secret, which nobody keeps. Instants are in UTC."""

    id: str
    """The public part, by which the key is listed and revoked."""
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    created_by: str
    last_used_at: datetime | None = None
    """To the minute; None until it is used."""
    revoked_at: datetime | None = None
    revoked_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRates:
    """How many requests a minute one server process takes."""

    per_key: int
    failures_per_address: int
    """Requests with a missing or wrong key."""


def checked_scopes(names: Iterable[str]) -> frozenset[Scope]:
    """Return the scopes of these names; raises InvalidInput for none, or one that is unknown."""
    given = list(names)
    for name in given:
        if name not in set(Scope):
            raise InvalidInput(unknown(name, list(Scope), "scope"))
    if not given:
        msg = f"a key needs a scope; valid scopes are {', '.join(Scope)}"
        raise InvalidInput(msg)
    return frozenset(map(Scope, given))
