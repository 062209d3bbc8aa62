"""Deliveries: one document per campaign and customer, from the freeze to the end.

A worker claims a batch by writing its claim into rows that are pending, or whose lease ran out;
only rows that still carry the claim can be ended with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bson import ObjectId
from pymongo import UpdateOne

from engine.domain.delivery import Delivery, DeliveryFigures, DeliveryStatus
from engine.store.faults import mapped_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta

    from pymongo.database import Database

PENDING, CLAIMED = DeliveryStatus.PENDING.value, DeliveryStatus.CLAIMED.value


class DeliveryStore:
    """The collection ``deliveries``; unique by ``(campaign_id, customer_id)``."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._deliveries = database["deliveries"]

    @mapped_errors()
    def claim(
        self, campaign_id: str, *, limit: int, now: datetime, lease: timedelta
    ) -> tuple[str, tuple[Delivery, ...]]:
        """Claim up to ``limit`` rows until ``now + lease``; return the claim and its rows."""
        free = {"$or": [{"status": PENDING}, {"status": CLAIMED, "lease_until": {"$lt": now}}]}
        claim = uuid4().hex
        found = self._deliveries.find({"campaign_id": campaign_id, **free}, {"_id": 1})
        ids = [row["_id"] for row in found.limit(limit)]
        if not ids:
            return claim, ()
        # By id alone: with the campaign as well, MongoDB walks all of its free rows, every time.
        wanted = {"_id": {"$in": ids}}
        self._deliveries.update_many(
            wanted | free,
            {
                "$set": {"status": CLAIMED, "claim": claim, "lease_until": now + lease},
                "$inc": {"attempts": 1},
            },
        )
        rows = self._deliveries.find(wanted | {"claim": claim})
        return claim, tuple(_restored(row) for row in rows)

    @mapped_errors()
    def customer_ids(self, campaign_id: str, *, status: DeliveryStatus | None) -> list[str]:
        """Return the ids of a campaign's customers, or of those with a status, ascending."""
        wanted = {"campaign_id": campaign_id}
        if status is not None:
            wanted["status"] = status.value
        found = self._deliveries.find(wanted, {"_id": 0, "customer_id": 1})
        return [row["customer_id"] for row in found.sort("customer_id")]

    @mapped_errors()
    def record(self, claim: str, ended: Sequence[Delivery]) -> int:
        """Write the ends of rows that still carry the claim; return how many did.

        A customer who was erased since the claim leaves how it ended, and nothing of the message.
        """
        operations = [
            UpdateOne(
                {"_id": ObjectId(row.delivery_id), "claim": claim},
                [
                    {
                        "$set": {
                            "status": row.status.value,
                            "subject": _unless_erased(row.subject),
                            "body": _unless_erased(row.body),
                            "reason": {"$literal": row.reason},
                            "vendor_message_id": _unless_erased(row.vendor_message_id),
                            "ended_at": row.ended_at,
                        }
                    },
                    {"$unset": ["claim", "lease_until"]},
                ],
            )
            for row in ended
        ]
        if not operations:
            return 0
        return self._deliveries.bulk_write(operations, ordered=False).modified_count

    @mapped_errors()
    def count(self, campaign_id: str) -> int:
        """Return how many rows the campaign has."""
        return self._deliveries.count_documents({"campaign_id": campaign_id})

    @mapped_errors()
    def figures(self, campaign_ids: Sequence[str], *, now: datetime) -> dict[str, DeliveryFigures]:
        """Count each campaign's rows by status; a campaign without rows has zeros."""
        counts: dict[str, dict[str, int]] = {one: {} for one in campaign_ids}
        pipeline: list[dict[str, Any]] = [
            {"$match": {"campaign_id": {"$in": list(campaign_ids)}}},
            {"$group": {"_id": {"c": "$campaign_id", "s": "$status"}, "n": {"$sum": 1}}},
        ]
        # At one cluster time: a row that changes its status while others are counted would else
        # be counted twice, or not at all (seen: 9,341 of 9,002).
        with self._deliveries.database.client.start_session(snapshot=True) as session:
            for group in self._deliveries.aggregate(pipeline, session=session):
                counts[group["_id"]["c"]][group["_id"]["s"]] = group["n"]
        return {
            campaign_id: DeliveryFigures(
                audience=sum(by_status.values()),
                sent=by_status.get(DeliveryStatus.SENT.value, 0),
                failed=by_status.get(DeliveryStatus.FAILED.value, 0),
                pending=by_status.get(PENDING, 0) + by_status.get(CLAIMED, 0),
                as_of=now,
            )
            for campaign_id, by_status in counts.items()
        }

    @mapped_errors()
    def failures(self, campaign_id: str) -> dict[str, int]:
        """Count failed rows by reason, most frequent first."""
        grouped = self._deliveries.aggregate(
            [
                {"$match": {"campaign_id": campaign_id, "status": DeliveryStatus.FAILED.value}},
                {"$group": {"_id": "$reason", "n": {"$sum": 1}}},
                {"$sort": {"n": -1, "_id": 1}},
            ]
        )
        return {group["_id"]: group["n"] for group in grouped}

    @mapped_errors()
    def page(
        self,
        campaign_id: str,
        *,
        status: DeliveryStatus | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> tuple[Delivery, ...]:
        """Return up to ``limit`` rows by customer id, after the delivery ``after``."""
        wanted: dict[str, Any] = {"campaign_id": campaign_id}
        if status is not None:
            wanted["status"] = status.value
        if after is not None:
            known = ObjectId.is_valid(after)
            last = self._deliveries.find_one({"_id": ObjectId(after)}) if known else None
            if last is None:
                return ()
            wanted["customer_id"] = {"$gt": last["customer_id"]}
        found = self._deliveries.find(wanted).sort("customer_id").limit(limit)
        return tuple(_restored(row) for row in found)

    def stream(self, campaign_id: str) -> Iterator[Delivery]:
        """Yield every row of a campaign by customer id."""
        with mapped_errors():
            for row in self._deliveries.find({"campaign_id": campaign_id}).sort("customer_id"):
                yield _restored(row)

    def stream_all(self) -> Iterator[Delivery]:
        """Yield every row of every campaign, in the order in which they lie."""
        with mapped_errors():
            for row in self._deliveries.find():
                yield _restored(row)

    @mapped_errors()
    def count_all(self) -> int:
        """Return about how many rows there are; MongoDB's own count is off after a crash."""
        return self._deliveries.estimated_document_count()


def _unless_erased(text: str | None) -> dict[str, Any]:
    return {"$cond": ["$erased", None, {"$literal": text}]}


def _restored(row: dict[str, Any]) -> Delivery:
    return Delivery(
        delivery_id=str(row["_id"]),
        campaign_id=row["campaign_id"],
        customer_id=row["customer_id"],
        status=DeliveryStatus(row["status"]),
        attempts=row["attempts"],
        subject=row.get("subject"),
        body=row.get("body"),
        reason=row.get("reason"),
        vendor_message_id=row.get("vendor_message_id"),
        ended_at=row.get("ended_at"),
    )
