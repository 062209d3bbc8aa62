"""HTTP to a language model with bounds: on size, on time, and on where it goes.

The SDK reads a reply whole before it looks at it, follows redirects with the key in a header, and
lets a server that sends a byte a second go on for as long as it likes. So what carries its requests
reads a reply piece by piece, within a size and a deadline, and takes a reply of 200 alone. Of any
other the status decides; its body may say no more than when to ask again.
"""

from __future__ import annotations

import json
import math
import time
from typing import TYPE_CHECKING

from requests.adapters import HTTPAdapter
from requests.exceptions import ReadTimeout
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests import PreparedRequest, Response, Session
    from urllib3 import BaseHTTPResponse

MOST_BYTES = 1_000_000
"""Of a reply, unpacked; what a model may write is far less."""
_PIECE = 65_536
_OK = 200
_SAY_WHEN = {429, 503}
FOR_WHEN = 1.0
"""Seconds, and how many bytes, that such an error's body is read for."""
MOST_OF_WHEN = 65_536


class Refused(Exception):
    """The server answered with another status than 200."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        self.status = status
        self.retry_after = retry_after
        super().__init__(f"status {status}")


class TooLarge(Exception):
    """A reply has more bytes than are read."""


def bounded(session: Session) -> None:
    """Let everything that a session sends go through the bounds."""
    session.headers["Accept-Encoding"] = "identity"
    session.mount("https://", _Bounded())
    session.mount("http://", _Bounded())


class _Bounded(HTTPAdapter):
    def send(  # type: ignore[override]  # the session names all of them, and passes seconds
        self,
        request: PreparedRequest,
        *,
        timeout: float,
        stream: bool = False,
        verify: bool | str = True,
        cert: str | tuple[str, str] | None = None,
        proxies: dict[str, str] | None = None,
    ) -> Response:
        del stream  # the session reads all of it either way
        until = time.monotonic() + timeout
        response = super().send(
            request, stream=True, timeout=timeout, verify=verify, cert=cert, proxies=proxies
        )
        if response.status_code == _OK:
            response.raw = _Limited(response.raw, until)
            return response
        try:
            raise Refused(response.status_code, _retry_after(response, until))
        finally:
            response.close()


class _Limited:
    """A reply's body, as :class:`requests.Response` reads it."""

    def __init__(self, raw: BaseHTTPResponse, until: float, most: int = MOST_BYTES) -> None:
        self._raw = raw
        self._until = until
        self._most = most
        self.release_conn = raw.release_conn

    def close(self) -> None:
        self._raw.close()

    def stream(self, _amount: int, *, decode_content: bool) -> Iterator[bytes]:
        """Yield the body as it comes."""
        size = 0
        while piece := self._raw.read1(_PIECE, decode_content=decode_content):
            size += len(piece)
            if size > self._most:
                self._raw.close()
                raise TooLarge
            if time.monotonic() > self._until:
                self._raw.close()
                raise ReadTimeout
            yield piece


def _retry_after(response: Response, until: float) -> float | None:
    """Return the seconds that a reply asks to wait: its header, else what Google's errors hold."""
    given = _seconds(response.headers.get("Retry-After", ""))  # a date is none: no clock is set
    if given is not None or response.status_code not in _SAY_WHEN:
        return given
    raw = response.raw
    sock = getattr(raw.connection, "sock", None)
    if sock is None:  # the connection ends with this reply, and no wait for it can be bounded
        return None
    until = min(until, time.monotonic() + FOR_WHEN)
    sock.settimeout(max(0.001, until - time.monotonic()))  # the question's own is far longer
    try:
        pieces = _Limited(raw, until, MOST_OF_WHEN).stream(_PIECE, decode_content=True)
        details = json.loads(b"".join(pieces))["error"]["details"]
        delays = [one["retryDelay"] for one in details if "retryDelay" in one]
        return _seconds(delays[0].removesuffix("s")) if delays else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # of another form: we wait as we would without it
    except (HTTPError, OSError, TooLarge):
        return None  # late, cut off, or too long: the status has said enough


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
