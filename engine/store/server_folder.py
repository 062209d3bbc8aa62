"""The files that the embedded server keeps in a data folder, and the process that serves them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from engine.errors import EmbeddedServerUnavailable
from engine.store import guard

if TYPE_CHECKING:
    from engine.store.binary import MongodBinary

REPLICA_SET = "crm"
LONGEST_SOCKET_PATH = 100
"""Bytes: Linux takes 107, macOS 103."""
CACHE_GB = "0.5"
OPLOG_MB = "1024"
"""What a change stream that was away can catch up on; the default is 5 % of the disk."""

LEAST_FREE_BYTES = 16_000_000
"""With 200 kB free, mongod starts, crashes and starts again; a new one likes to have 350 MB."""

_ENVIRONMENT = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""All that the guard and mongod get to see; secrets in variables are none of their business."""


@dataclass(frozen=True, slots=True)
class ServerFolder:
    """The files that the embedded server keeps in a data folder. ``root`` is absolute."""

    root: Path

    @classmethod
    def at(cls, data_dir: Path) -> Self:
        """Return the folder, made if it is missing.

        Raises:
            OSError: it cannot be made.
        """
        folder = cls(data_dir.resolve())
        folder.root.mkdir(parents=True, exist_ok=True)
        folder.data.mkdir(mode=0o700, exist_ok=True)
        return folder

    @property
    def data(self) -> Path:
        """The data directory of mongod."""
        return self.root / "mongo"

    @property
    def users(self) -> Path:
        """Lock shared by every process that uses the server."""
        return self.root / "mongo-users.lock"

    @property
    def start(self) -> Path:
        """Lock of whoever starts or stops the server."""
        return self.root / "mongo-start.lock"

    @property
    def guard_lock(self) -> Path:
        """Lock that the guard holds for its life."""
        return self.root / "mongo-guard.lock"

    @property
    def record(self) -> Path:
        """File that holds the path of the running server's socket."""
        return self.root / "mongo-socket"

    @property
    def guard_log(self) -> Path:
        """What the present guard and its mongod printed."""
        return self.root / "mongo-guard.log"

    @property
    def log(self) -> Path:
        """The log of mongod, JSON lines; at most two files of 10 MB."""
        return self.root / "mongod.log"

    @property
    def data_lock(self) -> Path:
        """The lock of mongod: held while it lives."""
        return self.data / "mongod.lock"

    def socket(self) -> Path:
        """Return where the server's socket goes.

        The name comes from the users file itself: a moved folder keeps it, a copy gets another,
        and it cannot come again while anyone holds the file open. XDG_RUNTIME_DIR would be more
        private, but logging out empties it under a server that lives on.
        """
        file = self.users.stat()
        name = f"crm-{os.geteuid()}-{file.st_dev:x}-{file.st_ino:x}"
        path = Path(tempfile.gettempdir()) / name / "mongod.sock"
        if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
            msg = (
                f"The path of the embedded MongoDB's socket is too long ({path}): set TMPDIR to a "
                f"shorter directory, so that it has at most {LONGEST_SOCKET_PATH} bytes"
            )
            raise EmbeddedServerUnavailable(msg)
        return path

    def plan(self, binary: MongodBinary) -> guard.Plan:
        """Return what a guard needs to know, with mongod's command line.

        Raises:
            PermissionError: the socket's directory is not ours alone.
        """
        socket = self.socket()
        guard.private_directory(socket.parent)
        return guard.Plan(
            users_lock=str(self.users),
            guard_lock=str(self.guard_lock),
            start_lock=str(self.start),
            data_lock=str(self.data_lock),
            record=str(self.record),
            socket=str(socket),
            log=str(self.log),
            command=[
                *(str(binary.path), "--quiet", "--noscripting", "--replSet", REPLICA_SET),
                *("--dbpath", str(self.data), "--logpath", str(self.log)),
                *("--logappend", "--logRotate", "reopen"),
                # A path as the only address: no TCP port is opened.
                *("--bind_ip", str(socket), "--filePermissions", "0600"),
                *("--wiredTigerCacheSizeGB", CACHE_GB, "--oplogSize", OPLOG_MB),
                *("--setParameter", "diagnosticDataCollectionEnabled=false"),
                # A killed process leaves its transaction open; others wait for it no longer.
                *("--setParameter", "transactionLifetimeLimitSeconds=10"),
            ],
        )

    def spawn_guard(self, binary: MongodBinary) -> None:
        """Start a guard, which holds its lock when this returns.

        Raises:
            EmbeddedServerUnavailable: the disk is full, or the socket's path too long.
            OSError: a file of the folder cannot be used.
        """
        free = shutil.disk_usage(self.root).free
        if free < LEAST_FREE_BYTES:
            msg = (
                f"The embedded MongoDB in {self.root} does not start: its disk is full "
                f"({free:,} bytes are free, at least {LEAST_FREE_BYTES:,} are needed)"
            )
            raise EmbeddedServerUnavailable(msg)
        plan = json.dumps(asdict(self.plan(binary)))
        kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        with self.guard_log.open("wb") as log:
            subprocess.run(  # noqa: S603 - this Python, our file, no shell
                [sys.executable, "-I", "-S", str(Path(guard.__file__).resolve()), plan],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=kept,
                start_new_session=True,
                check=False,
            )

    def leave(self, binary: MongodBinary) -> None:
        """See to it that someone stops the server, even if the guard was killed."""
        start = guard.open_lock(self.start)
        try:
            if (
                guard.try_lock(start, exclusive=True)
                and not guard.is_held(self.guard_lock)
                and guard.is_held(self.data_lock)
            ):
                self.spawn_guard(binary)
        finally:
            os.close(start)
