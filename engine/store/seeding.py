"""Remembers that demo data was given, and lets one process at a time write or remove it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pymongo.errors import DuplicateKeyError

from engine.store.faults import mapped_errors

if TYPE_CHECKING:
    from datetime import datetime

    from pymongo.database import Database

_ID = "demo"


class SeedStore:
    """One document of the collection ``workspace``: whether demo data was given, and who is at it.

    Whoever writes or removes demo data holds a claim, by a lease; one that was cut off lapses.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._workspace = database["workspace"]

    @mapped_errors()
    def was_given(self) -> bool:
        """Tell whether demo data was given, or kept away for good, some time."""
        return self._workspace.find_one({"_id": _ID, "given": True}, {"_id": 1}) is not None

    @mapped_errors()
    def cut_off(self, *, now: datetime) -> str | None:
        """Return what somebody was doing whose claim lapsed at ``now``; None if nothing was."""
        found = self._workspace.find_one({"_id": _ID, "until": {"$lt": now}}, {"doing": 1})
        return None if found is None else str(found["doing"])

    @mapped_errors()
    def claim(self, doing: str, *, now: datetime, until: datetime) -> str | None:
        """Take the claim for doing something; return it, or None where somebody else holds it."""
        claim = uuid4().hex
        free = {"$or": [{"until": {"$exists": False}}, {"until": {"$lt": now}}]}
        try:
            self._workspace.update_one(
                {"_id": _ID, **free},
                {"$set": {"claim": claim, "until": until, "doing": doing}},
                upsert=True,
            )
        except DuplicateKeyError:
            return None
        return claim

    @mapped_errors()
    def renew(self, claim: str, *, until: datetime) -> bool:
        """Hold a claim for longer; false where it lapsed and somebody else took it."""
        held = self._workspace.update_one({"_id": _ID, "claim": claim}, {"$set": {"until": until}})
        return held.matched_count == 1

    @mapped_errors()
    def give_back(self, claim: str) -> None:
        """End a claim, and record that demo data was given, or kept away for good."""
        self._workspace.update_one(
            {"_id": _ID, "claim": claim},
            {"$set": {"given": True}, "$unset": {"claim": "", "until": "", "doing": ""}},
        )
