"""The mirror: holds the present snapshot, and loads the next one when MongoDB has changed."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from pymongo.errors import PyMongoError

from engine.domain.attributes import told_apart
from engine.domain.customer import AttributeType
from engine.errors import CrmError
from engine.mirror.load import load_frames
from engine.mirror.snapshot import Snapshot
from engine.mirror.statistics import OrderStatistics
from engine.mirror.tables import coded_columns, folded_columns, open_tables
from engine.store.faults import mapped_errors

if TYPE_CHECKING:
    from pymongo.database import Database

    from engine.domain.clock import Clock
    from engine.domain.workspace import Workspace

logger = logging.getLogger(__name__)

WATCHED = ("customers", "orders", "attributes")
QUIET_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 2.0
RETRY_SECONDS = 1.0


class Mirror:
    """MongoDB's customers and orders, in this process.

    A thread follows the change stream: shortly after a change it loads a new snapshot and swaps it
    in. Readers hold the one they took for as long as they like.
    """

    def __init__(
        self, database: Database[dict[str, Any]], workspace: Workspace, clock: Clock
    ) -> None:
        self._database = database
        self._workspace = workspace
        self._clock = clock
        self._loading = threading.Lock()
        self._current: Snapshot | None = None
        self._asked = 0
        self._load_seconds = 0.0
        self._stop = threading.Event()
        self._behind = threading.Event()
        self._follower: threading.Thread | None = None

    def snapshot(self) -> Snapshot:
        """Return the present snapshot; loads the first one. Raises StoreUnavailable."""
        return self._current or self.refresh()

    def refresh(self) -> Snapshot:
        """Return a snapshot that holds everything acknowledged before this call."""
        asked_at = time.monotonic_ns()
        with self._loading:
            if self._current is None or self._asked < asked_at:
                # Only once it is loaded: whoever waits here takes no older one for this one.
                begun = time.monotonic_ns()
                self._current = self._load()
                self._asked = begun
            return self._current

    @property
    def behind(self) -> bool:
        """Whether a change has been seen that the present snapshot does not hold yet."""
        return self._behind.is_set()

    def start(self) -> None:
        """Follow changes from now on, in a thread that :meth:`close` ends."""
        if self._follower is None:
            self._follower = threading.Thread(target=self._follow, name="mirror", daemon=True)
            self._follower.start()

    def close(self) -> None:
        """Stop following. Snapshots that were handed out stay readable."""
        self._stop.set()
        if self._follower is not None:
            self._follower.join(timeout=10)

    def _load(self) -> Snapshot:
        as_of, started = self._clock.now(), time.monotonic()
        types = told_apart(self.attribute_types())
        customers, orders, items = load_frames(self._database, types, self._workspace.zone)
        coded = coded_columns(customers)
        snapshot = Snapshot(
            as_of=as_of,
            serial=1 if self._current is None else self._current.serial + 1,
            customers=customers.drop(folded_columns(customers)),
            orders=orders,
            attribute_types=types,
            statistics=OrderStatistics.of(orders),
            coded=coded,
            connection=open_tables(customers, orders, items, coded),
        )
        self._load_seconds = time.monotonic() - started
        return snapshot

    @mapped_errors()
    def attribute_types(self) -> dict[str, AttributeType]:
        """Return what type each attribute has that was ever seen; read anew."""
        found = self._database["attributes"].find().sort("_id")
        return {document["_id"]: AttributeType(document["type"]) for document in found}

    def _follow(self) -> None:
        while not self._stop.is_set():
            # The stream is opened anew and everything read again, so nothing is missed.
            try:
                self._follow_stream()
            except (PyMongoError, CrmError) as error:
                logger.warning("the mirror lost the change stream, opens it again: %s", error)
            except Exception:
                # A follower that dies silently is a page that shows yesterday's figures for good.
                logger.exception("the mirror met an error and starts over")
            self._behind.set()
            self._stop.wait(RETRY_SECONDS)

    def _follow_stream(self) -> None:
        only_ours: list[dict[str, Any]] = [
            {"$match": {"ns.coll": {"$in": list(WATCHED)}}},
            {"$project": {"operationType": 1}},
        ]
        with self._database.watch(only_ours, max_await_time_ms=200) as changes:
            changes.try_next()  # opens the stream: what is read from here on is followed
            self._renew()
            while not self._stop.is_set() and changes.alive:
                if changes.try_next() is None:
                    continue
                self._behind.set()
                self._drain(changes)
                self._renew()

    def _drain(self, changes: Any) -> None:  # noqa: ANN401 - pymongo's stream, typed by its one use
        """Let a burst of changes pass, so that an import of thousands makes few loads."""
        # While changes keep coming, loads take a sixth of the time at most.
        until = time.monotonic() + max(LONGEST_WAIT_SECONDS, 5 * self._load_seconds)
        quiet_at = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < min(until, quiet_at) and not self._stop.is_set():
            if changes.try_next() is not None:
                quiet_at = time.monotonic() + QUIET_SECONDS

    def _renew(self) -> None:
        self._behind.clear()
        self.refresh()
