"""A segment: a named rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.rule_codec import decode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.domain.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A named rule. ``version`` counts its saves from 1; a save names the version it edits.

    ``document`` is the rule as it is stored, so that one which only a later version of the engine
    can read keeps nobody from the others.
    """

    segment_id: str
    name: str
    description: str
    document: Mapping[str, object]
    version: int
    saved_at: datetime
    saved_by: str

    @property
    def rule(self) -> Rule:
        """The rule; raises RuleError where this version of the engine cannot read it."""
        return decode(self.document)
