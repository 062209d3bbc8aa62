"""Segments that are being edited in this browser session. None is lost by looking at another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine import encode
from pages._ui.rule_answer import Answer
from pages._ui.rule_document import bare, everyone, grouped, with_ids
from pages._ui.state import Slot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine import Crm
    from engine.domain.asking import Interpretation
    from engine.domain.rules import Rule
    from engine.domain.segment import Segment
    from pages._ui.rule_document import Document
    from pages._ui.rule_editor import Edit

NEW = ""
"""Stands for the id of a segment that has not been saved yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDraft:
    """A segment as it stands in the builder. ``now`` is the instant to evaluate at, if not now."""

    segment_id: str
    version: int | None
    name: str
    description: str
    document: Document
    """The rule as the editor has it: with an id at every node, unfinished ones among them."""
    saved: tuple[str, str, tuple[str, ...], Document]
    """Name, description, tags and bare rule as they were saved (or as a new segment starts)."""
    editor: str
    """Names the rule editor on the page, whose undo goes on when a new segment is saved."""
    revision: int
    """Of the document: raised when it changes otherwise than in the editor."""
    incomplete: frozenset[str] = frozenset()
    """Ids of the nodes that lack a field or a value."""
    tags: tuple[str, ...] = ()
    now: datetime | None = None
    json_problems: tuple[str, ...] = ()
    """What was wrong with the JSON that was pasted last."""
    answer: Answer | None = None
    """What became of the words that were asked last; it goes with the draft."""

    @property
    def unsaved(self) -> bool:
        """Whether something was changed since the last save."""
        name, description = self.name.strip(), self.description.strip()
        return (name, description, self.tags, bare(self.document)) != self.saved

    @property
    def as_answered(self) -> bool:
        """Whether the rule is the one that words became: not edited by hand since."""
        return self.answer is not None and self.answer.put == bare(self.document)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Phrases of the words that the rule came from and does not hold; none once it is edited.

        Words that change a rule leave what the words before them lacked. An answer without a rule
        changed nothing: what stood before it holds.
        """
        answer = self.answer
        if answer is not None and answer.put is None:
            answer = answer.before.answer
        if answer is None or answer.put != bare(self.document):
            return ()
        earlier = () if answer.base is None else answer.before.left_out
        return tuple(dict.fromkeys((*earlier, *answer.found.not_understood)))

    def edited(self, edit: Edit | None) -> SegmentDraft:
        """Return the draft after an edit in the browser; one that came too late changes nothing."""
        if edit is None or edit.revision != self.revision:
            return self
        return replace(self, document=edit.document, incomplete=edit.incomplete)

    def replaced(self, document: Document) -> SegmentDraft:
        """Return the draft with another rule, which can be undone in the editor."""
        return replace(
            self,
            document=with_ids(document),
            incomplete=frozenset(),
            revision=_next_revision(),
            json_problems=(),
        )

    def answered(
        self,
        found: Interpretation,
        base: Rule | None,
        *,
        again: Answer | None = None,
        taken: Mapping[str, int] | None = None,
    ) -> SegmentDraft:
        """Return the draft with the rule that words became, if any, and the answer beside it.

        ``base`` is the rule that they edit, ``taken`` the options that were taken. ``again`` is
        the answer that this one takes the place of, as another option of it was taken.
        """
        document = None if found.rule is None else grouped(encode(found.rule))
        again = None if document is None else again
        before = self
        if again is not None:
            before = again.before
        elif self.answer is not None and self.answer.put is None:
            before = replace(self, answer=self.answer.before.answer)
        answer = Answer(
            found=found,
            base=base,
            taken=taken or {},
            before=before,
            put=None if document is None else bare(document),
            serial=_next_revision() if again is None else again.serial,
        )
        draft = self if document is None else self.replaced(document)
        return replace(draft, answer=answer)

    def unanswered(self) -> SegmentDraft:
        """Return the draft as it stood before the words; that can be undone in the editor."""
        if self.answer is None:
            return self
        before = self.answer.before
        if self.answer.put is None:
            return replace(self, answer=before.answer)
        draft = self.replaced(before.document)
        return replace(draft, incomplete=before.incomplete, answer=before.answer)


DRAFTS: Slot[Mapping[str, SegmentDraft]] = Slot("segment_drafts", MappingProxyType({}))
REVISIONS: Slot[int] = Slot("rule_revisions", 0)
"""The last revision that was given out. They count on over all drafts, so that an editor that is
still on the page takes a draft that was opened anew."""


def opened(crm: Crm, segment_id: str | None) -> SegmentDraft:
    """Return the draft of a segment, or of a new one; raises NotFound where it is gone.

    Unsaved changes are kept; a draft without any follows what somebody else saved meanwhile. The
    answers to words beside other segments go, once what they put there is saved or discarded.
    """
    for other in DRAFTS.get().values():
        if other.segment_id != (segment_id or NEW) and other.answer and not other.unsaved:
            keep(replace(other, answer=None))
    known = DRAFTS.get().get(segment_id or NEW)
    if known is not None and known.unsaved:
        return known
    if segment_id is None:
        return known or keep(_new())
    segment = crm.segment(segment_id)
    if known is not None and known.version == segment.version:
        return known
    return keep(of_segment(segment, None if known is None else known.now))


def of_segment(segment: Segment, now: datetime | None) -> SegmentDraft:
    """Return the draft of a segment as it was saved."""
    document = with_ids(encode(segment.rule))
    return SegmentDraft(
        segment_id=segment.segment_id,
        version=segment.version,
        name=segment.name,
        description=segment.description,
        tags=segment.tags,
        document=document,
        saved=(segment.name, segment.description, segment.tags, bare(document)),
        editor=f"rule_{segment.segment_id}",
        revision=_next_revision(),
        now=now,
    )


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
    """Remember that a draft was saved as this segment; the editor's undo goes on."""
    forget(draft.segment_id)
    return keep(
        replace(
            draft,
            segment_id=segment.segment_id,
            version=segment.version,
            name=segment.name,
            description=segment.description,
            tags=segment.tags,
            saved=(segment.name, segment.description, segment.tags, bare(draft.document)),
        )
    )


def _new() -> SegmentDraft:
    revision = _next_revision()
    return SegmentDraft(
        segment_id=NEW,
        version=None,
        name="",
        description="",
        document=everyone(),
        saved=("", "", (), bare(everyone())),
        editor=f"rule_new_{revision}",
        revision=revision,
    )


def _next_revision() -> int:
    REVISIONS.set(REVISIONS.get() + 1)
    return REVISIONS.get()
