"""Which MongoDB is taken, and how it is read, whatever its URI says."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from pymongo import ReadPreference

from engine.errors import InvalidInput
from engine.store import guard
from engine.store.binary import find_mongod
from engine.store.client import connect
from tests.faults.test_embedded_kills import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def standalone(folder: Path) -> Iterator[str]:
    socket = folder / "s.sock"
    data = folder / "data"
    data.mkdir()
    options = {"dbpath": data, "bind_ip": socket, "logpath": folder / "log"}
    server = subprocess.Popen(  # noqa: S603 - the mongod that the engine itself would start
        [find_mongod().path, *(f"--{name}={value}" for name, value in options.items())]
    )
    try:
        wait_until(lambda: guard.answers(str(socket)))
        yield f"mongodb://{quote(str(socket), safe='')}/"
    finally:
        server.terminate()
        server.wait(timeout=60)


def test_a_standalone_server_is_refused_with_what_is_needed(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with (
        standalone(tmp_path_factory.mktemp("m")) as uri,
        pytest.raises(InvalidInput, match="MONGODB_URI names a standalone server; a replica set"),
    ):
        connect(uri, "test")


def test_everything_is_read_from_the_primary_whatever_the_uri_says(
    mongo_uri: str, db_name: str
) -> None:
    database = connect(f"{mongo_uri}&readPreference=secondaryPreferred", db_name)
    with database.client:
        assert database["deliveries"].read_preference == ReadPreference.PRIMARY


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://h:99999/",
        "mongodb://h:abc/",
        "mongodb://app:pa/ss@127.0.0.1:27017/",
        "mongodb://h/?tls=true&tlsCAFile=/nowhere.pem",
    ],
)
def test_a_uri_that_cannot_be_used_is_bad_input(uri: str) -> None:
    with pytest.raises(InvalidInput, match=r"MongoDB|MONGODB_URI"):
        connect(uri, "test")


@pytest.mark.parametrize("password", ["123456/789", "12345678/9", "12:345/6", "1@2/345", "1?2345"])
def test_no_piece_of_a_password_is_told(password: str) -> None:
    with pytest.raises(InvalidInput, match="special characters") as refused:
        connect(f"mongodb://app:{password}@h/", "test")
    assert set("123456789").isdisjoint(str(refused.value).replace("%2F", "").replace("3986", ""))
    assert refused.value.__cause__ is None
