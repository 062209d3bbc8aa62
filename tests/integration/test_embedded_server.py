"""The embedded MongoDB: real processes on a data folder of their own."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from pymongo import MongoClient

from engine.errors import EmbeddedServerUnavailable
from engine.store import binary, guard, server_folder
from engine.store.embedded import acquire
from engine.store.start_failure import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds after which something that must happen is taken for something that never will."""

USER = """
import sys
from pathlib import Path
from engine.store.embedded import acquire
with acquire(Path(sys.argv[1])):
    print("in", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A data folder whose server must be gone when the test has closed all its uses."""
    folder = tmp_path / "data"
    yield folder
    stopped(folder)
    shutil.rmtree(tmp_path)  # MongoDB's empty journal alone takes 300 MB


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder with a running server, for the tests that only look at it."""
    folder = tmp_path_factory.mktemp("running")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEMINI_API_KEY", "a secret")
        server = acquire(folder)
    yield folder
    server.close()
    stopped(folder)
    shutil.rmtree(folder)


def start_user(data_dir: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(  # noqa: S603 - this Python and the program above
        [sys.executable, "-c", USER, data_dir],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "in\n"
    return process


def is_up(data_dir: Path) -> bool:
    return guard.is_held(data_dir / "mongo" / "mongod.lock")


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def socket_of(data_dir: Path) -> Path:
    path = guard.read_record(data_dir / "mongo-socket")
    assert path is not None
    return Path(path)


def stopped(data_dir: Path) -> None:
    wait_until(lambda: not is_up(data_dir) and not guard.is_held(data_dir / "mongo-guard.lock"))


def test_what_was_written_is_there_after_a_stop_and_a_new_start(data_dir: Path) -> None:
    with acquire(data_dir) as server, MongoClient[dict[str, Any]](server.uri) as client:
        client["crm"]["things"].insert_one({"_id": 1})
    stopped(data_dir)
    with acquire(data_dir) as server, MongoClient[dict[str, Any]](server.uri) as client:
        assert list(client["crm"]["things"].find()) == [{"_id": 1}]


def test_transactions_and_change_streams_work_through_the_uri(mongo_uri: str, db_name: str) -> None:
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        things = client[db_name]["things"]
        with things.watch() as changes:
            with client.start_session() as session, session.start_transaction():
                things.insert_one({"_id": 1}, session=session)
            assert next(changes)["documentKey"] == {"_id": 1}


def test_what_documents_held_before_a_change_is_kept_for_a_day(mongo_uri: str) -> None:
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        asked = client.admin.command({"getClusterParameter": "changeStreamOptions"})
    [parameter] = asked["clusterParameters"]
    assert parameter["preAndPostImages"] == {"expireAfterSeconds": 86_400}


def test_acknowledged_means_written_to_the_journal(mongo_uri: str) -> None:
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        assert client.write_concern.document == {"w": "majority", "j": True}


def test_three_processes_share_a_server_and_the_last_one_out_stops_it(data_dir: Path) -> None:
    users = [start_user(data_dir)]
    mongod = guard.holder(data_dir / "mongo" / "mongod.lock")
    users += [start_user(data_dir), start_user(data_dir)]
    for user in users:
        assert is_up(data_dir)
        assert guard.holder(data_dir / "mongo" / "mongod.lock") == mongod
        user.communicate()
        assert user.returncode == 0
    stopped(data_dir)
    assert not (data_dir / "mongo-socket").exists()


def test_a_newcomer_meets_a_whole_server_while_the_last_one_leaves(data_dir: Path) -> None:
    for pause in (0.0, 0.25, 0.5):
        with acquire(data_dir) as server, MongoClient[dict[str, Any]](server.uri) as client:
            client["crm"]["things"].insert_one({})
        time.sleep(pause)


def test_a_folder_may_be_given_relative_to_the_working_directory(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(data_dir.parent)
    with acquire(Path(data_dir.name)):
        monkeypatch.chdir("/")
        assert is_up(data_dir)


def test_closing_twice_ends_one_use_only(running: Path) -> None:
    other = acquire(running)
    other.close()
    other.close()
    with acquire(running) as server, MongoClient[dict[str, Any]](server.uri) as client:
        assert client.admin.command("ping")["ok"] == 1


def test_only_this_user_reaches_the_socket(running: Path) -> None:
    path = socket_of(running)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((running / "mongo").stat().st_mode) == 0o700


def test_mongod_opens_no_tcp_port(running: Path) -> None:
    if not Path("/proc/net/tcp").exists():
        pytest.skip("needs /proc/net/tcp, which only Linux has")
    pid = guard.holder(running / "mongo" / "mongod.lock")
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # mongod closed it meanwhile
            link = str(descriptor.readlink())
            if link.startswith("socket:["):
                inodes.add(link.removeprefix("socket:[").removesuffix("]"))
    assert str(socket_of(running)) in {row[-1] for row in net(pid, "unix") if row[6] in inodes}
    for table in ("tcp", "tcp6", "udp", "udp6"):
        assert [row for row in net(pid, table) if row[9] in inodes] == []


def net(pid: int | None, table: str) -> list[list[str]]:
    file = Path(f"/proc/{pid}/net/{table}")
    lines = file.read_text().splitlines() if file.exists() else []
    return [line.split() for line in lines[1:]]


def test_the_secrets_of_the_environment_do_not_reach_the_server(running: Path) -> None:
    if not Path("/proc/self/environ").exists():
        pytest.skip("needs /proc/PID/environ, which only Linux has")
    pid = guard.holder(running / "mongo" / "mongod.lock")
    environment = Path(f"/proc/{pid}/environ").read_bytes()
    assert b"PATH=" in environment
    assert b"a secret" not in environment


def test_a_copied_folder_gets_a_server_of_its_own(data_dir: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    with acquire(data_dir) as server, MongoClient[dict[str, Any]](server.uri) as client:
        client["crm"]["things"].insert_one({"_id": "in both"})
    stopped(data_dir)
    shutil.copytree(data_dir, copy)
    with acquire(data_dir) as one, acquire(copy) as two:
        with MongoClient[dict[str, Any]](two.uri) as client:
            client["crm"]["things"].insert_one({"_id": "in the copy"})
        with MongoClient[dict[str, Any]](one.uri) as client:
            assert list(client["crm"]["things"].find()) == [{"_id": "in both"}]
    stopped(copy)


def test_a_folder_copied_from_under_a_server_does_not_lead_to_it(
    running: Path, data_dir: Path
) -> None:
    data_dir.mkdir()
    shutil.copy(running / "mongo-socket", data_dir)
    with acquire(data_dir) as other:
        assert quote(str(socket_of(running)), safe="") not in other.uri


def test_a_record_of_a_socket_is_forgotten_before_a_start(
    running: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(running / "mongo-socket", tmp_path)
    monkeypatch.setattr(server_folder, "LEAST_FREE_BYTES", 10**18)
    with pytest.raises(EmbeddedServerUnavailable):
        acquire(tmp_path)
    assert not (tmp_path / "mongo-socket").exists()


def test_a_directory_planted_where_the_socket_goes_is_refused(
    running: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", tempfile.mkdtemp(prefix="t"))
    data_dir, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    for folder in (data_dir, elsewhere):
        folder.mkdir(mode=0o700)
    (data_dir / "mongo-users.lock").touch()
    file = (data_dir / "mongo-users.lock").stat()
    name = f"crm-{os.geteuid()}-{file.st_dev:x}-{file.st_ino:x}"
    running_file = (running / "mongo-users.lock").stat()
    assert socket_of(running).parent.name.endswith(f"-{running_file.st_ino:x}")
    planted = Path(tempfile.gettempdir()) / name
    planted.symlink_to(elsewhere)
    with pytest.raises(EmbeddedServerUnavailable, match="belongs to this user alone"):
        acquire(data_dir)
    planted.unlink()
    planted.mkdir()
    planted.chmod(0o777)
    with pytest.raises(EmbeddedServerUnavailable, match="belongs to this user alone"):
        acquire(data_dir)
    shutil.rmtree(tempfile.gettempdir())


def test_a_socket_path_that_is_too_long_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("long" * 30)))
    with pytest.raises(EmbeddedServerUnavailable, match=r"too long .* set TMPDIR"):
        acquire(tmp_path)


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedServerUnavailable, match=r"data folder .*file cannot be used: "):
        acquire(tmp_path / "file")


def test_damaged_data_are_named(data_dir: Path) -> None:
    acquire(data_dir).close()
    stopped(data_dir)
    (data_dir / "mongo" / "WiredTiger.wt").write_bytes(b"x" * 4096)
    with pytest.raises(
        EmbeddedServerUnavailable, match=r"does not start: .*WiredTiger\.wt is corr"
    ):
        acquire(data_dir)


def test_data_of_another_version_are_named(tmp_path: Path) -> None:
    # mongod's documented exit code for them; there is one version here to try with.
    (tmp_path / "guard.log").write_text("2026-01-01T00:00:00Z mongod ended with code 62\n")
    error = explain(tmp_path, tmp_path / "guard.log", tmp_path / "mongod.log", "6.0.5")
    assert "written by a version of MongoDB that 6.0.5 cannot open" in str(error)


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_folder, "LEAST_FREE_BYTES", 10**18)
    with pytest.raises(EmbeddedServerUnavailable, match="its disk is full"):
        acquire(tmp_path)


def test_data_that_another_program_holds_are_left_to_it(data_dir: Path) -> None:
    (data_dir / "mongo").mkdir(parents=True)
    foreign = subprocess.Popen(  # noqa: S603 - the very mongod under test
        [
            *(binary.find_mongod().path, "--dbpath", data_dir / "mongo"),
            *("--bind_ip", data_dir / "s.sock", "--logpath", data_dir / "foreign.log"),
        ],
        stdout=subprocess.DEVNULL,
    )
    wait_until(lambda: is_up(data_dir))
    with pytest.raises(EmbeddedServerUnavailable, match=f"another mongod, process {foreign.pid}"):
        acquire(data_dir, timeout=1)
    wait_until(lambda: not guard.is_held(data_dir / "mongo-guard.lock"))
    assert foreign.poll() is None
    foreign.terminate()
    assert foreign.wait() == 0
