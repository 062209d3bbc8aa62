"""Sending: claim a batch, render, hand it to the vendor, record how each message ended."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.audience.lifetime import NOTHING_YET, lifetimes
from engine.campaigns.templates import Template
from engine.delivery.vendors.vendor import Outgoing
from engine.domain.campaign import Channel
from engine.domain.delivery import DeliveryStatus
from engine.errors import StoreUnavailable, TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.delivery.vendors.vendor import Outcome, Vendor
    from engine.domain.campaign import Campaign
    from engine.domain.clock import Clock
    from engine.domain.customer import Customer
    from engine.domain.delivery import Delivery
    from engine.domain.workspace import Workspace
    from engine.mirror.mirror import Mirror
    from engine.mirror.snapshot import Snapshot
    from engine.store.campaigns import CampaignStore
    from engine.store.customers import CustomerStore
    from engine.store.deliveries import DeliveryStore

LEASE = timedelta(seconds=10)
"""Rendering and recording a batch takes less; a claim is held for this and the longest send."""
RECORD_TRIES = 12
"""While MongoDB is away a try takes 10 s, so what was sent is known for 2 minutes."""
RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends one campaign's claimed deliveries."""

    campaigns: CampaignStore
    deliveries: DeliveryStore
    customers: CustomerStore
    mirror: Mirror
    vendor: Vendor
    workspace: Callable[[], Workspace]
    """As it is now: its name stands in messages."""
    clock: Clock

    def send_batch(self, campaign: Campaign) -> int:
        """Send up to one vendor batch; return how many deliveries were claimed for it.

        A worker that dies here leaves claims that lapse; the vendor sees the same keys again, and
        each row ends once.
        """
        # Before the claim: a first load may take longer than any lease that is worth having.
        snapshot = self.mirror.snapshot()
        claim, rows = self.deliveries.claim(
            campaign.campaign_id,
            limit=self.vendor.batch_size,
            now=self.clock.now(),
            lease=LEASE + self.vendor.longest_send,
        )
        if not rows:
            return 0
        ready, ended = self._prepared(campaign, rows, snapshot)
        outcomes = self.vendor.send([outgoing for _, outgoing in ready]) if ready else []
        ended += [
            self._ended(row, outgoing, outcome)
            for (row, outgoing), outcome in zip(ready, outcomes, strict=True)
        ]
        self._record(claim, ended)
        return len(rows)

    def finish_if_done(self, campaign: Campaign) -> None:
        """End a campaign once no delivery of it is unfinished."""
        campaign_id = campaign.campaign_id
        figures = self.deliveries.figures([campaign_id], now=self.clock.now())[campaign_id]
        if figures.pending == 0:
            self.campaigns.finish(campaign_id, figures)

    def _record(self, claim: str, ended: Sequence[Delivery]) -> None:
        """Write how a batch ended. What the vendor took is not forgotten for a lost connection."""
        for tries in range(1, RECORD_TRIES + 1):
            try:
                self.deliveries.record(claim, ended)
            except StoreUnavailable:
                if tries == RECORD_TRIES:
                    raise
                time.sleep(RETRY_SECONDS)
            else:
                return

    def _prepared(
        self, campaign: Campaign, rows: Sequence[Delivery], snapshot: Snapshot
    ) -> tuple[list[tuple[Delivery, Outgoing]], list[Delivery]]:
        try:
            template = Template(campaign.message, self.workspace())
        except TemplateError as error:
            return [], [self._failed(row, str(error)) for row in rows]
        ids = [row.customer_id for row in rows]
        people = self.customers.find(ids)
        spent = lifetimes(snapshot, ids)
        ready: list[tuple[Delivery, Outgoing]] = []
        ended: list[Delivery] = []
        for row in rows:
            customer = people.get(row.customer_id)
            if customer is None:
                ended.append(self._failed(row, "the customer no longer exists"))
                continue
            try:
                message = template.render(customer, spent.get(row.customer_id, NOTHING_YET))
            except TemplateError as error:
                ended.append(self._failed(row, str(error)))
                continue
            outgoing = Outgoing(
                key=row.delivery_id,
                channel=campaign.message.channel,
                customer_id=row.customer_id,
                address=_address(customer, campaign.message.channel),
                subject=message.subject,
                body=message.body,
            )
            ready.append((row, outgoing))
        return ready, ended

    def _failed(self, row: Delivery, reason: str) -> Delivery:
        now = self.clock.now()
        return replace(row, status=DeliveryStatus.FAILED, reason=reason, ended_at=now)

    def _ended(self, row: Delivery, outgoing: Outgoing, outcome: Outcome) -> Delivery:
        status = DeliveryStatus.SENT if outcome.reason is None else DeliveryStatus.FAILED
        return replace(
            row,
            status=status,
            subject=outgoing.subject,
            body=outgoing.body,
            reason=outcome.reason,
            vendor_message_id=outcome.vendor_message_id,
            ended_at=self.clock.now(),
        )


def _address(customer: Customer, channel: Channel) -> str | None:
    return customer.email if channel is Channel.EMAIL else customer.phone
