"""How large segments were: one row a segment and local day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from pymongo.errors import DuplicateKeyError

from engine.domain.segment import SegmentSize
from engine.store.faults import mapped_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pymongo.database import Database


class SegmentSizeStore:
    """The collection ``segment_sizes``, unique by segment and day."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._sizes = database["segment_sizes"]

    @mapped_errors()
    def recorded(self, segment_ids: Iterable[str], day: date) -> Collection[str]:
        """Return which of the segments have a size on this day."""
        wanted = {"segment_id": {"$in": list(segment_ids)}, "day": day.isoformat()}
        return {one["segment_id"] for one in self._sizes.find(wanted, {"segment_id": 1})}

    @mapped_errors()
    def record(self, size: SegmentSize) -> bool:
        """Keep a day's size; false where that day has one, which stays as it is."""
        try:
            self._sizes.insert_one(
                {
                    "segment_id": size.segment_id,
                    "day": size.day.isoformat(),
                    "version": size.version,
                    "count": size.count,
                    "total": size.total,
                    "at": size.at,
                }
            )
        except DuplicateKeyError:
            return False
        return True

    @mapped_errors()
    def of(self, segment_id: str) -> tuple[SegmentSize, ...]:
        """Return every size of a segment, by day."""
        found = self._sizes.find({"segment_id": segment_id}).sort("day")
        return tuple(
            SegmentSize(
                segment_id=one["segment_id"],
                day=date.fromisoformat(one["day"]),
                version=one["version"],
                count=one["count"],
                total=one["total"],
                at=one["at"],
            )
            for one in found
        )
