"""kill -9 of whoever takes part in the embedded server, while documents are acknowledged."""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import MongoClient

from engine.store import guard
from engine.store.embedded import acquire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow

WRITER = Path(__file__).with_name("acknowledging_writer.py")
ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds after which something that must happen is taken for something that never will."""


class Writer:
    """A process that writes to the embedded server, and what it says was acknowledged."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - this Python and the program beside
            [sys.executable, WRITER, data_dir],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = Thread(target=self._read)
        self._reader.start()
        self.acknowledged: set[str] = set()
        assert self._lines.get(timeout=PATIENCE) == "ready"

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            # A line that kill -9 cut short was not said.
            if line.endswith("\n"):
                self._lines.put(line.strip())

    def go_on(self, documents: int = 50) -> None:
        """Wait until that many more documents are acknowledged."""
        self._drain()
        for _ in range(documents):
            self.acknowledged.add(self._lines.get(timeout=PATIENCE))

    def kill(self) -> None:
        self.process.kill()
        assert self.process.wait() == -signal.SIGKILL
        self._reader.join()
        self._drain()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _drain(self) -> None:
        with suppress(queue.Empty):
            while True:
                self.acknowledged.add(self._lines.get_nowait())


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    data_lock, guard_lock = tmp_path / "mongo" / "mongod.lock", tmp_path / "mongo-guard.lock"
    if guard.is_held(data_lock) and not guard.is_held(guard_lock):
        acquire(tmp_path).close()
    wait_until(lambda: not guard.is_held(data_lock) and not guard.is_held(guard_lock))
    shutil.rmtree(tmp_path)  # MongoDB's empty journal alone takes 300 MB


@pytest.fixture
def writers(data_dir: Path) -> Iterator[list[Writer]]:
    both = [Writer(data_dir), Writer(data_dir)]
    for writer in both:
        writer.go_on()
    yield both
    for writer in both:
        if writer.process.returncode is None:
            writer.kill()


def pid_of_mongod(data_dir: Path) -> int:
    pid = guard.holder(data_dir / "mongo" / "mongod.lock")
    assert pid is not None
    return pid


def pid_of_guard(data_dir: Path) -> int:
    return int((data_dir / "mongo-guard.lock").read_text())


def lives(pid: int) -> bool:
    state = subprocess.run(  # noqa: S603 - ps tells a zombie from the living, on macOS too
        ["ps", "-o", "stat=", "-p", str(pid)],  # noqa: S607 - where ps is, the system knows
        capture_output=True,
        text=True,
        check=False,
    )
    return state.stdout.strip()[:1] not in ("", "Z")


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not lives(pid))


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


def assert_nothing_is_lost(data_dir: Path, writers: list[Writer]) -> None:
    acknowledged = {key for writer in writers for key in writer.acknowledged}
    assert len(acknowledged) > 100
    with acquire(data_dir) as server, MongoClient[dict[str, Any]](server.uri) as client:
        stored = {document["_id"] for document in client["faults"]["acknowledged"].find()}
    assert acknowledged - stored == set()


def test_a_killed_user_leaves_the_server_to_the_others(
    data_dir: Path, writers: list[Writer]
) -> None:
    mongod = pid_of_mongod(data_dir)
    writers[0].kill()
    writers[1].go_on()
    assert pid_of_mongod(data_dir) == mongod
    writers[1].kill()
    assert_nothing_is_lost(data_dir, writers)


def test_the_server_stops_when_every_user_is_killed(data_dir: Path, writers: list[Writer]) -> None:
    mongod = pid_of_mongod(data_dir)
    for writer in writers:
        writer.kill()
    wait_until(lambda: not lives(mongod))
    assert_nothing_is_lost(data_dir, writers)


def test_a_killed_mongod_comes_back_to_the_users_it_had(
    data_dir: Path, writers: list[Writer]
) -> None:
    mongod = pid_of_mongod(data_dir)
    kill(mongod)
    for writer in writers:
        writer.go_on(200)
    assert pid_of_mongod(data_dir) != mongod
    for writer in writers:
        writer.kill()
    assert_nothing_is_lost(data_dir, writers)


def test_a_mongod_that_dies_again_and_again_comes_back_for_as_long_as_it_is_used(
    data_dir: Path,
) -> None:
    with acquire(data_dir) as server, MongoClient[dict[str, Any]](server.uri) as client:
        client["faults"]["acknowledged"].insert_one({"_id": "before"})
        first_guard = pid_of_guard(data_dir)
        lock = data_dir / "mongo" / "mongod.lock"
        time.sleep(5 * guard.POLL_SECONDS)  # its guard has seen it serve
        killed: list[int | None] = [None]
        for _ in range(len(guard.RESTART_WAITS) + 1):
            wait_until(lambda: guard.is_held(lock) and guard.holder(lock) not in killed)
            killed.append(pid_of_mongod(data_dir))
            kill(pid_of_mongod(data_dir))
        wait_until(lambda: guard.is_held(lock))
        assert client["faults"]["acknowledged"].find_one() == {"_id": "before"}
        assert pid_of_guard(data_dir) == first_guard


def test_a_killed_guard_costs_its_users_nothing_and_the_next_one_takes_over(
    data_dir: Path, writers: list[Writer]
) -> None:
    mongod, first_guard = pid_of_mongod(data_dir), pid_of_guard(data_dir)
    kill(first_guard)
    for writer in writers:
        writer.go_on()
    assert_nothing_is_lost(data_dir, writers)
    assert pid_of_mongod(data_dir) == mongod
    assert pid_of_guard(data_dir) != first_guard
    for writer in writers:
        writer.kill()
    wait_until(lambda: not lives(mongod))


def test_the_last_one_out_stops_a_server_that_lost_its_guard(data_dir: Path) -> None:
    with acquire(data_dir):
        mongod = pid_of_mongod(data_dir)
        kill(pid_of_guard(data_dir))
        assert lives(mongod)
    wait_until(lambda: not lives(mongod))


def test_a_mongod_that_outlived_all_others_is_taken_over(
    data_dir: Path, writers: list[Writer]
) -> None:
    mongod = pid_of_mongod(data_dir)
    kill(pid_of_guard(data_dir))
    for writer in writers:
        writer.kill()
    assert lives(mongod)
    assert_nothing_is_lost(data_dir, writers)
    wait_until(lambda: not lives(mongod))


def test_nothing_acknowledged_is_lost_when_all_are_killed_at_once(
    data_dir: Path, writers: list[Writer]
) -> None:
    mongod, its_guard = pid_of_mongod(data_dir), pid_of_guard(data_dir)
    kill(its_guard)
    kill(mongod)
    for writer in writers:
        writer.kill()
    assert_nothing_is_lost(data_dir, writers)


def test_a_socket_swept_from_the_temporary_directory_comes_back(data_dir: Path) -> None:
    with acquire(data_dir) as server, MongoClient[dict[str, Any]](server.uri) as client:
        mongod = pid_of_mongod(data_dir)
        client["faults"]["acknowledged"].insert_one({"_id": "before"})
        path = guard.read_record(data_dir / "mongo-socket")
        assert path is not None
        Path(path).unlink()
        wait_until(lambda: not lives(mongod))
        with acquire(data_dir) as again:
            assert again.uri == server.uri
            assert pid_of_mongod(data_dir) != mongod
        assert client["faults"]["acknowledged"].find_one() == {"_id": "before"}


def test_a_socket_swept_before_its_guard_ever_looked_comes_back(data_dir: Path) -> None:
    mongod_lock = data_dir / "mongo" / "mongod.lock"
    with ThreadPoolExecutor() as pool:
        opening = pool.submit(acquire, data_dir)
        wait_until(lambda: guard.is_held(mongod_lock) and guard.holder(mongod_lock) is not None)
        os.kill(pid_of_guard(data_dir), signal.SIGSTOP)
        with opening.result(PATIENCE) as server, MongoClient[dict[str, Any]](server.uri) as client:
            mongod = pid_of_mongod(data_dir)
            client["faults"]["acknowledged"].insert_one({"_id": "before"})
            path = guard.read_record(data_dir / "mongo-socket")
            assert path is not None
            Path(path).unlink()
            os.kill(pid_of_guard(data_dir), signal.SIGCONT)
            wait_until(lambda: not lives(mongod))
            assert client["faults"]["acknowledged"].find_one() == {"_id": "before"}
