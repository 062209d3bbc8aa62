"""A stream of records of any length, in bounded memory."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
from anyio import move_on_after, to_thread
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from engine.api.arriving import arriving, pulled
from engine.api.authority import Ingest
from engine.api.bodies import chunks, require_type
from engine.api.context import Engine  # noqa: TC001 - FastAPI reads it
from engine.api.problems import ErrorDetail, ProblemError, documented
from engine.api.taken import Counts, counts, detail
from engine.domain.outcomes import StreamTaken

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from anyio import CapacityLimiter

    from engine.domain.records import RecordForm

router = APIRouter(tags=["ingest"])

MOST_AT_ONCE = 8
"""Streams that are read at once. Each holds a thread for as long as its client sends, and threads
that all requests share would run out."""
PLACE_SECONDS = 5.0
"""Others wait so long for one of them to end, and are then told to come back."""
FORMS: dict[str, RecordForm] = {
    "application/x-ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "text/csv": "csv",
}


class RefusedLine(BaseModel):
    """One record that was left out."""

    line: int = Field(description="On which it begins; the first is 1, a CSV's header included.")
    id: str | None
    problem: ErrorDetail


class ImportReply(Counts):
    """What became of a stream."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "received": 40_000,
                    "stored": 39_999,
                    "created": 39_999,
                    "updated": 0,
                    "unchanged": 0,
                    "refused": 1,
                    "cluster_time": "1764117929.5",
                    "new_attributes": {},
                    "reasons": {"not a date and time": 1},
                    "refusals": {
                        "not a date and time": [
                            {
                                "line": 17,
                                "id": "o-16",
                                "problem": {
                                    "field": "ordered_at",
                                    "given": "yesterday",
                                    "reason": "not a date and time: expected a date and time such "
                                    "as 2026-03-31 09:30",
                                    "valid": [],
                                },
                            }
                        ]
                    },
                }
            ]
        }
    )

    new_attributes: dict[str, str] = Field(
        description="Attributes that nobody had met, and the type that each holds from now on."
    )
    reasons: dict[str, int] = Field(description="Records refused, by reason.")
    refusals: dict[str, list[RefusedLine]] = Field(description="The first 100 of each reason.")


def _body() -> dict[str, Any]:
    text: dict[str, Any] = {"type": "string"}
    order = '{"order_id": "o-1", "customer_id": "c-1", "ordered_at": "2026-03-31", "amount": "5"}'
    table = "order_id,customer_id,ordered_at,amount\no-1,c-1,2026-03-31,5.00\n"
    content = {
        media: {"schema": text, "example": table if form == "csv" else f"{order}\n"}
        for media, form in FORMS.items()
    }
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/import",
    dependencies=[Ingest],
    summary="Import a stream",
    description="NDJSON (a record a line) or CSV (the header names the record's fields; a row is a "
    "whole order or a customer, attributes are columns attributes.<name>, lists are divided by "
    "commas), of any length, gzip or not. Records are written as they come; those that cannot be "
    "taken are counted by reason. There is no Idempotency-Key: records are upserted by id, so "
    "sending all of a stream again changes nothing twice.\n\n"
    "A CSV does not say what a cell is: an attribute that is new becomes text for good, unless its "
    "column is called attributes.<name>:number, :boolean or :list. The reply names what was new. A "
    "header names at most 100 attributes.\n\n"
    f"At most {MOST_AT_ONCE} streams are read at once; others are answered 503 after a moment. "
    "Where nothing comes for 30 seconds, the reply is 408. What came whole before a stream broke "
    "off is stored, and the reply says how much that is.\n\n"
    "Records are written directly also where a stream of accepted batches is set up: whoever sends "
    "waits for MongoDB instead of a broker that would have to hold all of it, and the reply counts "
    "what was stored. A batch that was accepted (202) before and is still to be written does not "
    "overwrite it.",
    response_description="What became of the records.",
    response_model=ImportReply,
    responses=documented(400, 401, 403, 408, 413, 415, 422, 429, 503),
    openapi_extra=_body(),
)
async def import_stream(
    request: Request,
    crm: Engine,
    kind: Annotated[Literal["orders", "customers"], Query(description="What each record is.")],
) -> Response:
    """Write records as they come."""
    form = FORMS[require_type(request, tuple(FORMS))]
    so_far = StreamTaken()

    def tell(taken: StreamTaken) -> None:
        nonlocal so_far
        so_far = taken

    async with _place(request), arriving(chunks(request)) as body:
        take = partial(crm.take_stream, kind, form, pulled(body), tell=tell)
        try:
            taken = await to_thread.run_sync(take, limiter=request.app.state.import_threads)
        except ProblemError as problem:
            detail_ = f"{problem.detail}{so_far.stayed}"
            headers = problem.headers
            raise ProblemError(problem.status, problem.title, detail_, headers=headers) from None
        finally:
            request.app.state.metrics.count_rows(kind, so_far)
    return Response(orjson.dumps(_reply(taken)), media_type="application/json")


@asynccontextmanager
async def _place(request: Request) -> AsyncIterator[None]:
    """Hold one of the places for streams; raises ProblemError (503) where none becomes free."""
    places: CapacityLimiter = request.app.state.import_places
    mine = object()
    with move_on_after(PLACE_SECONDS) as waiting:
        await places.acquire_on_behalf_of(mine)
    if waiting.cancelled_caught:
        detail_ = f"{MOST_AT_ONCE} imports are read already; try again in a moment"
        raise ProblemError(503, "Unavailable", detail_, headers={"Retry-After": "5"})
    try:
        yield
    finally:
        places.release_on_behalf_of(mine)


def _reply(taken: StreamTaken) -> dict[str, Any]:
    return {
        **counts(taken),
        "new_attributes": dict(taken.learnt),
        "reasons": taken.reasons,
        "refusals": {
            kind: [
                {"line": one.line, "id": one.id, "problem": detail(one.problem)} for one in refused
            ]
            for kind, refused in taken.samples.items()
        },
    }
