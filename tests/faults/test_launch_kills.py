"""kill -9 of the server in the middle of a launch: every member ends with exactly one delivery."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from engine.bootstrap import open_crm
from engine.domain.campaign import CampaignStatus, Channel, Message
from engine.domain.customer import Customer
from engine.domain.delivery import ENDED
from engine.domain.rule_codec import decode
from engine.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.crm import Crm
    from engine.domain.campaign import Campaign

PROJECT = Path(__file__).resolve().parents[2]
MEMBERS = 8_000
EVERYONE = decode({"version": 1, "rule": {"all": []}})
HELLO = Message(channel=Channel.SMS, subject="", body="Hi {{ first_name | default: 'there' }}")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Server:
    """The real server, as a user starts it, in its own process group."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "CRM_DATA_DIR": str(folder / "data"),
            "CRM_DEMO_DATA": "false",
            "CRM_SIMULATED_LATENCY_MS": "200",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = {"port": self.port, "address": "127.0.0.1", "headless": "true"}
        self.process = subprocess.Popen(  # noqa: S603 - the project itself
            [
                *(sys.executable, "-m", "streamlit", "run", "streamlit_app.py"),
                *(f"--server.{name}={value}" for name, value in options.items()),
            ],
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers, "the server answers")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        assert self.process.wait() == -signal.SIGKILL, "the kill happened"

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)

    def _answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/_stcore/health", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


def wait_until(true: Callable[[], bool], what: str, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"it did not come to pass that {what}"
        time.sleep(0.01)


def launch(crm: Crm) -> Campaign:
    segment = crm.save_segment(name="Everyone", description="", rule=EVERYONE)
    draft = crm.save_campaign(name="Spring", segment_id=segment.segment_id, message=HELLO)
    return crm.launch_campaign(draft.campaign_id, version=draft.version)


@pytest.mark.parametrize("moment", ["freezing", "sending"])
def test_after_a_kill_every_member_has_one_delivery_and_all_end(
    tmp_path: Path, moment: str
) -> None:
    server = Server(tmp_path)
    settings = load(root=tmp_path, environment=server.environment)
    with open_crm(settings) as crm:
        ids = [f"c{number:05}" for number in range(MEMBERS)]
        people = [Customer(customer_id=one, name=f"Asha {one}") for one in ids]
        crm.stores.customers.insert(people, source="import")
        server.start()
        try:
            campaign = launch(crm)
            kill_at(moment, crm, campaign, server)
            server.start()
            wait_until(
                lambda: crm.campaign(campaign.campaign_id).status is CampaignStatus.FINISHED,
                "the campaign finishes after the restart",
            )
        finally:
            server.stop()
        rows = list(crm.delivery_log(campaign.campaign_id))
        assert sorted(row.customer_id for row in rows) == ids
        assert {row.status for row in rows} <= set(ENDED)
        assert crm.campaign(campaign.campaign_id).audience == MEMBERS
        keys = Counter(row.vendor_message_id for row in rows if row.vendor_message_id)
        assert set(keys.values()) == {1}


def kill_at(moment: str, crm: Crm, campaign: Campaign, server: Server) -> None:
    """Kill the server while it freezes, or while it sends; fail if it was too late for that."""

    def written() -> int:
        return crm.stores.deliveries.count(campaign.campaign_id)

    def ended() -> int:
        figures = crm.delivery_figures(campaign.campaign_id)
        return figures.sent + figures.failed

    if moment == "freezing":
        wait_until(lambda: written() > 0, "the first members are frozen")
        server.kill()
        assert 0 < written() < MEMBERS, "it was killed in the middle of the freeze"
        assert crm.campaign(campaign.campaign_id).status is CampaignStatus.LAUNCHING
    else:
        wait_until(lambda: ended() > 500, "some members are sent to")
        server.kill()
        assert 500 < ended() < MEMBERS, "it was killed in the middle of sending"
