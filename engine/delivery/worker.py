"""The worker: freezes what was launched and sends what was frozen, until it is told to stop.

Any number of workers on any number of machines may run; leases in MongoDB keep them apart.
"""

from __future__ import annotations

import logging
import threading
from functools import partial
from typing import TYPE_CHECKING

from engine.domain.campaign import CampaignStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.delivery.freeze import Freezer
    from engine.delivery.sender import Sender
    from engine.domain.campaign import Campaign
    from engine.store.campaigns import CampaignStore

logger = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
TROUBLE_SECONDS = 2.0


class Worker:
    """Runs the freezer and the sender in turn."""

    def __init__(self, campaigns: CampaignStore, freezer: Freezer, sender: Sender) -> None:
        self._campaigns = campaigns
        self.freezer = freezer
        self.sender = sender
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Work in a thread that :meth:`close` ends."""
        if self._thread is None:
            self._thread = threading.Thread(target=self.run, name="worker", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Finish the batch at hand and stop."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def run(self) -> None:
        """Work until :meth:`close` is called from another thread."""
        while not self._stop.is_set():
            try:
                pause = 0.0 if self.step() else IDLE_SECONDS
            except Exception:
                # A worker that dies silently is a campaign that never ends: whatever it was is
                # logged whole, and tried again after a pause; claims lapse meanwhile.
                logger.exception("the delivery worker met an error and goes on")
                pause = TROUBLE_SECONDS
            self._stop.wait(pause)

    def step(self) -> bool:
        """Freeze one campaign and send one batch of each; return whether there was any work.

        An error in one campaign keeps no other waiting: all of them are raised at the end.
        """
        sending = self._campaigns.all(status=CampaignStatus.SENDING)
        work: list[Callable[[], bool]] = [
            self.freezer.freeze_one,
            *(partial(self._send, one) for one in sending),
        ]
        worked = False
        failures: list[Exception] = []
        for do in work:
            if self._stop.is_set():
                break
            try:
                worked |= do()
            except Exception as error:  # noqa: BLE001 - all are raised below
                failures.append(error)
        if failures:
            msg = "some of the work failed"
            raise ExceptionGroup(msg, failures)
        return worked

    def _send(self, campaign: Campaign) -> bool:
        if self.sender.send_batch(campaign):
            return True
        self.sender.finish_if_done(campaign)
        return False
