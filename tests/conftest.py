"""What every test may ask for."""

from __future__ import annotations

import gc
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from pymongo import MongoClient

from engine.bootstrap import open_crm
from engine.domain.clock import FixedClock
from engine.domain.money import currency
from engine.domain.workspace import Workspace
from engine.settings import Settings
from engine.store import guard
from engine.store.client import connect
from engine.store.embedded import acquire
from tests.reference import generated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pymongo.database import Database

    from engine.crm import Crm

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)

MEMORY, ROOM = Path("/dev/shm"), 8 * 2**30  # noqa: S108 - a folder of our own in it
"""Where the tests' MongoDB lies, if there is room: each test makes a database and drops it, which
waits for the disk otherwise. Tests that kill a MongoDB have one of their own, on the disk."""

LONG_FIRST = ("faults", "integration", "browser", "pages", "reference", "benchmarks", "unit")
"""The folders of tests in the order they are run in: no process is left alone with a long file at
the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first; those of one folder stay as they are."""
    here = Path(__file__).parent

    def rank(item: pytest.Item) -> int:
        folder = item.path.relative_to(here).parts[0]
        return LONG_FIRST.index(folder) if folder in LONG_FIRST else len(LONG_FIRST)

    items.sort(key=rank)


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URI of a real MongoDB, started once for the session by the engine's own embedded server."""
    folder = tmp_path_factory.mktemp("mongo")
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        folder = Path(mkdtemp(prefix="mini-crm-tests-", dir=MEMORY))
    with acquire(folder, timeout=60) as server:
        # Files of dropped databases stay open while their past may be asked for (300 s): at 36
        # a test they reach the limit of open files, and mongod aborts.
        with MongoClient[dict[str, Any]](server.uri) as client:
            client.admin.command("setParameter", minSnapshotHistoryWindowInSeconds=20)
            # The tests' clocks stand in the past, where all that expires has long expired.
            client.admin.command("setParameter", ttlMonitorEnabled=False)
        yield server.uri
    while guard.is_held(folder / "mongo-guard.lock"):
        time.sleep(0.05)
    shutil.rmtree(folder)  # MongoDB's empty journal alone takes 300 MB


@pytest.fixture
def db_name(mongo_uri: str) -> Iterator[str]:
    """Name of a database that no other test uses; dropped afterwards."""
    name = f"test_{uuid4().hex}"
    yield name
    with MongoClient[dict[str, Any]](mongo_uri) as client:
        client.drop_database(name)


@pytest.fixture
def workspace() -> Workspace:
    return Workspace("Test", currency("INR"), ZoneInfo("Asia/Kolkata"), "en_IN")


@pytest.fixture
def database(mongo_uri: str, db_name: str) -> Iterator[Database[dict[str, Any]]]:
    """An empty database with its indexes."""
    database = connect(mongo_uri, db_name)
    yield database
    database.client.close()


@pytest.fixture
def crm(mongo_uri: str, db_name: str) -> Iterator[Crm]:
    """The engine over an empty database, at noon of 31 March 2026 UTC; nothing runs beside it."""
    settings = Settings.model_validate(
        {"mongodb_uri": mongo_uri, "mongodb_database": db_name, "simulated_latency_ms": 0}
    )
    with open_crm(settings, clock=FixedClock(NOW)) as crm:
        yield crm


def pytest_sessionfinish() -> None:
    """Let go of the snapshots that generated worlds keep: DuckDB complains of them at the end."""
    generated.world.cache_clear()
    gc.collect()
