"""Which host a browser asks, and for a page of which: what ``Host`` and ``Origin`` say.

Cookies know no ports, and ``SameSite`` takes any port of a host for the same site: a page of
another port of our own address sends our session's cookie. So ports are compared here. And a name
that leads to this machine by the will of whoever owns it (DNS rebinding) is not its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.status import (
    HTTP_400_BAD_REQUEST,
    HTTP_403_FORBIDDEN,
    HTTP_503_SERVICE_UNAVAILABLE,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from engine.auth.access import Access

_PORTS = {"http": 80, "https": 443}
_NOT_HERE = (
    "This demo is open to this machine alone, under names such as localhost and 127.0.0.1. To open "
    "it under another name, set CRM_DEMO=true, which lets anybody in who reaches the server, and "
    "CRM_PUBLIC_URL to its address."
)


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a request is not served, whoever sends it."""

    status: int
    said: str
    noted: str
    """What the log says was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """Whose pages may open a WebSocket here, and which hosts a demo answers to."""

    listed: tuple[str, ...] = ()
    """Other origins that may, or hosts whose pages may."""
    any_origin: bool = False
    """Whether every origin may, but another port of the host that is asked: server.enableCORS is
    false where who hosts the server gives it another Host than the browser's. A demo for this
    machine alone lets none in all the same: no cookie keeps others from entering it."""
    bound_here: bool = False
    """Whether the server listens to this machine alone; otherwise no demo is open unless said."""

    def objection(self, scope: Mapping[str, Any], access: Access | None) -> Objection | None:
        """Return what is wrong with who asks; ``access`` is None while the engine is opening."""
        headers = Headers(raw=list(scope["headers"]))
        host, origin = headers.get("host", ""), headers.get("origin")
        is_socket = scope["type"] == "websocket"
        # What is opening may be a demo for this machine alone, and a WebSocket stays open.
        only_here = access.only_here if access else self.bound_here and is_socket
        if only_here and not is_here(host):
            if access is None:
                said = "The workspace is opening; try again in a moment."
                return Objection(HTTP_503_SERVICE_UNAVAILABLE, said, "a WebSocket too early")
            return Objection(HTTP_400_BAD_REQUEST, _NOT_HERE, "a host that is not this machine's")
        if not is_socket or origin is None:  # not from a page: a browser would name its origin
            return None
        if self.any_origin and not only_here:
            foreign = is_beside(origin, host=host)
        else:
            known = (*self.listed, access.public_url if access else None)
            foreign = not is_ours(origin, host=host, known=known)
        said = "A page of another address may not connect to this one."
        return (
            Objection(HTTP_403_FORBIDDEN, said, "a WebSocket from elsewhere") if foreign else None
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """Of an origin, or of a Host, which names no scheme and, for the usual port, none."""

    scheme: str
    host: str
    port: int | None


def is_here(host: str) -> bool:
    """Tell whether a Host is a name or an address that leads to the caller's own machine always."""
    found = _place(host)
    if found is None:
        return False
    name = found.host.removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def is_ours(origin: str, *, host: str, known: Iterable[str | None] = ()) -> bool:
    """Tell whether a page of ``origin`` is one that was asked of ``host``, or is of a known origin.

    The scheme counts only where both name it: behind TLS it is not the connection's.
    """
    asking = _place(origin)
    if asking is None or asking.scheme not in _PORTS:
        return False
    port = asking.port or _PORTS[asking.scheme]
    return any(
        asking.host == one.host
        and one.scheme in {"", asking.scheme}
        and port == (one.port or _PORTS[asking.scheme])
        for one in map(_place, (host, *(text for text in known if text)))
        if one is not None
    )


def is_beside(origin: str, *, host: str) -> bool:
    """Tell whether a page of ``origin`` comes from another port of the host that is asked."""
    asking, asked = _place(origin), _place(host)
    same = asking is not None and asked is not None and asking.host == asked.host
    return same and not is_ours(origin, host=host)


def _place(text: str) -> _Place | None:
    """Read an origin or a Host; None where it is neither, as ``null`` is none."""
    try:
        parts = urlsplit(text if "//" in text else f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    return _Place(parts.scheme, host, port) if host else None
