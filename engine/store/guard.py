"""The parent of an embedded mongod: starts it, keeps it up, stops it when nobody uses it.

Run as a script with the standard library alone (``python -I -S guard.py PLAN``), in a session of
its own, so that neither Ctrl-C in a terminal nor kill -9 of a user takes the server down or leaves
it behind. Who is there is told by flock on three files, which the kernel drops with their holder:

    users   shared by every process that uses the server
    guard   held by the guard for its life; free means that no guard runs
    start   held by whoever starts or stops the server, so that nobody meets it half-stopped

mongod's own flock on ``mongod.lock`` tells whether it lives, whoever its parent is. A guard that
finds a mongod which outlived the guard before takes it over where it answers on the recorded
socket. All of it is one file, because a script without the engine on its path can import no other.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if sys.platform != "win32":
    import fcntl
    import resource

if TYPE_CHECKING:
    from types import FrameType

POLL_SECONDS = 0.2
STOP_SECONDS = 30.0
"""A clean stop takes 0.9 s; one that takes this long is cut short (the journal loses nothing)."""
STEADY_SECONDS = 60.0
"""A mongod that ran this long and dies is restarted at once, as if for the first time."""
RESTART_WAITS = (0.0, 0.5, 1.0, 2.0, 4.0, 10.0)
"""Seconds before each restart of one that dies sooner; the last one again and again.

A disk may be full for an hour. Only a mongod that never served is given up, after the last one.
"""
ADOPT_SECONDS = 30.0
LOG_BYTES = 10_000_000
"""The log is set aside (one old one is kept) when it has grown past this."""
GAVE_UP = "gave up"
"""In its log, the last word of a guard that could not keep mongod up."""
OPEN_FILES = 64_000
"""MongoDB's recommended limit; macOS starts processes with 256."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to guard. All paths are absolute."""

    users_lock: str
    guard_lock: str
    start_lock: str
    data_lock: str
    """mongod's own lock file, in its data directory."""
    record: str
    """File that holds the path of the socket of the server that runs."""
    socket: str
    log: str
    command: list[str]


class Server(Protocol):
    """A mongod, whoever started it."""

    def ended(self) -> int | None:
        """Return None while it lives, else its exit code (negative: the signal that killed it)."""

    def signal(self, number: int) -> None:
        """Send a signal, if it lives."""


class Child:
    """A mongod that this guard started."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - ours

    def ended(self) -> int | None:
        """Return None while it lives, else its exit code (negative: the signal that killed it)."""
        return self._process.poll()

    def signal(self, number: int) -> None:
        """Send a signal, if it lives."""
        self._process.send_signal(number)


class Orphan:
    """A mongod that serves, and that an earlier guard started but did not live to stop."""

    def __init__(self, data_lock: str) -> None:
        self._data_lock = data_lock

    def ended(self) -> int | None:
        """Return None while it lives, else 0: only its parent could know more."""
        return None if is_held(self._data_lock) else 0

    def signal(self, number: int) -> None:
        """Send a signal, if it lives."""
        # While its lock is held, the pid written there is its own and of no later process.
        pid = holder(self._data_lock)
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


class Guard:
    """One guard's life. The caller holds the guard lock."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._users = open_lock(plan.users_lock)
        self._start = open_lock(plan.start_lock)
        self._socket = plan.socket
        self._before_socket = -1
        """When the socket's folder was changed last before mongod made the socket; -1: long ago."""
        self._has_served = False
        self._told_to_stop = False
        signal.signal(signal.SIGTERM, self._tell_to_stop)

    def run(self) -> None:
        """Keep a mongod up until nobody uses it or it cannot be kept up."""
        server: Server | None = self._adopt()
        if server is None:
            if self._is_unused():
                return
            server = self._launch()
        deaths = 0
        while True:
            began = time.monotonic()
            code = self._watch(server)
            if code is None:
                return
            say(f"mongod ended with code {code}")
            if time.monotonic() - began > STEADY_SECONDS:
                deaths = 0
            killed_or_tried = deaths or code == -signal.SIGKILL
            if not self._has_served and (not killed_or_tried or deaths == len(RESTART_WAITS)):
                self._clear()
                say(GAVE_UP)
                return
            if self._waited_unused(RESTART_WAITS[min(deaths, len(RESTART_WAITS) - 1)]):
                return
            deaths += 1
            server = self._launch()

    def _watch(self, server: Server) -> int | None:
        """Wait for the server's end and return its exit code.

        None where this guard stopped it, because nobody used it any more.
        """
        while (code := server.ended()) is None:
            if self._is_unused():
                self._stop(server)
                return None
            self._has_served = self._has_served or answers(self._socket)
            if self._is_swept():
                # Cleaners of temporary directories do that: only a new start brings it back.
                say("the socket is gone: starts mongod again")
                self._has_served = True
                self._end(server)
            self._bound_log(server)
            time.sleep(POLL_SECONDS)
        return code

    def _waited_unused(self, seconds: float) -> bool:
        """Wait so long, and tell whether nobody uses the server; that ends the waiting, too."""
        until = time.monotonic() + seconds
        while not self._is_unused():
            if time.monotonic() >= until:
                return False
            time.sleep(min(POLL_SECONDS, seconds))
        return True

    def _is_swept(self) -> bool:
        """Tell whether the socket has been made and is gone, even if it was never seen here."""
        # In this order: mongod may make it between the two looks.
        was_made = modified_ns(Path(self._socket).parent) != self._before_socket
        return was_made and not Path(self._socket).exists()

    def _tell_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._told_to_stop = True

    def _is_unused(self) -> bool:
        """Tell whether to stop; if so, the start lock is kept, and newcomers wait for the end."""
        if self._told_to_stop:
            return True
        if not try_lock(self._start, exclusive=True):
            return False
        if try_lock(self._users, exclusive=True):
            return True
        unlock(self._start)
        return False

    def _adopt(self) -> Orphan | None:
        """Return the mongod that already holds the data, if there is one; wait for it to serve."""
        deadline = time.monotonic() + ADOPT_SECONDS
        while is_held(self._plan.data_lock):
            path = read_record(self._plan.record)
            if path is not None and answers(path):
                self._socket = path
                say("took over the mongod that was running")
                return Orphan(self._plan.data_lock)
            if self._is_unused() or time.monotonic() > deadline:
                msg = f"mongod {holder(self._plan.data_lock)} holds the data and does not answer"
                raise OSError(msg)
            time.sleep(POLL_SECONDS)
        return None

    def _launch(self) -> Child:
        self._socket = self._plan.socket
        folder = Path(self._socket).parent
        private_directory(folder)
        # With the one before out of the way, mongod changes the folder only by making its socket.
        Path(self._socket).unlink(missing_ok=True)
        self._before_socket = modified_ns(folder)
        if read_record(self._plan.record) != self._socket:  # a full disk would refuse it
            write_record(self._plan.record, self._socket)
        say("starts mongod")
        return Child(self._plan.command)

    def _stop(self, server: Server) -> None:
        self._end(server)
        self._clear()
        say("stopped mongod: it was told to" if self._told_to_stop else "stopped mongod: unused")

    def _clear(self) -> None:
        Path(self._plan.record).unlink(missing_ok=True)
        with suppress(OSError):
            Path(self._socket).unlink(missing_ok=True)
            Path(self._socket).parent.rmdir()

    def _end(self, server: Server) -> None:
        server.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while server.ended() is None:
            if time.monotonic() > deadline:
                server.signal(signal.SIGKILL)
            time.sleep(POLL_SECONDS / 4)

    def _bound_log(self, server: Server) -> None:
        log = Path(self._plan.log)
        with suppress(OSError):
            if log.stat().st_size > LOG_BYTES:
                log.replace(log.with_suffix(".log.1"))
                server.signal(signal.SIGUSR1)  # mongod reopens its log


def open_lock(path: str | Path) -> int:
    """Return a descriptor of a lock file, made if it is missing; locks go with its closing."""
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def try_lock(descriptor: int, *, exclusive: bool) -> bool:
    """Take a lock unless another process holds one that forbids it; tell whether it was taken."""
    kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def unlock(descriptor: int) -> None:
    """Give a lock back."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def is_held(path: str | Path) -> bool:
    """Tell whether some process holds the exclusive lock on this file."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        return not try_lock(descriptor, exclusive=False)
    finally:
        os.close(descriptor)


def holder(data_lock: str | Path) -> int | None:
    """Return the pid that mongod wrote in its lock file; only true while the lock is held."""
    try:
        return int(Path(data_lock).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def answers(path: str) -> bool:
    """Tell whether a server accepts connections on this socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(path)
        except OSError:
            return False
        return True


def modified_ns(directory: Path) -> int:
    """Return when an entry of the directory was last made or removed; 0 if it is gone."""
    try:
        return directory.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def private_directory(path: Path) -> None:
    """Make a directory of mode 0700, or accept one that is ours alone.

    Raises:
        PermissionError: something else is there, put by another user perhaps.
    """
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        msg = f"{path} is not a directory that belongs to this user alone (mode 0700)"
        raise PermissionError(msg)


def read_record(path: str | Path) -> str | None:
    """Return the path of the socket of the server that runs, if one was recorded."""
    try:
        return Path(path).read_text(encoding="utf-8") or None
    except FileNotFoundError:
        return None


def write_record(path: str, socket_path: str) -> None:
    """Record the socket's path, whole or not at all."""
    draft = Path(f"{path}.new")
    draft.write_text(socket_path, encoding="utf-8")
    draft.replace(path)


def say(text: str) -> None:
    """Write a line to the guard's log, if the disk still takes it."""
    with suppress(OSError):
        print(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), text, flush=True)  # noqa: T201 - its log


def main() -> None:
    """Become the guard, unless there is one, and leave the caller a child that ended."""
    plan = Plan(**json.loads(sys.argv[1]))
    guard_lock = open_lock(plan.guard_lock)
    if not try_lock(guard_lock, exclusive=True):
        return
    # The lock goes with the open file, which the child shares: there is no moment without it.
    if os.fork():
        return
    os.truncate(guard_lock, 0)
    os.write(guard_lock, b"%d" % os.getpid())  # for whoever looks; nothing relies on it
    os.umask(0o077)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    try:
        Guard(plan).run()
    except OSError as error:
        say(f"{GAVE_UP}: {error}")
    os.close(guard_lock)  # before the start lock, which goes with the process


if __name__ == "__main__":
    main()
