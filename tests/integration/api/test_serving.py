"""The API as it is run: alone in one process and in several, and beside the pages."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from engine.bootstrap import open_crm
from tests.integration.api.serving import PROJECT, free_port, made_key, running, settings_of

if TYPE_CHECKING:
    from pathlib import Path


def order(order_id: str) -> dict[str, str]:
    row = {"order_id": order_id, "customer_id": "c1", "ordered_at": "2026-03-31T09:30:00Z"}
    return {**row, "amount": "12.50"}


@pytest.fixture
def environment(mongo_uri: str, db_name: str, tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "MONGODB_URI": mongo_uri, "MONGODB_DATABASE": db_name}


@pytest.fixture
def key(environment: dict[str, str]) -> dict[str, str]:
    """The header of a key that may do everything."""
    return made_key(environment)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_request_in_flight_is_finished_when_the_server_is_told_to_stop(
    environment: dict[str, str], key: dict[str, str], processes: int
) -> None:
    port = free_port()
    words = ["engine", "api", f"--port={port}", f"--processes={processes}"]
    body = json.dumps(order("o1")).encode()
    head = "POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    head += f"Authorization: {key['Authorization']}\r\n"
    with running(words, environment, f"http://127.0.0.1:{port}/v1/ready") as server:
        with socket.create_connection(("127.0.0.1", port)) as slow:
            slow.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:10])
            time.sleep(0.5)  # until a process has begun to read it
            server.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            slow.sendall(body[10:])
            reply = slow.recv(65_536).decode()
        assert server.wait(timeout=60) == 0
    assert reply.startswith("HTTP/1.1 200 OK")
    with open_crm(settings_of(environment)) as crm:
        assert crm.stores.orders.count() == 1


def test_processes_with_an_embedded_database_share_it(tmp_path: Path) -> None:
    settings = {
        "HOME": str(tmp_path),
        "CRM_DATA_DIR": str(tmp_path / "data"),
        "CRM_DEMO_DATA": "false",
    }
    key = made_key(settings)
    port = free_port()
    words = ["engine", "api", f"--port={port}", "--processes=2"]
    address = f"http://127.0.0.1:{port}/v1"
    with running(words, settings, f"{address}/ready"):
        created = []

        def write(number: int) -> None:
            rows = [order(f"o{number}"), order("shared")]
            reply = httpx.post(f"{address}/orders", json=rows, headers=key)
            created.append(reply.json()["created"])

        writers = [threading.Thread(target=write, args=(n,)) for n in range(8)]
        for one in writers:
            one.start()
        for one in writers:
            one.join()
        assert sum(created) == 9


def test_what_is_wrong_is_told_in_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "engine", "api", "--processes=2"],
        cwd=PROJECT,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "MONGODB_URI": "mongodb://127.0.0.1:1/",
        },
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("MongoDB does not answer (127.0.0.1:1")
    assert "Traceback" not in done.stderr


def test_beside_the_pages_the_api_answers_at_api_and_the_pages_as_before(
    environment: dict[str, str], key: dict[str, str]
) -> None:
    port = free_port()
    words = [
        *("streamlit", "run", "streamlit_app.py", "--server.headless=true"),
        *("--server.address=127.0.0.1", f"--server.port={port}"),
    ]
    address = f"http://127.0.0.1:{port}"
    with (
        running(words, {**environment, "CRM_DEMO": "true"}, f"{address}/api/v1/ready"),
        httpx.Client(base_url=address, headers=key) as at,
    ):
        assert at.post("/api/v1/orders", json=order("o1")).json()["created"] == 1
        assert at.get("/api/metrics").is_success
        assert at.get("/api/openapi.json").json()["servers"] == [{"url": "/api"}]
        missing = at.get("/api/v1/nothing")
        assert missing.headers["content-type"] == "application/problem+json"
        assert at.get("/_stcore/health").text == "ok"
        assert "<!doctype html>" in at.get("/").text.lower()
        assert at.get("/customers").headers["content-type"].startswith("text/html")
        upgrade = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Origin": address,
        }
        with at.stream("GET", "/_stcore/stream", headers=upgrade) as socket_:
            assert socket_.status_code == 101
