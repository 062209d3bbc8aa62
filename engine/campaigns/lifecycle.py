"""A campaign from draft to launch, and what it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.audience.lifetime import NOTHING_YET, lifetimes
from engine.campaigns.templates import Rendered, Template
from engine.domain.campaign import Launch
from engine.domain.delivery import DeliveryFigures
from engine.domain.naming import checked_name
from engine.domain.rule_codec import encode
from engine.errors import InvalidInput, TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.audience.audiences import Audiences
    from engine.domain.campaign import Campaign, Message
    from engine.domain.rules import Rule
    from engine.domain.workspace import Workspace
    from engine.mirror.snapshot import Snapshot
    from engine.store.campaigns import CampaignStore
    from engine.store.customers import CustomerStore
    from engine.store.deliveries import DeliveryStore
    from engine.store.segments import SegmentStore


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSummary:
    """One line of the campaign history."""

    campaign: Campaign
    segment_name: str
    """The segment's present name; empty where it has been deleted."""
    figures: DeliveryFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One member's message as it would be sent, or why it could not be rendered."""

    customer_id: str
    name: str | None
    subject: str
    body: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Campaigns:
    """Drafts, launches and figures of campaigns."""

    campaigns: CampaignStore
    deliveries: DeliveryStore
    segments: SegmentStore
    customers: CustomerStore
    audiences: Audiences
    workspace: Callable[[], Workspace]
    """As it is now: its name stands in messages."""

    def save(
        self,
        *,
        name: str,
        segment_id: str,
        message: Message,
        now: datetime,
        by: str,
        campaign_id: str | None = None,
        version: int | None = None,
    ) -> Campaign:
        """Save a draft: a new one, or over ``version`` of an existing one.

        Raises TemplateError or InvalidInput for what cannot be sent, NotFound for a segment that
        does not exist, Conflict where the draft changed meanwhile or was launched.
        """
        name = checked_name(name, "campaign")
        Template(message, self.workspace())
        if campaign_id is None:
            return self.campaigns.create(
                name=name, segment_id=segment_id, message=message, now=now, by=by
            )
        if version is None:
            msg = "say which version of the campaign you edited"
            raise InvalidInput(msg)
        return self.campaigns.update(
            campaign_id, version=version, name=name, segment_id=segment_id, message=message
        )

    def launch(
        self, campaign_id: str, *, version: int, snapshot: Snapshot, now: datetime, by: str
    ) -> Campaign:
        """Launch a draft, once; a second call returns the campaign as it stands.

        The segment's rule is taken as it is now and evaluated at ``now``. A worker freezes the
        audience and sends; this call only writes that it shall.
        """
        campaign = self.campaigns.get(campaign_id)
        if campaign.launch is not None:
            return campaign
        Template(campaign.message, self.workspace())
        segment = self.segments.get(campaign.segment_id)
        leaned_on = self.audiences.segments(segment.rule)
        # Refuses what cannot be evaluated, by the very rules that the launch keeps.
        self.audiences.as_of(leaned_on).evaluate(segment.rule, snapshot, now)
        launch = Launch(
            document=segment.document,
            referred={segment_id: encode(rule) for segment_id, rule in leaned_on.items()},
            segment_version=segment.version,
            now=now,
            by=by,
        )
        return self.campaigns.launch(campaign_id, version=version, launch=launch)

    def history(self, *, now: datetime) -> tuple[CampaignSummary, ...]:
        """Return every campaign with its figures, latest first."""
        campaigns = self.campaigns.all()
        names = {segment.segment_id: segment.name for segment in self.segments.all()}
        # Counting every row of every campaign takes 2 s per million rows, so what has ended for
        # good is not counted again.
        counting = [one.campaign_id for one in campaigns if one.finished_at is None]
        counted = self.deliveries.figures(counting, now=now)
        return tuple(
            CampaignSummary(
                campaign=one,
                segment_name=names.get(one.segment_id, ""),
                figures=counted.get(one.campaign_id) or _final(one, now),
            )
            for one in campaigns
        )

    def examples(
        self, rule: Rule, message: Message, snapshot: Snapshot, *, now: datetime, limit: int
    ) -> tuple[Example, ...]:
        """Render a message for the rule's first ``limit`` members by id."""
        template = Template(message, self.workspace())
        members = self.audiences.preview(rule, snapshot, now, sample=limit).sample
        ids = members.get_column("customer_id").to_list()
        spent = lifetimes(snapshot, ids)
        examples = []
        for customer in self.customers.find(ids).values():
            lifetime = spent.get(customer.customer_id, NOTHING_YET)
            try:
                rendered = template.render(customer, lifetime)
                problem: str | None = None
            except TemplateError as error:
                rendered, problem = Rendered("", ""), str(error)
            examples.append(
                Example(
                    customer_id=customer.customer_id,
                    name=customer.name,
                    subject=rendered.subject,
                    body=rendered.body,
                    problem=problem,
                )
            )
        return tuple(examples)


def _final(finished: Campaign, now: datetime) -> DeliveryFigures:
    return DeliveryFigures(
        audience=finished.audience or 0,
        sent=finished.sent or 0,
        failed=finished.failed or 0,
        pending=0,
        as_of=now,
    )
