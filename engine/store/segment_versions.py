"""The versions of segments: each save as it was, written together with the save."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pymongo import DESCENDING

from engine.domain.segment import SegmentContent, SegmentVersion

if TYPE_CHECKING:
    from pymongo.client_session import ClientSession
    from pymongo.database import Database

KEPT = ("name", "description", "tags", "rule", "saved_at", "saved_by")


class SegmentVersions:
    """The collection ``segment_versions``, unique by segment and version.

    A segment that was saved before there was a history has only its present state, until the next
    save writes both.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._versions = database["segment_versions"]

    def keep(
        self, segment: dict[str, Any], session: ClientSession, *, restored_from: int | None = None
    ) -> None:
        """Write the version that a segment's document stands at, if it is not there yet."""
        this = {"segment_id": segment["_id"], "version": segment["version"]}
        kept = {key: segment[key] for key in KEPT if key in segment}
        if restored_from is not None:
            kept["restored_from"] = restored_from
        self._versions.update_one(this, {"$setOnInsert": kept}, upsert=True, session=session)

    def of(self, segment: dict[str, Any], *, limit: int = 0) -> tuple[SegmentVersion, ...]:
        """Return the latest versions of a segment's document, latest first; all if 0."""
        found = self._versions.find({"segment_id": segment["_id"]})
        versions = [_version(one) for one in found.sort("version", DESCENDING).limit(limit)]
        if not versions or versions[0].version < segment["version"]:
            versions = [_version(_own(segment)), *versions]
        return tuple(versions)

    def one(
        self, segment: dict[str, Any], version: int, session: ClientSession | None = None
    ) -> SegmentVersion | None:
        """Return one version of a segment's document; None where it is not known."""
        if segment["version"] == version:
            return _version(_own(segment))
        found = self._versions.find_one(
            {"segment_id": segment["_id"], "version": version}, session=session
        )
        return None if found is None else _version(found)

    def delete(self, segment_id: str, session: ClientSession) -> None:
        """Delete the history of a segment."""
        self._versions.delete_many({"segment_id": segment_id}, session=session)


def _own(segment: dict[str, Any]) -> dict[str, Any]:
    return {**segment, "segment_id": segment["_id"]}


def _version(document: dict[str, Any]) -> SegmentVersion:
    return SegmentVersion(
        segment_id=document["segment_id"],
        version=document["version"],
        content=SegmentContent(
            name=document["name"],
            description=document["description"],
            tags=tuple(document.get("tags", ())),
            document=document["rule"],
        ),
        saved_at=document["saved_at"],
        saved_by=document["saved_by"],
        restored_from=document.get("restored_from"),
    )
