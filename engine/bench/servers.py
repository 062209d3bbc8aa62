"""The processes that an ingestion benchmark needs, in a folder of their own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.errors import CrmError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

PATIENCE = 60.0
"""Seconds that a server may take to start."""


def free_port() -> int:
    """Return a port of this machine that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


@contextmanager
def engine_command(words: Sequence[str], settings: Mapping[str, str]) -> Iterator[None]:
    """Run ``python -m engine …`` until the block ends."""
    environment = {**os.environ, **settings}
    with _running([sys.executable, "-m", "engine", *words], environment):
        yield


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Run a Redis that has every write on disk before it answers; yield its address."""
    binary, port = shutil.which("redis-server"), free_port()
    if binary is None:
        msg = "there is no redis-server on PATH; leave Redis out with --no-redis"
        raise CrmError(msg)
    options = {"port": port, "bind": "127.0.0.1", "dir": folder, "save": ""}
    options |= {"appendonly": "yes", "appendfsync": "always"}
    words = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    with _running([binary, *words], os.environ):
        wait_until(lambda: _listens(port))
        yield f"redis://127.0.0.1:{port}/0"


def wait_until(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Return once it is true; raises CrmError where it takes too long."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            msg = f"what a benchmark waits for has not come in {seconds:.0f} s"
            raise CrmError(msg)
        time.sleep(0.01)


def listens(address: str) -> bool:
    """Tell whether somebody listens at an address such as ``http://127.0.0.1:8000``."""
    return _listens(int(address.rpartition(":")[2]))


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _running(words: Sequence[str], environment: Mapping[str, str]) -> Iterator[None]:
    with subprocess.Popen(  # noqa: S603 - the engine itself, or a program on PATH
        words, env=dict(environment), stdout=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
