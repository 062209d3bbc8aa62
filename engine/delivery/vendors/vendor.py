"""The port to what carries messages. Every vendor is given each delivery's id as its key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from engine.domain.campaign import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message to carry. ``key`` is the same on every try, so a vendor can drop a second."""

    key: str
    channel: Channel
    customer_id: str
    address: str | None
    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one message: the vendor's id if it was sent, else the reason."""

    vendor_message_id: str | None = None
    reason: str | None = None


class Vendor(Protocol):
    """Carries messages."""

    @property
    def batch_size(self) -> int:
        """How many messages one call takes."""

    @property
    def longest_send(self) -> timedelta:
        """How long one call may take before it raises."""

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Outcome]:
        """Send a batch; return one outcome for each message, in the same order.

        Raises where nothing of the batch was taken; it is then given again, under the same keys,
        when the claim has lapsed.
        """
