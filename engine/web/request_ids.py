"""An id for each request: in its lines of the log, and in its reply's ``X-Request-Id``.

A page's connection has one as well. Its scripts run in threads of their own, and find it in the
header of that name among those that the connection came with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from engine.logs import begin_request

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-Id"


class RequestIds:
    """Plain ASGI middleware. A caller's own id is not taken: it could say anything."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one WebSocket."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = begin_request()
        scope = {**scope, "headers": list(scope["headers"])}
        MutableHeaders(scope=scope)[HEADER] = request_id

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        await self._app(scope, receive, named)
