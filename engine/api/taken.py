"""How it is told what became of records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.api.problems import MORE_ERRORS, ErrorDetail, ProblemError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.domain.outcomes import Problem, RowOutcome, StreamTaken, Taken


class RowReply(BaseModel):
    """What became of one row."""

    row: int = Field(description="Its place in the batch; the first is 0.")
    id: str | None = Field(description="Of the order or customer; null where it cannot be told.")
    status: Literal["stored", "accepted", "refused"]
    problems: list[ErrorDetail] = Field(default=[], description="Why it was refused.")


class Counts(BaseModel):
    """What became of records, in numbers."""

    received: int
    stored: int = Field(description="On the disks of a majority.")
    created: int = Field(description="Documents made; an id that came twice counts once.")
    updated: int
    unchanged: int
    refused: int
    cluster_time: str | None = Field(description="Of the last write, for `at_least` of a reading.")


class TakenReply(Counts):
    """What became of a batch."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "received": 1,
                    "stored": 1,
                    "created": 1,
                    "updated": 0,
                    "unchanged": 0,
                    "refused": 0,
                    "cluster_time": "1764117929.5",
                    "rows": [{"row": 0, "id": "o-1001", "status": "stored"}],
                }
            ]
        }
    )

    rows: list[RowReply]


class AcceptedReply(BaseModel):
    """A batch that the stream has for good, and that consumers will write."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "received": 1,
                "accepted_at": 1_764_117_929_000_000,
                "message": "9f1c7e0a4b5d4c39a1e26d0f8b7a3c52",
                "rows": [{"row": 0, "id": "o-1001", "status": "accepted"}],
            }
        }
    )

    received: int
    accepted_at: int = Field(description="Microseconds since 1970; a later batch wins.")
    message: str = Field(description="The batch's id in the stream.")
    rows: list[RowReply]


def counts(taken: Taken | StreamTaken) -> dict[str, Any]:
    """Return the fields of :class:`Counts`."""
    return {
        "received": taken.received,
        "stored": taken.stored,
        "created": taken.created,
        "updated": taken.updated,
        "unchanged": taken.unchanged,
        "refused": taken.refused,
        "cluster_time": None if taken.cluster_time is None else str(taken.cluster_time),
    }


def row_reply(one: RowOutcome) -> dict[str, Any]:
    """Return the fields of :class:`RowReply`."""
    told: dict[str, Any] = {"row": one.row, "id": one.id, "status": one.status}
    if one.problems:
        told["problems"] = [detail(problem) for problem in one.problems]
    return told


def detail(problem: Problem) -> dict[str, Any]:
    """Return the fields of :class:`ErrorDetail`."""
    return {
        "field": problem.field,
        "given": problem.given,
        "reason": problem.reason,
        "valid": problem.valid,
    }


def refuse_when_none(outcomes: Sequence[RowOutcome]) -> None:
    """Raise the problem of a batch of which no row can be taken; it names every row."""
    if any(one.status == "stored" for one in outcomes):
        return
    told: list[dict[str, Any]] = []
    more = MORE_ERRORS
    for one in outcomes:
        shown = one.problems[: 1 + more]
        more -= len(shown) - 1
        told += [{"row": one.row, "id": one.id, **detail(problem)} for problem in shown]
    is_one = len(outcomes) == 1
    what = "the record cannot" if is_one else f"none of the {len(outcomes):,} rows can"
    raise ProblemError(422, "Invalid input", f"{what} be taken; errors says why", errors=told)
