"""How members are written: by name in the query, or by media type in ``Accept``."""

from __future__ import annotations

from typing import Literal, TypeAlias

from engine.api.problems import ProblemError

MemberFormat: TypeAlias = Literal["json", "csv", "ndjson", "parquet"]
"""A page as JSON, or a file of all members."""

MEDIA_TYPES: dict[MemberFormat, str] = {
    "json": "application/json",
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}


def accepted(accept: str) -> MemberFormat:
    """Return the format that an ``Accept`` header (RFC 9110, 12.5.1) likes best; none likes JSON.

    Of formats it likes the same, JSON comes first, then CSV. Raises ProblemError (406).
    """
    ranges = [_range(one) for one in accept.split(",") if one.strip()] or [("*/*", 1.0)]
    liking = {kind: _quality(media_type, ranges) for kind, media_type in MEDIA_TYPES.items()}
    best = max(MEDIA_TYPES, key=lambda kind: liking[kind])
    if liking[best] <= 0:
        valid = ", ".join(MEDIA_TYPES.values())
        detail = f"Accept names no media type that members come in; valid ones are {valid}"
        error = {"field": "Accept", "given": accept[:60], "reason": detail}
        raise ProblemError(406, "Not acceptable", detail, errors=[error])
    return best


def _range(text: str) -> tuple[str, float]:
    media_type, *parameters = (part.strip().lower() for part in text.split(";"))
    for one in parameters:
        if one.startswith("q="):
            try:
                return media_type, float(one[2:])
            except ValueError:
                return media_type, 0.0
    return media_type, 1.0


def _quality(media_type: str, ranges: list[tuple[str, float]]) -> float:
    """Return the quality that the most specific range gives a media type; 0 if none fits."""
    for wanted in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        found = [quality for given, quality in ranges if given == wanted]
        if found:
            return max(found)
    return 0.0
