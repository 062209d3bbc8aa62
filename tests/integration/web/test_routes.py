"""Every route of the server with the authority it needs. One that is not listed here fails.

What a signed-in person may do is asked of the engine at every call (tests/integration/
test_roles.py); whether somebody is signed in, of the gate (tests/browser/test_raw_socket.py).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import httpx
import pytest
from pymongo import MongoClient

from engine.bootstrap import open_crm
from tests.integration.api.serving import free_port, running, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[3]

Authority = Literal[
    "nobody's",  # tells nothing of the data: files of the program, health, counts of requests
    "ingest key",
    "read key",
    "erase key",
    "session",  # the doorkeeper asks for a session that holds
    "gate",  # opens for anyone; pages/shell.py shows and runs nothing before the sign-in
    "own page",  # asks for the word of our own page: header, origin, JSON; then for a ticket
    "closed",  # Streamlit's, which is not configured and does nothing
]
KEYS: dict[str, Authority] = {
    "PUT /api/v1/customers/{customer_id:path}": "ingest key",
    "POST /api/v1/customers": "ingest key",
    "POST /api/v1/orders": "ingest key",
    "POST /api/v1/import": "ingest key",
    "GET /api/v1/customers/{customer_id:path}": "read key",
    "DELETE /api/v1/customers/{customer_id:path}": "erase key",
    "GET /api/v1/segments": "read key",
    "GET /api/v1/segments/{segment_id}": "read key",
    "GET /api/v1/segments/{segment_id}/members": "read key",
    "GET /api/v1/segments/{segment_id}/preview": "read key",
    "POST /api/v1/preview": "read key",
}
ROUTES: dict[str, Authority] = {
    **KEYS,
    "GET /api/openapi.json": "nobody's",
    "GET /api/v1/health": "nobody's",
    "GET /api/v1/ready": "nobody's",
    "GET /api/metrics": "nobody's",
    "POST /auth/session": "own page",
    "DELETE /auth/session": "own page",
    "GET /_stcore/health": "nobody's",
    "OPTIONS /_stcore/health": "nobody's",
    "GET /_stcore/metrics": "session",
    "OPTIONS /_stcore/metrics": "session",
    "GET /_stcore/host-config": "nobody's",
    "WS /_stcore/stream": "gate",
    "GET /media/{file_id:path}": "session",
    "OPTIONS /media/{file_id:path}": "session",
    "PUT /_stcore/upload_file/{session_id}/{file_id}": "session",
    "DELETE /_stcore/upload_file/{session_id}/{file_id}": "session",
    "OPTIONS /_stcore/upload_file/{session_id}/{file_id}": "session",
    "GET /component/{path:path}": "nobody's",
    "OPTIONS /component/{path:path}": "nobody's",
    "GET /_stcore/bidi-components/{path:path}": "nobody's",
    "OPTIONS /_stcore/bidi-components/{path:path}": "nobody's",
    "GET /auth/login": "closed",
    "GET /auth/logout": "closed",
    "GET /oauth2callback": "closed",
    "POST /_stcore/agent/interact": "closed",
    "POST /_stcore/agent/mcp": "closed",
    "GET /_stcore/agent/openapi.json": "nobody's",
    "ANY /": "nobody's",
}
AGENT = "/_stcore/agent/"
"""Streamlit answers these whatever the method, and a POST is what would do something."""
PARAMETERS = (
    "customer_id:path",
    "segment_id",
    "file_id:path",
    "session_id",
    "file_id",
    "path:path",
)


@dataclass(frozen=True)
class Server:
    """One that runs, and a key with each scope by itself."""

    address: str
    keys: dict[str, str]


@pytest.fixture(scope="module")
def server(mongo_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("home")
    name = f"test_{uuid4().hex}"
    settings = {"HOME": str(home), "MONGODB_URI": mongo_uri, "MONGODB_DATABASE": name}
    port = free_port()
    words = ["streamlit", "run", "streamlit_app.py", "--server.headless=true"]
    words += ["--server.address=127.0.0.1", f"--server.port={port}"]
    address = f"http://127.0.0.1:{port}"
    with open_crm(settings_of(settings)) as crm:
        keys = {one: crm.create_api_key(one, [one])[1] for one in ("ingest", "read", "erase")}
    with running(words, {**settings, "CRM_DEMO": "true"}, f"{address}/api/v1/ready"):
        yield Server(address, keys)
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        client.drop_database(name)


@pytest.fixture
def address(server: Server) -> str:
    return server.address


def listed() -> set[str]:
    """Ask a process of its own: a server's parts are made once a process."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.web.listed_routes"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    found = set()
    for path, methods in json.loads(done.stdout):
        if path.startswith(AGENT):
            wanted = {"GET" if path.endswith(".json") else "POST"}
        else:  # HEAD is GET without its body
            wanted = set(methods) - {"HEAD"}
        found |= {f"{method} {path or '/'}" for method in wanted}
    return found


def test_every_route_of_the_server_is_listed_with_its_authority() -> None:
    assert listed() == set(ROUTES)


def asked(address: str, route: str, **headers: str) -> httpx.Response:
    method, _, path = route.partition(" ")
    for name in PARAMETERS:
        path = path.replace(f"{{{name}}}", "x")
    method = "GET" if method == "ANY" else method
    return httpx.request(method, f"{address}{path}", headers=headers)


def of(*authorities: Authority) -> list[str]:
    return [route for route, authority in ROUTES.items() if authority in authorities]


@pytest.mark.parametrize("route", of("ingest key", "read key", "erase key"))
def test_a_stranger_is_asked_for_a_key(address: str, route: str) -> None:
    reply = asked(address, route)
    assert reply.status_code in {401, 429}, "too many strangers are held up"
    assert asked(address, route, cookie="crm_session=forged").status_code in {401, 429}


@pytest.mark.parametrize("route", of("ingest key", "read key", "erase key"))
def test_a_key_opens_only_what_its_scope_says(server: Server, route: str) -> None:
    for scope, token in server.keys.items():
        reply = asked(server.address, route, authorization=f"Bearer {token}")
        assert (reply.status_code == 403) is (ROUTES[route] != f"{scope} key"), scope
        assert reply.status_code not in {401, 429}


@pytest.mark.parametrize("route", of("session"))
def test_a_stranger_gets_no_file_of_the_pages_and_leaves_none(address: str, route: str) -> None:
    for cookie in ("a=b", "crm_session=forged", "__Host-crm_session=forged"):
        headers = {"cookie": f"_streamlit_xsrf=1; {cookie}", "x-xsrftoken": "1"}
        assert asked(address, route, **headers).status_code == 403


@pytest.mark.parametrize("route", of("own page"))
def test_a_stranger_begins_and_ends_no_session(address: str, route: str) -> None:
    host = httpx.URL(address).netloc.decode()
    own = {"x-crm": "1", "origin": address, "host": host, "content-type": "application/json"}
    foreign: tuple[dict[str, str], ...] = (
        {},
        {**own, "x-crm": ""},
        {**own, "origin": "https://evil.example"},
        {**own, "sec-fetch-site": "cross-site"},
        {**own, "sec-fetch-site": "same-site"},
    )
    for headers in foreign:
        assert asked(address, route, **headers).status_code == 403
    if route.startswith("POST"):
        assert asked(address, route, **own).status_code == 400, "no ticket"


@pytest.mark.parametrize("route", of("closed"))
def test_what_is_not_configured_does_nothing(address: str, route: str) -> None:
    reply = asked(address, route)
    if reply.status_code == 302:
        assert reply.headers["location"] == "/"
        assert "crm_session" not in reply.headers.get("set-cookie", "")
    else:
        assert reply.status_code in {400, 403}
        assert "This app does not serve the agent API" in reply.text


@pytest.mark.parametrize("route", of("nobody's"))
def test_what_anybody_may_ask_tells_nobody_s_name(address: str, route: str) -> None:
    reply = asked(address, route)
    assert reply.status_code in {200, 204, 404}
    assert "crm_session" not in reply.headers.get("set-cookie", "")
    assert "@" not in reply.text or route == "GET /api/openapi.json", "no address"
    for business in ("crm_rows", "crm_mirror_rows", "crm_model"):
        assert f"# TYPE {business}" not in reply.text


def test_protections_of_streamlit_are_as_they_came_and_uploads_are_bounded() -> None:
    """Its token against forged requests is on unless somebody turned it off."""
    config = (PROJECT / ".streamlit" / "config.toml").read_text()
    makefile = (PROJECT / "Makefile").read_text()
    assert tomllib.loads(config)["server"]["maxUploadSize"] <= 1024, "megabytes"
    for off in ("enableXsrfProtection", "enableCORS", "enableAgentApi", "enableStaticServing"):
        assert off not in config + makefile
