"""Errors as RFC 9457 problem details: one place where they are mapped to replies."""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from engine.api.methods import allowed
from engine.domain.records import MAX_ROWS
from engine.domain.refusal import shown
from engine.errors import (
    Conflict,
    CrmError,
    InvalidInput,
    NotEvaluatedYet,
    NotFound,
    RuleError,
    StoreUnavailable,
    Unavailable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_HOSTS = re.compile(r" \([^()]*\)")
"""What the driver says of a server that does not answer: its address, which is not told."""
RETRY_SECONDS = "1"
MORE_ERRORS = 100
"""Errors told in one reply, beside the first of each row of a batch."""


class ErrorDetail(BaseModel):
    """One thing that is wrong with what was sent."""

    row: int | None = Field(default=None, description="Place in the batch; the first is 0.")
    id: str | None = Field(default=None, description="Of the row's order or customer, if it says.")
    field: str = Field(description='Path of the field, such as "items/0/quantity".')
    given: str = Field(description="What was given, shortened.")
    reason: str
    valid: list[str] = Field(default=[], description="The valid choices, where they can be listed.")


class ProblemDocument(BaseModel):
    """Why a request was not done (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/invalid-input",
                    "title": "Invalid input",
                    "status": 422,
                    "detail": "none of the 1 rows can be taken",
                    "instance": "/v1/orders",
                    "errors": [
                        {
                            "row": 0,
                            "id": "o-1001",
                            "field": "status",
                            "given": "complete",
                            "reason": "unknown status: did you mean 'completed'? valid statuses "
                            "are completed, refunded, cancelled, pending",
                            "valid": ["completed", "refunded", "cancelled", "pending"],
                        }
                    ],
                }
            ]
        }
    )

    type: str = Field(description="A relative URI that names the kind of problem.")
    title: str
    status: int
    detail: str
    instance: str = Field(description="The path that was asked for.")
    errors: list[ErrorDetail] = []


class ProblemError(Exception):
    """A reply that is a problem; raised by routes where no engine error says it."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, object]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        super().__init__(detail)


_MEANING = {
    400: "The request is not JSON or gzip as it says it is; or not HTTP, or its address is longer "
    "than 64 KB, which is answered in plain text.",
    401: "No valid API key.",
    403: "The key lacks the scope.",
    404: "There is no such thing.",
    405: "The path takes other methods.",
    408: "Nothing came for too long.",
    409: "It contradicts what is there, or the Idempotency-Key came with another request.",
    413: "More bytes, or rows, than one request may bring.",
    415: "The body is of another type.",
    422: "What was sent is understood, and cannot be taken; `errors` says why, field by field.",
    429: "Too many requests.",
    503: "A part of the service is out of reach; try again.",
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the problems that a route may answer with, for its OpenAPI entry."""
    schema = {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}
    found: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        found[status] = {
            "description": _MEANING[status],
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        if status == HTTPStatus.BAD_REQUEST:
            found[status]["content"]["text/plain"] = {"schema": {"type": "string"}}
        if status in (429, 503):
            found[status]["headers"] = {
                "Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}
            }
    return found


def mapped(error: CrmError) -> ProblemError:
    """Return the reply to one of the engine's errors."""
    match error:
        case RuleError():
            told = [{"field": "", "given": "", "reason": one} for one in error.problems]
            return ProblemError(422, "Invalid rule", str(error), errors=told)
        case InvalidInput() | NotEvaluatedYet():
            return ProblemError(422, "Invalid input", str(error))
        case NotFound():
            return ProblemError(404, "Not found", str(error))
        case Conflict():
            return ProblemError(409, "Conflict", str(error))
        case Unavailable():
            logger.warning("a part is out of reach: %s", error)
            detail = (
                _HOSTS.sub("", str(error)) if isinstance(error, StoreUnavailable) else str(error)
            )
            headers = {"Retry-After": RETRY_SECONDS}
            return ProblemError(503, "Unavailable", detail, headers=headers)
        case _:
            logger.error("no reply is meant for this error", exc_info=error)
            return unexpected()


def unexpected() -> ProblemError:
    """Return the reply to an error that nobody foresaw; it tells nothing of the inside."""
    return ProblemError(500, "Internal error", "the server met an error; it is in its log")


def response(path: str, problem: ProblemError) -> Response:
    """Return a problem as it is sent."""
    content = {
        "type": f"/problems/{problem.title.lower().replace(' ', '-')}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": path,
        "errors": problem.errors[: MAX_ROWS + MORE_ERRORS],
    }
    # What was sent may hold characters that UTF-8 has none for.
    body = orjson.dumps(_encodable(content))
    return Response(body, problem.status, problem.headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of an application with a problem."""

    def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, ProblemError)  # noqa: S101 - registered for it
        return response(request.url.path, error)

    def on_engine(request: Request, error: Exception) -> Response:
        assert isinstance(error, CrmError)  # noqa: S101 - registered for it
        return response(request.url.path, mapped(error))

    def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
        title = HTTPStatus(error.status_code).phrase
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.NOT_FOUND:
            detail = "there is nothing at this path; /openapi.json lists what there is"
        elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = allowed(request)
            detail = f"this path takes {headers['Allow']}, not {request.method}"
        else:
            detail = str(error.detail)
        return response(
            request.url.path, ProblemError(error.status_code, title, detail, headers=headers)
        )

    def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
        told = [
            {
                "field": "/".join(map(str, one["loc"])),
                "given": shown(one.get("input")),
                "reason": str(one["msg"]),
                "valid": _choices(one),
            }
            for one in error.errors()
        ]
        detail = "; ".join(f"{one['field']}: {one['reason']}" for one in told)
        problem = ProblemError(422, "Invalid input", detail, errors=told)
        return response(request.url.path, problem)

    app.add_exception_handler(ProblemError, on_problem)
    app.add_exception_handler(CrmError, on_engine)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_middleware(Unforeseen)


def _choices(error: Mapping[str, Any]) -> list[str]:
    """Return what FastAPI says may stand there, where that can be listed."""
    listed = (
        str(error.get("ctx", {}).get("expected", "")) if error["type"] == "literal_error" else ""
    )
    return re.findall(r"'([^']*)'", listed)


class Unforeseen:
    """Answers an error that nobody foresaw with a 500 that tells nothing, and logs it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            if scope["type"] != "http":
                raise
            logger.exception("an error that nobody foresaw in %s", scope["method"])
            if begun:
                raise  # the server cuts the reply off: half of one must not look whole
            await response(scope["path"], unexpected())(scope, receive, send)


def _encodable(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _encodable(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encodable(one) for one in value]
    return value
