"""What generated rules refer to: the segments of a case, and deliveries that people carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.domain.rules import Rule
    from tests.reference.rules import Person


@dataclass(frozen=True)
class PlainReferences:
    """Saved segments by id, and the deliveries of these people."""

    segments: Mapping[str, Rule]
    people: Sequence[Person]

    def segment(self, segment_id: str) -> Rule | None:
        return self.segments.get(segment_id)

    def campaign(self, campaign_id: str, outcome: str) -> pl.Series:
        ids = [
            person.customer.customer_id
            for person in self.people
            for one in person.deliveries
            if one.campaign_id == campaign_id and outcome in ("targeted", one.status.value)
        ]
        return pl.Series(ids, dtype=pl.String)
