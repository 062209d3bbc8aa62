"""One session edits a huge rule as fast as it can be dragged, while others preview theirs.

The editing session changes one condition of a tree of 200 nodes and 8 levels, twenty times a
second; each of the others evaluates an edit of its own rule, then waits a little, as a person does.
Afterwards every count is compared with that of an evaluator that nobody else used.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from engine.bench.questions import EDITS, edited
from engine.bench.segments import engine_over
from engine.bench.shop import Shop
from engine.domain.rule_codec import decode
from engine.domain.rules import MAX_DEPTH, MAX_NODES
from engine.rules.tree import size

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.bench.segments import Engine
    from engine.domain.rules import Rule

EDITS_A_SECOND = 20
OTHERS = 10
PAUSE_S = 0.05
"""Between two previews of one session, on average."""
CHECKED = 200
"""Counts that are compared, of each kind."""


@dataclass(slots=True)
class _Seen:
    """What sessions were answered: the rule, the count and how long it took."""

    answers: list[tuple[Rule, int, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    late: int = 0


def huge(k: int) -> Rule:
    """Return a tree of 200 nodes and 8 levels whose ``k``-th edit nobody has asked for."""
    groups = ("all", "any")
    kinds = list(EDITS)

    def leaf(n: int) -> dict[str, Any]:
        return EDITS[kinds[n % len(kinds)]](n % 19)

    node: dict[str, Any] = {"any": [EDITS["total_spend"](1_000 + k), leaf(0)]}
    nodes = 3
    for level in range(MAX_DEPTH - 2):
        room = MAX_NODES - nodes - (MAX_DEPTH - 3 - level)
        count = room - 1 if level == MAX_DEPTH - 3 else min(27, room - 1)
        children = [leaf(level * 31 + n) for n in range(count)]
        node = {groups[level % 2]: [*children[: count // 2], node, *children[count // 2 :]]}
        nodes += count + 1
    return decode({"version": 1, "rule": node})


def run(
    customers: int, orders: int, seconds: float, *, say: Callable[[str], None]
) -> dict[str, object]:
    """Let the sessions run for so many seconds; return what the others felt."""
    engine = engine_over(Shop(customers, orders).snapshot())
    levels, nodes = size(huge(0).root)
    say(f"a rule of {nodes} nodes on {levels} levels, edited {EDITS_A_SECOND} times a second")
    engine.count(huge(0))
    editing, others = _Seen(), [_Seen() for _ in range(OTHERS)]
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(OTHERS + 1) as pool:
        ready = threading.Barrier(OTHERS + 1)
        pool.submit(_edit, engine, editing, ready, until)
        for number, seen in enumerate(others):
            pool.submit(_preview, engine, seen, ready, until, number)
    times = [ms for seen in others for _, _, ms in seen.answers]
    errors = [one for seen in (editing, *others) for one in seen.errors]
    say("comparing every count with that of an evaluator of its own")
    alone = engine_over(engine.snapshot)
    answers = (
        editing.answers[-CHECKED:] + [one for seen in others for one in seen.answers][-CHECKED:]
    )
    wrong = sum(alone.count(rule) != count for rule, count, _ in answers)
    return {
        "customers": customers,
        "nodes": nodes,
        "levels": levels,
        "edits": len(editing.answers),
        "edits_late": editing.late,
        "edit_median_ms": round(median(ms for _, _, ms in editing.answers), 1),
        "previews": len(times),
        "preview_median_ms": round(median(times), 1),
        "preview_p95_ms": round(quantiles(times, n=20)[-1], 1),
        "compared": len(answers),
        "wrong": wrong,
        "errors": errors,
    }


def _edit(engine: Engine, seen: _Seen, ready: threading.Barrier, until: float) -> None:
    ready.wait()
    k, due = 0, time.monotonic()
    while time.monotonic() < until and not seen.errors:
        k += 1
        _ask(engine, seen, huge(k))
        due += 1 / EDITS_A_SECOND
        pause = due - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        else:
            seen.late += 1
            due = time.monotonic()


def _preview(
    engine: Engine, seen: _Seen, ready: threading.Barrier, until: float, number: int
) -> None:
    random = Random(number)  # noqa: S311 - how long people think
    leaves = list(EDITS)
    ready.wait()
    k = 10_000 * (number + 1)
    while time.monotonic() < until and not seen.errors:
        k += 1
        _ask(engine, seen, edited(random.choice(leaves), k))
        time.sleep(random.expovariate(1 / PAUSE_S))


def _ask(engine: Engine, seen: _Seen, rule: Rule) -> None:
    started = time.perf_counter()
    try:
        count = engine.count(rule)
    except Exception as error:  # noqa: BLE001 - any error is what is looked for
        seen.errors.append(repr(error))
        return
    seen.answers.append((rule, count, (time.perf_counter() - started) * 1_000))
