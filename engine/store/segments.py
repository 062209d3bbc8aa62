"""Saved segments. A save names the version it edits, so that no one's change is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from engine.domain.rule_codec import encode
from engine.domain.segment import Segment
from engine.domain.text import fold
from engine.errors import Conflict, NotFound
from engine.store.faults import mapped_errors
from engine.store.transactions import in_transaction

if TYPE_CHECKING:
    from datetime import datetime

    from pymongo.client_session import ClientSession
    from pymongo.database import Database

    from engine.domain.rules import Rule


class SegmentStore:
    """The collection ``segments``; unique by name, without regard to case."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._database = database
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
                f"after you opened version {version}; discard your changes to see it, or save "
                "them as a new segment"
            )
            raise Conflict(msg)
        return _restored(document)

    @mapped_errors()
    def get(self, segment_id: str) -> Segment:
        """Return one segment; raises NotFound."""
        document = self._segments.find_one({"_id": segment_id})
        if document is None:
            raise NotFound(no_segment(segment_id))
        return _restored(document)

    @mapped_errors()
    def all(self) -> tuple[Segment, ...]:
        """Return every segment, by name."""
        return tuple(_restored(document) for document in self._segments.find().sort("name_folded"))

    @mapped_errors()
    def delete(self, segment_id: str, *, version: int) -> None:
        """Delete a segment; raises Conflict where a campaign uses it or somebody saved meanwhile.

        A campaign that is saved on it at the same moment writes to the segment as well, so that
        one of the two is done again and sees the other.
        """

        def delete_unused(session: ClientSession) -> bool:
            users = self._database["campaigns"].find(
                {"segment_id": segment_id}, {"name": 1}, session=session
            )
            if names := [repr(one["name"]) for one in users.sort("created_at")]:
                campaigns = "the campaign" if len(names) == 1 else "the campaigns"
                msg = (
                    f"the segment is used by {campaigns} {', '.join(names)}, so it stays; a draft "
                    "can be deleted or given another segment, what was launched keeps its own"
                )
                raise Conflict(msg)
            this = {"_id": segment_id, "version": version}
            return self._segments.delete_one(this, session=session).deleted_count == 1

        if not in_transaction(self._database, delete_unused):
            current = self.get(segment_id)
            msg = f"{current.saved_by} changed {current.name!r} meanwhile; look at it first"
            raise Conflict(msg)


def no_segment(segment_id: str) -> str:
    """Return the sentence for a segment that is not there."""
    return f"there is no segment {segment_id!r}; it may have been deleted"


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
        document=document["rule"],
        version=document["version"],
        saved_at=document["saved_at"],
        saved_by=document["saved_by"],
    )
