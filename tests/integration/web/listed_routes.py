"""Prints every route of the server as JSON lists: path, methods (WS for a WebSocket)."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import streamlit_app

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def walked(routes: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    for route in routes:
        if hasattr(route, "effective_candidates"):  # FastAPI's included router
            yield from walked(route.effective_candidates(), prefix)
        elif getattr(route, "routes", None):
            yield from walked(route.routes, prefix + route.path)
        elif methods := getattr(route, "methods", None):
            yield prefix + route.path, sorted(methods)
        else:  # a mount, which takes any method, or a WebSocket
            kind = "WS" if "WebSocket" in type(route).__name__ else "ANY"
            yield prefix + route.path, [kind]


routes = streamlit_app.app._build_starlette_app().routes  # noqa: SLF001 - it has no public list
sys.stdout.write(json.dumps(list(walked(routes))))
