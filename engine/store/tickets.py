"""One-time tickets in MongoDB: the SHA-256 of each, never the ticket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.store.faults import mapped_errors

if TYPE_CHECKING:
    from datetime import datetime

    from pymongo.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a ticket is good for: one session's cookie, in one browser."""

    session_id: str
    browser_hash: bytes


class TicketStore:
    """The collection ``tickets``."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._tickets = database["tickets"]

    @mapped_errors()
    def keep(self, ticket_hash: bytes, ticket: Ticket, *, expires_at: datetime) -> None:
        """Keep a new ticket."""
        self._tickets.insert_one(
            {
                "_id": ticket_hash,
                "session_id": ticket.session_id,
                "browser_hash": ticket.browser_hash,
                "expires_at": expires_at,
            }
        )

    @mapped_errors()
    def take(self, ticket_hash: bytes, *, now: datetime) -> Ticket | None:
        """Take a ticket away and return it: of many who ask for one, a single one gets it."""
        found = self._tickets.find_one_and_delete({"_id": ticket_hash})
        if found is None or found["expires_at"] <= now:
            return None
        return Ticket(session_id=found["session_id"], browser_hash=bytes(found["browser_hash"]))
