"""Remembers that demo data was given, so that data somebody removed does not come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pymongo.errors import DuplicateKeyError

from engine.store.faults import mapped_errors

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from pymongo.database import Database

_ID = "demo"


class SeedStore:
    """One document of the collection ``workspace``: whether demo data was given."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._workspace = database["workspace"]

    @mapped_errors()
    def begin(self, *, now: datetime, lease: timedelta) -> bool:
        """Claim the seeding; false where it was done, or somebody else does it now.

        A claim that was not ended within ``lease`` was cut off, and can be claimed again.
        """
        try:
            taken = self._workspace.update_one(
                {"_id": _ID, "done": False, "until": {"$lt": now}},
                {"$set": {"until": now + lease}},
                upsert=True,
            )
        except DuplicateKeyError:
            return False
        return taken.upserted_id is not None or taken.modified_count == 1

    @mapped_errors()
    def end(self) -> None:
        """Record that demo data was given."""
        self._workspace.update_one({"_id": _ID}, {"$set": {"done": True}}, upsert=True)
