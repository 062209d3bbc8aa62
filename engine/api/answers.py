"""What the routes that read answer. Instants are UTC; money is a decimal string."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

RULE: dict[str, JsonValue] = {
    "version": 1,
    "rule": {"all": [{"field": "total_spend", "op": "greater_than", "value": "5000.00"}]},
}
ROW: dict[str, JsonValue] = {
    "customer_id": "c-1042",
    "name": "Asha Rao",
    "city": "Pune",
    "total_spend": "7249.50",
    "last_order_at": "2026-03-28T09:30:00.000Z",
}
_FIGURES: dict[str, JsonValue] = {
    "count": 1204,
    "total": 98000,
    "share": 0.012286,
    "now": "2026-03-31T12:00:00Z",
    "as_of": "2026-03-31T11:59:59.812Z",
    "behind": False,
    "currency": "INR",
}


_SEGMENT: dict[str, JsonValue] = {
    "id": "5f0c1f6c7d0b4c53a7d9c1c3b1c9b0de",
    "name": "Big spenders",
    "description": "Spent more than 5,000 so far",
    "tags": ["loyalty"],
    "version": 3,
    "saved_at": "2026-03-30T08:15:00Z",
    "saved_by": "Asha",
    "rule": RULE,
}


class SegmentAnswer(BaseModel):
    """A saved segment as its latest save left it."""

    model_config = ConfigDict(json_schema_extra={"example": _SEGMENT})

    id: str
    name: str
    description: str
    tags: list[str]
    version: int = Field(description="counts the saves, from 1")
    saved_at: datetime
    saved_by: str
    rule: dict[str, Any] = Field(description="the rule's document, as POST /v1/preview takes it")


class SegmentsAnswer(BaseModel):
    """Every saved segment, by name."""

    model_config = ConfigDict(json_schema_extra={"example": {"segments": [_SEGMENT]}})

    segments: list[SegmentAnswer]


class Figures(BaseModel):
    """How many of how many, evaluated at which instant, on data as of when."""

    count: int = Field(description="customers that match")
    total: int = Field(description="customers that there are")
    share: float | None = Field(description="count / total, 0 to 1; null where there is nobody")
    now: datetime = Field(description="the instant the rule was evaluated at")
    as_of: datetime = Field(
        description="everything acknowledged before this instant is in the figures"
    )
    behind: bool = Field(description="a change has been seen that the figures do not hold yet")
    currency: str = Field(description="ISO 4217 code of every amount")


class StepAnswer(BaseModel):
    """One part of the rule's root, in its order: an "all" shrinks with it, an "any" grows."""

    path: str = Field(description="the place in the rule, such as rule.all[1]")
    words: str
    alone: int = Field(description="customers that meet it by itself")
    before: int = Field(description="those that are held without it and what follows it")
    after: int = Field(description="those that are held with it")


class PreviewAnswer(Figures):
    """How many customers a rule holds, and some of them."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {**_FIGURES, "elapsed_ms": 2.3, "sample": [ROW], "steps": None}
        }
    )

    elapsed_ms: float = Field(description="what the evaluation took, in milliseconds")
    sample: list[dict[str, Any]] = Field(description="the first members by customer id")
    steps: list[StepAnswer] | None = Field(
        description="how many remain after each part of the rule; null unless asked for"
    )


class MembersAnswer(Figures):
    """A page of a segment's members, ascending by customer id (by code point)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {**_FIGURES, "segment_id": "5f0c…", "version": 3, "rows": [ROW], "next": "…"}
        }
    )

    segment_id: str
    version: int = Field(description="of the segment")
    rows: list[dict[str, Any]]
    next: str | None = Field(description="`after` of the next page; null on the last one")
