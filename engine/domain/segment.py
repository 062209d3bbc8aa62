"""A segment: a named rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A named rule. ``version`` counts its saves from 1; a save names the version it edits."""

    segment_id: str
    name: str
    description: str
    rule: Rule
    version: int
    saved_at: datetime
    saved_by: str
