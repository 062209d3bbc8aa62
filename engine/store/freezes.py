"""The freeze: a launching campaign's members become deliveries, exactly once each.

One worker at a time holds a campaign's freeze, by a lease; each take-over raises the campaign's
``freeze`` by one. A batch of deliveries and the lease are written in one transaction that checks
that number, so a worker that lost the freeze without noticing cannot write another row. Rows carry
the number, so that a later freeze can drop those that an earlier, unfinished one left over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pymongo import ReturnDocument, UpdateOne

from engine.domain.campaign import CampaignStatus
from engine.domain.delivery import DeliveryStatus
from engine.errors import Conflict
from engine.store.campaigns import restored
from engine.store.faults import mapped_errors
from engine.store.transactions import in_transaction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pymongo.client_session import ClientSession
    from pymongo.database import Database

    from engine.domain.campaign import Campaign

LAUNCHING, SENDING = CampaignStatus.LAUNCHING.value, CampaignStatus.SENDING.value
PENDING = DeliveryStatus.PENDING.value


class FreezeStore:
    """Campaigns in status ``launching``, and the deliveries they are given."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._database = database
        self._campaigns = database["campaigns"]
        self._deliveries = database["deliveries"]

    @mapped_errors()
    def waiting(self, *, now: datetime) -> tuple[str, int] | None:
        """Return the earliest launching campaign whose freeze nobody holds; None if none does.

        With it comes the number that its next freeze has.
        """
        found = self._campaigns.find_one(
            {
                "status": LAUNCHING,
                "$or": [{"freeze_until": {"$exists": False}}, {"freeze_until": {"$lt": now}}],
            },
            {"freeze": 1},
            sort=[("launch.now", 1)],
        )
        return None if found is None else (found["_id"], found["freeze"] + 1)

    @mapped_errors()
    def take(self, campaign_id: str, freeze: int, *, until: datetime) -> Campaign | None:
        """Take the freeze of this number; None if the campaign has moved on since it waited."""
        document = self._campaigns.find_one_and_update(
            {"_id": campaign_id, "status": LAUNCHING, "freeze": freeze - 1},
            {"$set": {"freeze_until": until, "freeze": freeze}},
            return_document=ReturnDocument.AFTER,
        )
        return None if document is None else restored(document)

    @mapped_errors()
    def write(
        self, campaign_id: str, freeze: int, customer_ids: Sequence[str], *, until: datetime
    ) -> None:
        """Write one pending row per customer and extend the lease to ``until``.

        Raises Conflict where another worker has taken the freeze over.
        """
        rows = [
            UpdateOne(
                {"campaign_id": campaign_id, "customer_id": customer_id},
                {"$set": {"freeze": freeze}, "$setOnInsert": {"status": PENDING, "attempts": 0}},
                upsert=True,
            )
            for customer_id in customer_ids
        ]

        def write_all(session: ClientSession) -> None:
            held = self._campaigns.update_one(
                {"_id": campaign_id, "status": LAUNCHING, "freeze": freeze},
                {"$set": {"freeze_until": until}},
                session=session,
            )
            if held.matched_count == 0:
                msg = f"another worker has taken over the freeze of campaign {campaign_id}"
                raise Conflict(msg)
            if rows:
                self._deliveries.bulk_write(rows, ordered=False, session=session)

        in_transaction(self._database, write_all)

    @mapped_errors()
    def finish(self, campaign_id: str, freeze: int, audience: int, *, until: datetime) -> bool:
        """Drop what unfinished freezes left, and let sending to ``audience`` customers begin.

        The lease is extended to ``until`` first. Returns false where another worker has taken the
        freeze over.
        """
        if freeze > 1:
            self._campaigns.update_one(
                {"_id": campaign_id, "status": LAUNCHING, "freeze": freeze},
                {"$set": {"freeze_until": until}},
            )
            self._drop(campaign_id, before=freeze)
        started = self._campaigns.update_one(
            {"_id": campaign_id, "status": LAUNCHING, "freeze": freeze},
            {
                "$set": {"status": SENDING, "audience": audience},
                "$unset": {"freeze_until": ""},
            },
        )
        return started.modified_count == 1

    @mapped_errors()
    def abandon(self, campaign_id: str, freeze: int, *, problem: str) -> None:
        """Make a launching campaign a draft again, with the reason; nothing of it was sent."""
        # Before the status changes: a draft owns no rows, even if this is cut off here. And by
        # number: whoever has taken the freeze over meanwhile keeps what is theirs.
        self._drop(campaign_id, before=freeze + 1)
        self._campaigns.update_one(
            {"_id": campaign_id, "status": LAUNCHING, "freeze": freeze},
            {
                "$set": {"status": CampaignStatus.DRAFT.value, "problem": problem},
                "$unset": {"freeze_until": "", "launch": ""},
                "$inc": {"version": 1},
            },
        )

    def _drop(self, campaign_id: str, *, before: int) -> None:
        self._deliveries.delete_many({"campaign_id": campaign_id, "freeze": {"$lt": before}})
