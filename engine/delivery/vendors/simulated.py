"""A vendor that sends nothing: it takes its time and lets a seeded share fail, with a reason."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.delivery.vendors.vendor import Outcome
from engine.domain.campaign import Channel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.delivery.vendors.vendor import Outgoing

_PHONE = (
    "number does not exist",
    "phone is switched off",
    "carrier did not answer",
    "refused as spam",
)
REASONS: Mapping[Channel, tuple[str, ...]] = MappingProxyType(
    {
        Channel.EMAIL: (
            "address does not exist",
            "mailbox is full",
            "recipient's server did not answer",
            "refused as spam",
        ),
        Channel.SMS: _PHONE,
        Channel.WHATSAPP: _PHONE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedVendor:
    """Fails ``failure_rate`` of customers (0 to 1), the same ones under the same ``seed``.

    A batch takes ``latency_ms`` milliseconds. Whether and why a message fails depends on the seed,
    the channel and the customer alone: sending it again ends as before, and so does the same
    campaign in another database. The vendor's message id depends on the message's key.
    """

    seed: int
    failure_rate: float
    latency_ms: int
    batch_size: int = 500

    @property
    def longest_send(self) -> timedelta:
        """The latency, and a second to be late."""
        return timedelta(milliseconds=self.latency_ms + 1_000)

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Outcome]:
        """Return an outcome for each message, after the latency."""
        time.sleep(self.latency_ms / 1000)
        return [self._outcome(message) for message in batch]

    def _outcome(self, message: Outgoing) -> Outcome:
        digest = sha256(f"{self.seed}:{message.channel}:{message.customer_id}".encode()).digest()
        share = int.from_bytes(digest[:8]) / 2**64
        if share < self.failure_rate:
            reasons = REASONS[message.channel]
            return Outcome(reason=reasons[digest[8] % len(reasons)])
        return Outcome(vendor_message_id=f"sim-{message.key}")
