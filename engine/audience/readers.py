"""Whom a message is for, as far as others may know: a segment's name and sums, no member."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.message_copy import Readers
from engine.domain.rules import All, FieldCondition, Rule

if TYPE_CHECKING:
    from datetime import datetime

    from engine.audience.audiences import Audiences
    from engine.domain.segment import Segment
    from engine.mirror.snapshot import Snapshot

_KEPT_AS = {
    "first_name": "name",
    "name": "name",
    "email": "email",
    "phone": "phone",
    "city": "city",
    "country": "country",
    "last_order_on": "last_order_at",
}
"""By a message's field that may be missing: the field that rules ask for."""


def readers(segment: Segment, audiences: Audiences, snapshot: Snapshot, now: datetime) -> Readers:
    """Count a segment's members, and how many have each field that may be missing."""
    asked = sorted(set(_KEPT_AS.values()))
    rules = [
        segment.rule,
        *(Rule(All((segment.rule.root, FieldCondition(name, "is_set", None)))) for name in asked),
    ]
    count, *having = audiences.counts(rules, snapshot, now)
    known = dict(zip(asked, having, strict=True))
    return Readers(
        segment=segment.name,
        count=count,
        having={field: known[name] for field, name in _KEPT_AS.items()},
    )
