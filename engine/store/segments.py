"""Saved segments. A save names the version it edits, so that no one's change is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from engine.domain.rule_codec import decode, encode
from engine.domain.segment import Segment
from engine.domain.text import fold
from engine.errors import Conflict, NotFound
from engine.store.faults import mapped_errors

if TYPE_CHECKING:
    from datetime import datetime

    from pymongo.database import Database

    from engine.domain.rules import Rule


class SegmentStore:
    """The collection ``segments``; unique by name, without regard to case."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._segments = database["segments"]

    @mapped_errors()
    def create(self, *, name: str, description: str, rule: Rule, now: datetime, by: str) -> Segment:
        """Save a new segment as version 1; raises Conflict where the name is taken."""
        document = {
            "_id": uuid4().hex,
            **_content(name, description, rule, now, by),
            "version": 1,
        }
        try:
            self._segments.insert_one(document)
        except DuplicateKeyError:
            raise _taken(name) from None
        return _restored(document)

    @mapped_errors()
    def update(
        self,
        segment_id: str,
        *,
        version: int,
        name: str,
        description: str,
        rule: Rule,
        now: datetime,
        by: str,
    ) -> Segment:
        """Save over ``version``; raises Conflict where somebody saved meanwhile."""
        try:
            document = self._segments.find_one_and_update(
                {"_id": segment_id, "version": version},
                {"$set": _content(name, description, rule, now, by), "$inc": {"version": 1}},
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError:
            raise _taken(name) from None
        if document is None:
            current = self.get(segment_id)
            msg = (
                f"{current.saved_by} saved {current.name!r} as version {current.version} "
                f"after you opened version {version}; reload it, then make your change again"
            )
            raise Conflict(msg)
        return _restored(document)

    @mapped_errors()
    def get(self, segment_id: str) -> Segment:
        """Return one segment; raises NotFound."""
        document = self._segments.find_one({"_id": segment_id})
        if document is None:
            msg = f"there is no segment {segment_id!r}; it may have been deleted"
            raise NotFound(msg)
        return _restored(document)

    @mapped_errors()
    def all(self) -> tuple[Segment, ...]:
        """Return every segment, by name."""
        return tuple(_restored(document) for document in self._segments.find().sort("name_folded"))

    @mapped_errors()
    def delete(self, segment_id: str, *, version: int) -> None:
        """Delete a segment; raises Conflict where somebody saved it meanwhile."""
        if self._segments.delete_one({"_id": segment_id, "version": version}).deleted_count == 0:
            current = self.get(segment_id)
            msg = f"{current.saved_by} changed {current.name!r} meanwhile; reload it first"
            raise Conflict(msg)


def _content(name: str, description: str, rule: Rule, now: datetime, by: str) -> dict[str, Any]:
    return {
        "name": name,
        "name_folded": fold(name),
        "description": description,
        "rule": encode(rule),
        "saved_at": now,
        "saved_by": by,
    }


def _taken(name: str) -> Conflict:
    return Conflict(f"there is a segment named {name!r} already; choose another name")


def _restored(document: dict[str, Any]) -> Segment:
    return Segment(
        segment_id=document["_id"],
        name=document["name"],
        description=document["description"],
        rule=decode(document["rule"]),
        version=document["version"],
        saved_at=document["saved_at"],
        saved_by=document["saved_by"],
    )
