"""Bodies of requests: read within bounds, unpacked, and parsed without losing anything."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, NoReturn

from starlette.requests import ClientDisconnect

from engine.api.problems import ProblemError
from engine.domain import json_text
from engine.domain.records import MAX_ROWS
from engine.domain.refusal import shown
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import Request

MAX_BODY_BYTES = 5_000_000
"""Of one batch, unpacked."""
_CHUNK = 1 << 16
_GZIP = 31
"""zlib's name for a gzip header and trailer around the data."""


async def json_body(request: Request) -> bytes:
    """Return the body of a JSON request, unpacked.

    Raises ProblemError: 415 for another type or encoding, 413 past 5 MB, 400 for damaged gzip and
    for a body that ends before it should.
    """
    require_type(request, ("application/json",))
    size = request.headers.get("content-length", "")
    if size.isdecimal() and int(size) > MAX_BODY_BYTES:
        refuse_large()
    found = bytearray()
    async for chunk in chunks(request):
        found += chunk
        if len(found) > MAX_BODY_BYTES:
            refuse_large()
    return bytes(found)


def require_type(request: Request, types: tuple[str, ...]) -> str:
    """Return the body's media type; raises ProblemError (415) where it is none of these."""
    given = request.headers.get("content-type", "")
    media, _, parameters = given.partition(";")
    media = media.strip().lower()
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", parameters, re.IGNORECASE)
    if media in types and (charset is None or charset[1].lower() in ("utf-8", "utf8")):
        return media
    detail = f"Content-Type is {shown(given or None)}, but must be {' or '.join(types)} in UTF-8"
    raise ProblemError(415, "Unsupported media type", detail, headers={"Accept": ", ".join(types)})


async def chunks(request: Request) -> AsyncIterator[bytes]:
    """Yield a body's bytes, unpacked, in pieces of at most 64 KB or as they come."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):  # x-gzip is gzip's older name
        detail = f"Content-Encoding is {shown(encoding)}, but must be gzip, or left out"
        raise ProblemError(
            415, "Unsupported media type", detail, headers={"Accept-Encoding": "gzip"}
        )
    try:
        if encoding in ("gzip", "x-gzip"):
            async for piece in _unpacked(request.stream()):
                yield piece
        else:
            async for piece in request.stream():
                if piece:
                    yield piece
    except ClientDisconnect:
        detail = "the connection ended before the body did"
        raise ProblemError(400, "Incomplete request", detail) from None


async def _unpacked(packed: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    unpack = zlib.decompressobj(_GZIP)
    is_whole = False
    try:
        async for chunk in packed:
            rest = chunk
            while rest:
                if unpack.eof:  # gzip files may stand one behind the other
                    unpack = zlib.decompressobj(_GZIP)
                piece = unpack.decompress(rest, _CHUNK)
                if piece:
                    yield piece
                rest = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
                is_whole = unpack.eof
    except zlib.error as error:
        raise ProblemError(400, "Damaged gzip", f"the body is not gzip: {error}") from None
    if not is_whole:
        raise ProblemError(400, "Damaged gzip", "the body's gzip is cut short")


def refuse_large() -> NoReturn:
    """Raise the problem of a batch of too many bytes."""
    most = f"{MAX_BODY_BYTES:,}"
    detail = f"a batch has at most {most} bytes; send smaller ones, or all of it to /v1/import"
    raise ProblemError(413, "Content too large", detail)


def parse(body: bytes) -> object:
    """Return what JSON says; raises ProblemError (400) where it is none, or is ambiguous."""
    try:
        return json_text.parse(body)
    except InvalidInput as error:
        raise ProblemError(400, "Not JSON", str(error)) from None


def rows_of(found: object) -> list[object]:
    """Return the records of a body: one object, or a list of 1 to 1,000; raises ProblemError."""
    if isinstance(found, dict):
        return [found]
    if not isinstance(found, list):
        detail = f"expected one record as an object, or a list of records, not {shown(found)}"
        raise ProblemError(422, "Invalid input", detail)
    if not found:
        detail = f"the list is empty; a batch has 1 to {MAX_ROWS:,} records"
        raise ProblemError(422, "Invalid input", detail)
    if len(found) > MAX_ROWS:
        detail = (
            f"{len(found):,} records; a batch has at most {MAX_ROWS:,}: send smaller ones, or all "
            "of it to /v1/import"
        )
        raise ProblemError(413, "Content too large", detail)
    return found
