"""``/auth/session``: a one-time ticket becomes a session's cookie, and the cookie is taken back.

No other site can call it: it wants a header of its own, which a browser lets no form send and no
foreign script without asking us first (nothing here answers that question), the browser's word
that the request comes from these pages, and JSON.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Route

from engine.domain.sign_in import BROWSER_COOKIE, SESSION_COOKIE
from engine.domain.user import Origin
from engine.errors import CrmError, NotAuthenticated
from engine.web import cookies
from engine.web.hosts import is_ours
from engine.web.refusals import Refusals

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from engine.auth.access import Access

logger = logging.getLogger(__name__)

PATH = "/auth/session"
HEADER, VALUE = "x-crm", "1"
LONGEST_BODY = 4_096


def session_route(access: Callable[[], Access], *, base: str = "") -> Route:
    """Return the route. It stands behind the doorkeeper, which adopts the cookies.

    ``access`` returns the front door, and raises Unavailable while the engine is opening. ``base``
    is what addresses of pages begin with, such as ``/crm``.
    """
    refusals = Refusals()

    async def answer(request: Request) -> Response:
        if (reason := _foreign(request, access)) is not None:
            refusals.note(request.scope, f"{request.method} of {PATH}", f": {reason}")
            return _said(403, reason)
        try:
            if request.method == "POST":
                return await _enter(request, access())
            return await _leave(request, access())
        except NotAuthenticated as refusal:
            return _said(401, str(refusal))
        except CrmError as error:
            logger.warning("%s of %s failed: %s", request.method, PATH, error)
            return _said(503, "the workspace cannot be reached; try again in a moment")

    return Route(base + PATH, answer, methods=["POST", "DELETE"], name="session")


async def _enter(request: Request, access: Access) -> Response:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        return _said(415, "the ticket is wanted as JSON")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            return _said(413, "this is no ticket")
    try:
        ticket = json.loads(body)["ticket"]
    except (ValueError, TypeError, KeyError, RecursionError):
        ticket = None
    if not isinstance(ticket, str):
        return _said(400, "this is no ticket")
    origin = Origin(
        address=request.client.host if request.client else None,
        agent=request.headers.get("user-agent", ""),
    )
    browser = request.cookies.get(BROWSER_COOKIE, "")
    token = await run_in_threadpool(access.redeem, ticket, browser=browser, origin=origin)
    return _with_cookie(request, token, cookies.LIFETIME_SECONDS, signed_in=True)


async def _leave(request: Request, access: Access) -> Response:
    if token := request.cookies.get(SESSION_COOKIE):
        try:
            signed_in = await run_in_threadpool(access.recognise, token)
        except NotAuthenticated:
            pass  # it has ended already
        else:
            await run_in_threadpool(access.sign_out, signed_in.session.session_id)
    return _with_cookie(request, "", 0, signed_in=False)


def _with_cookie(request: Request, token: str, seconds: int, *, signed_in: bool) -> Response:
    response = JSONResponse({"signed_in": signed_in}, headers={"cache-control": "no-store"})
    secure = request.scope.get(cookies.SECURE, False)
    text = cookies.to_set(SESSION_COOKIE, token, secure=secure, seconds=seconds)
    response.headers.append("set-cookie", text)
    return response


def _foreign(request: Request, access: Callable[[], Access]) -> str | None:
    """Say why a request does not come from our own pages; None where it does."""
    if request.headers.get(HEADER) != VALUE:
        return "the header X-CRM is missing"
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:  # no script can set it
        return None if site == "same-origin" else "another site asks"
    known = None
    with suppress(CrmError):  # the engine is opening
        known = access().public_url
    ours = is_ours(origin or "", host=request.headers.get("host", ""), known=[known])
    return None if ours else "another site asks"


def _said(status: int, detail: str) -> Response:
    return JSONResponse({"signed_in": False, "detail": detail}, status)
