"""Saved segments: checked before they are saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.naming import checked_name
from engine.domain.text import nfc
from engine.errors import InvalidInput
from engine.rules.catalogue import Catalogue
from engine.rules.validate import check

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.rules import Rule
    from engine.domain.segment import Segment
    from engine.domain.workspace import Workspace
    from engine.mirror.snapshot import Snapshot
    from engine.store.segments import SegmentStore

MAX_DESCRIPTION = 2_000


@dataclass(frozen=True, slots=True)
class Segments:
    """Saves segments."""

    segments: SegmentStore
    workspace: Workspace

    def save(
        self,
        *,
        name: str,
        description: str,
        rule: Rule,
        snapshot: Snapshot,
        now: datetime,
        by: str,
        segment_id: str | None = None,
        version: int | None = None,
    ) -> Segment:
        """Save a new segment, or over ``version`` of an existing one.

        Raises RuleError for a rule that is wrong, Conflict where the name is taken or somebody
        saved meanwhile.
        """
        name = checked_name(name, "segment")
        description = nfc(description.strip())
        if len(description) > MAX_DESCRIPTION:
            msg = f"the description has {len(description):,} characters; the limit is 2,000"
            raise InvalidInput(msg)
        check(rule, Catalogue.build(snapshot.attribute_types), self.workspace)
        if segment_id is None:
            return self.segments.create(
                name=name, description=description, rule=rule, now=now, by=by
            )
        if version is None:
            msg = "say which version of the segment you edited"
            raise InvalidInput(msg)
        return self.segments.update(
            segment_id,
            version=version,
            name=name,
            description=description,
            rule=rule,
            now=now,
            by=by,
        )
