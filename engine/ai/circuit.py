"""A circuit breaker: what keeps failing is left alone for a while."""

from __future__ import annotations

import math
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import pybreaker

from engine.errors import ModelUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

FAILURES = 5
"""In a row; then it opens."""
OPEN_FOR = 30.0
"""Seconds until one call is let through, which closes it or opens it anew."""
_NEVER = 1e9
"""Seconds: when to try again is decided here, by a clock that nobody sets."""


class Circuit:
    """Told what became of calls; refuses them while it is open.

    pybreaker's own call() holds a lock as long as a call takes, so that there would be one call at
    a time. So calls are made outside, and it is told what became of them.
    """

    def __init__(self, *, failures: int = FAILURES, open_for: float = OPEN_FOR) -> None:
        self._open_for = open_for
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=failures, reset_timeout=_NEVER, throw_new_error_on_trip=False
        )
        self._lock = threading.Lock()
        self._since = 0.0
        """When it opened, or let one call through (monotonic seconds)."""

    @property
    def is_open(self) -> bool:
        """Whether calls are refused, but for one once in a while."""
        return self._breaker.current_state != pybreaker.STATE_CLOSED

    def admit(self) -> None:
        """Let a call pass; raises ModelUnavailable, with when to try again, while it is open."""
        with self._lock:
            if not self.is_open:
                return
            now = time.monotonic()
            left = self._since + self._open_for - now
            if left > 0:
                seconds = math.ceil(left)
                msg = f"the language model failed several times; it is asked again in {seconds} s"
                raise ModelUnavailable(msg, retry_after=left)
            self._since = now
            self._breaker.half_open()

    def succeeded(self) -> None:
        """Take note of a call that reached the other side."""
        self._told(lambda: None)

    def failed(self, error: Exception) -> None:
        """Take note of a call that failed."""

        def fail() -> NoReturn:
            raise error

        self._told(fail)

    def _told(self, outcome: Callable[[], None]) -> None:
        with self._lock:
            was_open = self._breaker.current_state == pybreaker.STATE_OPEN
            # It raises what it is told, and that it is open for calls that began before it was.
            with suppress(pybreaker.CircuitBreakerError, ModelUnavailable):
                self._breaker.call(outcome)
            if not was_open and self._breaker.current_state == pybreaker.STATE_OPEN:
                self._since = time.monotonic()
