"""Saved segments: checked before they are saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.naming import checked_name, checked_tags
from engine.domain.references import references
from engine.domain.rule_codec import decode
from engine.domain.segment_change import SegmentConflict
from engine.domain.text import nfc
from engine.errors import InvalidInput
from engine.rules.catalogue import Catalogue
from engine.rules.difference import difference
from engine.rules.validate import check

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.domain.rules import Rule
    from engine.domain.segment import Segment, SegmentContent
    from engine.domain.segment_change import Change
    from engine.domain.workspace import Workspace
    from engine.mirror.snapshot import Snapshot
    from engine.store.segments import SegmentStore

MAX_DESCRIPTION = 2_000


@dataclass(frozen=True, slots=True)
class Segments:
    """Saves segments, and tells two versions of one apart."""

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
        tags: Sequence[str] = (),
        segment_id: str | None = None,
        version: int | None = None,
    ) -> Segment:
        """Save a new segment, or over ``version`` of an existing one.

        Raises RuleError for a rule that is wrong, InvalidInput for a name, description or tag that
        cannot be taken, Conflict where the name is taken, SavedMeanwhile where somebody was first.
        """
        name = checked_name(name, "segment")
        tags = checked_tags(tags)
        description = nfc(description.strip())
        if len(description) > MAX_DESCRIPTION:
            msg = f"the description has {len(description):,} characters; the limit is 2,000"
            raise InvalidInput(msg)
        check(rule, Catalogue.build(snapshot.attribute_types), self.workspace)
        if segment_id is None:
            return self.segments.create(
                name=name, description=description, tags=tags, rule=rule, now=now, by=by
            )
        if version is None:
            msg = "say which version of the segment you edited"
            raise InvalidInput(msg)
        return self.segments.update(
            segment_id,
            version=version,
            name=name,
            description=description,
            tags=tags,
            rule=rule,
            now=now,
            by=by,
        )

    def restore(
        self,
        segment_id: str,
        *,
        version: int,
        to: int,
        snapshot: Snapshot,
        now: datetime,
        by: str,
    ) -> Segment:
        """Save over ``version`` what the version ``to`` held.

        Raises RuleError where its rule can be used no longer, and what :meth:`save` raises.
        """
        old = self.segments.version(segment_id, to)
        catalogue = Catalogue.build(snapshot.attribute_types)
        check(decode(old.content.document), catalogue, self.workspace)
        return self.segments.restore(segment_id, version=version, to=to, now=now, by=by)

    def difference(
        self, before: SegmentContent, after: SegmentContent, snapshot: Snapshot
    ) -> tuple[Change, ...]:
        """Return what changed from one content to another; segments are called by their names."""
        named = {id_ for one in (before, after) for _, id_ in references(one.document)}
        every = self.segments.all() if named else ()
        names = {one.segment_id: one.name for one in every}
        catalogue = Catalogue.build(snapshot.attribute_types)
        return difference(before, after, catalogue, self.workspace, names)

    def conflict(
        self, segment_id: str, *, opened: int, mine: SegmentContent, snapshot: Snapshot
    ) -> SegmentConflict:
        """Return what others changed since the version that was opened, and what ``mine`` does."""
        base = self.segments.version(segment_id, opened).content
        present = self.segments.get(segment_id)
        return SegmentConflict(
            opened=opened,
            present=present,
            theirs=self.difference(base, present.content, snapshot),
            mine=self.difference(base, mine, snapshot),
        )
