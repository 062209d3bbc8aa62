"""Segments, campaigns and what is told of them, as those see them who may not see people."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.audience.hidden_rules import hidden_document, hidden_rule
from engine.audience.masking import masked
from engine.audience.suggestions import FEWEST
from engine.errors import RuleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from engine.audience.preview import Preview
    from engine.domain.campaign import Campaign
    from engine.domain.rules import Rule
    from engine.domain.segment import Segment, SegmentContent, SegmentUsage, SegmentVersion
    from engine.domain.segment_change import Change

CANNOT_BE_EVALUATED = "the rule cannot be evaluated; who may see customers is told why"


@dataclass(frozen=True, slots=True)
class Seen:
    """Shows things without whom they name: to everybody but those who may see ``people``.

    Values that rules test people by are hidden; ``redact`` takes addresses and phone numbers out
    of names, descriptions, tags and messages.
    """

    people: bool
    redact: Callable[[str], str]

    def rule(self, rule: Rule) -> Rule:
        """Return a rule to read; it is not the one to count by."""
        return rule if self.people else hidden_rule(rule, self.redact)

    def segment(self, segment: Segment) -> Segment:
        """Return a segment to read."""
        if self.people:
            return segment
        shown = self.content(segment.content)
        return replace(
            segment,
            name=shown.name,
            description=shown.description,
            tags=shown.tags,
            document=shown.document,
        )

    def content(self, content: SegmentContent) -> SegmentContent:
        """Return what a save kept."""
        if self.people:
            return content
        return replace(
            content,
            name=self.redact(content.name),
            description=self.redact(content.description),
            tags=tuple(map(self.redact, content.tags)),
            document=hidden_document(content.document, self.redact),
        )

    def version(self, version: SegmentVersion) -> SegmentVersion:
        """Return one version of a segment."""
        return replace(version, content=self.content(version.content))

    def usage(self, usage: SegmentUsage) -> SegmentUsage:
        """Return what uses a segment."""
        if self.people:
            return usage
        return replace(
            usage,
            campaigns=tuple(replace(one, name=self.redact(one.name)) for one in usage.campaigns),
            segments=tuple(replace(one, name=self.redact(one.name)) for one in usage.segments),
        )

    def changes(self, changes: Sequence[Change]) -> tuple[Change, ...]:
        """Return what differs between two contents that were shown by :meth:`content`."""
        if self.people:
            return tuple(changes)
        return tuple(
            replace(
                one,
                what=self.redact(one.what),
                before=self.redact(one.before),
                after=self.redact(one.after),
            )
            for one in changes
        )

    def names(self, names: Mapping[str, str]) -> Mapping[str, str]:
        """Return names by id."""
        return {its_id: self.text(name) for its_id, name in names.items()}

    def text(self, text: str) -> str:
        """Return a text that somebody wrote."""
        return text if self.people else self.redact(text)

    def campaign(self, campaign: Campaign) -> Campaign:
        """Return a campaign with its message and the rules it was launched with."""
        if self.people:
            return campaign
        message, launch = campaign.message, campaign.launch
        if launch is not None:
            referred = {
                its_id: hidden_document(one, self.redact) for its_id, one in launch.referred.items()
            }
            document = hidden_document(launch.document, self.redact)
            launch = replace(launch, document=document, referred=referred)
        return replace(
            campaign,
            name=self.redact(campaign.name),
            message=replace(
                message, subject=self.redact(message.subject), body=self.redact(message.body)
            ),
            launch=launch,
            # It quotes what of the rule could not be taken.
            problem=None if campaign.problem is None else CANNOT_BE_EVALUATED,
        )

    def counted(self, reasons: Mapping[str, int]) -> Mapping[str, int]:
        """Return counts by reason, most frequent first; reasons that then read the same add up."""
        if self.people:
            return reasons
        found: Counter[str] = Counter()
        for reason, n in reasons.items():
            found[self.redact(reason)] += n
        return dict(found.most_common())

    def preview(self, preview: Preview) -> Preview:
        """Return a preview with its rows masked; of an audience under ten it shows none."""
        if self.people:
            return preview
        shown = preview.sample if preview.count >= FEWEST else preview.sample.clear()
        return replace(preview, sample=masked(shown))

    @contextmanager
    def evaluating(self) -> Iterator[None]:
        """Let a rule's problem, which quotes the rule, reach only those who may see people."""
        try:
            yield
        except RuleError:
            if self.people:
                raise
            raise RuleError([CANNOT_BE_EVALUATED]) from None
