"""Replies that are kept for 24 hours, so that a request that is sent again has its effect once.

A request claims its record by inserting it. Whoever holds the claim runs the request and keeps the
reply; a claim whose lease ran out, because its holder was killed, is the next one's to take over.
Every instant here is MongoDB's own, so that the clocks of several servers do not matter.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pymongo.errors import DuplicateKeyError

from engine.errors import Conflict
from engine.store.faults import mapped_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pymongo.database import Database

    from engine.store.erasures import ErasureStore

LEASE = timedelta(seconds=30)
"""Longer than a batch of 1,000 rows takes; a killed request's twin runs after it."""
MOST_STORED = 4_000_000
"""Bytes of a compressed reply; one of 1,000 refused rows has some 10,000."""


@dataclass(frozen=True, slots=True)
class KeptReply:
    """A reply as it was given."""

    status: int
    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request may do: run, as ``owner``; give ``reply`` again; or wait, with neither."""

    owner: str | None = None
    reply: KeptReply | None = None


class IdempotencyStore:
    """The collection ``idempotency``, by API key and Idempotency-Key."""

    def __init__(
        self,
        database: Database[dict[str, Any]],
        lease: timedelta = LEASE,
        erasures: ErasureStore | None = None,
    ) -> None:
        self._records = database["idempotency"]
        self._erasures = erasures
        self._lease_end = {"$add": ["$$NOW", lease // timedelta(milliseconds=1)]}

    @mapped_errors()
    def claim(self, key_id: str, key: str, request_hash: bytes) -> Claim:
        """Claim a request, or return the reply it had; raises Conflict for another request."""
        owner, name = uuid4().hex, _name(key_id, key)
        claimed = {"owner": owner, "lease_until": self._lease_end}
        new = {"hash": {"$literal": request_hash}, "created_at": "$$NOW", **claimed}
        try:
            # Inserts, or fails: no record is without an owner.
            fresh = {"_id": name, "owner": {"$exists": False}}
            self._records.update_one(fresh, [{"$set": new}], upsert=True)
        except DuplicateKeyError:
            pass
        else:
            return Claim(owner=owner)
        found = self._records.find_one({"_id": name})
        if found is None:  # given back at this moment
            return Claim()
        if bytes(found["hash"]) != request_hash:
            msg = (
                "this Idempotency-Key came with another request in the last 24 hours; give every "
                "request a key of its own, and send it again with the same body only"
            )
            raise Conflict(msg)
        if "status" in found:
            body = zlib.decompress(found["body"])
            return Claim(reply=KeptReply(found["status"], body, found["media_type"]))
        lapsed = {"$expr": {"$lt": ["$lease_until", "$$NOW"]}}
        mine = {"_id": name, "owner": found["owner"], "status": {"$exists": False}, **lapsed}
        taken = self._records.update_one(mine, [{"$set": claimed}])
        return Claim(owner=owner) if taken.modified_count else Claim()

    @mapped_errors()
    def keep(
        self,
        key_id: str,
        key: str,
        owner: str,
        *,
        status: int,
        body: bytes,
        media_type: str,
        about: Sequence[str] = (),
    ) -> None:
        """Keep a reply, unless somebody has taken the claim over; a huge one is not kept.

        ``about`` are the ids of the customers whom it names. Their keyed hashes are kept beside it,
        by which an erasure deletes it.
        """
        packed = zlib.compress(body, 1)
        if len(packed) > MOST_STORED:
            self.give_back(key_id, key, owner)
            return
        values: dict[str, Any] = {"status": status, "body": packed, "media_type": media_type}
        if about and self._erasures is not None:
            values["about"] = [self._erasures.reply_mark(one) for one in about]
        self._records.update_one({"_id": _name(key_id, key), "owner": owner}, {"$set": values})
        if about and self._erasures is not None:
            # Whoever was erased while the request ran: the sweep before came too early.
            for one in self._erasures.erased(about):
                self._erasures.sweep(one)

    @mapped_errors()
    def give_back(self, key_id: str, key: str, owner: str) -> None:
        """Let the next request of this key run, as if this one had not been."""
        wanted = {"_id": _name(key_id, key), "owner": owner, "status": {"$exists": False}}
        self._records.delete_one(wanted)


def _name(key_id: str, key: str) -> str:
    return f"{key_id} {key}"
