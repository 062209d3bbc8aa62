"""A small shop with a segment, and campaigns on it: what tests of these pages start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import decode
from engine.domain.campaign import Channel, Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine import Crm
    from engine.domain.campaign import Campaign
    from engine.domain.segment import Segment

HARD = "Big *spenders* $5$ <b>&</b>"
"""A name that Markdown and HTML would change."""

GREETING = Message(
    channel=Channel.EMAIL,
    subject="For {{ name | default: 'you' }}",
    body="You spent {{ total_spend }}.",
)


def stock(imported: Callable[..., None], customers: int = 3) -> None:
    """Import customers c0, c1, ...; each spent a thousand times their number, and one more."""
    imported(
        *(
            (f"o{n}", f"c{n}", "2026-01-01T00:00:00Z", f"{n * 1000 + 1}.00", "completed", f"N{n}")
            for n in range(customers)
        )
    )


def spenders(crm: Crm, name: str = HARD, value: str = "1000.00") -> Segment:
    """Save the segment of those who spent more than an amount."""
    rule = {"all": [{"field": "total_spend", "op": "greater_than", "value": value}]}
    return crm.save_segment(
        name=name, description="They *spend*.", rule=decode({"version": 1, "rule": rule})
    )


def draft(crm: Crm, segment: Segment, name: str = "Spring") -> Campaign:
    """Save a campaign on a segment."""
    return crm.save_campaign(name=name, segment_id=segment.segment_id, message=GREETING)


def launch(crm: Crm, campaign: Campaign) -> Campaign:
    """Launch a campaign; nothing is frozen or sent until the worker steps."""
    return crm.launch_campaign(campaign.campaign_id, version=campaign.version)


def finish(crm: Crm) -> None:
    """Let the worker do all there is to do."""
    while crm.worker.step():
        pass
    crm.worker.step()
