"""``python -m engine consume`` and ``dead-letters`` as an operator calls them: real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.cli import consuming
from engine.crm import Crm
from tests.integration.streams.consumers import PATIENCE, running, wait_until

if TYPE_CHECKING:
    from engine.streams.dead_letter import DeadLetter
    from tests.integration.streams.redis_server import RedisServer

PROJECT = Path(__file__).resolve().parents[3]
ROW = {"customer_id": "c", "ordered_at": "2026-03-01T12:00:00Z", "amount": "1.00"}
GOOD, BAD = {**ROW, "order_id": "good"}, {"order_id": "bad"}


@pytest.fixture
def environment(redis: RedisServer, mongo_uri: str, db_name: str, tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": db_name,
        "CRM_STREAM_URL": redis.url,
    }


def engine(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the project itself
        [sys.executable, "-W", "error", "-m", "engine", *words],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_consumer_says_what_it_does_and_ends_in_good_order(
    streamed: Crm, environment: dict[str, str], number: signal.Signals
) -> None:
    assert streamed.stream is not None
    batch_id = streamed.stream.publish("orders", [GOOD], accepted_at=1)
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "engine", "consume", "--concurrency", "2"],
        cwd=PROJECT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: streamed.stream_figures().waiting == 0)
    process.send_signal(number)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    begun, *events, ended = said.splitlines()
    assert begun == "consumer is running, 1 batches to go; stop it with Ctrl-C"
    told = [json.loads(line)["event"] for line in events]
    # A machine that is busy with much else may keep Redis or MongoDB from answering in time.
    taken = [one for one in told if "does not answer" not in one]
    assert taken == [f"batch {batch_id}: 1 orders"], said
    assert ended == "consumer has finished what it held"
    assert streamed.stores.orders.count() == 1


def test_dead_letters_are_listed_shown_replayed_and_dropped(
    streamed: Crm, environment: dict[str, str]
) -> None:
    assert streamed.stream is not None
    assert engine(environment, "dead-letters", "list").stdout == "0 dead letters\n"
    consumer = subprocess.Popen(
        [sys.executable, "-m", "engine", "consume"],
        cwd=PROJECT,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    ids = {
        streamed.stream.publish("orders", [BAD, GOOD], accepted_at=1),
        streamed.stream.publish("customers", [{}], accepted_at=2),
    }
    wait_until(lambda: len(streamed.dead_letters()) == 2)
    listed = engine(environment, "dead-letters", "list", "--json").stdout.splitlines()
    assert {json.loads(line)["id"] for line in listed} == ids
    by_kind = {json.loads(line)["kind"]: json.loads(line) for line in listed}
    assert by_kind["orders"]["reason"].startswith("1 of 2 rows were refused: row 0: ")
    one = by_kind["orders"]["id"]
    shown = engine(environment, "dead-letters", "show", one)
    assert json.loads(shown.stdout)["rows"] == [BAD]
    assert engine(environment, "dead-letters", "drop", one).returncode == 0
    gone = engine(environment, "dead-letters", "replay", one)
    assert (gone.returncode, gone.stdout) == (1, "")
    assert gone.stderr.startswith(f"there is no dead letter '{one}'")
    [before] = streamed.dead_letters()
    assert engine(environment, "dead-letters", "replay", "--all").returncode == 0
    wait_until(lambda: {one.attempts for one in streamed.dead_letters()} == {1})
    [after] = streamed.dead_letters()
    assert after.first_failed_at > before.first_failed_at
    assert engine(environment, "dead-letters", "replay").returncode == 2
    assert streamed.stores.orders.count() == 1
    consumer.terminate()
    assert consumer.wait(PATIENCE) == 0


def test_what_somebody_else_took_meanwhile_keeps_none_of_the_rest_from_being_replayed(
    streamed: Crm, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert streamed.stream is not None
    for number in range(3):
        streamed.stream.publish("orders", [BAD], accepted_at=number)
    with running(streamed.consumer()):
        wait_until(lambda: len(streamed.dead_letters()) == 3)
    listed = Crm.dead_letters

    def listed_and_taken(crm: Crm) -> tuple[DeadLetter, ...]:
        found = listed(crm)
        crm.drop_dead_letter(found[0].letter_id)
        return found

    monkeypatch.setattr(Crm, "dead_letters", listed_and_taken)
    monkeypatch.setattr(consuming, "opened", lambda: nullcontext(streamed))
    consuming.replay_dead_letters(everything=True)
    assert capsys.readouterr().out == "2 dead letters published again\n"
    assert streamed.stream_figures().waiting == 2


@pytest.mark.parametrize("words", [["consume"], ["dead-letters", "list"]])
def test_without_a_stream_the_commands_say_what_to_set(
    environment: dict[str, str], words: list[str]
) -> None:
    done = engine(environment | {"CRM_STREAM_URL": ""}, *words)
    assert done.returncode == 1
    assert done.stderr.startswith("there is no stream: set CRM_STREAM_URL to redis://")


def test_more_at_once_than_there_are_threads_for_is_refused(environment: dict[str, str]) -> None:
    done = engine(environment, "consume", "--concurrency", "33")
    assert done.returncode == 1
    assert "concurrency is 33, but must be from 1 to 32" in done.stderr
