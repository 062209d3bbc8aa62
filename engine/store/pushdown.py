"""Runs a compiled rule in MongoDB itself, where the customers are too many for the mirror."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pymongo
from pymongo import ReadPreference

from engine.store.faults import mapped_errors
from engine.store.snapshots import at_one_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pymongo.client_session import ClientSession
    from pymongo.database import Database

LONGEST = 280
"""Seconds a pipeline may take, in place of the client's 120 s for any one answer. A lookup takes
about 0.1 ms a customer, and MongoDB remembers a cluster time for 300 s."""


class PushdownStore:
    """Pipelines over the collection ``customers``, at one cluster time each.

    A pipeline may spill to disk. Raises StoreUnavailable where it takes longer than
    :data:`LONGEST`.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._database = database
        self._customers = database.get_collection(
            "customers", read_preference=ReadPreference.PRIMARY
        )

    @mapped_errors()
    def members(self, pipeline: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        """Return the ids that a pipeline of documents ``{customer_id}`` yields, sorted."""
        return tuple(sorted(found["customer_id"] for found in self._run(pipeline)))

    @mapped_errors()
    def count(self, pipeline: Sequence[Mapping[str, Any]]) -> int:
        """Return the number that a pipeline ending in a ``$count`` yields; 0 for no document."""
        return sum(number for found in self._run(pipeline) for number in found.values())

    def _run(self, pipeline: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        def read(session: ClientSession) -> list[dict[str, Any]]:
            with pymongo.timeout(LONGEST):
                found = self._customers.aggregate(pipeline, session=session, allowDiskUse=True)
                return list(found)

        return at_one_time(self._database, read)
