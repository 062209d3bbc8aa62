"""The mirror: MongoDB's customers and orders in this process, a moment behind."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pymongo.errors import (
    AutoReconnect,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from engine.errors import CrmError, InvalidInput, StoreUnavailable
from engine.mirror import verify
from engine.mirror.changes import HistoryLost, present
from engine.mirror.follower import Follower
from engine.mirror.kept import Keeper
from engine.mirror.load import read_types
from engine.store.faults import mapped_errors

if TYPE_CHECKING:
    from pathlib import Path

    from pymongo.database import Database

    from engine.domain.clock import Clock
    from engine.domain.cluster_time import ClusterTime
    from engine.domain.customer import AttributeType
    from engine.domain.workspace import Workspace
    from engine.mirror.snapshot import Snapshot
    from engine.mirror.verify import Checksum

logger = logging.getLogger(__name__)

PUBLISH_SECONDS = 0.2
"""Between two snapshots, at least, unless somebody waits for one."""
RETRY_SECONDS = 1.0
LATE = timedelta(seconds=2)
WAIT_SECONDS = 600.0
"""For a snapshot that holds what was acknowledged: 10 M orders may have to be read for it."""


class Mirror:
    """Follows changes, in a thread once it is started, else whenever a fresh snapshot is asked for.

    Readers hold the snapshot that they took for as long as they like.
    """

    def __init__(
        self,
        database: Database[dict[str, Any]],
        workspace: Workspace,
        clock: Clock,
        folder: Path | None = None,
    ) -> None:
        """``folder`` is where the lowest layer is kept for the next start; None keeps none."""
        self._database = database
        self._workspace = workspace
        self._clock = clock
        self._keeper = Keeper(folder) if folder else None
        self._follower = Follower(database, workspace, clock, self._keeper)
        self._turn = threading.Lock()
        """Held by whoever moves the follower on."""
        self._current: Snapshot | None = None
        self._news = threading.Condition()
        self._failed: tuple[float, CrmError] | None = None
        self._wanted = threading.Event()
        """Set once figures are to be loaded."""
        self._stop = threading.Event()
        self._waiting = 0
        self._thread: threading.Thread | None = None

    def snapshot(self) -> Snapshot:
        """Return the present snapshot; loads the first one. Raises StoreUnavailable."""
        return self._current or self.refresh()

    @mapped_errors()
    def refresh(self, *, timeout: float = WAIT_SECONDS) -> Snapshot:
        """Return a snapshot that holds everything acknowledged before this call.

        Raises StoreUnavailable where it does not come within ``timeout`` seconds, or MongoDB is out
        of reach.
        """
        return self._at_least(present(self._database), timeout)

    @mapped_errors()
    def snapshot_at_least(self, position: ClusterTime, *, timeout: float = 10.0) -> Snapshot:
        """Return a snapshot that holds everything up to a cluster time.

        Raises InvalidInput for a time that is yet to come, and StoreUnavailable where the mirror
        does not get there within ``timeout`` seconds, or MongoDB is out of reach.
        """
        if (current := self._current) is not None and _holds(current, position):
            return current
        if position > (now := present(self._database)):
            msg = f"the cluster time {position} is later than everything written so far ({now})"
            raise InvalidInput(msg)
        return self._at_least(position, timeout)

    def _at_least(self, position: ClusterTime, timeout: float) -> Snapshot:
        deadline = time.monotonic() + timeout
        self._wanted.set()
        if self._thread is None:
            return self._move_on_to(position, deadline)
        with self._news:
            asked, self._waiting = time.monotonic(), self._waiting + 1
            try:
                while (current := self._current) is None or not _holds(current, position):
                    if self._failed is not None and self._failed[0] > asked:
                        raise self._failed[1]
                    left = deadline - time.monotonic()
                    if left <= 0 or self._stop.is_set():
                        raise _late(position)
                    self._news.wait(min(left, 1.0))
            finally:
                self._waiting -= 1
        return current

    @property
    def is_loaded(self) -> bool:
        """Whether there is a snapshot yet; asking for one loads it."""
        return self._current is not None

    @property
    def behind(self) -> bool:
        """Whether there may be changes of more than 2 s ago that the snapshot does not hold."""
        if self._thread is None:
            return False
        current = self._current
        if self._failed is not None or current is None:
            return True
        return self._clock.now() - current.as_of > LATE

    def start(self, *, at_once: bool = True) -> None:
        """Follow changes in a thread that :meth:`close` ends: from now, or the first reading, on.

        Not at once is for a process that may never be asked for figures.
        """
        if at_once:
            self._wanted.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._follow, name="mirror", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop following. Snapshots that were handed out stay readable."""
        self._stop.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
        # A load that is under way is left to end by itself: its thread keeps nobody waiting.
        if self._turn.acquire(timeout=1):
            self._follower.close()
            self._turn.release()

    def attribute_types(self) -> dict[str, AttributeType]:
        """Return what type each attribute has that was ever seen; read anew."""
        return read_types(self._database)

    def forget(self) -> None:
        """Delete what is kept on disk: somebody in it is to be forgotten."""
        if self._keeper is not None:
            self._keeper.forget()

    @mapped_errors()
    def verify(self) -> tuple[Checksum, Checksum]:
        """Read everything anew; return what the mirror sums up to, and what MongoDB does.

        They are equal where nobody writes meanwhile.
        """
        snapshot = self.refresh()
        zone = self._workspace.zone
        there = verify.of_mongodb(self._database, snapshot.attribute_types, zone)
        return verify.of_snapshot(snapshot), there

    def _move_on_to(self, position: ClusterTime, deadline: float) -> Snapshot:
        with self._turn:
            while (current := self._current) is None or not _holds(current, position):
                if time.monotonic() > deadline:
                    raise _late(position)
                self._step(wait_seconds=0.01)
            return current

    def _step(self, *, wait_seconds: float) -> None:
        try:
            self._current = self._follower.step(wait_seconds)
        except HistoryLost as lost:
            logger.warning("the mirror reads everything again: %s", lost)
            self._follower.start_over()
            self._current = self._follower.step(wait_seconds)
        except (OperationFailure, AutoReconnect) as error:
            if isinstance(error, ServerSelectionTimeoutError):
                raise
            # A cursor that is gone or a connection that broke: the next one may do.
            logger.info("the mirror lost the change stream, opens it again: %s", error)
            self._current = self._follower.step(wait_seconds)

    def _follow(self) -> None:
        self._wanted.wait()
        while not self._stop.is_set():
            try:
                with self._turn, mapped_errors():
                    self._step(wait_seconds=self._patience())
            except (PyMongoError, CrmError) as error:
                logger.warning("the mirror lost MongoDB and will try again: %s", error)
                self._fail(error)
            except BaseException as error:
                # A follower that dies silently is a page that shows yesterday's figures for good;
                # Polars and PyO3 panic with an error that is no Exception.
                logger.exception("the mirror met an error and starts over")
                self._follower.start_over()
                self._fail(error)
            else:
                self._failed = None
                with self._news:
                    self._news.notify_all()

    def _patience(self) -> float:
        return 0.0 if self._waiting else PUBLISH_SECONDS

    def _fail(self, error: BaseException) -> None:
        told = error if isinstance(error, CrmError) else CrmError(f"the mirror failed: {error}")
        self._failed = time.monotonic(), told
        with self._news:
            self._news.notify_all()
        self._stop.wait(RETRY_SECONDS)


def _holds(snapshot: Snapshot, position: ClusterTime) -> bool:
    return snapshot.position is not None and snapshot.position >= position


def _late(position: ClusterTime) -> StoreUnavailable:
    return StoreUnavailable(
        f"the figures do not hold what was written at {position} yet; try again"
    )
