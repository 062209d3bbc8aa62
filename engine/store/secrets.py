"""Keys that the workspace keeps for itself, in the collection ``secrets``."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Any, cast

from pymongo import ReturnDocument

from engine.errors import SettingsError
from engine.store.faults import mapped_errors

if TYPE_CHECKING:
    from pymongo.database import Database

_KEY, _FINGERPRINT = "erasure_key", "erasure_fingerprint"
_FIXED = "what the key is recognised by"


class ErasureKey:
    """The key under which erased customers are known: a setting's, or one that was made here."""

    def __init__(self, database: Database[dict[str, Any]], setting: str | None) -> None:
        self._secrets = database["secrets"]
        self._key = self._kept() if setting is None else setting.encode()
        self.verify()

    def hash(self, text: str) -> bytes:
        """Return the HMAC-SHA256 of a text."""
        # A text from outside may hold a lone surrogate, which no customer is stored with.
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256")

    @mapped_errors()
    def verify(self) -> None:
        """Raise SettingsError where somebody was erased under another key."""
        found = self._secrets.find_one({"_id": _FINGERPRINT})
        if found is not None and not hmac.compare_digest(found["hash"], self.hash(_FIXED)):
            msg = (
                "CRM_ERASURE_KEY is not the key under which customers were erased here, so that "
                "they would come back with the next import: set it as it was at the first "
                "erasure, or leave it empty if it was"
            )
            raise SettingsError(msg)

    @mapped_errors()
    def hold(self) -> None:
        """Keep the key's fingerprint from now on; raises as :meth:`verify` does."""
        print_ = {"$setOnInsert": {"hash": self.hash(_FIXED)}}
        self._secrets.update_one({"_id": _FINGERPRINT}, print_, upsert=True)
        self.verify()

    @mapped_errors()
    def _kept(self) -> bytes:
        found = self._secrets.find_one_and_update(
            {"_id": _KEY},
            {"$setOnInsert": {"key": secrets.token_bytes(32)}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return bytes(cast("dict[str, Any]", found)["key"])  # an upsert finds something
