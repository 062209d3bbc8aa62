"""Bulk upserts, and what they changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pymongo.errors import BulkWriteError

from engine.domain.cluster_time import ClusterTime
from engine.errors import InvalidInput
from engine.store.faults import DUPLICATE_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pymongo import UpdateOne
    from pymongo.client_session import ClientSession
    from pymongo.collection import Collection


_TOO_LARGE = frozenset((10_334, 17_419))
"""BSONObjectTooLarge, and an update's result past 16 MB."""


class TooLarge(InvalidInput):
    """Some documents would have passed MongoDB's 16 MB; all the others were written.

    ``places`` are those of their operations, ``counts`` tells what was written.
    """

    def __init__(self, places: Sequence[int], counts: WriteCounts) -> None:
        """Take where they stood among the operations, and what became of the others."""
        super().__init__(f"{len(places)} of the records would hold more than 16 MB")
        self.places = tuple(places)
        self.counts = counts


@dataclass(frozen=True, slots=True)
class WriteCounts:
    """Documents made, changed, and found as they were already."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    at: ClusterTime | None = field(default=None, compare=False)
    """When the last of them was acknowledged; None where nothing was written."""

    def __add__(self, other: WriteCounts) -> WriteCounts:
        """Add up, field by field."""
        return WriteCounts(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            max((at for at in (self.at, other.at) if at is not None), default=None),
        )


def insert_new(collection: Collection[dict[str, Any]], documents: Sequence[dict[str, Any]]) -> int:
    """Insert the documents whose unique id is not there yet; return how many."""
    if not documents:
        return 0
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

    Raises TooLarge.
    """
    if not operations:
        return WriteCounts()
    places: list[int] = []
    done: Mapping[str, Any]
    with collection.database.client.start_session() as session:
        try:
            done = collection.bulk_write(operations, ordered=False, session=session).bulk_api_result
        except BulkWriteError as error:
            done, failed = error.details, error.details["writeErrors"]
            if done["writeConcernErrors"] or {one["code"] for one in failed} - _TOO_LARGE:
                raise
            places = [one["index"] for one in failed]
    matched, modified = done["nMatched"], done["nModified"]
    counts = WriteCounts(done["nUpserted"], modified, matched - modified, _time_of(session))
    if places:
        raise TooLarge(places, counts)
    return counts


def insert_or_return(
    collection: Collection[dict[str, Any]], documents: Sequence[dict[str, Any]]
) -> tuple[WriteCounts, list[int]]:
    """Insert documents that seem new; return the places of those that somebody made meanwhile."""
    if not documents:
        return WriteCounts(), []
    with collection.database.client.start_session() as session:
        try:
            collection.insert_many(documents, ordered=False, session=session)
        except BulkWriteError as error:
            failed = error.details["writeErrors"]
            codes = {one["code"] for one in failed}
            if codes != {DUPLICATE_KEY} or error.details["writeConcernErrors"]:
                raise
            lost = [one["index"] for one in failed]
        else:
            lost = []
    return WriteCounts(inserted=len(documents) - len(lost), at=_time_of(session)), lost


def _time_of(session: ClientSession) -> ClusterTime | None:
    at = session.operation_time
    return None if at is None else ClusterTime(at.time, at.inc)
