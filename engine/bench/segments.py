"""How long a rule takes, from an edit to its count, beside what its peers take in the same run.

Every asking is one that nobody was asked before, in a process that is warm: a rule is asked of the
engine cold, with nothing kept of the snapshot; an edit with all kept but the condition that is new.
A figure is the median of :data:`ASKINGS`, in milliseconds. Answers are compared, so that all answer
the same question.
"""

from __future__ import annotations

import importlib.util
import resource
import sys
import time
from copy import copy
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from engine.bench.mongodb import SHARE, aggregation
from engine.bench.peers import BY_CUSTOMER, clickhouse, duckdb_over_frames, numpy_once, polars_lazy
from engine.bench.questions import EDITS, QUESTIONS, TREE, WINDOW, WINDOWS, edited, saved
from engine.bench.shop import NOW, WORKSPACE, Shop
from engine.errors import CrmError
from engine.mirror.layer import SERIALS
from engine.mirror.snapshot import Snapshot
from engine.rules.catalogue import Catalogue
from engine.rules.evaluate import Evaluator

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from engine.bench.questions import Question
    from engine.domain.rules import Rule

ASKINGS = 7
LIFETIME = ("total_spend", "order_count", "average_order_value", "last_order_at")
"""Edits of lifetime figures, which the summary's edit is the median of."""
SAVED = 100

PEERS: dict[str, Callable[[Snapshot], AbstractContextManager[Callable[[Question, int], int]]]] = {
    "frames": duckdb_over_frames,
    "lazy": polars_lazy,
    "numpy": numpy_once,
    "chdb": clickhouse,
    "chdb_by_customer": partial(clickhouse, layout=BY_CUSTOMER),
    "mongo": aggregation,
}
DEFAULT = ("frames", "lazy", "numpy", "chdb", "chdb_by_customer")


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine, as one session uses it."""

    evaluator: Evaluator
    snapshot: Snapshot
    catalogue: Catalogue

    def count(self, rule: Rule) -> int:
        """Count a rule's members."""
        found = self.evaluator.evaluate(rule, self.snapshot, NOW, self.catalogue)
        return int(found.members.sum())

    def cold(self, rules: Sequence[Rule]) -> int:
        """Count rules on a snapshot that nothing is known of yet."""
        layer = copy(self.snapshot.layers[0])
        layer.serial = next(SERIALS)
        fresh = Snapshot(as_of=NOW, layers=[layer], attribute_types=self.snapshot.attribute_types)
        found = self.evaluator.evaluate_all(rules, fresh, NOW, self.catalogue)
        return sum(int(one.members.sum()) for one in found)


def engine_over(snapshot: Snapshot) -> Engine:
    """Return an engine that knows nothing of the snapshot yet."""
    return Engine(Evaluator(WORKSPACE), snapshot, Catalogue.build(snapshot.attribute_types))


def run(
    customers: int, orders: int, peers: Sequence[str] = (), *, say: Callable[[str], None]
) -> dict[str, object]:
    """Build the shop, ask everyone, and return the figures; raises CrmError if two disagree."""
    started = time.perf_counter()
    snapshot = Shop(customers, orders).snapshot()
    build_s = time.perf_counter() - started
    say(f"built {customers:,} customers and {orders:,} orders in {build_s:.0f} s")
    engine = engine_over(snapshot)
    edits, answers, rules = _edits(engine), *_questions(engine)
    moved = _median(lambda k: engine.count(WINDOW.rule(3_000 + k)))
    unchanged = _median(lambda _: engine.count(TREE.rule(0)))
    saved_ms = _median(lambda _: engine.cold(saved(SAVED)), 3)
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MAXRSS_A_GB
    said = []
    for name in peers or DEFAULT:
        if name.startswith("chdb") and importlib.util.find_spec("chdb") is None:
            say("chdb is not installed (requirements-bench.txt), and left out")
            continue
        say(f"asking {name}")
        said.append(name)
        _ask_peer(name, snapshot, rules, answers)
    lifetime_ms = median(edits[leaf] for leaf in LIFETIME)
    windowed = rules[WINDOW.name]
    return {
        "customers": customers,
        "orders": orders,
        "peers": said,
        "scaled": {
            name: f"asked of 1 customer in {SHARE}, times {SHARE}"
            for name in said
            if name == "mongo"
        },
        "build_s": round(build_s, 1),
        "edits_ms": {leaf: round(ms, 2) for leaf, ms in edits.items()},
        "rules_ms": {
            name: {who: round(ms, 2) for who, ms in times.items()} for name, times in rules.items()
        },
        "ratios": {
            name: {
                who: round(ms / times["engine"], 1) for who, ms in times.items() if who != "engine"
            }
            for name, times in rules.items()
        },
        "summary": {
            "lifetime_edit_ms": round(lifetime_ms, 2),
            "windowed_cold_ms": round(windowed["engine"], 2),
            "windowed_edit_ms": round(moved, 2),
            "windowed_worst_ms": round(max(rules[one.name]["engine"] for one in WINDOWS), 2),
            "unchanged_ms": round(unchanged, 3),
            "saved_100_ms": round(saved_ms, 1),
            "ratio_frames_lifetime": _ratio(rules[TREE.name].get("frames"), lifetime_ms),
            "ratio_frames_windowed": _ratio(windowed.get("frames"), windowed["engine"]),
            "ratio_chdb_windowed": _ratio(windowed.get("chdb"), windowed["engine"]),
            "ratio_chdb_by_customer_windowed": _ratio(
                windowed.get("chdb_by_customer"), windowed["engine"]
            ),
            "peak_gb": round(peak_gb, 2),
        },
    }


_MAXRSS_A_GB = 1e9 if sys.platform == "darwin" else 1e6
"""ru_maxrss counts bytes on macOS and kilobytes elsewhere."""


def _edits(engine: Engine) -> dict[str, float]:
    engine.count(edited("total_spend", 0))
    return {
        leaf: _median(lambda k, leaf=leaf: engine.count(edited(leaf, k)))  # type: ignore[misc]
        for leaf in EDITS
    }


def _questions(engine: Engine) -> tuple[dict[str, list[int]], dict[str, dict[str, float]]]:
    answers = {
        one.name: [engine.count(one.rule(1_000 + k)) for k in range(ASKINGS + 1)]
        for one in QUESTIONS
    }
    times = {
        one.name: {"engine": _median(lambda k, one=one: engine.cold([one.rule(2_000 + k)]))}  # type: ignore[misc]
        for one in QUESTIONS
    }
    return answers, times


def _ask_peer(
    name: str,
    snapshot: Snapshot,
    rules: dict[str, dict[str, float]],
    answers: dict[str, list[int]],
) -> None:
    with PEERS[name](snapshot) as ask:
        for question in QUESTIONS:
            answered = ask(question, 1_000)
            if name not in ("numpy", "mongo") and answered != answers[question.name][0]:
                ours = answers[question.name][0]
                msg = f"{question.name}: {name} counts {answered:,}, the engine {ours:,}"
                raise CrmError(msg)
            taken = _median(lambda k, one=question: ask(one, 1_000 + k))  # type: ignore[misc]
            # MongoDB holds a tenth, and is taken to need ten times as long for all.
            rules[question.name][name] = taken * (SHARE if name == "mongo" else 1)


def _median(ask: Callable[[int], object], times: int = ASKINGS) -> float:
    """Ask once to warm up, then time the askings 1, 2, …; return the median in milliseconds."""
    ask(0)
    taken = []
    for k in range(1, times + 1):
        started = time.perf_counter()
        ask(k)
        taken.append((time.perf_counter() - started) * 1_000)
    return median(taken)


def _ratio(peer_ms: float | None, ours_ms: float) -> float | None:
    return None if peer_ms is None else round(peer_ms / ours_ms, 1)
