"""Customers and orders come in: one, or a batch of up to 1,000."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter, Header, Request, Response

from engine.api.asking import CustomerId  # noqa: TC001 - FastAPI reads it
from engine.api.authority import Ingest
from engine.api.bodies import json_body, parse, rows_of
from engine.api.context import Engine  # noqa: TC001 - FastAPI reads it
from engine.api.idempotency import idempotent
from engine.api.problems import ProblemError, documented
from engine.api.replies import Reply
from engine.api.taken import AcceptedReply, TakenReply, counts, refuse_when_none, row_reply
from engine.domain.customer import checked_customer_id
from engine.domain.records import MAX_ROWS, CustomerFields, CustomerRecord, OrderRecord
from engine.domain.refusal import shown
from engine.domain.text import trimmed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import BaseModel

    from engine.api.metrics import Metrics
    from engine.crm import Crm
    from engine.domain.outcomes import RowOutcome
    from engine.domain.records import RecordKind
    from engine.streams.stream import Stream

router = APIRouter(tags=["ingest"])

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="1 to 255 ASCII characters of your choice; for 24 hours the same request with "
        "the same key has its effect once, and gets the same reply.",
        examples=["5b1c9f52-0f6e-4d0c-9f0a-2f3f6f0a8f11"],
    ),
]
RECORDS = (OrderRecord, CustomerRecord, CustomerFields)
"""What bodies hold; they are read by hand, so the OpenAPI document has to be told."""
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": TakenReply, "description": "Stored, less the rows that are refused."},
    202: {"model": AcceptedReply, "description": "Accepted; where a stream is set up."},
    **documented(400, 401, 403, 409, 413, 415, 422, 429, 503),
}
DESCRIPTION = (
    "One record as an object, or a list of up to 1,000; at most 5 MB, gzip or not. Records are "
    "upserted by id, so sending them again changes nothing. A row that cannot be taken is "
    "answered with its problems and does not touch its neighbours; where none can be, the reply is "
    "422."
)
_AWAITED = {"stored": "accepted", "refused": "refused"}
"""A row's status where a stream has it."""


def _described(model: type[BaseModel], *, many: bool) -> dict[str, Any]:
    one = {"$ref": f"#/components/schemas/{model.__name__}"}
    batch = {"type": "array", "items": one, "minItems": 1, "maxItems": MAX_ROWS}
    schema = {"anyOf": [one, batch]} if many else one
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.put(
    "/customers/{customer_id:path}",
    dependencies=[Ingest],
    summary="Write a customer",
    description="Set what is given; what is left out stays as it is stored, and so does what is "
    "null or empty text. Fields that `unset` names are taken away.",
    responses={**ANSWERS, **documented(404)},  # no path takes a line break
    openapi_extra=_described(CustomerFields, many=False),
)
async def put_customer(
    request: Request,
    crm: Engine,
    customer_id: CustomerId,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Write one customer under the path's id."""
    return await _take(request, crm, "customers", idempotency_key, partial(_named, customer_id))


@router.post(
    "/customers",
    dependencies=[Ingest],
    summary="Write customers",
    description=DESCRIPTION,
    responses=ANSWERS,
    openapi_extra=_described(CustomerRecord, many=True),
)
async def post_customers(
    request: Request, crm: Engine, idempotency_key: IdempotencyKey = None
) -> Response:
    """Write a customer, or a batch."""
    return await _take(request, crm, "customers", idempotency_key, rows_of)


@router.post(
    "/orders",
    dependencies=[Ingest],
    summary="Write orders",
    description=f"{DESCRIPTION} Customers that are not known yet are made.",
    responses=ANSWERS,
    openapi_extra=_described(OrderRecord, many=True),
)
async def post_orders(
    request: Request, crm: Engine, idempotency_key: IdempotencyKey = None
) -> Response:
    """Write an order, or a batch."""
    return await _take(request, crm, "orders", idempotency_key, rows_of)


def _named(customer_id: str, found: object) -> list[object]:
    """Return the one record of a body, under the path's id."""
    if not isinstance(found, dict):
        detail = f"expected one customer as an object, not {shown(found)}"
        raise ProblemError(422, "Invalid input", detail)
    customer_id = checked_customer_id(customer_id)
    given = found.get("customer_id")
    if given is not None and (type(given) is not str or trimmed(given) != customer_id):
        told = {
            "field": "customer_id",
            "given": shown(given),
            "reason": "it differs from the id in the path; leave it out",
            "valid": [customer_id],
        }
        raise ProblemError(422, "Invalid input", "two ids are given", errors=[told])
    return [{**found, "customer_id": customer_id}]


async def _take(
    request: Request,
    crm: Crm,
    kind: RecordKind,
    key: str | None,
    rows: Callable[[object], list[object]],
) -> Response:
    body = await json_body(request)
    metrics: Metrics = request.app.state.metrics

    def run() -> Reply:
        found = rows(parse(body))
        if crm.stream is not None:
            return _publish(crm, metrics, crm.stream, kind, found)
        return _write(crm, metrics, kind, found)

    reply = await idempotent(request, key, body, run)
    return reply.response()


def _write(crm: Crm, metrics: Metrics, kind: RecordKind, rows: list[object]) -> Reply:
    taken = crm.take_orders(rows) if kind == "orders" else crm.take_customers(rows)
    metrics.count_rows(kind, taken)
    refuse_when_none(taken.rows)
    told = counts(taken) | {"rows": [row_reply(one) for one in taken.rows]}
    return Reply(200, orjson.dumps(told), about=_named_in(kind, rows, taken.rows))


def _publish(
    crm: Crm, metrics: Metrics, stream: Stream, kind: RecordKind, rows: list[object]
) -> Reply:
    """Give the stream the rows that can be taken; it has them for good when this returns."""
    outcomes = crm.check_orders(rows) if kind == "orders" else crm.check_customers(rows)
    refuse_when_none(outcomes)
    accepted_at = crm.revision()
    good = [rows[one.row] for one in outcomes if one.status == "stored"]
    message = stream.publish(kind, good, accepted_at=accepted_at)
    metrics.rows.labels(kind, "accepted").inc(len(good))
    metrics.rows.labels(kind, "refused").inc(len(rows) - len(good))
    told = [row_reply(one) | {"status": _AWAITED[one.status]} for one in outcomes]
    reply = {"received": len(rows), "accepted_at": accepted_at, "message": message, "rows": told}
    return Reply(202, orjson.dumps(reply), about=_named_in(kind, rows, outcomes))


def _named_in(
    kind: RecordKind, rows: list[object], outcomes: Sequence[RowOutcome]
) -> tuple[str, ...]:
    """Return the customers whom a reply names, or of whom it quotes what was refused."""
    found: dict[str, None] = {}
    for one in outcomes:
        row = rows[one.row]
        told = (kind == "customers" and one.id) or any(problem.given for problem in one.problems)
        if told and isinstance(row, dict) and isinstance(given := row.get("customer_id"), str):
            found[trimmed(given)] = None
    return tuple(found)
