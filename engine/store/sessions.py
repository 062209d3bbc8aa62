"""Sessions in MongoDB: the SHA-256 of each token, never the token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymongo import DESCENDING, ReturnDocument

from engine.domain.permission import Role
from engine.domain.user import Origin, Session
from engine.store.faults import mapped_errors

if TYPE_CHECKING:
    from datetime import datetime

    from pymongo.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    """A session as it is kept. Instants are in UTC."""

    session: Session
    token_hash: bytes
    token_made_at: datetime
    demo_role: Role | None = None
    """The role that was chosen at a demo sign-in; None for a session of an issuer's account."""


class SessionStore:
    """The collection ``sessions``, by the sessions' public ids. What has ended is deleted."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._sessions = database["sessions"]

    @mapped_errors()
    def begin(self, stored: StoredSession) -> None:
        """Keep a new session."""
        session = stored.session
        self._sessions.insert_one(
            {
                "_id": session.session_id,
                "email": session.email,
                "began_at": session.began_at,
                "last_seen_at": session.last_seen_at,
                "ends_at": session.ends_at,
                "address": session.origin.address,
                "agent": session.origin.agent,
                "token_hash": stored.token_hash,
                "token_made_at": stored.token_made_at,
                "demo_role": stored.demo_role,
            }
        )

    @mapped_errors()
    def find(self, session_id: str) -> StoredSession | None:
        """Return a session, whether it still holds or not."""
        return _restored(self._sessions.find_one({"_id": session_id}))

    @mapped_errors()
    def of_token(self, token_hash: bytes, *, now: datetime) -> StoredSession | None:
        """Return the session of a token, or of the one before it for as long as that holds."""
        before = {"old_token_hash": token_hash, "old_token_until": {"$gt": now}}
        asked = {"$or": [{"token_hash": token_hash}, before]}
        return _restored(self._sessions.find_one(asked))

    @mapped_errors()
    def of_person(self, email: str) -> tuple[Session, ...]:
        """Return a person's sessions, the latest begun first, whether they still hold or not."""
        found = self._sessions.find({"email": email}).sort([("began_at", DESCENDING), ("_id", 1)])
        return tuple(_session(document) for document in found)

    @mapped_errors()
    def replace_token(
        self,
        session_id: str,
        token_hash: bytes,
        *,
        now: datetime,
        instead_of: bytes | None = None,
        old_until: datetime | None = None,
    ) -> StoredSession | None:
        """Let a new token prove a session; None where there is no such session.

        With ``instead_of``, only where that is its present token: of two who do it at once, one
        does. The token until now holds until ``old_until``, or no longer.
        """
        asked: dict[str, Any] = {"_id": session_id}
        values: dict[str, Any] = {"token_hash": token_hash, "token_made_at": now}
        removed = dict.fromkeys(("old_token_hash", "old_token_until"), "")
        if instead_of is not None:
            asked["token_hash"] = instead_of
        if instead_of is not None and old_until is not None:
            values |= {"old_token_hash": instead_of, "old_token_until": old_until}
            removed = {}
        change = {"$set": values} | ({"$unset": removed} if removed else {})
        after = ReturnDocument.AFTER
        return _restored(self._sessions.find_one_and_update(asked, change, return_document=after))

    @mapped_errors()
    def seen(self, session_id: str, *, at: datetime) -> None:
        """Record that a session was used; never an earlier use over a later one."""
        self._sessions.update_one({"_id": session_id}, {"$max": {"last_seen_at": at}})

    @mapped_errors()
    def end(self, session_id: str) -> bool:
        """End a session; tell whether there was one."""
        return self._sessions.delete_one({"_id": session_id}).deleted_count > 0

    @mapped_errors()
    def end_all(self, email: str) -> int:
        """End every session of a person; return how many there were."""
        return self._sessions.delete_many({"email": email}).deleted_count


def _restored(document: dict[str, Any] | None) -> StoredSession | None:
    if document is None:
        return None
    role = document["demo_role"]
    return StoredSession(
        session=_session(document),
        token_hash=bytes(document["token_hash"]),
        token_made_at=document["token_made_at"],
        demo_role=None if role is None else Role(role),
    )


def _session(document: dict[str, Any]) -> Session:
    return Session(
        session_id=document["_id"],
        email=document["email"],
        began_at=document["began_at"],
        last_seen_at=document["last_seen_at"],
        ends_at=document["ends_at"],
        origin=Origin(address=document["address"], agent=document["agent"]),
    )
