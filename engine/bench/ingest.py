"""Orders through HTTP into MongoDB and the mirror, beside raw writes of the same documents.

Everything runs on this machine: the API in a process of its own, a till that sends, mongod, and in
this process the mirror. The figures:

    orders_per_second    in batches of 500 at a steady rate, each durable (majority, journalled)
                         before it is answered, while the mirror follows
    lag_p99_ms           meanwhile, from an answer to the snapshot that holds it
    singles_per_second   one order a request, as fast as answers come
    p99_ms               the slowest of a hundred requests, batches or singles, whichever is slower
    ratio_raw            orders a second over HTTP, as fast as answers come and nobody follows, over
                         those of a raw upsert of the same documents by one thread
    ratio_raw_insert     the same over a raw insert, which cannot be sent twice
    previewed            as the first two, while a rule is edited in the mirror's process
    redis                the same with a stream in between: accepted, and written by one consumer
    load_ratio           a mirror's load over pymongoarrow reading the same fields of the orders
"""

from __future__ import annotations

import tempfile
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.bench.looking import looking
from engine.bench.mirror_load import load_ratio
from engine.bench.raw_writes import raw_rates, seed_customers, seed_orders
from engine.bench.sending import Answer, Load, sent
from engine.bench.servers import engine_command, free_port, listens, redis, wait_until
from engine.bootstrap import collect_rarely, open_crm
from engine.domain.cluster_time import ClusterTime
from engine.settings import Settings
from engine.store.client import connect
from engine.store.embedded import acquire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pymongo.database import Database

    from engine.crm import Crm
    from engine.mirror.mirror import Mirror

BATCH = 500
RATE = 9_000
"""Orders a second that are offered while the mirror follows."""
CONNECTIONS = 2
SINGLES_CONNECTIONS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured."""

    customers: int = 200_000
    """There before, with :attr:`before` orders."""
    before: int = 1_000_000
    seconds: float = 30.0
    """Of each steady part."""
    load_orders: int = 10_000_000
    """In the database that the mirror's load is timed on; 0 leaves it out."""
    with_redis: bool = True


@dataclass
class Lags:
    """Watches a mirror, and tells how far behind an answer its snapshots came."""

    mirror: Mirror
    _seen: list[tuple[float, ClusterTime]] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Note each snapshot's position within 2 ms of its coming, until stopped."""
        stopped = False
        while not stopped:
            stopped = self._stop.wait(0.002)
            position = self.mirror.snapshot().position
            if position is not None and (not self._seen or position > self._seen[-1][1]):
                self._seen.append((time.time(), position))

    def stop(self) -> None:
        """End the watch."""
        self._stop.set()

    def of(self, answers: list[Answer]) -> list[float]:
        """Return seconds from each answer to the first snapshot that holds it."""
        found = []
        for one in answers:
            wanted = ClusterTime.parse(one.cluster_time or "")
            came = next(at for at, position in self._seen if position >= wanted)
            found.append(max(0.0, came - one.at))
        return found


def run(size: Size, *, say: Callable[[str], None]) -> dict[str, object]:
    """Measure everything; ``say`` is told how far it is."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "CRM_DATA_DIR": folder,
            "CRM_DEMO_DATA": "false",
            "CRM_API_RATE": "10000000",
            "MONGODB_URI": "",
        }
        settings = Settings(data_dir=Path(folder), demo_data=False)
        with acquire(settings.data_dir) as server, open_crm(settings) as crm:
            database = connect(server.uri, settings.mongodb_database)
            with closing(database.client):
                found = _ingest(crm, database, environment, size, say)
    say("loading the mirror")
    if size.load_orders:
        found |= load_ratio(size.load_orders, say=say)
    return found


def _ingest(
    crm: Crm,
    database: Database[dict[str, Any]],
    environment: Mapping[str, str],
    size: Size,
    say: Callable[[str], None],
) -> dict[str, object]:
    collect_rarely()
    _, token = crm.create_api_key("benchmark", ["ingest"])
    say(f"seeding {size.customers:,} customers and {size.before:,} orders")
    seed_customers(database, size.customers)
    seed_orders(database, size.before, size.customers)
    steady = int(size.seconds * RATE / BATCH)
    fast = max(20, steady // 3)
    till = _Till(token, size.customers)
    with _api(environment) as address:
        say("batches as fast as answers come, nobody follows")
        flat_out = till.send(address, requests=fast, batch=BATCH, connections=CONNECTIONS)
        say("raw writes of the same documents")
        raw = raw_rates(database, fast * BATCH, till.first_of_last)
        say("batches at a steady rate, the mirror follows")
        with following(crm) as lags:
            batches = till.send(
                address, requests=steady, batch=BATCH, connections=CONNECTIONS, rate=RATE
            )
            crm.refresh()
            say("single orders, the mirror follows")
            singles = till.send(
                address, requests=int(size.seconds * 400), batch=1, connections=SINGLES_CONNECTIONS
            )
            crm.refresh()
    here, there = crm.verify_mirror()
    behind, behind_singles = lags.of(batches), lags.of(singles)
    rate = _rate(flat_out, BATCH)
    found: dict[str, object] = {
        "orders_per_second": _rate(batches, BATCH),
        "singles_per_second": _rate(singles, 1),
        "p99_ms": max(_p99_ms(batches), _p99_ms(singles)),
        "ratio_raw": round(rate / raw["upsert"], 2),
        "lag_p99_ms": _milliseconds(_p(behind, 99)),
        "batches": _figures(batches, BATCH) | {"lag_p50_ms": _milliseconds(_p(behind, 50))},
        "singles": _figures(singles, 1) | {"lag_p99_ms": _milliseconds(_p(behind_singles, 99))},
        "flat_out": _figures(flat_out, BATCH),
        "raw": raw,
        "ratio_raw_insert": round(rate / raw["insert"], 2),
        "mirror_equals_mongodb": here == there,
    }
    if size.with_redis:
        say("batches through Redis and one consumer, the mirror follows")
        found["redis"] = _through_redis(crm, database, environment, till, steady // 2)
    # The last, because layers that somebody has asked are made ready anew from then on.
    found["previewed"] = _previewed(crm, environment, till, steady, say)
    return found


def _previewed(
    crm: Crm,
    environment: Mapping[str, str],
    till: _Till,
    requests: int,
    say: Callable[[str], None],
) -> dict[str, object]:
    say("batches at a steady rate while somebody edits a rule, with two previews a second")
    with _api(environment) as address, following(crm) as lags, looking(crm) as previews:
        answers = till.send(
            address, requests=requests, batch=BATCH, connections=CONNECTIONS, rate=RATE
        )
        crm.refresh()
    behind = lags.of(answers)
    return (
        _figures(answers, BATCH)
        | {f"lag_p{n}_ms": _milliseconds(_p(behind, n)) for n in (50, 99)}
        | {f"preview_p{n}_ms": _milliseconds(_p(previews, n)) for n in (50, 95)}
    )


def _through_redis(
    crm: Crm,
    database: Database[dict[str, Any]],
    environment: Mapping[str, str],
    till: _Till,
    requests: int,
) -> dict[str, object]:
    orders, before = database["orders"], crm.stores.orders.count()
    with tempfile.TemporaryDirectory() as folder, redis(Path(folder)) as url:
        streaming = {**environment, "CRM_STREAM_URL": url}
        consumer = engine_command(["consume"], streaming)
        with consumer, _api(streaming) as address, following(crm):
            begun = time.monotonic()
            answers = till.send(
                address, requests=requests, batch=BATCH, connections=CONNECTIONS, rate=RATE
            )
            wanted = before + requests * BATCH
            # Counting 1 M orders would take a second of what is timed.
            wait_until(lambda: orders.estimated_document_count() >= wanted, 120)
            written = time.monotonic() - begun - till.preparing
            crm.refresh()
    return _figures(answers, BATCH) | {
        "written_per_second": round(requests * BATCH / written),
        "each_once": crm.stores.orders.count() == wanted,
    }


class _Till:
    """Sends loads, each with orders of its own."""

    def __init__(self, token: str, customers: int) -> None:
        self._token = token
        self._customers = customers
        self._next = 0
        self.first_of_last = 0
        self.preparing = 0.0
        """Seconds in which the last load was made ready, before its first request."""

    def send(self, address: str, **how: Any) -> list[Answer]:  # noqa: ANN401 - Load's own
        self.first_of_last = self._next
        load = Load(
            address=address,
            token=self._token,
            first=self._next,
            customers=self._customers,
            **how,
        )
        self._next += load.requests * load.batch
        begun = time.time()
        answers = sent(load)
        self.preparing = answers[0].at - answers[0].seconds - begun
        return answers


@contextmanager
def following(crm: Crm) -> Iterator[Lags]:
    """Let the mirror follow, and watch it; it goes on following afterwards."""
    crm.mirror.start()
    crm.refresh()
    lags = Lags(crm.mirror)
    thread = threading.Thread(target=lags.watch)
    thread.start()
    try:
        yield lags
    finally:
        lags.stop()
        thread.join()


@contextmanager
def _api(environment: Mapping[str, str]) -> Iterator[str]:
    port = free_port()
    with engine_command(["api", f"--port={port}"], environment):
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: listens(address))
        yield address


def _figures(answers: list[Answer], batch: int) -> dict[str, object]:
    return {
        "requests": len(answers),
        "orders_per_second": _rate(answers, batch),
        "p50_ms": _milliseconds(_p([one.seconds for one in answers], 50)),
        "p99_ms": _p99_ms(answers),
    }


def _rate(answers: list[Answer], batch: int) -> int:
    seconds = answers[-1].at - min(one.at - one.seconds for one in answers)
    return round(len(answers) * batch / seconds)


def _p99_ms(answers: list[Answer]) -> float:
    return _milliseconds(_p([one.seconds for one in answers], 99))


def _p(seconds: list[float], percent: int) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
