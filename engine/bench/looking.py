"""Somebody who edits a rule while data comes in: a preview every half second, each of another."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.domain.rule_codec import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.crm import Crm
    from engine.domain.rules import Rule

EVERY_SECONDS = 0.5


@contextmanager
def looking(crm: Crm) -> Iterator[list[float]]:
    """Preview in a thread meanwhile; yield the list that gets the seconds each preview took."""
    took: list[float] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(EVERY_SECONDS):
            begun = time.perf_counter()
            crm.preview(_edited(len(took)))
            took.append(time.perf_counter() - begun)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield took
    finally:
        stop.set()
        thread.join()


def _edited(edits: int) -> Rule:
    """Return a rule of three conditions: of a profile, a lifetime and a window."""
    last = {"in_the_last": {"n": 90, "unit": "day"}}
    conditions: list[object] = [
        {"field": "city", "op": "in", "value": ["Pune", "Mumbai"]},
        {"field": "total_spend", "op": "greater_than", "value": f"{100 + edits}.00"},
        {"orders": "count", **last, "op": "at_least", "value": 1},
    ]
    return decode({"version": 1, "rule": {"all": conditions}})
