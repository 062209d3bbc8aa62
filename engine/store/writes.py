"""Bulk upserts, and what they changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymongo.errors import BulkWriteError

from engine.store.faults import DUPLICATE_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pymongo import UpdateOne
    from pymongo.collection import Collection


@dataclass(frozen=True, slots=True)
class WriteCounts:
    """Documents made, changed, and found as they were already."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: WriteCounts) -> WriteCounts:
        """Add up, field by field."""
        return WriteCounts(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )


def insert_new(collection: Collection[dict[str, Any]], documents: Sequence[dict[str, Any]]) -> int:
    """Insert the documents whose unique id is not there yet; return how many."""
    try:
        return len(collection.insert_many(documents, ordered=False).inserted_ids)
    except BulkWriteError as error:
        codes = {one["code"] for one in error.details["writeErrors"]}
        if codes != {DUPLICATE_KEY} or error.details["writeConcernErrors"]:
            raise
        return int(error.details["nInserted"])


def upsert_all(
    collection: Collection[dict[str, Any]], operations: Sequence[UpdateOne]
) -> WriteCounts:
    """Run upserts by natural id, in any order.

    Where two writers make the same new id at once, MongoDB itself runs the second one again, which
    then finds the document: so it does for an upsert by equality on a unique index.
    """
    if not operations:
        return WriteCounts()
    done = collection.bulk_write(operations, ordered=False)
    matched, modified = done.matched_count, done.modified_count
    return WriteCounts(done.upserted_count, modified, matched - modified)
