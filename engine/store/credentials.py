"""Vendors' credentials in MongoDB, encrypted before they come here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import NotFound
from engine.store.faults import mapped_errors

if TYPE_CHECKING:
    from datetime import datetime

    from pymongo.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """One credential as it is kept."""

    vendor: str
    name: str
    key_print: bytes
    """What the key is recognised by that it is encrypted under."""
    nonce: bytes
    sealed: bytes
    set_at: datetime
    set_by: str


class CredentialStore:
    """The collection ``credentials``, by vendor and name."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._credentials = database["credentials"]

    @mapped_errors()
    def put(self, one: Sealed) -> None:
        """Keep a credential, over an older one of that name."""
        document = {
            "vendor": one.vendor,
            "name": one.name,
            "key_print": one.key_print,
            "nonce": one.nonce,
            "sealed": one.sealed,
            "set_at": one.set_at,
            "set_by": one.set_by,
        }
        self._credentials.replace_one({"_id": _id(one.vendor, one.name)}, document, upsert=True)

    @mapped_errors()
    def get(self, vendor: str, name: str) -> Sealed:
        """Return a credential as it is kept; raises NotFound."""
        document = self._credentials.find_one({"_id": _id(vendor, name)})
        if document is None:
            raise _missing(vendor, name)
        return _restored(document)

    @mapped_errors()
    def all(self) -> tuple[Sealed, ...]:
        """Return every credential as it is kept, by vendor and name."""
        return tuple(map(_restored, self._credentials.find().sort([("vendor", 1), ("name", 1)])))

    @mapped_errors()
    def remove(self, vendor: str, name: str) -> None:
        """Delete a credential; raises NotFound."""
        if not self._credentials.delete_one({"_id": _id(vendor, name)}).deleted_count:
            raise _missing(vendor, name)


def _id(vendor: str, name: str) -> str:
    return f"{vendor}/{name}"  # neither holds a slash


def _missing(vendor: str, name: str) -> NotFound:
    return NotFound(f"there is no credential {name!r} of {vendor!r}; it may have been removed")


def _restored(document: dict[str, Any]) -> Sealed:
    return Sealed(
        vendor=document["vendor"],
        name=document["name"],
        key_print=bytes(document["key_print"]),
        nonce=bytes(document["nonce"]),
        sealed=bytes(document["sealed"]),
        set_at=document["set_at"],
        set_by=document["set_by"],
    )
