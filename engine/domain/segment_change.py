"""What differs between two versions of a segment, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.domain.segment import Segment


class ChangeKind(StrEnum):
    """What happened to a part of a segment."""

    NAME = "name"
    DESCRIPTION = "description"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    SWITCHED_OFF = "switched off"
    SWITCHED_ON = "switched on"
    REGROUPED = "regrouped"
    REORDERED = "reordered"
    REWRITTEN = "rewritten"

    @property
    def changes_meaning(self) -> bool:
        """False where the segment says the same as before: another order, other ids."""
        return self not in {ChangeKind.REORDERED, ChangeKind.REWRITTEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference. ``what`` names the part; ``before`` and ``after`` say how it stood.

    Either is empty where there was nothing or where ``what`` says all.
    """

    kind: ChangeKind
    what: str
    before: str = ""
    after: str = ""

    @property
    def sentence(self) -> str:  # noqa: PLR0911 - one return a kind of change
        """The difference in one sentence without a full stop."""
        match self.kind:
            case ChangeKind.SWITCHED_OFF | ChangeKind.SWITCHED_ON:
                return f"{self.kind.value}: {self.what}"
            case ChangeKind.ADDED:
                return f"added {self.what}: {self.after}"
            case ChangeKind.REMOVED:
                return f"removed {self.what}: {self.before}"
            case ChangeKind.MOVED:
                return f"moved from {self.before} to {self.after}: {self.what}"
            case ChangeKind.REORDERED:
                return f"only the order changed in {self.what}"
            case ChangeKind.REWRITTEN:
                return f"{self.what} is written another way and means the same"
            case _:
                return f"{self.what}: from {self.before or 'none'} to {self.after or 'none'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentConflict:
    """A segment that somebody saved while another person edited it.

    ``theirs`` is what differs between the version that was opened and ``present``; ``mine`` what
    differs between the version that was opened and the edits.
    """

    opened: int
    present: Segment
    theirs: tuple[Change, ...]
    mine: tuple[Change, ...]
