"""Saved segments. A save names the version it edits, so that no one's change is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from engine.domain.references import references
from engine.domain.rule_codec import encode
from engine.domain.segment import Segment, SegmentContent
from engine.domain.text import fold
from engine.errors import Conflict, NotFound, SavedMeanwhile
from engine.store import segment_links
from engine.store.faults import mapped_errors
from engine.store.segment_versions import SegmentVersions
from engine.store.transactions import in_transaction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pymongo.client_session import ClientSession
    from pymongo.database import Database

    from engine.domain.rules import Rule
    from engine.domain.segment import SegmentUsage, SegmentVersion


class SegmentStore:
    """The collection ``segments``; unique by name, without regard to case.

    With each save the version is kept in ``segment_versions``, and every segment that the rule is
    made from is written to: all together, or not at all.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._database = database
        self._segments = database["segments"]
        self._versions = SegmentVersions(database)

    @mapped_errors()
    def settle(self) -> None:
        """Note what segments are made from that were saved before that was noted."""
        before: dict[str, Any] = {"references": {"$exists": False}}
        for one in self._segments.find(before, {"rule": 1, "version": 1}):
            named = list(dict.fromkeys(used for _, used in references(one["rule"])))
            self._segments.update_one(
                {"_id": one["_id"], "version": one["version"]}, {"$set": {"references": named}}
            )

    @mapped_errors()
    def create(
        self,
        *,
        name: str,
        description: str,
        rule: Rule,
        now: datetime,
        by: str,
        tags: Sequence[str] = (),
    ) -> Segment:
        """Save a new segment as version 1; raises Conflict where the name is taken.

        Raises RuleError where the rule names a segment that is not there.
        """
        content = SegmentContent(
            name=name, description=description, tags=tuple(tags), document=encode(rule)
        )
        document = {"_id": uuid4().hex, **_fields(content), "saved_at": now, "saved_by": by}
        document["version"] = 1

        def insert(session: ClientSession) -> None:
            named = segment_links.use(self._segments, document["_id"], content.document, session)
            document["references"] = named
            try:
                self._segments.insert_one(document, session=session)
            except DuplicateKeyError:
                raise _taken(name) from None
            self._versions.keep(document, session)

        in_transaction(self._database, insert)
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
        tags: Sequence[str] = (),
    ) -> Segment:
        """Save over ``version``; raises SavedMeanwhile where somebody saved another one.

        Raises Conflict where the name is taken, RuleError where the rule names a segment that is
        not there or that is made from this one.
        """
        content = SegmentContent(
            name=name, description=description, tags=tuple(tags), document=encode(rule)
        )

        def write(session: ClientSession) -> dict[str, Any] | None:
            return self._write(segment_id, version, content, now, by, session)

        return self._saved(segment_id, version, in_transaction(self._database, write))

    @mapped_errors()
    def restore(self, segment_id: str, *, version: int, to: int, now: datetime, by: str) -> Segment:
        """Save over ``version`` what the older version ``to`` held, as a new version.

        Raises what :meth:`update` does, and NotFound where there is no such older version.
        """

        def write(session: ClientSession) -> dict[str, Any] | None:
            content = self._one(segment_id, to, session).content
            return self._write(segment_id, version, content, now, by, session, restored_from=to)

        return self._saved(segment_id, version, in_transaction(self._database, write))

    def _write(  # noqa: PLR0917 - of one kind with its two callers
        self,
        segment_id: str,
        version: int,
        content: SegmentContent,
        now: datetime,
        by: str,
        session: ClientSession,
        *,
        restored_from: int | None = None,
    ) -> dict[str, Any] | None:
        this = {"_id": segment_id, "version": version}
        present = self._segments.find_one(this, session=session)
        if present is None:
            return None
        named = segment_links.use(self._segments, segment_id, content.document, session)
        changed = {**_fields(content), "references": named, "saved_at": now, "saved_by": by}
        try:
            document = self._segments.find_one_and_update(
                this,
                {"$set": changed, "$inc": {"version": 1}},
                return_document=ReturnDocument.AFTER,
                session=session,
            )
        except DuplicateKeyError:
            raise _taken(content.name) from None
        if document is not None:
            self._versions.keep(present, session)
            self._versions.keep(document, session, restored_from=restored_from)
        return document

    def _saved(self, segment_id: str, version: int, document: dict[str, Any] | None) -> Segment:
        if document is not None:
            return _restored(document)
        current = self.get(segment_id)
        msg = (
            f"{current.saved_by} saved {current.name!r} as version {current.version} "
            f"after you opened version {version}; discard your changes to see it, or save "
            "them as a new segment"
        )
        raise SavedMeanwhile(
            msg, version=current.version, saved_by=current.saved_by, saved_at=current.saved_at
        )

    @mapped_errors()
    def get(self, segment_id: str) -> Segment:
        """Return one segment; raises NotFound."""
        return _restored(self._document(segment_id))

    @mapped_errors()
    def names(self, segment_ids: Sequence[str]) -> dict[str, str]:
        """Return the names of those of the segments that there are, by id."""
        found = self._segments.find({"_id": {"$in": list(segment_ids)}}, {"name": 1})
        return {one["_id"]: one["name"] for one in found}

    @mapped_errors()
    def all(self) -> tuple[Segment, ...]:
        """Return every segment, by name."""
        return tuple(_restored(document) for document in self._segments.find().sort("name_folded"))

    @mapped_errors()
    def history(self, segment_id: str, *, limit: int = 0) -> tuple[SegmentVersion, ...]:
        """Return a segment's versions, latest first, the present one included; all if limit is 0.

        Raises NotFound.
        """
        return self._versions.of(self._document(segment_id), limit=limit)

    @mapped_errors()
    def version(self, segment_id: str, version: int) -> SegmentVersion:
        """Return one version of a segment; raises NotFound."""
        return self._one(segment_id, version)

    @mapped_errors()
    def usage(self, segment_ids: Sequence[str]) -> Mapping[str, SegmentUsage]:
        """Return by which campaigns and other segments each of the segments is used."""
        return segment_links.usage(self._database, segment_ids)

    @mapped_errors()
    def delete(self, segment_id: str, *, version: int) -> None:
        """Delete a segment with its history and sizes.

        Raises Conflict where campaigns or other segments use it, naming them, or where somebody
        saved meanwhile. What is saved on it at the same moment writes to the segment as well, so
        that one of the two is done again and sees the other.
        """

        def delete_unused(session: ClientSession) -> bool:
            used = segment_links.usage(self._database, [segment_id], session)
            segment_links.refuse_used(used[segment_id])
            this = {"_id": segment_id, "version": version}
            if self._segments.delete_one(this, session=session).deleted_count == 0:
                return False
            self._versions.delete(segment_id, session)
            self._database["segment_sizes"].delete_many({"segment_id": segment_id}, session=session)
            return True

        if not in_transaction(self._database, delete_unused):
            current = self.get(segment_id)
            msg = f"{current.saved_by} changed {current.name!r} meanwhile; look at it first"
            raise Conflict(msg)

    def _document(self, segment_id: str, session: ClientSession | None = None) -> dict[str, Any]:
        document = self._segments.find_one({"_id": segment_id}, session=session)
        if document is None:
            raise NotFound(no_segment(segment_id))
        return document

    def _one(
        self, segment_id: str, version: int, session: ClientSession | None = None
    ) -> SegmentVersion:
        document = self._document(segment_id, session)
        found = self._versions.one(document, version, session)
        if found is None:
            msg = f"version {version} of {document['name']!r} is not known"
            raise NotFound(msg)
        return found


def no_segment(segment_id: str) -> str:
    """Return the sentence for a segment that is not there."""
    return f"there is no segment {segment_id!r}; it may have been deleted"


def _fields(content: SegmentContent) -> dict[str, Any]:
    return {
        "name": content.name,
        "name_folded": fold(content.name),
        "description": content.description,
        "tags": list(content.tags),
        "rule": content.document,
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
        tags=tuple(document.get("tags", ())),
    )
