"""A delivery: one campaign's message to one customer. One row each, from freeze to end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class DeliveryStatus(StrEnum):
    """Where a delivery stands: pending -> claimed by a worker -> sent or failed."""

    PENDING = "pending"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"


ENDED = (DeliveryStatus.SENT, DeliveryStatus.FAILED)
"""Statuses in which nothing is left to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one person. ``reason`` says why it failed; None unless it did."""

    delivery_id: str
    campaign_id: str
    customer_id: str
    status: DeliveryStatus
    attempts: int
    subject: str | None = None
    body: str | None = None
    reason: str | None = None
    vendor_message_id: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFigures:
    """How a campaign's deliveries stand, at one instant. Every count is of customers."""

    audience: int
    sent: int
    failed: int
    pending: int
    """Not ended: waiting, or claimed by a worker."""
    as_of: datetime

    @property
    def sent_rate(self) -> float | None:
        """Share of ended deliveries that were sent, 0 to 1; None while none has ended."""
        ended = self.sent + self.failed
        return self.sent / ended if ended else None
