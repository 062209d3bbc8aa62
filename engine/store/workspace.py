"""What was chosen for the workspace on the settings page: one document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pymongo import ReturnDocument, timeout

from engine.errors import Conflict
from engine.store.faults import mapped_errors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pymongo.database import Database

_ID = "chosen"
_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Chosen:
    """The values that were chosen, by field, and how often they were changed."""

    values: Mapping[str, str] = field(default_factory=dict)
    version: int = 0


class WorkspaceStore:
    """The collection ``workspace``."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._workspace = database["workspace"]

    @mapped_errors()
    def get(self) -> Chosen:
        """Return what was chosen; raises StoreUnavailable where MongoDB is silent for 2 s."""
        with timeout(_SECONDS):
            document = self._workspace.find_one({"_id": _ID})
        return _restored(document)

    @mapped_errors()
    def put(self, values: Mapping[str, str], *, version: int, now: datetime, by: str) -> Chosen:
        """Keep what is chosen now, over ``version``; raises Conflict where that is not the last."""
        changed = {"values": dict(values), "version": version + 1, "changed_at": now}
        document = self._workspace.find_one_and_update(
            # A first choice that comes second finds the id taken.
            {"_id": _ID, "version": version},
            {"$set": {**changed, "changed_by": by}},
            upsert=version == 0,
            return_document=ReturnDocument.AFTER,
        )
        if document is None:
            msg = "somebody changed these settings meanwhile; look again and decide anew"
            raise Conflict(msg)
        return _restored(document)


def _restored(document: dict[str, Any] | None) -> Chosen:
    return Chosen() if document is None else Chosen(document["values"], document["version"])
