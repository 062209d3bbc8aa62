"""Erased customers: a keyed hash of each id stays, so that nothing brings the person back.

The tombstone is written first and holds the id until the person's records are gone, so that an
erasure that was cut off can be completed; then the hash alone is left. What is kept of the person
(orders for the books, deliveries for the campaigns' counts) names ``erased-<the record's own id>``
instead: no two of these records can be told to be of one person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bson import Timestamp

from engine.domain.erasure import NOBODY_PREFIX, Erasure
from engine.store.faults import mapped_errors
from engine.store.transactions import in_transaction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pymongo.client_session import ClientSession
    from pymongo.collection import Collection
    from pymongo.database import Database

    from engine.domain.cluster_time import ClusterTime
    from engine.store.secrets import ErasureKey

BATCH = 1_000
"""Records that go in one transaction: a wholesale customer's orders outlast its time limit."""
NOBODY = {"$concat": [NOBODY_PREFIX, {"$toString": "$_id"}]}
UNLINKED = {"$set": {"customer_id": NOBODY}}
EMPTIED = {
    "$set": {
        "customer_id": NOBODY,
        "erased": True,
        "subject": None,
        "body": None,
        "vendor_message_id": None,
    }
}


class ErasureStore:
    """The collection ``erasures``, by the keyed hashes of the ids, and what is to go elsewhere."""

    def __init__(self, database: Database[dict[str, Any]], key: ErasureKey) -> None:
        self._database = database
        self._erasures = database["erasures"]
        self._customers = database["customers"]
        self._orders = database["orders"]
        self._deliveries = database["deliveries"]
        self._replies = database["idempotency"]
        self._key = key

    @mapped_errors()
    def erased(self, customer_ids: Sequence[str]) -> frozenset[str]:
        """Return those of the ids that were erased, or are being erased."""
        # Where nobody ever was, this is all it takes: 0.3 ms instead of 4 for 1,000 ids.
        if not customer_ids or self._erasures.find_one({}, {"_id": 1}) is None:
            return frozenset()
        hashes = {self._key.hash(one): one for one in customer_ids}
        found = self._erasures.find({"_id": {"$in": list(hashes)}}, {"_id": 1})
        return frozenset(hashes[bytes(document["_id"])] for document in found)

    @mapped_errors()
    def mark(self, customer_id: str) -> str:
        """Return what an erased customer is known by: the keyed hash of the id, in hexadecimal."""
        return self._key.hash(customer_id).hex()

    @mapped_errors()
    def reply_mark(self, customer_id: str) -> bytes:
        """Return what kept replies that name a customer are found by; short, for they are many."""
        return self._key.hash(customer_id)[:8]

    @mapped_errors()
    def begin(self, customer_id: str, *, now: datetime, by: str) -> None:
        """Write the tombstone, unless there is one: from here on the id is turned away."""
        self._key.hold()
        tombstone = {
            "customer_id": customer_id,
            "done": False,
            "at": now,
            "by": by,
            "customers": 0,
            "orders": 0,
            "deliveries": 0,
        }
        wanted = {"_id": self._key.hash(customer_id)}
        self._erasures.update_one(wanted, {"$setOnInsert": tombstone}, upsert=True)

    @mapped_errors()
    def sweep(self, customer_id: str) -> None:
        """Remove what is stored of somebody whose tombstone is written; any number of times.

        The customer goes first, so that no segment holds them with half of their orders. Replies
        that were kept for an Idempotency-Key go where they name or quote the person.
        """
        theirs = {"customer_id": customer_id}

        def delete(session: ClientSession) -> None:
            gone = self._customers.delete_one(theirs, session=session).deleted_count
            self._count(customer_id, "customers", gone, session)

        if self._customers.find_one(theirs, {"_id": 1}) is not None:
            in_transaction(self._database, delete)
        self._anonymise(customer_id, self._orders, theirs, UNLINKED)
        self._anonymise(customer_id, self._deliveries, self._delivered(customer_id), EMPTIED)
        self._replies.delete_many({"about": self.reply_mark(customer_id)})

    @mapped_errors()
    def finish(self, customer_id: str) -> Erasure:
        """Forget the id, of which the hash stays, and return what went when it was first erased."""
        wanted = {"_id": self._key.hash(customer_id)}
        self._erasures.update_one(
            wanted,
            {
                "$set": {"done": True},
                "$unset": {"customer_id": ""},
                # The logical clock, which does not go back when the server's own is set back.
                "$currentDate": {"done_at": {"$type": "timestamp"}},
            },
        )
        return _counts(self._erasures.find_one(wanted) or {})

    @mapped_errors()
    def unfinished(self) -> tuple[str, ...]:
        """Return the ids of erasures that were begun and not finished."""
        found = self._erasures.find({"done": False}, {"customer_id": 1})
        return tuple(document["customer_id"] for document in found)

    @mapped_errors()
    def holdings(self, customer_id: str) -> Erasure:
        """Return what is stored of somebody now."""
        theirs = {"customer_id": customer_id}
        return Erasure(
            customers=self._customers.count_documents(theirs),
            orders=self._orders.count_documents(theirs),
            deliveries=self._deliveries.count_documents(self._delivered(customer_id)),
        )

    def _delivered(self, customer_id: str) -> dict[str, Any]:
        # Each campaign by itself: deliveries are indexed by campaign, then by customer.
        campaigns = self._deliveries.distinct("campaign_id")
        return {"campaign_id": {"$in": campaigns}, "customer_id": customer_id}

    def _anonymise(
        self,
        customer_id: str,
        collection: Collection[dict[str, Any]],
        theirs: Mapping[str, Any],
        change: Mapping[str, Any],
    ) -> None:
        while ids := [found["_id"] for found in collection.find(theirs, {"_id": 1}).limit(BATCH)]:

            def take(session: ClientSession, ids: list[object] = ids) -> None:
                # The id again: meanwhile the shop may have given an order to somebody else.
                wanted = {"_id": {"$in": ids}, "customer_id": customer_id}
                gone = collection.update_many(wanted, [change], session=session).modified_count
                self._count(customer_id, collection.name, gone, session)

            in_transaction(self._database, take)

    def _count(self, customer_id: str, what: str, gone: int, session: ClientSession) -> None:
        # What a straggler wrote is no more than was there, so a finished erasure counts no further.
        wanted = {"_id": self._key.hash(customer_id), "done": False}
        self._erasures.update_one(wanted, {"$inc": {what: gone}}, session=session)


@mapped_errors()
def erased_since(database: Database[dict[str, Any]], position: ClusterTime) -> bool:
    """Tell whether what was read at a cluster time may hold somebody who is erased by now."""
    wanted = {"$or": [{"done": False}, {"done_at": {"$gte": Timestamp(*position)}}]}
    return database["erasures"].find_one(wanted, {"_id": 1}) is not None


def _counts(document: Mapping[str, Any]) -> Erasure:
    return Erasure(**{name: document.get(name, 0) for name in Erasure.__dataclass_fields__})
