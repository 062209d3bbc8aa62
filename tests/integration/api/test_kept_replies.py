"""What is kept of a request for its Idempotency-Key goes with the person it names."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

import httpx
from fastapi import Request, Response  # noqa: TC002 - FastAPI reads the annotations

from engine.api.authority import Ingest
from engine.api.idempotency import idempotent
from engine.api.replies import Reply
from tests.integration.small_api import serving, small_api

if TYPE_CHECKING:
    from pymongo.database import Database

    from engine.crm import Crm

ORDER = {"order_id": "o1", "ordered_at": "2026-01-01", "amount": "5"}
QUOTED = [
    {"customer_id": " c-7 ", "email": "asha.at.home", "phone": "982001"},
    {"customer_id": "c-8"},
]
NAMED = [{"customer_id": "c-7", "name": "Asha"}]
OTHERS = [{"customer_id": "c-8", "name": "Ravi"}, {"customer_id": "c-9", "email": "nobody"}]
ORDERS = [{**ORDER, "customer_id": "c-7", "channel": "\x00asha"}, {**ORDER, "customer_id": "c-8"}]


def post(api: httpx.Client, path: str, rows: object, key: str) -> httpx.Response:
    return api.post(path, json=rows, headers={"Idempotency-Key": key})


def kept(database: Database[dict[str, Any]]) -> str:
    """Return every reply that is kept."""
    found = database["idempotency"].find({"body": {"$exists": True}})
    return "\n".join(zlib.decompress(one["body"]).decode() for one in found)


def test_replies_that_name_or_quote_the_erased_go_and_the_others_stay(
    api: httpx.Client, database: Database[dict[str, Any]]
) -> None:
    assert post(api, "/v1/customers", QUOTED, "quoted").json()["refused"] == 1
    assert post(api, "/v1/customers", NAMED, "named").json()["created"] == 1
    assert post(api, "/v1/orders", ORDERS, "orders").json()["refused"] == 1
    others = post(api, "/v1/customers", OTHERS, "others")
    assert all(text in kept(database) for text in ("c-7", "asha.at.home", "982001", "x00asha"))
    assert api.delete("/v1/customers/c-7").is_success
    assert kept(database) == others.text
    again = post(api, "/v1/customers", OTHERS, "others")
    assert again.headers["Idempotency-Replayed"] == "true"
    told = post(api, "/v1/customers", QUOTED, "quoted")
    assert "Idempotency-Replayed" not in told.headers


def test_a_reply_of_a_request_that_ran_while_somebody_was_erased_is_not_kept(
    crm: Crm, database: Database[dict[str, Any]]
) -> None:
    app = small_api(crm)
    _, token = crm.create_api_key("till", ["ingest"])

    @app.post("/customers", dependencies=[Ingest])
    async def take(request: Request) -> Response:
        def run() -> Reply:
            crm.erase_customer("c-7")
            return Reply(200, json.dumps("c-7").encode(), about=("c-7",))

        reply = await idempotent(request, request.headers["Idempotency-Key"], b"", run)
        return reply.response()

    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k1"}
    with serving(app) as address:
        assert httpx.post(f"{address}/customers", headers=headers).is_success
    assert database["idempotency"].count_documents({}) == 0
