"""Moves a stack of layers on by what changed in MongoDB, and makes snapshots of it."""

from __future__ import annotations

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pymongo.errors import OperationFailure, PyMongoError

from engine.domain.attributes import told_apart
from engine.domain.cluster_time import ClusterTime
from engine.mirror.apply import put_changes
from engine.mirror.changes import (
    MOST_CHANGES,
    WAIT_MS,
    Changes,
    ChangeStream,
    HistoryLost,
    position_of,
    present,
)
from engine.mirror.folded import split_folded
from engine.mirror.kept import tell
from engine.mirror.load import load_rows, no_profiles, read_types
from engine.mirror.snapshot import Snapshot
from engine.mirror.stack import Stack, merged, merged_and_open
from engine.mirror.tables import coded_columns
from engine.store.erasures import erased_since
from engine.store.identity import identity_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pymongo.database import Database

    from engine.domain.clock import Clock
    from engine.domain.customer import AttributeType
    from engine.domain.workspace import Workspace
    from engine.mirror.kept import Keeper
    from engine.mirror.layer import Layer
    from engine.mirror.rows import Rows
    from engine.mirror.stack import Floor

logger = logging.getLogger(__name__)

AT_ONCE = 5_000
"""Customers that are merged on the way; more are merged in a thread beside it."""
KEEP_SECONDS = 60.0
"""Between two writings of the lowest layer to disk, at least: while one is written, MongoDB's own
writes wait. A start reads again what has changed since."""
OLD_SECONDS = 4 * 60 * 60
"""The lowest layer is merged and kept anew when it lacks the changes of so long: MongoDB forgets
them, and after an erasure nothing is kept."""


@dataclass(frozen=True, slots=True)
class _Merging:
    """Floors that are being merged, and the change up to which the lowest layer holds all then."""

    floors: Sequence[Floor]
    future: Future[Layer]
    base: Floor
    token: Mapping[str, Any]


class Follower:
    """Owned by one thread at a time."""

    def __init__(
        self,
        database: Database[dict[str, Any]],
        workspace: Workspace,
        clock: Clock,
        keeper: Keeper | None,
    ) -> None:
        self._database = database
        self._workspace = workspace
        self._clock = clock
        self._keeper = keeper
        self._as_of = clock.now()
        self._stack: Stack | None = None
        self._types: Mapping[str, AttributeType] = {}
        self._stream: ChangeStream | None = None
        self._token: Mapping[str, Any] | None = None
        self._snapshot: Snapshot | None = None
        self._published = 0.0
        self._merging: _Merging | None = None
        self._lowest: Mapping[str, Any] | None = None
        """The change up to which the lowest layer holds all."""
        self._is_kept = False
        self._kept_at = -KEEP_SECONDS
        self._pool = ThreadPoolExecutor(1, "mirror-merge")

    def step(self, seconds: float) -> Snapshot:
        """Gather changes, and return a snapshot that holds them.

        It is made ``seconds`` after the one before it at the earliest.

        The first step reads everything. Raises HistoryLost where it must be read again, after
        :meth:`start_over`; after any other error the next step goes on where this one began.
        """
        try:
            if self._stack is None or self._snapshot is None:
                return self._load()
            return self._moved_on(self._stack, self._snapshot, seconds)
        except BaseException:
            # What was taken from the stream and not laid on the stack comes again from the token.
            self._close_stream()
            raise

    def start_over(self) -> None:
        """Forget all, so that the next step reads everything."""
        self._close_stream()
        self._stack = self._token = self._merging = self._lowest = None

    def close(self) -> None:
        """Let go of the stream."""
        self._close_stream()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _load(self) -> Snapshot:
        identity = self._belongs_to()
        kept = self._keeper.find(belongs_to=identity) if self._keeper else None
        self._forget_erased()  # while nobody followed here
        if kept is not None:
            try:
                self._stream = ChangeStream(self._database, token=kept.token)
                self._types = kept.attribute_types
                self._lowest, self._is_kept = kept.token, True
                return self._begun(kept.rows)
            except (HistoryLost, OperationFailure) as lost:
                logger.info("what was kept of the mirror is too old: %s", lost)
                self._close_stream()
        since = present(self._database)
        self._stream = ChangeStream(self._database, since=since)
        self._lowest, self._is_kept = self._stream.token, False
        self._types = told_apart(read_types(self._database))
        snapshot = self._begun(load_rows(self._database, self._types, self._workspace.zone))
        self._keep()
        return snapshot

    def _begun(self, rows: Rows) -> Snapshot:
        """Make the lowest layer, and catch up with what has changed since it was read."""
        layer = rows.layer(coded_columns(rows.folded))
        del rows
        layer.open()
        stack = Stack(layer)
        until = present(self._database)
        while True:
            changes, as_of = self._gathered(0.0)
            self._apply(stack, changes)
            if changes.position >= until:
                break
        self._stack, self._as_of = stack, as_of
        return self._publish(stack, changes.position)

    def _keep(self) -> None:
        """Write the lowest layer to disk where that is due, beside what else is to do."""
        token, now = self._lowest, time.monotonic()
        if token is None or self._is_kept or now < self._kept_at + KEEP_SECONDS:
            return
        if self._keeper is not None and self._stack is not None:
            belongs_to = self._belongs_to()
            self._is_kept, self._kept_at = True, now
            self._pool.submit(
                self._keeper.keep,
                self._stack.floors[0].layer,
                belongs_to=belongs_to,
                attribute_types=self._types,
                token=token,
                must_go=partial(erased_since, self._database, position_of(token)),
            ).add_done_callback(tell)

    def _forget_erased(self) -> None:
        """Delete what is on disk, if it holds somebody whom another process has erased since."""
        if self._keeper is not None:
            self._pool.submit(
                self._keeper.forget_where,
                lambda token: erased_since(self._database, position_of(token)),
            ).add_done_callback(tell)

    def _belongs_to(self) -> str:
        """Name the database, and what else the rows of a layer hang on."""
        return f"{identity_of(self._database)} {self._workspace.zone.key}"

    def _moved_on(self, stack: Stack, before: Snapshot, seconds: float) -> Snapshot:
        if self._stream is None:
            self._stream = ChangeStream(self._database, token=self._token)
        self._keep()
        changes, self._as_of = self._gathered(seconds)
        if changes.count == 0 and not self._merge(stack):
            self._token = self._stream.token
            self._snapshot = before.renewed(self._as_of, changes.position)
            return self._snapshot
        self._apply(stack, changes)
        return self._publish(stack, changes.position)

    def _gathered(self, seconds: float) -> tuple[Changes, datetime]:
        """Return what changes until ``seconds`` after the last snapshot, and as of when."""
        stream = self._stream
        if stream is None:
            msg = "there is no open stream"
            raise RuntimeError(msg)
        until = self._published + seconds
        as_of, wait_ms, over = self._as_of, WAIT_MS, False
        changes = Changes(ClusterTime(0, 0))
        while True:
            asked = self._clock.now()
            events, changes.position = stream.next(wait_ms)
            changes.add(events)
            if len(events) < MOST_CHANGES:
                as_of = asked
            left = until - time.monotonic()
            # Once time is up it asks once more: that there is nothing tells the exact position.
            done = left <= 0 and (over or not events)
            if changes.count == 0 or changes.count >= MOST_CHANGES or done:
                return changes, as_of
            over = left <= 0
            time.sleep(min(max(left, 0), 0.02))
            wait_ms = 1

    def _apply(self, stack: Stack, changes: Changes) -> None:
        if changes.attributes:
            self._learn(stack)
        if changes.deletions:
            self._forget_erased()
        if changes.customers or changes.orders:
            put_changes(self._database, stack, changes, self._types, self._workspace.zone)

    def _publish(self, stack: Stack, position: ClusterTime) -> Snapshot:
        self._token = self._stream.token if self._stream else None
        self._merge(stack)
        self._published = time.monotonic()
        self._snapshot = Snapshot(
            as_of=self._as_of,
            layers=[floor.layer for floor in stack.floors],
            live=[floor.live for floor in stack.floors],
            attribute_types=self._types,
            position=position,
        )
        return self._snapshot

    def _learn(self, stack: Stack) -> None:
        """Give every layer a column for each attribute that is new."""
        types = told_apart(read_types(self._database))
        if types == self._types:
            return
        if not self._types.items() <= types.items():
            msg = "an attribute went away, or can no longer be told apart from another"
            raise HistoryLost(msg)
        self._merging = None  # what is being merged lacks the column
        stack.widen(*split_folded(no_profiles(types)))
        self._types = types

    def _merge(self, stack: Stack) -> bool:
        """Merge layers where that is due; tell whether the stack is another now."""
        changed, busy = False, 0
        if (merging := self._merging) is not None:
            if merging.future.done():
                self._merging, changed = None, True
                stack.replace(merging.floors, merging.future.result())
                if merging.floors[0] is merging.base:
                    self._lowest, self._is_kept = merging.token, False
            else:
                busy = stack.floors.index(merging.floors[-1]) + 1
        where = stack.due(busy, whole=self._is_old())
        if where is None:
            return changed
        floors = stack.floors[where]
        captured = [replace(floor) for floor in floors]
        if sum(floor.layer.height for floor in floors) <= AT_ONCE:
            stack.replace(floors, merged(captured, whole=where.start == 0))
            if where.start == 0:
                self._lowest, self._is_kept = self._token, False
            return True
        if self._merging is None and self._token is not None:
            job = self._pool.submit(merged_and_open, captured, whole=where.start == 0)
            self._merging = _Merging(floors, job, stack.floors[0], self._token)
        return changed

    def _is_old(self) -> bool:
        """Whether what is on disk, if it is there, will soon be of no use to a start."""
        if self._keeper is None or self._token is None or self._lowest is None:
            return False
        here, lowest = position_of(self._token).seconds, position_of(self._lowest).seconds
        return here - lowest > OLD_SECONDS

    def _close_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            with suppress(PyMongoError):
                stream.close()
