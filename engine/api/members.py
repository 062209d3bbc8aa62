"""The members of a segment: page by page as JSON, or all of them as a file."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from engine.api.answers import MembersAnswer
from engine.api.asking import Asking, SegmentId  # noqa: TC001 - FastAPI reads the annotations
from engine.api.authority import Read
from engine.api.context import Engine  # noqa: TC001 - FastAPI reads the annotations
from engine.api.member_formats import MEDIA_TYPES, MemberFormat, accepted
from engine.api.page_cursor import PageCursor
from engine.api.previews import figures
from engine.api.problems import documented
from engine.api.query_problems import of_query
from engine.api.rule_problems import rule_problems
from engine.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.audience.members import Members
    from engine.domain.segment import Segment

router = APIRouter()

DEFAULT_LIMIT = 1_000
MAX_LIMIT = 10_000
"""Rows of one page."""

_TEXT: dict[str, object] = {"schema": {"type": "string"}}
_FILE: dict[str, object] = {"schema": {"type": "string", "format": "binary"}}
_HEADERS: dict[str, object] = {
    "X-Total-Count": {"description": "members", "schema": {"type": "integer"}},
    "X-Customers": {"description": "of so many customers", "schema": {"type": "integer"}},
    "X-As-Of": {"description": "the data's instant, ISO 8601 in UTC", **_TEXT},
    "X-Now": {"description": "the instant of evaluation, ISO 8601 in UTC", **_TEXT},
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    **documented(400, 401, 403, 404, 409, 422, 429, 503),
    406: {**documented(422)[422], "description": "Accept names no media type that members have."},
    200: {
        "description": "A page as JSON, or all members as a file.",
        "headers": _HEADERS,
        "content": {
            MEDIA_TYPES["csv"]: {**_TEXT, "example": "customer_id,city\nc-7,Pune\n"},
            MEDIA_TYPES["ndjson"]: {**_TEXT, "example": '{"customer_id":"c-7","city":"Pune"}\n'},
            MEDIA_TYPES["parquet"]: _FILE,
        },
    },
}


@router.get(
    "/segments/{segment_id}/members",
    dependencies=[Read],
    summary="List a segment's members",
    response_model=MembersAnswer,
    responses=_RESPONSES,
)
def list_members(
    crm: Engine,
    *,
    response: Response,
    segment_id: SegmentId,
    asked: Asking,
    format_: Annotated[
        MemberFormat | None, Query(alias="format", description="Goes before Accept.")
    ] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
    fields: Annotated[
        list[str] | None,
        Query(
            description="Fields to show beside customer_id; commas may stand between several.",
            examples=[["name,city", "total_spend"]],
        ),
    ] = None,
    after: Annotated[
        str | None, Query(description="`next` of the page before.", max_length=10_000)
    ] = None,
    limit: Annotated[
        int | None,
        Query(ge=1, le=MAX_LIMIT, description=f"Rows of a JSON page; {DEFAULT_LIMIT} if not said."),
    ] = None,
) -> MembersAnswer | Response:
    """List a segment's members by customer id: page by page as JSON, or all of them as a file.

    Pages of one walk are evaluated at the instant of its first page and by the same version of the
    segment: a save meanwhile ends the walk with 409. Data that comes in between two pages does
    count on the later ones. No customer stands on two pages; one whose membership changed during
    the walk may or may not be there. All pages are of one state of the data where their `as_of` is
    the same; a file always is.

    CSV cells that a spreadsheet would take for a formula begin with an apostrophe.
    """
    form = format_ or accepted(accept)
    segment = crm.segment(segment_id)
    cursor = None if after is None else _cursor(after, segment, asked)
    with rule_problems(segment.document):
        found = crm.explain(
            segment.rule, now=cursor.now if cursor else asked.now, at_least=asked.at_least
        )
    known = crm.catalogue().fields
    with of_query("fields", ", ".join(fields or ()), known):
        held = found.members(_names(fields or (), known))
    if form == "json":
        rows, last = crm.member_page(
            segment,
            held,
            after=cursor and cursor.after,
            limit=DEFAULT_LIMIT if limit is None else limit,
        )
        response.headers.update(_headers(held))
        return MembersAnswer(
            **figures(crm, held),
            segment_id=segment_id,
            version=segment.version,
            rows=rows,
            next=last and str(PageCursor(segment.version, held.now, last)),
        )
    if after is not None or limit is not None:
        msg = f"after and limit page JSON; {form} holds all members, so leave them out"
        raise InvalidInput(msg)
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", segment.name).strip("-") or segment_id
    disposition = f'attachment; filename="{name}.{form}"'
    return StreamingResponse(
        crm.member_file(segment, held, form),
        media_type=MEDIA_TYPES[form],
        headers={**_headers(held), "Content-Disposition": disposition},
    )


def _cursor(after: str, segment: Segment, asked: Asking) -> PageCursor:
    with of_query("after", after):
        cursor = PageCursor.parse(after)
    if cursor.version != segment.version:
        msg = (
            f"{segment.name!r} was version {cursor.version} on the first page and is version "
            f"{segment.version} now; start again without `after`"
        )
        raise Conflict(msg)
    if asked.now not in (None, cursor.now):
        msg = "`after` goes on at the instant of the first page; leave `now` out"
        raise InvalidInput(msg)
    return cursor


def _names(given: Sequence[str], known: Mapping[str, object]) -> list[str]:
    """Return the names asked for; an attribute's own name may hold a comma."""
    split = [[one] if one in known else one.split(",") for one in given]
    return [name.strip() for names in split for name in names if name.strip()]


def _headers(members: Members) -> dict[str, str]:
    return {
        "X-Total-Count": str(members.count),
        "X-Customers": str(members.total),
        "X-As-Of": members.as_of.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "X-Now": members.now.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }
