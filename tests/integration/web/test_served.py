"""What holds of every response and of the log, alone and beside the pages: headers and secrets."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest
from pymongo import MongoClient

from engine.bootstrap import open_crm
from engine.domain.permission import Role
from engine.domain.sign_in import SignInMode
from engine.domain.user import Origin
from engine.logs import user_id
from tests.browser.raw_socket import raw_socket
from tests.integration.api.serving import free_port, made_key, running, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ERASURE_KEY = "marker-erasure-key-0123456789abcdef"
SECRETS_KEY = "marker-secrets-key-0123456789abcdef"
GEMINI = "marker-gemini/key+1"
PERSON = "Asha.Marker@shop.example"
PHONE = "+919812345678"
COOKIE = "crm_session=markerCookie"
TROUBLE = (
    f"{ERASURE_KEY} {SECRETS_KEY!r} {GEMINI} {PERSON} {PHONE} ?code=markerCode&state=markerState "
    f"{{'password': 'markerPassword'}} mongodb://u:markerUri@h/ {COOKIE} "
    "full error: {'op': {'name': 'markerName'}}"
)
MARKERS = ("marker", "Marker", "98123")
POLICY = "Content-Security-Policy"


@dataclass(frozen=True)
class Server:
    """One that runs with secrets in its settings, and fails to show a customer."""

    name: str
    database: str
    address: str
    api: str
    key: dict[str, str]
    log: Path

    def lines(self) -> list[dict[str, Any]]:
        found = self.log.read_text().splitlines()
        return [json.loads(line) for line in found if line.startswith("{")]


@pytest.fixture(scope="module", params=["alone", "beside the pages"])
def server(
    request: pytest.FixtureRequest, mongo_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("home")
    name = f"test_{uuid4().hex}"
    settings = {"HOME": str(home), "MONGODB_URI": mongo_uri, "MONGODB_DATABASE": name}
    key = made_key(settings)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    words = ["engine", "api", f"--port={port}"]
    api = address
    if request.param != "alone":
        api += "/api"
        words = ["streamlit", "run", "streamlit_app.py", "--server.headless=true"]
        words += ["--server.address=127.0.0.1", f"--server.port={port}"]
    more = {
        "CRM_DEMO": "true",
        "CRM_ERASURE_KEY": ERASURE_KEY,
        "CRM_SECRETS_KEY": SECRETS_KEY,
        "GEMINI_API_KEY": GEMINI,
        "CRM_LOG_LEVEL": "DEBUG",
        "TROUBLE": TROUBLE,
    }
    words = ["tests.integration.web.broken_server", *words]
    with running(words, {**settings, **more}, f"{api}/v1/ready"):
        yield Server(request.param, name, address, api, key, home / "log")
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        client.drop_database(name)


def test_an_error_is_logged_with_who_asked_and_without_what_it_quotes(server: Server) -> None:
    headers = {**server.key, "Cookie": COOKIE, "X-Request-Id": "forged"}
    reply = httpx.get(f"{server.api}/v1/customers/markerCustomer", headers=headers)
    assert reply.status_code == 500
    assert "failed" not in reply.text
    (line,) = (
        one for one in server.lines() if one.get("request_id") == reply.headers["x-request-id"]
    )
    assert line["event"] == "an error that nobody foresaw in GET"
    assert re.fullmatch(r"API key test \([a-z0-9]{8}\)", line["user"])
    trace = line["exception"]
    assert "RuntimeError: it failed: [secret]" in trace
    assert "KeyError" in trace
    assert "broken_server.py" in trace


def test_what_clients_send_and_settings_hold_is_nowhere_in_the_log(server: Server) -> None:
    token = server.key["Authorization"].removeprefix("Bearer ")
    public, secret = token.rsplit("_", 1)[0], token[13:]
    record = {"customer_id": "markerId", "name": "markerName", "email": "marker", "phone": PHONE}
    with httpx.Client(base_url=server.api, headers={"Cookie": COOKIE}) as client:
        for headers in (server.key, {"Authorization": f"Bearer {public}_{'marker' * 8}"}, {}):
            client.put("/v1/customers/markerId", json=record, headers=headers)
            client.post("/v1/customers", content=b"[marker", headers=headers)
            client.get("/v1/customers/marker%2Fid?token=marker", headers=headers)
            client.get(f"/v1/nothing/{PERSON}", headers=headers)
            client.get(f"/v1/segments/marker/members?after=marker&fields={PERSON}", headers=headers)
            client.delete("/v1/customers/markerId", headers=headers)
    for path in (f"/customer?customer={PERSON}", "/oauth2callback?code=marker&state=marker"):
        httpx.get(f"{server.address}{path}", headers={"Cookie": COOKIE})
    log = server.log.read_text()
    assert secret not in log
    # The name of the application's own route may stand there; nothing of the markers may.
    assert [line for line in log.splitlines() if any(one in line for one in MARKERS)] == []


def test_every_response_carries_the_headers(server: Server) -> None:
    paths = ["/", "/nothing", "/static/nothing.js", "/media/x", "/component/x/y", "/a%5C..%5Cb"]
    paths += ("/_stcore/health", "/_stcore/host-config", "/auth/login", "/%2e%2e%2fetc")
    api = ("/openapi.json", "/metrics", "/v1/health", "/v1/customers/x", "/nothing", "/v1/%ff")
    addresses = [f"{server.api}{path}" for path in api]
    addresses += [f"{server.address}{path}" for path in paths]
    statuses = set()
    for address in addresses:
        for method in ("GET", "POST", "OPTIONS", "TRACE"):
            reply = httpx.request(method, address, headers=server.key)
            statuses.add(reply.status_code)
            told = reply.headers
            assert told["x-content-type-options"] == "nosniff", address
            assert told["referrer-policy"] == "same-origin", address
            assert told["cross-origin-resource-policy"] == "same-origin", address
            assert "camera=()" in told["permissions-policy"], address
            assert re.fullmatch("[0-9a-f]{16}", told["x-request-id"]), address
            assert "strict-transport-security" not in told, "by http a browser ignores it"
            assert "cross-origin-opener-policy" not in told, "it breaks the sign-in's pop-up"
            policy = told["content-security-policy"]
            if server.name == "alone" or re.match("/(api|media)/", httpx.URL(address).path):
                assert policy == "default-src 'none'; frame-ancestors 'none'; sandbox", address
                assert told["x-frame-options"] == "DENY"
                assert told["cache-control"] == "no-store"
            else:
                assert "frame-ancestors 'self'" in policy, address
                assert "'unsafe-eval'" not in policy
                assert "script-src 'self' blob: 'wasm-unsafe-eval' 'sha256-" in policy
                assert told["x-frame-options"] == "SAMEORIGIN"
    assert {200, 404, 405} <= statuses


def test_an_error_of_the_application_carries_them_too(server: Server) -> None:
    reply = httpx.get(f"{server.api}/v1/customers/x", headers=server.key)
    assert reply.status_code == 500
    assert "sandbox" in reply.headers[POLICY]


def test_no_file_of_the_project_is_served(server: Server) -> None:
    for path in (
        "/.git/config",
        "/.env",
        "/streamlit_app.py",
        "/.streamlit/secrets.toml",
        "/.data",
    ):
        for climb in ("", "/static", "/component/..", "/media"):
            reply = httpx.get(f"{server.address}{climb}{path}")
            shell = "<title>Streamlit</title>" in reply.text
            assert reply.status_code >= 400 or shell, (
                "nothing is there, or the pages' empty document"
            )


def test_no_foreign_site_may_read_a_reply_and_every_text_names_its_encoding(server: Server) -> None:
    for path in ("/", "/v1/customers", "/openapi.json", "/_stcore/host-config", "/auth/session"):
        for base in {server.address, server.api}:
            for method in ("GET", "OPTIONS", "POST"):
                headers = {**server.key, "Origin": "https://evil.example"}
                asked = {"Access-Control-Request-Method": "POST", **headers}
                reply = httpx.request(method, f"{base}{path}", headers=asked)
                assert "access-control-allow-origin" not in reply.headers, reply.url
                kind = reply.headers.get("content-type", "")
                if reply.content and kind.startswith("text/"):
                    assert "charset=utf-8" in kind


@pytest.mark.parametrize("server", ["beside the pages"], indirect=True)
def test_a_page_that_fails_is_logged_with_its_connection_and_who_asked(
    server: Server, mongo_uri: str
) -> None:
    settings = {"MONGODB_URI": mongo_uri, "MONGODB_DATABASE": server.database}
    settings["CRM_ERASURE_KEY"] = ERASURE_KEY
    with open_crm(settings_of(settings), mode=SignInMode.DEMO) as crm:
        opened = crm.access.enter_demo(Role.ADMIN, origin=Origin())
    headers = {"Cookie": f"crm_session={opened.token}", "X-Request-Id": "forged"}
    told = []
    for _ in range(2):
        with raw_socket(server.address, headers=headers) as socket:
            for _ in range(2):
                assert (
                    b"Something went wrong"
                    in socket.ask(name="customer", query="customer=markerCustomer").everything
                )
        told.append([one for one in server.lines() if "page failed" in one["event"]][-2:])
    for first, second in told:
        assert first["request_id"] == second["request_id"]
        assert re.fullmatch("[0-9a-f]{16}", first["request_id"])
        assert first["user"] == second["user"] == user_id(opened.signed_in.actor())
    assert told[0][0]["request_id"] != told[1][0]["request_id"]
