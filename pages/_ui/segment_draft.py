"""Segments that are being edited in this browser session. None is lost by looking at another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine import encode
from pages._ui.rule_builder import blank
from pages._ui.rule_document import read
from pages._ui.rule_history import History
from pages._ui.state import Slot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine import Crm
    from engine.domain.segment import Segment
    from pages._ui.rule_builder import Group, Tree
    from pages._ui.rule_fields import FieldChoice

NEW = ""
"""Stands for the id of a segment that has not been saved yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDraft:
    """A segment as it stands in the builder. ``now`` is the instant to evaluate at, if not now."""

    segment_id: str
    version: int | None
    name: str
    description: str
    history: History
    saved: tuple[str, str, Group]
    """Name, description and rule as they were saved (or as a new segment starts)."""
    now: datetime | None = None
    json_problems: tuple[str, ...] = ()
    """What was wrong with the JSON that was pasted last."""

    @property
    def unsaved(self) -> bool:
        """Whether something was changed since the last save."""
        name, description = self.name.strip(), self.description.strip()
        return (name, description, self.history.present.root) != self.saved


DRAFTS: Slot[Mapping[str, SegmentDraft]] = Slot("segment_drafts", MappingProxyType({}))


def opened(crm: Crm, fields: Mapping[str, FieldChoice], segment_id: str | None) -> SegmentDraft:
    """Return the draft of a segment, or of a new one; raises NotFound where it is gone.

    Unsaved changes are kept; a draft without any follows what somebody else saved meanwhile.
    """
    known = DRAFTS.get().get(segment_id or NEW)
    if known is not None and known.unsaved:
        return known
    if segment_id is None:
        return known or keep(_draft(NEW, None, "", "", blank(), None))
    segment = crm.segment(segment_id)
    if known is not None and known.version == segment.version:
        return known
    return keep(of_segment(segment, fields, None if known is None else known.now))


def of_segment(
    segment: Segment, fields: Mapping[str, FieldChoice], now: datetime | None
) -> SegmentDraft:
    """Return the draft of a segment as it was saved."""
    tree = read(encode(segment.rule), fields)
    return _draft(segment.segment_id, segment.version, segment.name, segment.description, tree, now)


def looked_at(segment_id: str) -> datetime | None:
    """Return the instant that the builder evaluates a segment at, where that is not the present."""
    known = DRAFTS.get().get(segment_id)
    return None if known is None else known.now


def keep(draft: SegmentDraft) -> SegmentDraft:
    """Remember a draft."""
    DRAFTS.set(MappingProxyType({**DRAFTS.get(), draft.segment_id: draft}))
    return draft


def forget(segment_id: str) -> None:
    """Forget a draft and its unsaved changes."""
    left = {key: draft for key, draft in DRAFTS.get().items() if key != segment_id}
    DRAFTS.set(MappingProxyType(left))


def saved(draft: SegmentDraft, segment: Segment) -> SegmentDraft:
    """Remember that a draft was saved as this segment; its undo history goes on."""
    forget(draft.segment_id)
    return keep(
        replace(
            draft,
            segment_id=segment.segment_id,
            version=segment.version,
            name=segment.name,
            description=segment.description,
            saved=(segment.name, segment.description, draft.history.present.root),
        )
    )


def _draft(  # noqa: PLR0917 - in the order of the record
    segment_id: str,
    version: int | None,
    name: str,
    description: str,
    tree: Tree,
    now: datetime | None,
) -> SegmentDraft:
    return SegmentDraft(
        segment_id=segment_id,
        version=version,
        name=name,
        description=description,
        history=History(tree),
        saved=(name, description, tree.root),
        now=now,
    )
