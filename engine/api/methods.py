"""Which methods a path takes, for the ``Allow`` of a 405."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Match

if TYPE_CHECKING:
    from fastapi import Request

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")


def allowed(request: Request) -> str:
    """Return the methods that a request's path takes, as ``Allow`` lists them.

    The routes of one path may stand in several routers, and Starlette names those of the first.
    """
    return ", ".join(
        method
        for method in METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    )
