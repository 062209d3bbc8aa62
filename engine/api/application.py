"""The FastAPI application: mounted at /api beside the pages, or served alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote_to_bytes

from anyio import CapacityLimiter
from fastapi import Depends, FastAPI, Request
from pydantic.json_schema import models_json_schema

from engine.api import customers, health, imports, ingest, metrics, problems, segments

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from pydantic import BaseModel

    from engine.crm import Crm

PREFIX = "/v1"
DESCRIPTION = """\
Programs show a key (`Authorization: Bearer …`) that has the scope of what they call: `ingest`,
`read` or `erase`. Whatever cannot be done is answered as a problem (RFC 9457) that names each field
and what is valid; after 429 and 503, and a 409 with `Retry-After`, the same request can be sent
again.
"""
TAGS = [
    {"name": "ingest", "description": "Customers and orders come in. Needs the scope `ingest`."},
    {"name": "customers", "description": "One customer is read, or erased for good."},
    {"name": "segments", "description": "Who a rule holds, saved or not. Needs the scope `read`."},
    {"name": "health", "description": "For whoever watches the server; no key is needed."},
]
_REF = "#/components/schemas/{model}"


class _Api(FastAPI):
    """FastAPI, and the models of bodies that are read by hand in its OpenAPI document."""

    def openapi(self) -> dict[str, Any]:
        """Return the document."""
        document = super().openapi()
        by_hand: list[tuple[type[BaseModel], Literal["validation", "serialization"]]]
        by_hand = [(model, "validation") for model in ingest.RECORDS]
        by_hand += [(problems.ProblemDocument, "serialization")]
        _, more = models_json_schema(by_hand, ref_template=_REF)
        document["components"]["schemas"].update(more["$defs"])
        return document


def create_app(
    crm: Callable[[], Crm],
    *,
    doubts_forwarded: bool = False,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None,
) -> FastAPI:
    """Return the application.

    Args:
        crm: returns the engine; raises Unavailable while it is opening.
        doubts_forwarded: whether the server takes the caller's address from X-Forwarded-For without
            having been told whose to believe.
        lifespan: opens and closes what the application needs when it is served alone; a mounted
            application's never runs.
    """
    app = _Api(
        title="Mini CRM",
        version="1",
        summary="Customers and orders come in; segments come out.",
        description=DESCRIPTION,
        openapi_tags=TAGS,
        generate_unique_id_function=lambda route: route.name,
        lifespan=lifespan,
        docs_url=None,  # these pages load their scripts from other machines
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(_refuse_undecodable_path)],
    )
    app.state.crm = crm
    app.state.doubts_forwarded = doubts_forwarded
    app.state.import_places = CapacityLimiter(imports.MOST_AT_ONCE)
    app.state.import_threads = CapacityLimiter(imports.MOST_AT_ONCE)
    problems.install(app)
    metrics.install(app)
    for part in (ingest, imports, customers, segments, health):
        app.include_router(part.router, prefix=PREFIX)
    app.include_router(metrics.router)
    return app


async def _refuse_undecodable_path(request: Request) -> None:
    """Refuse a path that is not UTF-8: decoded leniently, it would name another customer."""
    try:
        unquote_to_bytes(request.scope.get("raw_path") or b"").decode()
    except UnicodeDecodeError:
        raise problems.ProblemError(400, "Bad path", "the path is not valid UTF-8") from None
