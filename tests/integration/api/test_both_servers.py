"""What holds of the API however it is served: alone, and beside the pages."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest
from pymongo import MongoClient

from engine.client import ApiProblem, Client
from tests.integration.api.serving import free_port, made_key, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FAILURES = 5
IDS = (
    *("a/b", "a//b", "/", "c 1", "\u00fc\u2603 \u0915\u094d\u0937", "a?b#c", "%2F", "a%b", "a+b"),
    *("a\\b", ";,:@&=$", "members", "a..b", ".", "a/./b", "'\"<>"),
)
CLIMBING = ("..", "a/../b", "a\\..\\b")


@dataclass(frozen=True)
class Server:
    """One that runs."""

    name: str
    address: str
    token: str
    log: Path


@pytest.fixture(scope="module", params=["alone", "beside the pages"])
def server(
    request: pytest.FixtureRequest, mongo_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("home")
    name = f"test_{uuid4().hex}"
    settings = {"HOME": str(home), "MONGODB_URI": mongo_uri, "MONGODB_DATABASE": name}
    token = made_key(settings)["Authorization"].removeprefix("Bearer ")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    words = ["engine", "api", f"--port={port}"]
    if request.param != "alone":
        address += "/api"
        words = ["streamlit", "run", "streamlit_app.py", "--server.headless=true"]
        words += ["--server.address=127.0.0.1", f"--server.port={port}"]
    more = {"CRM_API_FAILURE_RATE": str(FAILURES), "CRM_DEMO": "true"}
    with running(words, {**settings, **more}, f"{address}/v1/ready"):
        yield Server(request.param, address, token, home / "log")
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        client.drop_database(name)


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server.address, server.token, retries=0) as client:
        yield client


def there_and_back(client: Client, customer_id: str) -> None:
    assert client.put_customer(customer_id, {"city": "Pune"})["rows"][0]["id"] == customer_id
    assert client.customer(f" {customer_id} ")["customer_id"] == customer_id
    assert client.erase(f"{customer_id} ")["customers"] == 1
    with pytest.raises(ApiProblem, match="404"):
        client.customer(customer_id)


@pytest.mark.parametrize("customer_id", IDS)
def test_any_id_is_written_read_and_erased(client: Client, customer_id: str) -> None:
    there_and_back(client, customer_id)


@pytest.mark.parametrize("customer_id", CLIMBING)
def test_an_id_that_climbs_is_taken_alone_and_refused_by_streamlit_beside_the_pages(
    server: Server, client: Client, customer_id: str
) -> None:
    if server.name == "alone":
        there_and_back(client, customer_id)
        return
    for call in (client.customer, client.erase, lambda one: client.put_customer(one, {})):
        with pytest.raises(ApiProblem, match="400 Bad Request"):
            call(customer_id)
    assert client.send_customers([{"customer_id": customer_id}]).stored == 1


def test_white_space_around_an_id_is_left_out(client: Client) -> None:
    told = client.put_customer("\t c-9\u2003", {"customer_id": " c-9"})
    assert told["rows"][0]["id"] == "c-9"
    assert client.customer("\u00a0c-9")["customer_id"] == "c-9"
    assert client.erase(" c-9")["customers"] == 1


def test_figures_that_were_read_once_follow_what_comes_in(client: Client) -> None:
    everyone = {"version": 1, "rule": {"all": []}}
    client.put_customer("follow-1", {})
    before = client.preview(everyone)["total"]
    client.put_customer("follow-2", {})
    end = time.monotonic() + 60
    while client.preview(everyone)["total"] == before:
        assert time.monotonic() < end, "the figures stay as they were first read"
        time.sleep(0.02)


def test_a_forwarded_address_is_nobody_else(server: Server) -> None:
    with httpx.Client(base_url=server.address) as http:
        statuses = [
            http.get("/v1/segments", headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code
            for n in range(FAILURES + 1)
        ]
    assert statuses == [401] * FAILURES + [429]


def test_no_log_holds_a_customer(server: Server, client: Client) -> None:
    with pytest.raises(ApiProblem, match="404"):
        client.customer("secret-person")
    log = server.log.read_text()
    assert ("Uvicorn running" if server.name == "alone" else "URL:") in log
    assert "secret" not in log
