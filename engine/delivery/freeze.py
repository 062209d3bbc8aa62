"""Freezing: a launched rule's members, at a snapshot no older than the click, become deliveries."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.errors import Conflict, CrmError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.audience.audiences import Audiences
    from engine.domain.campaign import Campaign
    from engine.domain.clock import Clock
    from engine.mirror.mirror import Mirror
    from engine.mirror.snapshot import Snapshot
    from engine.store.freezes import FreezeStore

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=15)
CLEARING_LEASE = timedelta(minutes=5)
"""Dropping what an unfinished freeze left reads every row of the campaign."""
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Freezer:
    """Freezes launching campaigns, one at a time."""

    freezes: FreezeStore
    mirror: Mirror
    audiences: Audiences
    clock: Clock
    turned_away: Callable[[Sequence[str]], frozenset[str]]
    """Which of these customers were erased since the snapshot; their rows are emptied."""

    def freeze_one(self) -> bool:
        """Freeze one launching campaign that nobody freezes; false where there is none.

        A launch that cannot be evaluated becomes a draft again and says why.
        """
        waiting = self.freezes.waiting(now=self.clock.now())
        if waiting is None:
            return False
        campaign_id, freeze = waiting
        # Before the lease begins: a first load may take longer than any lease worth having.
        snapshot = self.mirror.refresh()
        campaign = self.freezes.take(campaign_id, freeze, until=self.clock.now() + LEASE)
        if campaign is None:
            return True
        try:
            self._freeze(campaign, freeze, snapshot)
        except Conflict as conflict:
            logger.info("%s", conflict)
        except CrmError as error:
            if error.transient:
                raise
            logger.warning("campaign %s was not launched: %s", campaign.campaign_id, error)
            self.freezes.abandon(campaign.campaign_id, freeze, problem=str(error))
        return True

    def _freeze(self, campaign: Campaign, freeze: int, snapshot: Snapshot) -> None:
        if campaign.launch is None:
            msg = f"campaign {campaign.campaign_id} is launching without a launch"
            raise CrmError(msg)
        audiences = self.audiences.as_of(campaign.launch.segments)
        members = audiences.member_ids(campaign.launch.rule, snapshot, campaign.launch.now)
        for batch in members.to_frame().iter_slices(BATCH):
            ids = batch.to_series().to_list()
            until = self.clock.now() + LEASE
            self.freezes.write(campaign.campaign_id, freeze, ids, until=until)
            self.turned_away(ids)
        self.freezes.finish(
            campaign.campaign_id,
            freeze,
            audience=members.len(),
            until=self.clock.now() + CLEARING_LEASE,
        )
