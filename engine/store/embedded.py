"""The embedded MongoDB: one real server for a data folder, shared by every process that uses it.

A use is a shared lock on a file of the data folder, which the kernel drops when the process ends,
however it ends. A guard process (guard.py) starts mongod, keeps it up while anyone uses it, and
stops it when the last one is gone. The server is a replica set of one (change streams and
transactions work) on a Unix socket that only this user can reach; it opens no TCP port.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError

from engine.errors import EmbeddedServerUnavailable
from engine.store import guard
from engine.store.binary import find_mongod
from engine.store.server_folder import REPLICA_SET, ServerFolder
from engine.store.start_failure import explain

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from engine.store.binary import MongodBinary

POLL_SECONDS = 0.02
PRE_IMAGE_SECONDS = 24 * 60 * 60


class EmbeddedServer:
    """One process's use of the data folder's server; close it, or leave it to the process's end.

    Attributes:
        uri: MongoDB URI over the Unix socket, with the write concern that makes acknowledged
            mean durable (``w=majority``, ``journal=true``).
        binary: the mongod found on this machine.
    """

    def __init__(self, uri: str, binary: MongodBinary, folder: ServerFolder, use: int) -> None:
        self.uri = uri
        self.binary = binary
        self._folder = folder
        self._use: int | None = use

    def close(self) -> None:
        """End the use; the last one's end stops the server, within a second or two."""
        if self._use is None:
            return
        os.close(self._use)
        self._use = None
        self._folder.leave(self.binary)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def acquire(data_dir: Path, *, timeout: float = 30.0) -> EmbeddedServer:
    """Use the data folder's server: start it, or join those who use it already.

    Args:
        data_dir: made if it is missing; may be relative.
        timeout: seconds to wait for a server that takes writes.

    Raises:
        EmbeddedServerUnavailable: no mongod runs on this machine, or none starts on this folder.
    """
    deadline = time.monotonic() + timeout
    binary = find_mongod()
    try:
        folder = ServerFolder.at(data_dir)
        use = guard.open_lock(folder.users)
        try:
            return EmbeddedServer(_join(folder, binary, use, deadline), binary, folder, use)
        except BaseException:
            os.close(use)
            raise
    except OSError as error:
        at = f" ({error.filename})" if error.filename else ""
        msg = f"The data folder {data_dir} cannot be used: {error.strerror or error}{at}"
        raise EmbeddedServerUnavailable(msg) from error
    except PyMongoError as error:
        msg = f"The embedded MongoDB in {data_dir} does not get ready: {error}"
        raise EmbeddedServerUnavailable(msg) from error


def _join(folder: ServerFolder, binary: MongodBinary, use: int, deadline: float) -> str:
    """Take a share of the users' lock and return the URI of a server that takes writes."""
    start = guard.open_lock(folder.start)
    try:
        while not (guard.try_lock(start, exclusive=True) and guard.try_lock(use, exclusive=False)):
            _wait(deadline, folder, "another process is starting or stopping it")
        socket = _serving(folder, binary, deadline)
        _make_primary(folder, socket, deadline)
    finally:
        guard.unlock(start)  # a child forked meanwhile shares the descriptor
        os.close(start)
    return _uri(socket, f"replicaSet={REPLICA_SET}&w=majority&journal=true")


def _serving(folder: ServerFolder, binary: MongodBinary, deadline: float) -> str:
    """Return the path of a socket that answers, after starting a guard if there is none."""
    spawned = False
    while True:
        if not guard.is_held(folder.guard_lock):
            # One that ended without giving up was killed, and another may do better.
            if spawned and guard.GAVE_UP in folder.guard_log.read_text(errors="replace"):
                raise explain(folder.root, folder.guard_log, folder.log, binary.version)
            if not guard.is_held(folder.data_lock):
                # A record copied along with the folder would lead to the original's server.
                folder.record.unlink(missing_ok=True)
            folder.spawn_guard(binary)
            spawned = True
        socket = guard.read_record(folder.record)
        if socket is not None and guard.answers(socket):
            return socket
        _wait(deadline, folder, "it does not answer")


def _make_primary(folder: ServerFolder, socket: str, deadline: float) -> None:
    """Initiate the replica set if it is new, and wait until the server takes writes."""
    # This client sees the server change its kind, which pymongo does not follow on one
    # connection pool ("Sessions are not supported"): it is thrown away afterwards.
    uri = _uri(socket, "directConnection=true&serverSelectionTimeoutMS=1000")
    with closing(MongoClient[dict[str, Any]](uri)) as client:
        while True:
            try:
                hello = client.admin.command("hello")
                if hello.get("isWritablePrimary"):
                    _let_pre_images_go(client)
                    return
                if "setName" not in hello:
                    _configure(client, socket)
            except AutoReconnect:
                pass  # the guard starts it again, or the deadline comes
            _wait(deadline, folder, "it does not take writes")


def _configure(client: MongoClient[dict[str, Any]], socket: str) -> None:
    """Make the server the only member of its set, under the socket's present path."""
    config = client["local"]["system.replset"].find_one()
    try:
        if config is None:
            members = [{"_id": 0, "host": socket}]
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        elif config["members"][0]["host"] != socket:
            # The folder was copied or restored, or TMPDIR changed: the stored host is gone.
            config["members"][0]["host"] = socket
            config["version"] += 1
            client.admin.command("replSetReconfig", config, force=True)
    except OperationFailure as error:
        if error.code not in _CONFIGURATION_UNDER_WAY:
            raise


def _let_pre_images_go(client: MongoClient[dict[str, Any]]) -> None:
    """Have what documents held before a change deleted after a day; else it stays for months.

    Whoever follows changes and was away for longer reads everything again.
    """
    asked = client.admin.command({"getClusterParameter": "changeStreamOptions"})
    kept = asked["clusterParameters"][0].get("preAndPostImages", {}).get("expireAfterSeconds")
    if kept != PRE_IMAGE_SECONDS:
        wanted = {"preAndPostImages": {"expireAfterSeconds": PRE_IMAGE_SECONDS}}
        client.admin.command({"setClusterParameter": {"changeStreamOptions": wanted}})


_CONFIGURATION_UNDER_WAY = (23, 109)
"""AlreadyInitialized, ConfigurationInProgress."""


def _uri(socket: str, options: str) -> str:
    return f"mongodb://{quote(socket, safe='')}/?{options}"


def _wait(deadline: float, folder: ServerFolder, what: str) -> None:
    if time.monotonic() > deadline:
        if not folder.record.exists() and guard.is_held(folder.data_lock):
            pid = guard.holder(folder.data_lock)
            what = f"another mongod, process {pid}, which this program did not start, has the data"
        msg = (
            f"The embedded MongoDB in {folder.root} was not ready in time: {what}. "
            f"Its log is {folder.log}, the log of what starts it {folder.guard_log}"
        )
        raise EmbeddedServerUnavailable(msg)
    time.sleep(POLL_SECONDS)
