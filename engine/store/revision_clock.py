"""The clock that revisions are read from: MongoDB's, so that servers' own clocks do not matter."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.store.faults import mapped_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pymongo.database import Database

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000


class RevisionClock:
    """Tells revisions, in microseconds since 1970; each is higher than this process's last.

    It asks the primary what time it is, which is one round trip and no write. Where the primary's
    clock was set back, or another one is primary whose clock is behind, the cluster's logical time
    keeps revisions within a second of those before. MongoDB's time has milliseconds, so that what
    two servers accept within one of them has no order. For use by any number of threads.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._last = 0

    @mapped_errors()
    def __call__(self) -> int:
        """Return the revision of what is accepted now; raises StoreUnavailable."""
        at = time_of(self._database.client.admin.command("hello"))
        with self._lock:
            self._last = max(at, self._last + 1)
            return self._last


def time_of(reply: Mapping[str, Any]) -> int:
    """Return when a primary gave a reply, in microseconds since 1970: the later of its two times.

    The cluster's logical time never goes back, and goes on by writes alone.
    """
    wall: datetime = reply["localTime"].replace(tzinfo=UTC)  # a command's reply knows no zone
    logical = reply["$clusterTime"]["clusterTime"]
    written: int = logical.time * SECOND + logical.inc
    return max((wall - EPOCH) // timedelta(microseconds=1), written)
