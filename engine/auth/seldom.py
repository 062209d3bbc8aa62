"""Which of many like lines the audit log gets: nobody can fill it by being refused."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from engine.domain.audit import Outcome
from engine.domain.network import network

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.audit import AuditEntry

ONCE_IN = timedelta(seconds=60)
"""The same line of the same actor from the same network is written once in so long."""
MOST_REFUSALS = 120
"""Lines about refusals in that time: a week of a flood is a million, and not a disk."""
MOST_REMEMBERED = 1_000
"""Lines that are remembered before those that lapsed are forgotten."""


class Seldom:
    """What one process wrote within a minute. For use by any number of threads."""

    def __init__(self) -> None:
        self._written: dict[object, datetime] = {}
        self._refusals: deque[datetime] = deque()
        self._left_out = 0
        self._lock = Lock()

    def news(self, entry: AuditEntry) -> AuditEntry | None:
        """Return a line to be written; None for one that was, or for one refusal too many.

        The next refusal's line says how many were too many. What was done is never too much.
        """
        whence = network(entry.address or "")
        what = (entry.actor, entry.action, entry.about, entry.reason, whence)
        lapsed = entry.at - ONCE_IN
        with self._lock:
            if len(self._written) >= MOST_REMEMBERED:
                self._written = {one: at for one, at in self._written.items() if at > lapsed}
            if self._written.get(what, lapsed) > lapsed:
                return None
            if entry.outcome is Outcome.REFUSED:
                while self._refusals and self._refusals[0] <= lapsed:
                    self._refusals.popleft()
                if len(self._refusals) >= MOST_REFUSALS:
                    self._left_out += 1
                    return None
                self._refusals.append(entry.at)
                if self._left_out:
                    told = {**entry.changes, "refusals left out": (None, self._left_out)}
                    entry, self._left_out = replace(entry, changes=told), 0
            self._written[what] = entry.at
            return entry
