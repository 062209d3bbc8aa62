"""Our two cookies, as the browser knows them and as the pages do.

Behind TLS the browser knows them by the prefix ``__Host-``: it then takes them from this very host
only and over TLS only, so that nobody beside us can plant a session of theirs. The doorkeeper
passes them on by their short names, and nothing else under those names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.sign_in import BROWSER_COOKIE, SESSION_COOKIE

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from typing import Any

PREFIX = "__Host-"
OURS = (SESSION_COOKIE, BROWSER_COOKIE)
LIFETIME_SECONDS = 7 * 24 * 60 * 60
"""Of a session's cookie, which is as long as a session lasts; the server decides when it ends."""
SECURE = "crm.secure"
"""Where a scope says whether its request came by https."""


def came_securely(scope: Mapping[str, Any], public_url: str | None) -> bool:
    """Tell whether the browser speaks TLS: with us, with a trusted proxy, or by our settings."""
    return scope["scheme"] in {"https", "wss"} or (public_url or "").startswith("https://")


def came_with_prefix(scope: Mapping[str, Any]) -> bool:
    """Tell whether a browser brings a cookie of ours that it took over TLS only."""
    texts = (value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie")
    names = {pair.partition("=")[0].strip() for text in texts for pair in text.split(";")}
    return any(PREFIX + name in names for name in OURS)


def adopt(scope: MutableMapping[str, Any], *, secure: bool) -> dict[str, str]:
    """Leave our cookies in a request by their short names only, and return them.

    Under TLS, a cookie that lacks the prefix is none of ours.
    """
    prefix = PREFIX if secure else ""
    known = {prefix + name: name for name in OURS}
    foreign = {*OURS, *(PREFIX + name for name in OURS)} - known.keys()
    kept: list[str] = []
    ours: dict[str, str] = {}
    for text in (value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"):
        for pair in text.split(";"):
            name, _, value = (part.strip() for part in pair.partition("="))
            if name in known:
                ours[known[name]] = value
            elif name not in foreign and pair.strip():
                kept.append(pair.strip())
    kept += [f"{name}={value}" for name, value in ours.items()]
    headers = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
    if kept:
        headers.append((b"cookie", "; ".join(kept).encode("latin-1")))
    scope["headers"] = headers
    scope[SECURE] = secure
    return ours


def to_set(name: str, value: str, *, secure: bool, seconds: int | None = None) -> str:
    """Return a Set-Cookie header of one of ours; without ``seconds`` it ends with the browser.

    Lax, so that a link from elsewhere opens a page signed in, while no other site's request that
    changes anything carries it.
    """
    parts = [f"{PREFIX if secure else ''}{name}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if seconds is not None:
        parts.append(f"Max-Age={seconds}")
    if secure:
        parts.append("Secure")
    return "; ".join(parts)
