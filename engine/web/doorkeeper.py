"""What every request passes first.

Who may not ask at all is refused; our cookies are adopted, renewed, and asked for where needed.
"""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.status import (
    HTTP_403_FORBIDDEN,
    HTTP_503_SERVICE_UNAVAILABLE,
    WS_1008_POLICY_VIOLATION,
)
from starlette.websockets import WebSocketClose

from engine.domain.sign_in import BROWSER_COOKIE, SESSION_COOKIE
from engine.errors import CrmError, NotAuthenticated, Unavailable
from engine.web import cookies
from engine.web.base import below
from engine.web.hosts import Hosts
from engine.web.refusals import Refusals
from engine.web.rooms import reason_against, room_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from engine.auth.access import Access
    from engine.web.rooms import Room

logger = logging.getLogger(__name__)

NO_PAGES = ("/_stcore/", "/media/", "/component/", "/static/", "/api/", "/auth/")


class Doorkeeper:
    """Plain ASGI middleware around everything the server serves.

    A browser that loads a page gets a cookie of its own, which tickets are bound to, and a new
    session cookie where its token is an hour old. Files of pages are for who is signed in; while a
    session exists that no cookie could be set for, they ask for none.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        access: Callable[[], Access],
        base: str = "",
        hosts: Hosts | None = None,
    ) -> None:
        """Wrap an application.

        Args:
            app: the application.
            access: returns the front door; raises Unavailable while the engine is opening.
            base: what addresses of pages begin with, such as ``/crm``.
            hosts: whose pages may open a WebSocket, beside our own.
        """
        self._app = app
        self._access = access
        self._base = base
        self._hosts = hosts or Hosts()
        self._refusals = Refusals()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one WebSocket."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        try:
            access = self._access()
        except Unavailable:
            access = None
        if (objection := self._hosts.objection(scope, access)) is not None:
            self._refusals.note(scope, objection.noted, _whence(scope))
            answer: ASGIApp = PlainTextResponse(objection.said, objection.status)
            if scope["type"] == "websocket":  # 403; uvicorn logs an error for any other answer
                answer = WebSocketClose(WS_1008_POLICY_VIOLATION)
            await answer(scope, receive, send)
            return
        secure = cookies.came_securely(scope, access.public_url if access else None)
        if access is None:  # nor is it known what the settings say
            secure = secure or cookies.came_with_prefix(scope)
        scope = dict(scope)
        found = cookies.adopt(scope, secure=secure)
        path = below(scope["path"], self._base)
        if scope["type"] == "http" and (room := room_of(path)) is not None:
            if (refusal := await self._refusal(access, found, room)) is not None:
                if refusal.status_code == HTTP_403_FORBIDDEN:
                    self._refusals.note(scope, room.path, " without a session that may")
                await refusal(scope, receive, send)
                return
        elif self._loads_page(scope, path):
            fresh = await self._renewed(access, found, secure=secure)
            send = _setting(send, fresh)
        await self._app(scope, receive, send)

    async def _refusal(
        self, access: Access | None, found: dict[str, str], room: Room
    ) -> PlainTextResponse | None:
        if access is None:
            said = "The workspace is opening; try again in a moment."
            return PlainTextResponse(said, HTTP_503_SERVICE_UNAVAILABLE)
        try:
            token = found.get(SESSION_COOKIE, "")
            reason = await run_in_threadpool(reason_against, access, token, room)
        except CrmError:
            logger.warning("a file was not served: who asks cannot be looked up", exc_info=True)
            said = "The workspace cannot be reached; try again."
            return PlainTextResponse(said, HTTP_503_SERVICE_UNAVAILABLE)
        return None if reason is None else PlainTextResponse(reason, HTTP_403_FORBIDDEN)

    async def _renewed(
        self, access: Access | None, found: dict[str, str], *, secure: bool
    ) -> list[str]:
        """Return the cookies to set at a page load."""
        to_set = []
        if not found.get(BROWSER_COOKIE):
            browser = secrets.token_urlsafe(32)
            to_set.append(cookies.to_set(BROWSER_COOKIE, browser, secure=secure))
        if access is not None and (token := found.get(SESSION_COOKIE)):
            try:
                fresh = await run_in_threadpool(access.rotated, token)
            except NotAuthenticated:
                fresh = None  # the page asks to sign in
            except CrmError as error:
                fresh = None
                logger.warning("a session's token was not renewed: %s", error)
            if fresh is not None:
                seconds = cookies.LIFETIME_SECONDS
                to_set.append(cookies.to_set(SESSION_COOKIE, fresh, secure=secure, seconds=seconds))
        return to_set

    @staticmethod
    def _loads_page(scope: Scope, path: str) -> bool:
        return (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and not path.startswith(NO_PAGES)
            and "." not in path.rpartition("/")[2]
            and "text/html" in Headers(scope=scope).get("accept", "")
        )


def _whence(scope: Scope) -> str:
    """Tell what an operator has to know to let somebody in who should be."""
    headers = Headers(scope=scope)
    told = (f"{name} {headers[name][:100]!r}" for name in ("host", "origin") if name in headers)
    return f": {', '.join(told)}"


def _setting(send: Send, to_set: list[str]) -> Send:
    """Return a ``send`` that adds cookies to the response, which nobody may keep then."""

    async def adding(message: Message) -> None:
        if to_set and message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["cache-control"] = "no-store"
            for one in to_set:
                headers.append("set-cookie", one)
        await send(message)

    return adding
