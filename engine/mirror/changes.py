"""The changes of customers, orders and attributes, in the order in which MongoDB made them.

The stream says which documents changed, not how: what they hold now is read afterwards, in one
query a batch, so that a change that is seen twice, or late, does no harm. Of what is deleted or
changed, MongoDB keeps the state before (:mod:`engine.store.pre_images`), which tells whose order it
was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bson import Timestamp
from pymongo.errors import OperationFailure

from engine.domain.cluster_time import ClusterTime
from engine.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pymongo.database import Database

WATCHED = ("customers", "orders", "attributes")
MOST_CHANGES = 10_000
"""In one batch: about what a mirror applies in the time that it publishes in."""
WAIT_MS = 100
"""How long MongoDB holds a question to which nothing has happened."""

_LOST = frozenset((136, 234, 237, 260, 280, 286))
"""CappedPositionLost, ...: the history that the stream needs is gone, or cannot be read."""
_AFTER, _BEFORE = "$fullDocument", "$fullDocumentBeforeChange"
_SET = "$updateDescription.updatedFields"
_PIPELINE: list[dict[str, Any]] = [
    {
        "$match": {
            "$or": [
                {"ns.coll": {"$in": WATCHED}},
                {"to.coll": {"$in": WATCHED}},
                {"operationType": {"$in": ["dropDatabase", "invalidate"]}},
            ]
        }
    },
    {
        "$project": {
            "operationType": 1,
            "ns.coll": 1,
            "documentKey._id": 1,
            "before": {"$gt": [_BEFORE, None]},  # any document is greater than none
            "customer": [f"{where}.customer_id" for where in (_BEFORE, _AFTER, _SET)],
            "order": [f"{where}.order_id" for where in (_BEFORE, _AFTER, _SET)],
        }
    },
]


class HistoryLost(Unavailable):
    """The changes since a position can no longer be had; everything must be read again."""


@dataclass(slots=True)
class Changes:
    """What changed up to ``position``."""

    position: ClusterTime
    customers: set[str] = field(default_factory=set)
    """Ids of customers that were made, changed or deleted."""
    owners: set[str] = field(default_factory=set)
    """Ids of the customers that changed orders belonged to before, or belong to."""
    orders: set[str] = field(default_factory=set)
    """Ids of orders that were made, changed or deleted."""
    deletions: bool = False
    """Whether a customer was deleted."""
    attributes: bool = False
    """Whether an attribute came in, or went."""
    count: int = 0

    def add(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Take events in; raises HistoryLost where one cannot be told from the others."""
        for event in events:
            self.count += 1
            self._add(event)

    def _add(self, event: Mapping[str, Any]) -> None:
        kind, collection = event["operationType"], event.get("ns", {}).get("coll")
        if kind not in {"insert", "update", "replace", "delete"}:
            msg = f"a collection was changed as a whole ({kind})"
            raise HistoryLost(msg)
        if collection == "attributes":
            self.attributes = True
            return
        if kind != "insert" and not event["before"]:
            msg = f"MongoDB did not keep what a document held before its {kind}"
            raise HistoryLost(msg)
        # What has no text for an id was written past the engine, and is not mirrored.
        customers = [one for one in event["customer"] if isinstance(one, str)]
        if collection == "customers":
            self.customers.update(customers)
            self.deletions |= kind == "delete"
        else:
            self.orders.update(one for one in event["order"] if isinstance(one, str))
            self.owners.update(customers)


class ChangeStream:
    """An open stream. Not safe to share between threads."""

    def __init__(
        self,
        database: Database[dict[str, Any]],
        *,
        token: Mapping[str, Any] | None = None,
        since: ClusterTime | None = None,
    ) -> None:
        """Go on after ``token``, or ``since``; raises HistoryLost where neither can be."""
        self._database = database
        self._session = database.client.start_session()
        self._cursor = 0
        start: dict[str, Any] = {"fullDocumentBeforeChange": "whenAvailable"}
        later: list[dict[str, Any]] = []
        if token is not None:
            start["resumeAfter"] = token
        elif since is not None:
            start["startAtOperationTime"] = at = Timestamp(*since)
            later.append({"$match": {"clusterTime": {"$gt": at}}})
        command = {
            "aggregate": 1,
            "pipeline": [{"$changeStream": start}, *later, *_PIPELINE],
            "cursor": {"batchSize": 0},
            "readConcern": {"level": "majority"},
        }
        try:
            reply = self._run(command)
        except BaseException:
            self._session.end_session()
            raise
        self._cursor = reply["cursor"]["id"]
        self.token: Mapping[str, Any] = reply["cursor"]["postBatchResumeToken"]

    def next(self, wait_ms: int = WAIT_MS) -> tuple[list[dict[str, Any]], ClusterTime]:
        """Return the next changes, none after ``wait_ms``, and up to when none is missing.

        Fewer than :data:`MOST_CHANGES` are all that there were when it was called.
        """
        command = {
            "getMore": self._cursor,
            "collection": "$cmd.aggregate",
            "batchSize": MOST_CHANGES,
            "maxTimeMS": wait_ms,
        }
        cursor = self._run(command)["cursor"]
        self.token = cursor["postBatchResumeToken"]
        position, events = position_of(self.token), cursor["nextBatch"]
        if events and events[-1]["_id"] == self.token:
            # A transaction's changes share an instant, and more of them may be to come.
            position = ClusterTime(position.seconds, position.increment - 1)
        return events, position

    def close(self) -> None:
        """Let go of the cursor."""
        try:
            if self._cursor:
                kill = {"killCursors": "$cmd.aggregate", "cursors": [self._cursor]}
                self._database.command(kill, session=self._session)
        finally:
            self._session.end_session()

    def _run(self, command: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._database.command(command, session=self._session)
        except OperationFailure as error:
            if error.code in _LOST or error.has_error_label("NonResumableChangeStreamError"):
                raise HistoryLost(str(error)) from error
            raise


def position_of(token: Mapping[str, Any]) -> ClusterTime:
    """Return the cluster time in a resume token: a KeyString that begins with a timestamp.

    0x82 is the type, and four bytes each of seconds and increment follow (MongoDB's
    src/mongo/db/pipeline/resume_token.h and key_string.h).
    """
    data = str(token["_data"])
    if not data.startswith("82"):
        msg = "a resume token does not begin with a timestamp"
        raise HistoryLost(msg)
    return ClusterTime(int(data[2:10], 16), int(data[10:18], 16))


def present(database: Database[dict[str, Any]]) -> ClusterTime:
    """Return the cluster time of the last operation that MongoDB did; a majority has it by now."""
    with database.client.start_session(causal_consistency=True) as session:
        database.command("ping", session=session)
        at = session.operation_time
        # Reads of what a majority has, after what the session has seen: it waits for that.
        database["attributes"].find_one({}, session=session)
    if at is None:
        msg = "MongoDB tells no cluster time; a replica set or a sharded cluster is needed"
        raise Unavailable(msg)
    return ClusterTime(at.time, at.inc)
