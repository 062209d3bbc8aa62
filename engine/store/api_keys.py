"""API keys in MongoDB: the SHA-256 of each secret, never the secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pymongo import DESCENDING, ReturnDocument

from engine.domain.api_key import ApiKey, Scope
from engine.domain.refusal import shown
from engine.errors import NotFound
from engine.store.faults import mapped_errors

if TYPE_CHECKING:
    from datetime import datetime

    from pymongo.database import Database

WITHOUT_HASH = {"hash": 0}


class ApiKeyStore:
    """The collection ``api_keys``, by the keys' public ids."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._keys = database["api_keys"]

    @mapped_errors()
    def create(self, key: ApiKey, secret_hash: bytes) -> None:
        """Keep a new key; raises Conflict where its id is taken."""
        self._keys.insert_one(
            {
                "_id": key.id,
                "name": key.name,
                "scopes": sorted(key.scopes),
                "hash": secret_hash,
                "created_at": key.created_at,
                "created_by": key.created_by,
            }
        )

    @mapped_errors()
    def find(self, key_id: str) -> tuple[ApiKey, bytes] | None:
        """Return a key and the hash of its secret; None where there is no such key."""
        document = self._keys.find_one({"_id": key_id})
        return None if document is None else (_restored(document), bytes(document["hash"]))

    @mapped_errors()
    def all(self) -> tuple[ApiKey, ...]:
        """Return every key, revoked ones too, latest first."""
        found = self._keys.find({}, WITHOUT_HASH).sort([("created_at", DESCENDING), ("_id", 1)])
        return tuple(_restored(document) for document in found)

    @mapped_errors()
    def revoke(self, key_id: str, *, now: datetime, by: str) -> ApiKey:
        """End a key; one that has ended stays as it is. Raises NotFound."""
        document = self._keys.find_one_and_update(
            {"_id": key_id, "revoked_at": None},
            {"$set": {"revoked_at": now, "revoked_by": by}},
            WITHOUT_HASH,
            return_document=ReturnDocument.AFTER,
        ) or self._keys.find_one({"_id": key_id}, WITHOUT_HASH)
        if document is None:
            msg = f"there is no API key {shown(key_id)}"
            raise NotFound(msg)
        return _restored(document)

    @mapped_errors()
    def used(self, key_id: str, *, now: datetime) -> None:
        """Record that a key was used; never an earlier use over a later one."""
        self._keys.update_one({"_id": key_id}, {"$max": {"last_used_at": now}})


def _restored(document: dict[str, Any]) -> ApiKey:
    return ApiKey(
        id=document["_id"],
        name=document["name"],
        scopes=frozenset(map(Scope, document["scopes"])),
        created_at=document["created_at"],
        created_by=document["created_by"],
        last_used_at=document.get("last_used_at"),
        revoked_at=document.get("revoked_at"),
        revoked_by=document.get("revoked_by"),
    )
