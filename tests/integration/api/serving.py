"""The API on loopback: an application in a thread, or a server as it is run."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import uvicorn

from engine.bootstrap import open_crm
from engine.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

PROJECT = Path(__file__).resolve().parents[3]


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Yield the application's address, such as ``http://127.0.0.1:40123``."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, log_level="warning", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        end = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive(), "the application did not start"
            assert time.monotonic() < end, "the application did not start in time"
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=30)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


@contextmanager
def running(
    words: list[str], settings: dict[str, str], ready: str
) -> Iterator[subprocess.Popen[str]]:
    """Run a server until the block ends; wait until it is ready. It logs to HOME/log."""
    log = Path(settings["HOME"]) / "log"
    with log.open("w") as file:
        server = subprocess.Popen(  # noqa: S603 - the project itself
            [sys.executable, "-m", *words],
            cwd=PROJECT,
            env={"PATH": os.environ["PATH"], **settings},
            stdout=file,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        end = time.monotonic() + 60
        while not answers(ready):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end, "the server did not get ready"
            time.sleep(0.05)
        yield server
    finally:
        if server.poll() is None:
            server.terminate()
        server.wait(timeout=60)


def answers(address: str) -> bool:
    try:
        return httpx.get(address).status_code == 200
    except httpx.TransportError:
        return False


def made_key(settings: dict[str, str]) -> dict[str, str]:
    with open_crm(settings_of(settings)) as crm:
        _, token = crm.create_api_key("test", ["ingest", "read", "erase"])
    return {"Authorization": f"Bearer {token}"}


def settings_of(environment: dict[str, str]) -> Settings:
    given = {name.lower().removeprefix("crm_"): value for name, value in environment.items()}
    return Settings.model_validate({name: given[name] for name in given if name != "home"})
