from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.errors import Cancelled, InvalidInput, NotFound, StoreUnavailable
from engine.ingest import run
from engine.ingest.mapping import mapping_from_dict, mapping_to_dict
from engine.ingest.presets import ONLINE_RETAIL
from engine.ingest.result import Phase
from engine.store.client import connect
from engine.store.imports import SILENT_AFTER, ImportCounts, ImportStatus, MappingStore
from engine.store.orders import OrderStore
from tests.integration.ingest.shop import NOW

if TYPE_CHECKING:
    from engine.domain.order import Order
    from engine.ingest.result import Progress
    from engine.store.writes import WriteCounts
    from tests.integration.ingest.shop import Shop

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
TEXT = HEADER + "".join(
    f"{n},A,Lamp,1,2010-12-01 08:26:00,2.50,{n % 7},India\n" for n in range(2_500)
)


def test_a_finished_import_is_recorded_with_all_it_did(shop: Shop) -> None:
    result = shop.bring_in(TEXT, ONLINE_RETAIL)
    record = shop.imports.get(result.import_id, now=NOW)
    assert (record.status, record.by, record.file_name) == (
        ImportStatus.FINISHED,
        "asha",
        "file.csv",
    )
    assert record.sha256 == result.sha256 == sha256(TEXT.encode()).hexdigest()
    assert mapping_from_dict(dict(record.mapping)) == ONLINE_RETAIL
    assert record.counts.orders_written.inserted == 2_500
    assert (record.counts.rows, record.counts.customers) == (2_500, 7)
    assert record.ended_at == NOW


def test_progress_never_falls_and_ends_whole(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "TICK_ROWS", 100)
    seen: list[Progress] = []
    shop.bring_in(TEXT, ONLINE_RETAIL, progress=seen.append)
    assert all(one.fraction <= two.fraction for one, two in pairwise(seen))
    assert seen[0].fraction == 0
    assert list(dict.fromkeys(one.phase for one in seen)) == list(Phase)
    assert seen[-1].to_write == 2_507
    assert seen[-1].done_bytes == seen[-1].total_bytes == len(TEXT)


def test_a_cancel_while_reading_writes_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "TICK_ROWS", 100)
    asked = iter([False, False, True])
    with pytest.raises(Cancelled, match="nothing was written"):
        shop.bring_in(TEXT, ONLINE_RETAIL, cancelled=lambda: next(asked))
    assert shop.is_empty
    record = shop.last_import()
    assert record.status is ImportStatus.STOPPED
    assert record.reason == "stopped while reading the file; nothing was written"
    assert record.sha256 is None


def test_a_cancel_while_writing_stops_between_batches_and_says_where(shop: Shop) -> None:
    written: list[Progress] = []
    with pytest.raises(Cancelled, match="after 7 of 7 customers and 1,000 of 2,500 orders"):
        shop.bring_in(
            TEXT,
            ONLINE_RETAIL,
            progress=written.append,
            cancelled=lambda: (
                bool(written) and written[-1].written >= 7 and shop.orders.count() > 0
            ),
        )
    assert (shop.orders.count(), shop.customers.count()) == (1_000, 7)
    record = shop.last_import()
    assert record.status is ImportStatus.STOPPED
    assert record.reason is not None
    assert "importing the same file again completes it" in record.reason
    result = shop.bring_in(TEXT, ONLINE_RETAIL)
    assert (result.orders_written.inserted, result.orders_written.unchanged) == (1_500, 1_000)
    assert shop.bring_in(TEXT, ONLINE_RETAIL).changed_nothing


def test_no_order_is_ever_stored_without_its_customer(shop: Shop) -> None:
    def look(_progress: Progress) -> None:
        if shop.orders.count():
            assert shop.customers.count() == 7

    shop.bring_in(TEXT, ONLINE_RETAIL, progress=look)
    assert shop.orders.count() == 2_500


def test_a_store_that_goes_away_is_recorded_and_the_next_import_completes(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = OrderStore.upsert

    def lost(
        store: OrderStore, orders: list[Order], *, source: str, revision: int | None
    ) -> WriteCounts:
        if store.count():
            msg = "MongoDB did not answer"
            raise StoreUnavailable(msg)
        return real(store, orders, source=source, revision=revision)

    with monkeypatch.context() as patched:
        patched.setattr(OrderStore, "upsert", lost)
        with pytest.raises(StoreUnavailable):
            shop.bring_in(TEXT, ONLINE_RETAIL)
    record = shop.last_import()
    assert (record.status, record.reason) == (ImportStatus.FAILED, "MongoDB did not answer")
    assert record.counts.orders_written.inserted == 1_000
    assert shop.bring_in(TEXT, ONLINE_RETAIL).orders_written.inserted == 1_500


def test_an_import_whose_process_was_killed_does_not_run_for_ever(shop: Shop) -> None:
    import_id = shop.imports.start("big.csv", {}, by="asha", now=NOW)
    later = NOW + timedelta(minutes=5)
    shop.imports.beat(import_id, ImportCounts(rows=10, net_amount=10**30), now=later)
    assert shop.imports.get(import_id, now=later + SILENT_AFTER).status is ImportStatus.RUNNING
    silent = shop.imports.get(import_id, now=later + SILENT_AFTER + timedelta(seconds=1))
    assert (silent.status, silent.ended_at) == (ImportStatus.STOPPED, later)
    assert silent.reason is not None
    assert "importing the same file again completes it" in silent.reason
    assert silent.counts.net_amount == 10**30


def test_an_import_killed_while_writing_is_completed_by_the_next(
    shop: Shop, mongo_uri: str, db_name: str
) -> None:
    path = shop.folder / "file.csv"
    path.write_text(TEXT, encoding="utf-8")
    command = [sys.executable, "-m", "tests.integration.ingest.killed_import"]
    root = Path(__file__).parents[3]
    killed = subprocess.run(  # noqa: S603 - our own script
        [*command, mongo_uri, db_name, str(path)], cwd=root, check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    assert 0 < shop.orders.count() < 2_500
    started = shop.imports.recent(now=NOW)[0].started_at
    assert shop.imports.recent(now=started)[0].status is ImportStatus.RUNNING
    assert shop.imports.recent(now=started + timedelta(hours=1))[0].status is ImportStatus.STOPPED
    shop.bring_in(TEXT, ONLINE_RETAIL)
    assert (shop.orders.count(), shop.customers.count()) == (2_500, 7)
    assert shop.bring_in(TEXT, ONLINE_RETAIL).changed_nothing


def test_a_running_import_renews_its_heartbeat(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "TICK_ROWS", 100)
    monkeypatch.setattr(run, "BEAT_EVERY", timedelta(0))
    rows: list[int] = []

    def look(_progress: Progress) -> None:
        rows.append(shop.last_import().counts.rows)

    shop.bring_in(TEXT, ONLINE_RETAIL, progress=look)
    assert len(set(rows)) > 10


def test_nothing_is_left_in_the_temporary_folder(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = shop.folder / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    monkeypatch.setenv("SQLITE_TMPDIR", str(place))
    during: list[int] = []
    with pytest.raises(Cancelled):
        shop.bring_in(
            TEXT,
            ONLINE_RETAIL,
            progress=lambda _: during.append(len(list(place.iterdir()))),
            cancelled=lambda: len(during) > 3,
        )
    assert set(during) == {0}
    assert list(place.iterdir()) == []


def test_batches_are_of_a_thousand(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    real = OrderStore.upsert

    def counting(
        store: OrderStore, orders: list[Order], *, source: str, revision: int | None
    ) -> WriteCounts:
        sizes.append(len(orders))
        return real(store, orders, source=source, revision=revision)

    monkeypatch.setattr(OrderStore, "upsert", counting)
    shop.bring_in(TEXT, ONLINE_RETAIL)
    assert sizes == [1_000, 1_000, 500]


def test_mappings_are_saved_by_name_in_any_case(mongo_uri: str, db_name: str) -> None:
    database = connect(mongo_uri, db_name)
    store = MappingStore(database)
    store.save("Our Till", mapping_to_dict(ONLINE_RETAIL), by="asha", now=NOW)
    store.save("our till", {**mapping_to_dict(ONLINE_RETAIL), "name": "x"}, by="asha", now=NOW)
    assert store.names() == ("our till",)
    assert mapping_from_dict(store.get("OUR TILL")).name == "x"
    with pytest.raises(NotFound):
        store.get("our tills")
    for bad in ("", "  ", "x" * 101, "a\nb"):
        with pytest.raises(InvalidInput):
            store.save(bad, {}, by="asha", now=NOW)
    database.client.close()
