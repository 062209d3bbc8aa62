"""The audit log in MongoDB. It is only ever added to: nothing here changes or deletes a document.

What takes a moment is written twice: that it begins, before anything is done, and whole again with
its outcome. The second has the line's id, the first names the line; so a line ends once, and a
beginning counts where its line has no end. One index of each filter serves both.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pymongo import DESCENDING

from engine.domain.audit import AT_MOST, LASTS, Action, AuditEntry, AuditPage, Outcome
from engine.domain.refusal import shown
from engine.errors import InvalidInput
from engine.store.faults import mapped_errors

if TYPE_CHECKING:
    from pymongo.database import Database

    from engine.domain.audit import AuditFilter

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AuditStore:
    """The collection ``audit``, by time."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._lines = database["audit"]

    @mapped_errors()
    def begin(self, entry: AuditEntry) -> None:
        """Write that something begins."""
        self._lines.insert_one({"_id": f"{entry.id} begins", "begins": entry.id, **_fields(entry)})

    @mapped_errors()
    def write(self, entry: AuditEntry) -> None:
        """Write a line with its outcome; raises Conflict where it has one."""
        self._lines.insert_one({"_id": entry.id, **_fields(entry)})

    @mapped_errors()
    def page(
        self, wanted: AuditFilter, *, after: str | None, limit: int, now: datetime
    ) -> AuditPage:
        """Return up to ``limit`` lines, the latest first; raises InvalidInput for a bad place."""
        pipeline: list[dict[str, Any]] = [
            {"$match": {"$and": [_matching(wanted), _beyond(after)]}},
            {"$sort": {"at": DESCENDING, "line": DESCENDING}},
            {
                "$lookup": {"from": "audit", "localField": "begins", "foreignField": "_id"}
                | {"as": "end", "pipeline": [{"$project": {"_id": 1}}]}
            },
            {"$match": {"end": []}},
            {"$limit": limit + 1},
        ]
        found = [_restored(document, now) for document in self._lines.aggregate(pipeline)]
        entries = tuple(found[:limit])
        return AuditPage(entries=entries, after=_place(entries[-1]) if found[limit:] else None)

    @mapped_errors()
    def actors(self) -> tuple[str, ...]:
        """Return the name of everyone who is in the log, ascending."""
        return tuple(sorted(self._lines.distinct("actor")))


def _fields(entry: AuditEntry) -> dict[str, Any]:
    kind, its_id = entry.about or (None, None)
    return {
        "line": entry.id,
        "at": entry.at,
        "actor": entry.actor,
        "actor_kind": entry.kind,
        "address": entry.address,
        "action": entry.action.value,
        "about_kind": kind,
        "about_id": its_id,
        "name": entry.name,
        "changes": [[name, *values] for name, values in entry.changes.items()],
        "outcome": entry.outcome.value,
        "reason": entry.reason,
        "ended_at": entry.ended_at,
    }


def _restored(document: dict[str, Any], now: datetime) -> AuditEntry:
    known = document["action"] in set(Action)
    action = Action(document["action"]) if known else Action.OTHER
    outcome = Outcome(document["outcome"])
    if outcome is Outcome.UNDER_WAY and now - document["at"] > LASTS.get(action, AT_MOST):
        outcome = Outcome.INTERRUPTED
    kind = document["about_kind"]
    return AuditEntry(
        id=document["line"],
        at=document["at"],
        actor=document["actor"],
        kind=document["actor_kind"],
        address=document["address"],
        action=action,
        about=None if kind is None else (kind, document["about_id"]),
        name=document["name"],
        changes={name: (before, after) for name, before, after in document["changes"]},
        outcome=outcome,
        reason=document["reason"],
        ended_at=document["ended_at"],
    )


def _matching(wanted: AuditFilter) -> dict[str, Any]:
    """Return the condition; every value is bound by an operator."""
    found: dict[str, Any] = {}
    if wanted.actor is not None:
        found["actor"] = {"$eq": wanted.actor}
    if wanted.action is not None:
        found["action"] = {"$eq": wanted.action.value}
    if wanted.about is not None:
        kind, its_id = wanted.about
        found |= {"about_kind": {"$eq": kind}, **({"about_id": {"$eq": its_id}} if its_id else {})}
    times = {"$gte": wanted.since, "$lt": wanted.until}
    if times := {operator: instant for operator, instant in times.items() if instant}:
        found["at"] = times
    return found


def _place(entry: AuditEntry) -> str:
    return f"{round((entry.at - EPOCH).total_seconds() * 1_000)}-{entry.id}"


def _beyond(place: str | None) -> dict[str, Any]:
    """Return the condition of what comes after a line."""
    if place is None:
        return {}
    milliseconds, _, line = place.partition("-")
    try:
        at = datetime.fromtimestamp(int(milliseconds) / 1_000, UTC)
    except (ValueError, OverflowError, OSError):
        msg = f"{shown(place)} is no place in the audit log"
        raise InvalidInput(msg) from None
    return {"$or": [{"at": {"$lt": at}}, {"at": at, "line": {"$lt": line}}]}
