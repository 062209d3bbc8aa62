"""Saved segments: which there are, and how many each holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from engine.api import members, previews
from engine.api.answers import PreviewAnswer, SegmentAnswer, SegmentsAnswer
from engine.api.asking import Asking, Explain, Sample, SegmentId  # noqa: TC001 - FastAPI reads them
from engine.api.authority import Read
from engine.api.context import Engine  # noqa: TC001 - FastAPI reads the annotations
from engine.api.problems import documented
from engine.api.rule_problems import rule_problems

if TYPE_CHECKING:
    from engine.domain.segment import Segment

router = APIRouter(tags=["segments"])
"""All that reads: segments, their members, and previews of rules."""
router.include_router(members.router)
router.include_router(previews.router)

_PROBLEMS = documented(400, 401, 403, 404, 422, 429, 503)


@router.get(
    "/segments",
    dependencies=[Read],
    summary="List segments",
    response_description="The segments.",
    responses=documented(400, 401, 403, 429, 503),
)
def list_segments(crm: Engine) -> SegmentsAnswer:
    """List every saved segment, by name."""
    return SegmentsAnswer(segments=[_told(one) for one in crm.segments()])


@router.get(
    "/segments/{segment_id}",
    dependencies=[Read],
    summary="Read a segment",
    response_description="The segment.",
    responses=_PROBLEMS,
)
def get_segment(crm: Engine, segment_id: SegmentId) -> SegmentAnswer:
    """Return one saved segment."""
    return _told(crm.segment(segment_id))


@router.get(
    "/segments/{segment_id}/preview",
    dependencies=[Read],
    summary="Preview a segment",
    response_description="How many of how many, and as of when.",
    responses=_PROBLEMS,
)
def preview_segment(
    crm: Engine,
    segment_id: SegmentId,
    asked: Asking,
    sample: Sample = 0,
    *,
    explain: Explain = False,
) -> PreviewAnswer:
    """Count a segment's members, and show the first few of them."""
    segment = crm.segment(segment_id)
    with rule_problems(segment.document):
        return previews.previewed(crm, segment.rule, asked, sample=sample, explain=explain)


def _told(segment: Segment) -> SegmentAnswer:
    return SegmentAnswer(
        id=segment.segment_id,
        name=segment.name,
        description=segment.description,
        tags=list(segment.tags),
        version=segment.version,
        saved_at=segment.saved_at,
        saved_by=segment.saved_by,
        rule=dict(segment.document),
    )
