"""MongoDB goes away in mid-launch and comes back: the worker goes on by itself, nothing is lost.

And nothing is sent twice: what the vendor took is kept until it can be recorded.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from engine.bootstrap import open_crm
from engine.delivery.vendors.simulated import SimulatedVendor
from engine.delivery.worker import Worker
from engine.domain.campaign import CampaignStatus, Channel, Message
from engine.domain.customer import Customer
from engine.domain.delivery import ENDED
from engine.domain.rule_codec import decode
from engine.errors import StoreUnavailable
from engine.settings import Settings
from engine.store import guard
from engine.store.freezes import FreezeStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from engine.crm import Crm
    from engine.delivery.vendors.vendor import Outcome, Outgoing
    from engine.domain.campaign import Campaign

MEMBERS = 4_000
AWAY_SECONDS = 20
"""Longer than a driver waits for a server (10 s), and than a claim holds."""
EVERYONE = decode({"version": 1, "rule": {"all": []}})
HELLO = Message(channel=Channel.SMS, subject="", body="Hi {{ first_name }}")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Fault:
    """Strikes mongod once, at its third call: it is killed, or stopped, and away for a while."""

    def __init__(self, data_dir: Path, how: str) -> None:
        self._data_dir = data_dir
        self._lock = data_dir / "mongo" / "mongod.lock"
        self._how = how
        self._calls = 0
        self.pid: int | None = None

    def strike(self) -> None:
        self._calls += 1
        if self._calls != 3:
            return
        self.pid = guard.holder(self._lock)
        assert self.pid is not None
        stopped = self.pid
        if self._how == "killed":
            # Its guard would start it again at once, which the driver's own retries ride out.
            stopped = int((self._data_dir / "mongo-guard.lock").read_text())
        os.kill(stopped, signal.SIGSTOP)
        if self._how == "killed":
            os.kill(self.pid, signal.SIGKILL)
        threading.Timer(AWAY_SECONDS, os.kill, [stopped, signal.SIGCONT]).start()

    def happened(self) -> bool:
        """Tell whether another mongod serves now, or the same one that was stopped."""
        same = guard.holder(self._lock) == self.pid
        return self.pid is not None and same == (self._how == "stopped")


class Counting:
    """A vendor that counts what it was given, and strikes before it answers."""

    def __init__(self, strike: Callable[[], None]) -> None:
        self._vendor = SimulatedVendor(seed=0, failure_rate=0.1, latency_ms=0)
        self._strike = strike
        self.batch_size = self._vendor.batch_size
        self.longest_send = self._vendor.longest_send
        self.given: Counter[str] = Counter()

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Outcome]:
        self.given.update(message.customer_id for message in batch)
        self._strike()
        return self._vendor.send(batch)


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[Crm]:
    with open_crm(Settings.model_validate({"data_dir": tmp_path})) as crm:
        yield crm


def launched(crm: Crm, ids: list[str]) -> Campaign:
    people = [Customer(customer_id=one, name=f"Asha {one}") for one in ids]
    crm.stores.customers.insert(people, source="import")
    segment = crm.save_segment(name="Everyone", description="", rule=EVERYONE)
    draft = crm.save_campaign(name="Spring", segment_id=segment.segment_id, message=HELLO)
    return crm.launch_campaign(draft.campaign_id, version=draft.version)


def wait_for_the_end(crm: Crm, campaign: Campaign, seconds: float = 150) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if crm.campaign(campaign.campaign_id).status is CampaignStatus.FINISHED:
                return
        except StoreUnavailable:
            pass
        time.sleep(0.2)
    pytest.fail("the campaign did not finish after MongoDB came back")


@pytest.mark.parametrize(
    ("moment", "how"), [("sending", "killed"), ("sending", "stopped"), ("freezing", "killed")]
)
def test_the_worker_goes_on_and_every_member_is_sent_to_once(
    crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, how: str
) -> None:
    ids = [f"c{number:05}" for number in range(MEMBERS)]
    fault = Fault(tmp_path, how)
    vendor = Counting(fault.strike if moment == "sending" else lambda: None)
    if moment == "freezing":
        write = FreezeStore.write

        def struck(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - whatever write takes
            fault.strike()
            write(*args, **kwargs)

        monkeypatch.setattr(FreezeStore, "write", struck)
    worker = Worker(
        crm.stores.campaigns, crm.worker.freezer, replace(crm.worker.sender, vendor=vendor)
    )
    campaign = launched(crm, ids)
    worker.start()
    try:
        wait_for_the_end(crm, campaign)
    finally:
        worker.close()
    assert fault.happened()
    rows = list(crm.delivery_log(campaign.campaign_id))
    assert [row.customer_id for row in rows] == ids
    assert {row.status for row in rows} <= set(ENDED)
    assert crm.campaign(campaign.campaign_id).audience == MEMBERS
    assert sorted(vendor.given) == ids
    assert set(vendor.given.values()) == {1}, "nobody is written to twice"
