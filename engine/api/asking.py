"""What a reader may ask for beside the rule: the instant, and how new the data must be."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - FastAPI reads the annotations
from typing import Annotated, NamedTuple

from fastapi import Depends, Path, Query

from engine.api.context import Engine  # noqa: TC001 - FastAPI reads the annotations
from engine.api.query_problems import of_query
from engine.domain.calendar import parse_instant
from engine.domain.cluster_time import ClusterTime


class Asked(NamedTuple):
    """The instant to evaluate at (None for the present), and the write that must be counted."""

    now: datetime | None
    at_least: ClusterTime | None


def asked(
    crm: Engine,
    now: Annotated[
        str | None,
        Query(
            description="Evaluate at this instant (ISO 8601; without an offset in the "
            "workspace's zone) instead of at the present.",
            examples=["2026-03-31T12:00:00Z"],
        ),
    ] = None,
    at_least: Annotated[
        str | None,
        Query(
            description="The `cluster_time` of a write: wait up to 10 s until it is counted.",
            examples=["1764117929.5"],
        ),
    ] = None,
) -> Asked:
    """Return what was asked for; raises ProblemError (422)."""
    with of_query("now", now):
        at = None if now is None else parse_instant(now, crm.workspace.zone)
    with of_query("at_least", at_least):
        return Asked(at, None if at_least is None else ClusterTime.parse(at_least))


Asking = Annotated[Asked, Depends(asked)]
"""A route's parameter."""
Sample = Annotated[
    int, Query(ge=0, le=100, description="How many members to show, the first by customer id.")
]

Explain = Annotated[bool, Query(description="Tell how many remain after each part of the rule.")]
CustomerId = Annotated[
    str,
    Path(
        description="The shop's id: 1 to 200 characters, percent-encoded whatever they are, so "
        "that `/` is `%2F` and a dot that stands alone `%2E`. White space around it is left out.",
        examples=["c-7"],
    ),
]
SegmentId = Annotated[
    str,
    Path(
        max_length=1_000,
        description="As the list of segments tells it.",
        examples=["5f0c1f6c7d0b4c53a7d9c1c3b1c9b0de"],
    ),
]
