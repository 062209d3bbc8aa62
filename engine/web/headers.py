"""Security headers on every response: pages, static files, downloads, API and errors.

``Cross-Origin-Opener-Policy`` is left out on purpose: with it the sign-in's pop-up and the page
that opened it lose each other. Framing stays allowed within the origin, because a component of
Streamlit lives in a frame of its own; nobody else may frame a page.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse

from engine.errors import Unavailable
from engine.web.base import below
from engine.web.cookies import came_securely

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

DATA_PATHS = ("/api", "/media")
"""Below these lie data and files, never a page: nothing there may run, or be kept by a cache."""
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_YEAR = 365 * 24 * 3600

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    # A page's address may hold a customer's id; no other site gets to know it.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            *("accelerometer", "autoplay", "browsing-topics", "camera"),
            *("display-capture", "encrypted-media", "geolocation", "gyroscope", "hid"),
            *("magnetometer", "microphone", "midi", "payment", "picture-in-picture"),
            *(
                "publickey-credentials-get",
                "screen-wake-lock",
                "serial",
                "usb",
                "xr-spatial-tracking",
            ),
        )
    ),
}
DATA = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Frame-Options": "DENY",
}


def page_policy(index: str) -> str:
    """Return the Content-Security-Policy of the pages, whose HTML document is ``index``.

    Its inline scripts are allowed by their hash.
    """
    hashes = (
        f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in _INLINE.findall(index)
    )
    directives = {
        "default-src": "'self'",
        # Streamlit runs a component's script from a blob, and its protobuf reader is WebAssembly.
        # Neither text nor an inline script runs: there is no 'unsafe-eval' and no 'unsafe-inline'.
        "script-src": f"'self' blob: 'wasm-unsafe-eval' {' '.join(hashes)}",
        "style-src": "'self' 'unsafe-inline'",  # Streamlit styles its elements in the page
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "frame-src": "'self'",
        "frame-ancestors": "'self'",
        "form-action": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


class SecurityHeaders:
    """Plain ASGI middleware that sets the headers, whatever was set before it.

    ``index`` is the HTML document of the pages; without one the application has none, and each path
    is data. ``public_url`` returns where browsers find the pages, if that was said; it raises
    Unavailable while the engine is opening. ``base`` is what addresses of pages begin with.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        index: str | None = None,
        public_url: Callable[[], str | None] | None = None,
        base: str = "",
    ) -> None:
        self._app = app
        self._base = base
        self._public_url = public_url or _unsaid
        self._data = {**EVERYWHERE, **DATA}
        self._page = self._data
        if index is not None:
            policy = {"Content-Security-Policy": page_policy(index)}
            self._page = {**EVERYWHERE, **policy, "X-Frame-Options": "SAMEORIGIN"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; an error that nobody caught is answered with the headers, too."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def dressed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self._dress(MutableHeaders(scope=message), scope)
            await send(message)

        try:
            await self._app(scope, receive, dressed)
        except Exception:
            if not begun:
                answer = PlainTextResponse("Internal Server Error", 500)
                await answer(scope, receive, dressed)
            raise  # the server logs it

    def _dress(self, headers: MutableHeaders, scope: Scope) -> None:
        path = below(scope["path"], self._base)
        is_data = self._page is self._data or any(
            path == one or path.startswith(f"{one}/") for one in DATA_PATHS
        )
        _set(headers, self._data if is_data else self._page)
        if is_data:
            headers.setdefault("Cache-Control", "no-store")
        if self._is_secure(scope):
            headers["Strict-Transport-Security"] = f"max-age={_YEAR}"

    def _is_secure(self, scope: Scope) -> bool:
        try:
            return came_securely(scope, self._public_url())
        except Unavailable:
            return came_securely(scope, None)


def _unsaid() -> None:
    return None


def _set(headers: MutableHeaders, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        headers[name] = value
