"""A start from what an earlier process kept on disk, and from nothing where that does not fit."""

from __future__ import annotations

import json
import stat
import time
from contextlib import closing
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from pymongo.errors import AutoReconnect

from engine.domain.clock import SystemClock
from engine.domain.customer import Customer
from engine.ingest.eraser import Eraser
from engine.mirror import follower, kept, stack
from engine.mirror.changes import present
from engine.mirror.load import load_rows
from engine.mirror.mirror import Mirror
from engine.store.client import connect
from engine.store.erasures import ErasureStore, erased_since
from engine.store.identity import identity_of
from engine.store.secrets import ErasureKey
from tests.reference.busy_shop import BusyShop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pymongo.database import Database

    from engine.domain.workspace import Workspace


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(kept, "WORTH_KEEPING", 1)
    return tmp_path / "mirror"


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """How often everything was read from MongoDB."""
    found: list[object] = []

    def counted(*arguments: Any) -> object:  # noqa: ANN401 - passed on
        found.append(arguments)
        return load_rows(*arguments)

    monkeypatch.setattr("engine.mirror.follower.load_rows", counted)
    return found


@pytest.fixture
def shop(database: Database[dict[str, Any]]) -> BusyShop:
    shop = BusyShop(database, seed=11)
    for _ in range(40):
        shop.write()
    return shop


@pytest.fixture
def started(
    database: Database[dict[str, Any]], workspace: Workspace, folder: Path
) -> Iterator[Callable[..., Mirror]]:
    """Starts a mirror that keeps its layer in the folder; all are closed in the end."""
    mirrors: list[Mirror] = []

    def start(place: Workspace = workspace, of: Database[dict[str, Any]] = database) -> Mirror:
        mirrors.append(Mirror(of, place, SystemClock(), folder))
        mirrors[-1].snapshot()
        return mirrors[-1]

    yield start
    for mirror in mirrors:
        mirror.close()


def wait_for(file: Path) -> None:
    end = time.monotonic() + 20
    while not file.exists():
        assert time.monotonic() < end, "nothing was kept"
        time.sleep(0.02)


@pytest.fixture
def index(shop: BusyShop, started: Callable[..., Mirror], folder: Path) -> Path:
    """The index of what a first mirror kept; the shop goes on afterwards."""
    mirror = started()
    wait_for(folder / kept.INDEX)
    mirror.close()
    for _ in range(40):
        shop.write()
    return folder / kept.INDEX


@pytest.mark.usefixtures("index")
def test_a_later_start_reads_what_changed_and_nothing_else(
    started: Callable[..., Mirror], loads: list[object]
) -> None:
    mirror = started()
    assert loads == []
    here, there = mirror.verify()
    assert here == there
    assert here.customers > 0


def test_a_layer_that_came_too_soon_is_kept_once_its_time_has_come(
    shop: BusyShop,
    started: Callable[..., Mirror],
    folder: Path,
    loads: list[object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(follower, "AT_ONCE", 0)
    monkeypatch.setattr(stack, "SMALL", 0)
    monkeypatch.setattr(stack, "BASE_SHARE", 0)
    mirror = started()
    wait_for(folder / kept.INDEX)
    first = (folder / kept.INDEX).read_bytes()
    lowest: set[int] = set()
    until = time.monotonic() + 20
    while len(lowest) < 4:  # the first to be merged would be written before the last is
        assert time.monotonic() < until, "the lowest layer was not merged"
        shop.write()
        lowest.add(mirror.refresh().layers[0].serial)
    assert (folder / kept.INDEX).read_bytes() == first
    monkeypatch.setattr(follower, "KEEP_SECONDS", 0)
    while (folder / kept.INDEX).read_bytes() == first:
        assert time.monotonic() < until, "the new layer was not kept"
        shop.write()
        mirror.refresh()
    mirror.close()
    here, there = started().verify()
    assert here == there
    assert len(loads) == 1


@pytest.mark.parametrize("at_once", [0, 5_000], ids=["in a thread", "at once"])
def test_after_an_erasure_or_long_without_many_changes_a_layer_is_kept_anew(  # noqa: PLR0917 - fixtures
    shop: BusyShop,
    started: Callable[..., Mirror],
    folder: Path,
    loads: list[object],
    at_once: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(follower, "AT_ONCE", at_once)
    monkeypatch.setattr(follower, "KEEP_SECONDS", 0)
    mirror = started()
    wait_for(folder / kept.INDEX)
    mirror.forget()
    shop.customer_store.upsert([Customer(customer_id="c1", name="New")], source="api")
    assert len(mirror.refresh().layers) > 1
    monkeypatch.setattr(follower, "OLD_SECONDS", -1)
    until = time.monotonic() + 20
    while not (folder / kept.INDEX).exists():
        assert time.monotonic() < until, "nothing was kept"
        shop.write()
        mirror.refresh()
    mirror.close()
    here, there = started().verify()
    assert here == there
    assert len(loads) == 1


def test_what_could_not_be_kept_while_mongodb_was_away_is_kept_later(
    shop: BusyShop,
    started: Callable[..., Mirror],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[object] = []

    def sometimes(database: Database[dict[str, Any]]) -> str:
        asked.append(database)
        if len(asked) == 2:  # the first is what a start asks
            msg = "away"
            raise AutoReconnect(msg)
        return identity_of(database)

    monkeypatch.setattr(follower, "identity_of", sometimes)
    assert shop.written > 0
    started()
    assert len(asked) > 2
    wait_for(folder / kept.INDEX)


@pytest.mark.parametrize("follows", [True, False], ids=["meanwhile", "at the next start"])
def test_a_writing_that_was_cut_off_leaves_nobody_on_the_disk(  # noqa: PLR0917 - fixtures
    database: Database[dict[str, Any]],
    shop: BusyShop,
    started: Callable[..., Mirror],
    folder: Path,
    follows: bool,  # noqa: FBT001 - a case of the table
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept, "WORTH_KEEPING", 10**6)
    mirror = started() if follows else None
    folder.mkdir()
    left = folder / "customers-of-before.parquet"
    left.write_bytes(b"Forget-me-not")
    shop.customer_store.upsert([Customer(customer_id="zz", name="Forget-me-not")], source="api")
    Eraser(ErasureStore(database, ErasureKey(database, None)), SystemClock()).erase("zz", by="test")
    (mirror or started()).refresh()
    end = time.monotonic() + 20
    while left.exists():
        assert time.monotonic() < end, "the person is still on the disk"
        time.sleep(0.02)


def test_whether_somebody_was_erased_since_is_told_by_the_logical_clock(
    database: Database[dict[str, Any]], shop: BusyShop
) -> None:
    """The second alone would tell what the clock of a server says that was set back."""
    shop.customer_store.upsert([Customer(customer_id="zz")], source="api")
    before = present(database)
    Eraser(ErasureStore(database, ErasureKey(database, None)), SystemClock()).erase("zz", by="test")
    assert erased_since(database, before)
    shop.customer_store.upsert([Customer(customer_id="yy")], source="api")
    assert not erased_since(database, present(database))


def test_it_can_be_read_by_its_owner_alone(index: Path) -> None:
    files = [*index.parent.glob("*.parquet"), index]
    assert len(files) == 5
    for one in files:
        assert stat.S_IMODE(one.stat().st_mode) == 0o600
    assert stat.S_IMODE(index.parent.stat().st_mode) == 0o700


def cut_off(index: Path) -> None:
    orders = next(index.parent.glob("orders-*"))
    orders.write_bytes(orders.read_bytes()[:-9])


def of_another_format(index: Path) -> None:
    index.write_text(json.dumps(json.loads(index.read_text()) | {"format": 0}))


def with_a_token_of_elsewhere(index: Path) -> None:
    lost = {"_data": "821234"}
    index.write_text(json.dumps(json.loads(index.read_text()) | {"token": lost}))


@pytest.mark.parametrize(
    "spoil",
    [
        cut_off,
        of_another_format,
        with_a_token_of_elsewhere,
        lambda index: index.write_text("{"),
        lambda index: index.write_text("{}"),
        lambda index: next(index.parent.glob("folded-*")).unlink(),
    ],
    ids=["cut off", "another format", "lost token", "no JSON", "empty", "a file gone"],
)
def test_what_cannot_be_used_is_read_from_mongodb_again(
    index: Path,
    spoil: Callable[[Path], object],
    started: Callable[..., Mirror],
    loads: list[object],
) -> None:
    spoil(index)
    here, there = started().verify()
    assert here == there
    assert len(loads) == 1


def test_another_zone_or_database_begins_anew(
    index: Path,
    started: Callable[..., Mirror],
    workspace: Workspace,
    loads: list[object],
    mongo_uri: str,
) -> None:
    assert index.exists()
    started(replace(workspace, zone=ZoneInfo("America/New_York")))
    other = connect(mongo_uri, f"{started().snapshot().serial}_elsewhere")
    with closing(other.client):
        assert started(of=other).snapshot().height == 0
        other.client.drop_database(other.name)
    assert len(loads) >= 2


def test_who_is_forgotten_is_not_on_the_disk_any_more(
    database: Database[dict[str, Any]], shop: BusyShop, started: Callable[..., Mirror], folder: Path
) -> None:
    shop.customer_store.upsert([Customer(customer_id="zz", name="Forget-me-not")], source="api")
    mirror = started()
    wait_for(folder / kept.INDEX)
    assert any(b"Forget-me-not" in one.read_bytes() for one in folder.iterdir())
    database["customers"].delete_one({"customer_id": "zz"})
    mirror.forget()
    assert all(b"Forget-me-not" not in one.read_bytes() for one in folder.iterdir())
    here, there = started().verify()
    assert here == there


def test_little_is_not_worth_keeping(
    shop: BusyShop,
    started: Callable[..., Mirror],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept, "WORTH_KEEPING", 10_000)
    mirror = started()
    mirror.close()
    assert shop.written < 10_000
    assert not folder.exists()


@pytest.mark.parametrize("when", ["before the layer is written", "while it is written"])
def test_nobody_who_is_erased_meanwhile_gets_onto_the_disk(  # noqa: PLR0917 - fixtures
    database: Database[dict[str, Any]],
    shop: BusyShop,
    started: Callable[..., Mirror],
    folder: Path,
    when: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The layer was read with the person in it; the erasure is over before the layer is written."""
    shop.customer_store.upsert([Customer(customer_id="zz", name="Forget-me-not")], source="api")
    eraser = Eraser(ErasureStore(database, ErasureKey(database, None)), SystemClock())
    keep, write, kept_once = kept.Keeper.keep, kept.Keeper._write, Event()  # noqa: SLF001 - the moment between

    def erase(*_: object) -> None:
        eraser.erase("zz", by="test")
        if when.startswith("before"):
            kept.Keeper(folder).forget()

    def keep_late(*arguments: Any, **options: Any) -> None:  # noqa: ANN401 - passed on
        if when.startswith("before"):
            erase()
        keep(*arguments, **options)
        kept_once.set()

    def write_late(*arguments: Any) -> None:  # noqa: ANN401 - passed on
        write(*arguments)
        assert any(b"Forget-me-not" in one.read_bytes() for one in folder.iterdir())
        if not when.startswith("before"):
            erase()

    monkeypatch.setattr(kept.Keeper, "keep", keep_late)
    monkeypatch.setattr(kept.Keeper, "_write", write_late)
    started()
    assert kept_once.wait(20)
    assert all(b"Forget-me-not" not in one.read_bytes() for one in folder.iterdir())


@pytest.mark.parametrize("follows", [True, False], ids=["meanwhile", "at the next start"])
def test_who_is_erased_by_another_process_is_not_on_the_disk_any_more(
    database: Database[dict[str, Any]],
    shop: BusyShop,
    started: Callable[..., Mirror],
    folder: Path,
    follows: bool,  # noqa: FBT001 - a case of the table
) -> None:
    shop.customer_store.upsert([Customer(customer_id="zz", name="Forget-me-not")], source="api")
    mirror = started()
    wait_for(folder / kept.INDEX)
    if not follows:
        mirror.close()
    Eraser(ErasureStore(database, ErasureKey(database, None)), SystemClock()).erase("zz", by="test")
    if follows:
        mirror.refresh()
    else:
        mirror = started()
    end = time.monotonic() + 20
    while any(b"Forget-me-not" in one.read_bytes() for one in folder.iterdir()):
        assert time.monotonic() < end, "the person is still on the disk"
        time.sleep(0.02)
    here, there = mirror.verify()
    assert here == there


def test_who_was_erased_is_not_left_on_a_disk_that_nobody_can_use_any_more(
    database: Database[dict[str, Any]],
    shop: BusyShop,
    started: Callable[..., Mirror],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop.customer_store.upsert([Customer(customer_id="zz", name="Forget-me-not")], source="api")
    mirror = started()
    wait_for(folder / kept.INDEX)
    mirror.close()
    lost = {"_data": "820000000100000001"}
    index = json.loads((folder / kept.INDEX).read_text())
    (folder / kept.INDEX).write_text(json.dumps(index | {"token": lost}))
    Eraser(ErasureStore(database, ErasureKey(database, None)), SystemClock()).erase("zz", by="test")
    monkeypatch.setattr(kept, "WORTH_KEEPING", 10_000)
    started()
    end = time.monotonic() + 20
    while (folder / kept.INDEX).exists():
        assert time.monotonic() < end, "the person is still on the disk"
        time.sleep(0.02)
    assert list(folder.glob("*.parquet")) == []
