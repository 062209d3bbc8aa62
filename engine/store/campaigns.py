"""Campaigns. Every change of status is compare-and-set, so that two callers cannot both make it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pymongo import DESCENDING, ReturnDocument

from engine.domain.campaign import Campaign, CampaignStatus, Channel, Launch, Message
from engine.errors import Conflict, NotFound
from engine.store.faults import mapped_errors
from engine.store.segments import no_segment
from engine.store.transactions import in_transaction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pymongo.client_session import ClientSession
    from pymongo.database import Database

    from engine.domain.delivery import DeliveryFigures

DRAFT, LAUNCHING = CampaignStatus.DRAFT.value, CampaignStatus.LAUNCHING.value
SENDING, FINISHED = CampaignStatus.SENDING.value, CampaignStatus.FINISHED.value


class CampaignStore:
    """The collection ``campaigns``."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._database = database
        self._campaigns = database["campaigns"]

    @mapped_errors()
    def create(
        self, *, name: str, segment_id: str, message: Message, now: datetime, by: str
    ) -> Campaign:
        """Save a new draft; raises NotFound where there is no such segment."""
        document = {
            "_id": uuid4().hex,
            **_content(name, segment_id, message),
            "status": DRAFT,
            "version": 1,
            "freeze": 0,
            "created_at": now,
            "created_by": by,
        }

        def insert(session: ClientSession) -> None:
            self._use(segment_id, session)
            self._campaigns.insert_one(document, session=session)

        in_transaction(self._database, insert)
        return restored(document)

    @mapped_errors()
    def update(
        self, campaign_id: str, *, version: int, name: str, segment_id: str, message: Message
    ) -> Campaign:
        """Save a draft over ``version``; raises Conflict if it changed or is launched.

        Raises NotFound where there is no such segment.
        """

        def write(session: ClientSession) -> dict[str, Any] | None:
            self._use(segment_id, session)
            return self._campaigns.find_one_and_update(
                {"_id": campaign_id, "version": version, "status": DRAFT},
                {"$set": _content(name, segment_id, message), "$inc": {"version": 1}},
                return_document=ReturnDocument.AFTER,
                session=session,
            )

        document = in_transaction(self._database, write)
        if document is None:
            current = self.get(campaign_id)
            raise Conflict(_why_not(current))
        return restored(document)

    @mapped_errors()
    def launch(self, campaign_id: str, *, version: int, launch: Launch) -> Campaign:
        """Start a draft, once: launching it again returns it as it stands."""
        document = self._campaigns.find_one_and_update(
            {"_id": campaign_id, "version": version, "status": DRAFT},
            {
                "$set": {
                    "status": LAUNCHING,
                    "launch": {
                        "rule": launch.document,
                        "segments": [
                            {"id": segment_id, "rule": document}
                            for segment_id, document in launch.referred.items()
                        ],
                        "segment_version": launch.segment_version,
                        "now": launch.now,
                        "by": launch.by,
                    },
                },
                "$unset": {"problem": ""},
            },
            return_document=ReturnDocument.AFTER,
        )
        if document is not None:
            return restored(document)
        current = self.get(campaign_id)
        if current.status is CampaignStatus.DRAFT:
            raise Conflict(_why_not(current))
        return current

    @mapped_errors()
    def finish(self, campaign_id: str, figures: DeliveryFigures) -> bool:
        """End a campaign of which no delivery is pending; false if it had ended already."""
        finished = self._campaigns.update_one(
            {"_id": campaign_id, "status": SENDING},
            {
                "$set": {
                    "status": FINISHED,
                    "finished_at": figures.as_of,
                    "sent": figures.sent,
                    "failed": figures.failed,
                }
            },
        )
        return finished.modified_count == 1

    @mapped_errors()
    def get(self, campaign_id: str) -> Campaign:
        """Return one campaign; raises NotFound."""
        document = self._campaigns.find_one({"_id": campaign_id})
        if document is None:
            msg = f"there is no campaign {campaign_id!r}; it may have been deleted"
            raise NotFound(msg)
        return restored(document)

    @mapped_errors()
    def names(self, campaign_ids: Sequence[str]) -> dict[str, str]:
        """Return the names of those of the campaigns that there are, by id."""
        found = self._campaigns.find({"_id": {"$in": list(campaign_ids)}}, {"name": 1})
        return {one["_id"]: one["name"] for one in found}

    @mapped_errors()
    def all(self, *, status: CampaignStatus | None = None) -> tuple[Campaign, ...]:
        """Return every campaign, or those of one status, latest first."""
        wanted = {} if status is None else {"status": status.value}
        found = self._campaigns.find(wanted).sort("created_at", DESCENDING)
        return tuple(restored(document) for document in found)

    @mapped_errors()
    def delete_draft(self, campaign_id: str, *, version: int) -> None:
        """Delete a draft; raises Conflict if it changed or is launched."""
        gone = self._campaigns.delete_one({"_id": campaign_id, "version": version, "status": DRAFT})
        if gone.deleted_count == 0:
            raise Conflict(_why_not(self.get(campaign_id)))

    def _use(self, segment_id: str, session: ClientSession) -> None:
        """Write to the segment, so that its deletion at the same moment conflicts."""
        used = self._database["segments"].update_one(
            {"_id": segment_id}, {"$inc": {"uses": 1}}, session=session
        )
        if used.matched_count == 0:
            raise NotFound(no_segment(segment_id))


def _content(name: str, segment_id: str, message: Message) -> dict[str, Any]:
    return {
        "name": name,
        "segment_id": segment_id,
        "channel": message.channel.value,
        "subject": message.subject,
        "body": message.body,
    }


def _why_not(current: Campaign) -> str:
    if current.status is CampaignStatus.DRAFT:
        return f"{current.name!r} was changed meanwhile; discard your changes to see it"
    return f"{current.name!r} has been launched already and cannot be changed"


def restored(document: dict[str, Any]) -> Campaign:
    """Return the campaign that a document holds."""
    launch = document.get("launch")
    return Campaign(
        campaign_id=document["_id"],
        name=document["name"],
        segment_id=document["segment_id"],
        message=Message(
            channel=Channel(document["channel"]),
            subject=document["subject"],
            body=document["body"],
        ),
        status=CampaignStatus(document["status"]),
        version=document["version"],
        created_at=document["created_at"],
        created_by=document["created_by"],
        launch=None
        if launch is None
        else Launch(
            document=launch["rule"],
            referred={one["id"]: one["rule"] for one in launch.get("segments", ())},
            segment_version=launch["segment_version"],
            now=launch["now"],
            by=launch["by"],
        ),
        audience=document.get("audience"),
        sent=document.get("sent"),
        failed=document.get("failed"),
        finished_at=document.get("finished_at"),
        problem=document.get("problem"),
    )
