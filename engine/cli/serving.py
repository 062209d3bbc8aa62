"""The API alone, without the pages."""

from __future__ import annotations

import logging
import os
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
import uvicorn
from anyio import to_thread

from engine import logs
from engine.api.application import create_app
from engine.bootstrap import collect_rarely, open_crm
from engine.cli.terminal import opened
from engine.errors import Unavailable
from engine.settings import load
from engine.web.headers import SecurityHeaders
from engine.web.request_ids import RequestIds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI

    from engine.crm import Crm

STOP_SECONDS = 30
"""Requests in flight have so long to end when the server is told to stop."""


def api(
    host: Annotated[str, typer.Option(help="address to listen at")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="port to listen at")] = 8_000,
    processes: Annotated[
        int, typer.Option(min=1, max=64, help="server processes, each with an engine of its own")
    ] = 1,
) -> None:
    """Serve the API without the pages, until stopped; requests in flight are finished first."""
    how: dict[str, Any] = {
        "host": host,
        "port": port,
        "log_config": None,  # its lines go the way of all others
        "access_log": False,  # paths hold customers' ids
        # Unless uvicorn's variable says whose to believe: by itself it believes this machine's.
        "proxy_headers": "FORWARDED_ALLOW_IPS" in os.environ,
        "server_header": False,
        "timeout_graceful_shutdown": STOP_SECONDS,
    }
    # uvicorn raises the signal that ended it once more; the engine is still to be closed then.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    # Open here with several processes, too: what is wrong is told once, and an embedded MongoDB
    # stays while a process is replaced.
    with opened(level=logging.INFO) as crm:
        collect_rarely()
        if processes == 1:
            crm.mirror.start(at_once=False)
            uvicorn.run(_dressed(create_app(lambda: crm)), **how)
        else:
            uvicorn.run("engine.cli.serving:application", factory=True, workers=processes, **how)


def application() -> object:
    """Return the application of one process of several; its engine opens when it starts."""
    running: list[Crm] = []
    settings = load()
    logs.configure(logging.INFO, settings.secrets())

    def crm() -> Crm:
        if not running:
            msg = "the engine is opening or closing; try again in a moment"
            raise Unavailable(msg)
        return running[0]

    @asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        with await to_thread.run_sync(open_crm, settings) as opened_here:
            opened_here.mirror.start(at_once=False)
            running.append(opened_here)
            collect_rarely()
            yield
            running.clear()

    return _dressed(create_app(crm, lifespan=lifespan))


def _dressed(app: FastAPI) -> FastAPI:
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestIds)
    return app
