"""What segments are used by, and what they are made from. Both are queries in a transaction.

Whoever uses a segment writes to it (``uses``), so that two transactions of which each would have
to see the other's change conflict, and one is done again.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from engine.domain.campaign import CampaignStatus
from engine.domain.references import references
from engine.domain.segment import SegmentUsage, UsingCampaign, UsingSegment
from engine.errors import Conflict, RuleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pymongo.client_session import ClientSession
    from pymongo.collection import Collection
    from pymongo.database import Database


def usage(
    database: Database[dict[str, Any]],
    segment_ids: Sequence[str],
    session: ClientSession | None = None,
) -> dict[str, SegmentUsage]:
    """Return what each of the segments is used by."""
    wanted = {"$in": list(segment_ids)}
    campaigns: defaultdict[str, list[UsingCampaign]] = defaultdict(list)
    projection = {"name": 1, "status": 1, "segment_id": 1}
    found = database["campaigns"].find({"segment_id": wanted}, projection, session=session)
    for one in found.sort("created_at"):
        campaigns[one["segment_id"]].append(
            UsingCampaign(
                campaign_id=one["_id"], name=one["name"], status=CampaignStatus(one["status"])
            )
        )
    segments: defaultdict[str, list[UsingSegment]] = defaultdict(list)
    found = database["segments"].find(
        {"references": wanted}, {"name": 1, "name_folded": 1, "references": 1}, session=session
    )
    for one in sorted(found, key=lambda one: one["name_folded"]):
        for used in one["references"]:
            if used != one["_id"]:
                segments[used].append(UsingSegment(segment_id=one["_id"], name=one["name"]))
    return {
        one: SegmentUsage(campaigns=tuple(campaigns[one]), segments=tuple(segments[one]))
        for one in segment_ids
    }


def refuse_used(used: SegmentUsage) -> None:
    """Raise Conflict, naming everything that uses a segment, if anything does."""
    if not used:
        return
    users = [
        *_named("campaign", [one.name for one in used.campaigns]),
        *_named("segment", [one.name for one in used.segments]),
    ]
    ways = []
    if used.campaigns:
        ways.append(
            "a draft can be deleted or given another segment, what was launched keeps its own"
        )
    if used.segments:
        ways.append("a segment can be saved without the condition that names this one")
    msg = f"the segment is used by {' and '.join(users)}, so it stays; {'; '.join(ways)}"
    raise Conflict(msg)


def _named(noun: str, names: Sequence[str]) -> Iterable[str]:
    if names:
        yield f"the {noun}{'' if len(names) == 1 else 's'} {', '.join(map(repr, names))}"


def use(
    segments: Collection[dict[str, Any]],
    segment_id: str,
    document: Mapping[str, object],
    session: ClientSession,
) -> list[str]:
    """Check what a rule is made from and write to all of it; return the ids it names itself.

    Everything that is reached is written to: where two saves make the two halves of a cycle, each
    reaches the segment that the other one saves, however long the way is.

    Raises RuleError, with the place in the rule, for a segment that is not there and for one that
    is made from this segment itself.
    """
    places: dict[str, str] = {}
    for path, named in references(document):
        places.setdefault(named, path)
    reached: dict[str, tuple[str, str]] = {}
    """Of each segment its name, and the id of the one it was reached from."""
    frontier = dict.fromkeys(places, "")
    problems: list[str] = []
    while frontier:
        found = {
            one["_id"]: one
            for one in segments.find(
                {"_id": {"$in": list(frontier)}}, {"name": 1, "references": 1}, session=session
            )
        }
        following: dict[str, str] = {}
        for named, by in frontier.items():
            if named == segment_id:
                problems.append(_cycle(named, by, places, reached))
            elif named in found:
                reached[named] = (found[named]["name"], by)
                following |= dict.fromkeys(found[named].get("references", ()), named)
            elif not by:
                missing = f"there is no segment {named!r}; it may have been deleted"
                problems.append(f"{places[named]}: {missing}")
        frontier = {named: by for named, by in following.items() if named not in reached}
    if problems:
        raise RuleError(problems)
    if reached:
        segments.update_many(
            {"_id": {"$in": list(reached)}}, {"$inc": {"uses": 1}}, session=session
        )
    return list(places)


def _cycle(
    segment_id: str, by: str, places: Mapping[str, str], reached: Mapping[str, tuple[str, str]]
) -> str:
    """Say by which way a segment would be made from itself."""
    way = []
    first = segment_id
    while by:
        name, before = reached[by]
        way.append(repr(name))
        first, by = by, before
    refused = f"{places[first]}: a segment cannot be made from itself"
    if not way:
        return refused
    nearest, *others = reversed(way)
    chain = ", which is made from ".join([*others, "this one"])
    return f"{refused}, and {nearest} is made from {chain}"
