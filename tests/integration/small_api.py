"""A small application around the routes and rules of this part, served on loopback."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI

from engine.api.customers import router
from engine.api.problems import install

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.crm import Crm


def small_api(crm: Crm) -> FastAPI:
    app = FastAPI()
    app.state.crm = lambda: crm
    app.include_router(router, prefix="/v1")

    install(app)
    return app


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application; yield its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, proxy_headers=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=30)
