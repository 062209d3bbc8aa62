"""Why a mongod did not start, in one sentence, read from what it left in its logs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from engine.errors import EmbeddedServerUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TAIL_BYTES = 200_000
LONGEST = 300
"""Characters of a quoted message."""
NEEDS_ANOTHER_VERSION = 62
"""mongod's exit code for data files of a version it cannot open."""


def explain(root: Path, guard_log: Path, log: Path, version: str) -> EmbeddedServerUnavailable:
    """Return the error for a mongod that ended before it served.

    Args:
        root: the data folder, named in the sentence.
        guard_log: what the guard and mongod printed.
        log: mongod's own log, JSON lines; only what follows its last start counts.
        version: of the mongod that was tried.
    """
    printed, logged = _tail(guard_log), list(_last_start(_tail(log)))
    codes = re.findall(r"mongod ended with code (-?\d+)", printed)
    code = int(codes[-1]) if codes else None
    everything = printed + "\n".join(logged)
    if "No space left on device" in everything:
        reason = "the disk is full"
    elif code == NEEDS_ANOTHER_VERSION:
        reason = f"its data were written by a version of MongoDB that {version} cannot open"
    else:
        reason = next(_errors(logged), None) or _last_line(printed) or f"mongod ended with {code}"
    msg = f"The embedded MongoDB in {root} does not start: {reason}. Its log is {log}"
    return EmbeddedServerUnavailable(msg)


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL_BYTES))
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def _last_start(text: str) -> Iterator[str]:
    yield from text.rpartition("***** SERVER RESTARTED *****")[2].splitlines()[1:]


def _errors(lines: list[str]) -> Iterator[str]:
    """Yield the messages of severity error and fatal, first one first."""
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("s") in ("E", "F"):
            detail = entry.get("attr", {})
            # WiredTiger wraps its own sentence twice.
            inner = detail.get("message")
            detail = inner.get("msg", inner) if isinstance(inner, dict) else detail
            yield f"{entry.get('msg')} {json.dumps(detail) if detail else ''}".strip()[:LONGEST]


def _last_line(text: str) -> str | None:
    lines = text.strip().splitlines()
    return lines[-1][:LONGEST] if lines else None
