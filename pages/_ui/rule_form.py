"""The rule editor of a draft: what it offers, and what becomes of an edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages._ui.rule_editor import last_edit, rule_choices, rule_editor
from pages._ui.rule_examples import frequent_values
from pages._ui.segment_draft import DRAFTS, keep

if TYPE_CHECKING:
    from engine import Crm
    from pages._ui.rule_reading import Reading
    from pages._ui.segment_draft import SegmentDraft

Named = tuple[tuple[str, str], ...]
"""Ids and names."""


def saved_things(crm: Crm, but: str | None) -> tuple[Named, Named]:
    """Return the segments, less the one that is edited, and the campaigns that a rule may name."""
    segments = tuple((one.segment_id, one.name) for one in crm.segments() if one.segment_id != but)
    campaigns = tuple((one.campaign.campaign_id, one.campaign.name) for one in crm.campaigns())
    return segments, campaigns


def rule_form(
    crm: Crm, draft: SegmentDraft, found: Reading, segments: Named, campaigns: Named
) -> None:
    """Draw the rule editor; an edit is in the draft before the page runs for it."""

    def changed() -> None:
        now = DRAFTS.get().get(draft.segment_id)
        if now is not None:  # an edit that was on its way when the draft was discarded
            keep(now.edited(last_edit(draft.editor)))

    rule_editor(
        key=draft.editor,
        document=draft.document,
        revision=draft.revision,
        choices=rule_choices(
            crm,
            suggestions=frequent_values(crm),
            segments=segments,
            campaigns=campaigns,
        ),
        notes=found.notes(),
        on_change=changed,
        label="Customers for whom",
    )
