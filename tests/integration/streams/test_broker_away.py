"""The API where its broker is away: it says so, and not where the broker is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from engine.api.application import create_app
from engine.bootstrap import open_crm
from engine.settings import Settings
from tests.integration.api.serving import served

if TYPE_CHECKING:
    import pytest

    from engine.streams.stream import Stream
    from tests.integration.streams.redis_server import RedisServer

ORDER = {"order_id": "o1", "customer_id": "c1", "ordered_at": "2026-01-01", "amount": "5"}


def test_a_server_whose_broker_is_away_is_not_ready_and_tells_nobody_its_address(
    own_redis: RedisServer, mongo_uri: str, db_name: str, caplog: pytest.LogCaptureFixture
) -> None:
    values = {"mongodb_uri": mongo_uri, "mongodb_database": db_name, "stream_url": own_redis.url}
    with open_crm(Settings.model_validate(values)) as crm:
        _, token = crm.create_api_key("test", ["ingest"])
        headers = {"Authorization": f"Bearer {token}"}
        with (
            served(create_app(lambda: crm)) as where,
            httpx.Client(base_url=where, headers=headers, timeout=60) as api,
        ):
            assert api.get("/v1/ready").status_code == 200
            own_redis.kill()
            for reply in (api.get("/v1/ready"), api.post("/v1/orders", json=ORDER)):
                assert reply.status_code == 503
                assert reply.json()["detail"] == "Redis does not answer; try again"
                assert reply.headers["Retry-After"]
            assert str(own_redis.port) in caplog.text, "the log says where it was looked for"
            own_redis.start()
            assert api.get("/v1/ready").status_code == 200


def test_either_broker_answers(any_stream: Stream) -> None:
    any_stream.ping()
