"""HTTP to a language model with bounds: on size, on time, and on where it goes.

The SDK reads a reply whole before it looks at it, follows redirects with the key in a header, and
lets a server that sends a byte a second go on for as long as it likes. So what carries its requests
reads a reply piece by piece, within a size and a deadline, and takes a reply of 200 alone.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from requests.adapters import HTTPAdapter
from requests.exceptions import ReadTimeout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests import PreparedRequest, Response, Session
    from urllib3 import BaseHTTPResponse

MOST_BYTES = 1_000_000
"""Of a reply, unpacked; what a model may write is far less."""
_PIECE = 65_536
_OK = 200


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
        response.raw = _Limited(response.raw, until)
        if response.status_code != _OK:
            raise Refused(response.status_code, _retry_after(response))
        return response


class _Limited:
    """A reply's body, as :class:`requests.Response` reads it."""

    def __init__(self, raw: BaseHTTPResponse, until: float) -> None:
        self._raw = raw
        self._until = until
        self.release_conn = raw.release_conn

    def close(self) -> None:
        self._raw.close()

    def stream(self, _amount: int, *, decode_content: bool) -> Iterator[bytes]:
        """Yield the body as it comes."""
        size = 0
        while piece := self._raw.read1(_PIECE, decode_content=decode_content):
            size += len(piece)
            if size > MOST_BYTES:
                self._raw.close()
                raise TooLarge
            if time.monotonic() > self._until:
                self._raw.close()
                raise ReadTimeout
            yield piece


def _retry_after(response: Response) -> float | None:
    """Return the seconds that a reply asks to wait: its header, else what Google's errors hold."""
    try:
        if (given := response.headers.get("Retry-After")) is not None:
            return max(0.0, float(given))
        details = json.loads(response.content)["error"]["details"]
        delays = [one["retryDelay"] for one in details if "retryDelay" in one]
        return max(0.0, float(delays[0].removesuffix("s"))) if delays else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, TooLarge):
        return None  # a date, or an error of another form: we wait as we would without it
    finally:
        response.close()
