"""Streams of any length over real HTTP."""

from __future__ import annotations

import gzip
import hashlib
import json
import socket
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from engine.api import arriving, imports
from engine.api.application import create_app
from engine.domain.customer import AttributeType
from engine.ingest.record_lines import MAX_LINE
from engine.ingest.record_stream import BATCH
from engine.store.attributes import AttributeStore
from tests.integration.api.serving import served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.crm import Crm

NDJSON = {"Content-Type": "application/x-ndjson"}
CSV = {"Content-Type": "text/csv"}
HEADER = "order_id,customer_id,ordered_at,amount"


def line(number: int, **changes: object) -> bytes:
    row = {"order_id": f"o{number}", "customer_id": f"c{number % 7}", "ordered_at": "2026-03-31"}
    return json.dumps({**row, "amount": number, **changes}).encode() + b"\n"


def send(api: httpx.Client, content: Any, headers: dict[str, str], kind: str = "orders") -> Any:  # noqa: ANN401 - JSON, and whatever httpx sends
    reply = api.post("/v1/import", params={"kind": kind}, content=content, headers=headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_a_stream_of_lines_is_written_and_sending_it_again_changes_nothing(
    api: httpx.Client, crm: Crm
) -> None:
    content = b"".join(line(n) for n in range(2 * BATCH + 1))
    told = send(api, content, NDJSON)
    assert (told["received"], told["stored"], told["created"]) == (1_001, 1_001, 1_001)
    assert told["refusals"] == {}
    again = send(api, gzip.compress(content, mtime=0), {**NDJSON, "Content-Encoding": "gzip"})
    assert (again["created"], again["unchanged"]) == (0, 1_001)
    assert crm.stores.orders.count() == 1_001
    assert crm.stores.customers.count() == 7


def test_beside_a_stream_an_import_is_written_and_what_was_accepted_before_is_not_over_it(
    crm: Crm,
) -> None:
    unused: Any = object()
    streaming = replace(crm, stream=unused)
    before, row = crm.revision(), json.loads(line(7))
    _, token = crm.create_api_key("test", ["ingest"])
    headers = {**NDJSON, "Authorization": f"Bearer {token}"}
    with served(create_app(lambda: streaming)) as address, httpx.Client(base_url=address) as api:
        assert send(api, line(7), headers)["created"] == 1
    for revision, amount in ((before, 700), (crm.revision(), 900)):
        crm.take_orders([{**row, "amount": 9}], revision=revision)
        assert [one.amount for one in crm.stores.orders.of_customer("c0")] == [amount]


def test_records_are_written_while_the_stream_still_comes(api: httpx.Client, crm: Crm) -> None:
    seen: list[int] = []

    def pieces() -> Iterator[bytes]:
        for n in range(BATCH):
            yield line(n)
        yield line(BATCH)[:20]
        end = time.monotonic() + 60
        while not crm.stores.orders.count() and time.monotonic() < end:
            time.sleep(0.02)
        seen.append(crm.stores.orders.count())
        yield line(BATCH)[20:]

    assert send(api, pieces(), NDJSON)["stored"] == BATCH + 1
    assert seen == [BATCH]


def test_lines_that_cannot_be_taken_are_counted_by_reason_with_their_places(
    api: httpx.Client, crm: Crm
) -> None:
    bad = {
        2: b"{\n",
        3: b'{"order_id": "x", "order_id": "y"}\n',
        4: line(4, amount="x"),
        5: b'{"order_id": "\xff"}\n',
        6: b" " * 10 + b'"' + b"x" * (MAX_LINE + 10) + b'"\n',
        7: b"7\n",
        9: line(9, amount="y"),
    }
    content = b"".join(bad.get(n, line(n)) for n in range(1, 11)) + b"\n\n" + line(13).strip()
    told = send(api, content, NDJSON)
    assert (told["received"], told["stored"], told["refused"]) == (11, 4, 7)
    assert told["reasons"] == {
        "not a record": 3,
        "not a number": 2,
        "text not in the file's encoding": 1,
        "text too long": 1,
    }
    lines = {kind: [one["line"] for one in refused] for kind, refused in told["refusals"].items()}
    assert lines == {
        "not a record": [2, 3, 7],
        "not a number": [4, 9],
        "text not in the file's encoding": [5],
        "text too long": [6],
    }
    assert told["refusals"]["not a number"][0]["id"] == "o4"
    assert told["refusals"]["not a number"][0]["problem"]["field"] == "amount"
    assert crm.stores.orders.count() == 4


def test_the_first_hundred_of_a_reason_are_kept(api: httpx.Client) -> None:
    told = send(api, b"7\n" * 250, NDJSON)
    assert told["reasons"] == {"not a record": 250}
    assert [one["line"] for one in told["refusals"]["not a record"]] == list(range(1, 101))


def test_a_csv_of_orders_is_read_by_its_header(api: httpx.Client, crm: Crm) -> None:
    content = (
        f"\ufeff{HEADER},channel,status\r\n"
        'o1,c1,2026-03-31 09:30,"12.50","in\n store",\r\n'
        "o2,c1,2026-03-31,-3,web,refunded\r\n"
        "o3,c1,2026-03-31\r\n"
        'o4,c1,"broken"x,1,,\r\n'
        "\r\n"
        "o5,c1,never,1,,\r\n"
    )
    told = send(api, content.encode(), CSV)
    assert (told["received"], told["stored"]) == (5, 2)
    lines = {kind: [one["line"] for one in refused] for kind, refused in told["refusals"].items()}
    assert lines == {
        "wrong number of cells": [5],
        "quotes do not match": [6],
        "not a date and time": [8],
    }
    stored = {one.order_id: one for one in crm.stores.orders.of_customer("c1")}
    assert stored["o1"].channel == "in  store"
    assert stored["o2"].amount == -300


def test_a_csv_of_customers_reads_attributes_by_the_type_they_have(
    api: httpx.Client, crm: Crm
) -> None:
    known = {"points": 7, "vip": True, "likes": ["x"]}
    api.put("/v1/customers/c0", json={"attributes": known})
    content = (
        "customer_id,tags,attributes.points,attributes.vip,attributes.likes,attributes.size\n"
        'c1,"a, b",12,yes,"p,q",42\n'
        "c2,,twelve,,,\n"
    )
    told = send(api, content.encode(), CSV, "customers")
    assert told["reasons"] == {"value of another type": 1}
    found = crm.stores.customers.get("c1")
    assert found.tags == ("a", "b")
    assert found.attributes == {"points": 12.0, "vip": True, "likes": ("p", "q"), "size": "42"}
    assert crm.intake.attribute_type("size") is AttributeType.TEXT


def test_a_csv_that_is_not_utf_8_says_so_cell_by_cell(api: httpx.Client) -> None:
    content = "customer_id,city,attributes.x\nc1,Zürich,1\nc2,Pune,ü\nc3,Pune,u\n".encode("latin-1")
    told = send(api, content, CSV, "customers")
    assert (told["stored"], told["reasons"]) == (1, {"text not in the file's encoding": 2})
    (city, own) = told["refusals"]["text not in the file's encoding"]
    assert (city["line"], city["problem"]["field"], own["line"], own["problem"]["field"]) == (
        *(2, "city"),
        *(3, "attributes/x"),
    )
    assert "save the file in that encoding" in city["problem"]["reason"]


@pytest.mark.parametrize(
    ("content", "headers", "kind", "status", "says"),
    [
        (b"", CSV, "orders", 422, "the CSV is empty"),
        (b"order_id,custmer_id\n", CSV, "orders", 422, "did you mean 'customer_id'?"),
        (b"order_id,order_id\n", CSV, "orders", 422, "twice"),
        (b"order_id,items\n", CSV, "orders", 422, "'items' is no field"),
        (b"attributes.x\n", CSV, "orders", 422, "'attributes.x' is no field"),
        (b"order_id;customer_id\n", CSV, "orders", 422, "separated by commas, not by ';'"),
        (
            b'order_id,"customer_id\no1,c1\n',
            CSV,
            "orders",
            422,
            "line 1, which should be the header",
        ),
        (b"order_id,customer_id\ro1,c1\r", CSV, "orders", 422, "a line break stands inside"),
        (b"attributes.x:numbr\n", CSV, "customers", 422, "did you mean 'number'?"),
        (b"attributes.x,attributes.x:list\n", CSV, "customers", 422, "twice"),
        (
            ",".join(f"attributes.a{n}" for n in range(101)).encode(),
            CSV,
            "customers",
            422,
            "101 attributes, at most 100",
        ),
        (b"{}", NDJSON, "people", 422, "orders"),
        (b"{}", {"Content-Type": "application/json"}, "orders", 415, "application/x-ndjson"),
        (
            gzip.compress(line(1), mtime=0)[:-9],
            {**NDJSON, "Content-Encoding": "gzip"},
            "orders",
            400,
            "cut",
        ),
    ],
)
def test_a_stream_that_cannot_be_read_is_a_problem(  # noqa: PLR0917 - a case
    api: httpx.Client, content: bytes, headers: dict[str, str], kind: str, status: int, says: str
) -> None:
    reply = api.post("/v1/import", params={"kind": kind}, content=content, headers=headers)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert says in reply.text


def test_what_came_before_a_cut_off_stays_and_the_server_goes_on(
    api: httpx.Client, crm: Crm
) -> None:
    head = (
        "POST /v1/import?kind=orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
        f"Authorization: {api.headers['Authorization']}\r\n"
    )
    body = b"".join(line(n) for n in range(BATCH + 10))
    with socket.create_connection((api.base_url.host, api.base_url.port or 0)) as connection:
        connection.sendall(f"{head}Content-Length: {len(body) * 2}\r\n\r\n".encode() + body)
        end = time.monotonic() + 60
        while crm.stores.orders.count() < BATCH and time.monotonic() < end:
            time.sleep(0.02)
    wait_until(lambda: crm.stores.orders.count() == BATCH + 10)
    wait_until(lambda: 'crm_rows_total{kind="orders",outcome="created"} 510.0' in metrics(api))


def metrics(api: httpx.Client) -> str:
    return api.get("/metrics").text


def wait_until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.02)


@contextmanager
def sending(api: httpx.Client, *pieces: bytes) -> Iterator[socket.socket]:
    """Begin a stream by hand; it stays open until the block ends."""
    head = (
        "POST /v1/import?kind=orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
        f"Authorization: {api.headers['Authorization']}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    where = (api.base_url.host, api.base_url.port or 0)
    with socket.create_connection(where, timeout=60) as connection:
        connection.sendall(head.encode() + b"".join(map(chunked, pieces)))
        yield connection


def chunked(piece: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(piece), piece)


def test_a_stream_that_pauses_or_trickles_is_written_as_it_comes(
    api: httpx.Client, crm: Crm
) -> None:
    with sending(api, line(1), line(2)[:20]) as connection:
        wait_until(lambda: crm.stores.orders.count() == 1)
        for n in range(3, 60):
            connection.sendall(chunked(line(2)[20:] if n == 3 else line(n)))
            time.sleep(0.05)
            if crm.stores.orders.count() > 1:
                break
        assert 1 < crm.stores.orders.count() < BATCH, "while it never paused"


def test_a_stream_that_falls_silent_is_ended_and_says_what_it_stored(
    api: httpx.Client, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "SILENT_SECONDS", 0.5)
    with sending(api, line(1), line(2), line(3)[:20]) as connection:
        reply = b""
        while b"changes nothing twice" not in reply:
            more = connection.recv(4096)
            assert more, reply
            reply += more
    assert reply.startswith(b"HTTP/1.1 408 ")
    assert b"2 records before line 3 are stored" in reply
    assert crm.stores.orders.count() == 2


def test_a_stream_that_is_cut_says_what_it_stored_and_the_metrics_count_it(
    api: httpx.Client, crm: Crm
) -> None:
    rows = b"".join(line(n, channel=hashlib.sha256(b"%d" % n).hexdigest()) for n in range(1_200))
    content = gzip.compress(rows + b"7\n", mtime=0)[:-8]
    headers = {**NDJSON, "Content-Encoding": "gzip"}
    reply = api.post("/v1/import", params={"kind": "orders"}, content=content, headers=headers)
    assert reply.status_code == 400
    assert "1,200 records before line 1,202 are stored" in reply.json()["detail"]
    assert crm.stores.orders.count() == 1_200
    assert 'crm_rows_total{kind="orders",outcome="created"} 1200.0' in metrics(api)
    assert 'crm_rows_total{kind="orders",outcome="refused"} 1.0' in metrics(api)


def test_where_every_place_is_taken_others_are_told_soon_and_come_in_later(
    api: httpx.Client, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "PLACE_SECONDS", 0.1)
    with ExitStack() as held:
        for n in range(imports.MOST_AT_ONCE):
            held.enter_context(sending(api, line(n)))
        wait_until(lambda: crm.stores.orders.count() == imports.MOST_AT_ONCE)
        reply = api.post("/v1/import?kind=orders", content=line(99), headers=NDJSON)
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "5")
    monkeypatch.setattr(imports, "PLACE_SECONDS", 60)
    assert send(api, line(99), NDJSON)["created"] == 1


def test_a_csv_says_what_new_attributes_became_and_its_header_may_say_what_they_are(
    api: httpx.Client, crm: Crm
) -> None:
    content = (
        "customer_id,attributes.points:number,attributes.ok:boolean,attributes.likes:list,"
        'attributes.size\nc1,12,yes,"a,b",42\nc2,twelve,,,\n'
    )
    told = send(api, content.encode(), CSV, "customers")
    assert told["new_attributes"] == {
        "points": "number",
        "ok": "boolean",
        "likes": "list",
        "size": "text",
    }
    assert told["reasons"] == {"not a number": 1}
    [refused] = told["refusals"]["not a number"]
    assert (refused["line"], refused["problem"]["field"]) == (3, "attributes/points")
    found = crm.stores.customers.get("c1")
    assert found.attributes == {"points": 12.0, "ok": True, "likes": ("a", "b"), "size": "42"}
    again = send(api, content.encode(), CSV, "customers")
    assert (again["new_attributes"], again["unchanged"]) == ({}, 1)


def test_a_header_of_many_columns_costs_one_look_at_the_types(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    real = AttributeStore.types

    def counted(store: AttributeStore) -> dict[str, AttributeType]:
        looks.append(1)
        return real(store)

    monkeypatch.setattr(AttributeStore, "types", counted)
    names = ",".join(f"attributes.a{n}" for n in range(100))
    row = "," * 100
    assert send(api, f"customer_id,{names}\nc1{row}\n".encode(), CSV, "customers")["created"] == 1
    assert len(looks) == 1


@contextmanager
def bounded_memory(most: int) -> Iterator[None]:
    """Assert that this process took no more than so many bytes for what the block does."""
    peak = [0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            peak[0] = max(peak[0], resident())

    before = resident()
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
    assert peak[0] - before < most


def test_a_gzip_that_unpacks_to_one_line_of_300_mb_is_read_in_bounded_memory(
    api: httpx.Client,
) -> None:
    packed = gzip.compress(b"x" * 100_000_000, mtime=0) * 3
    with bounded_memory(100_000_000):
        told = send(api, packed, {**NDJSON, "Content-Encoding": "gzip"})
    assert told["reasons"] == {"text too long": 1}


@pytest.mark.parametrize(
    ("line", "times", "headers", "says"),
    [
        (b"x" * 1_000_000 + b"\n", 300, CSV, "text too long"),
        (b'{"a":[' + b"{}," * 43_000 + b"{}]}\n", 80, NDJSON, "text too long"),
        (b'"\n",' * 1_000, 6_000, CSV, "the row that begins in line 2 has more than 2,097,152"),
    ],
    ids=["text", "objects", "a row without end"],
)
def test_lines_of_a_megabyte_are_read_in_bounded_memory(
    api: httpx.Client, line: bytes, times: int, headers: dict[str, str], says: str
) -> None:
    head = f"{HEADER}\n".encode() if headers is CSV else b""
    packed = gzip.compress(head, mtime=0) + gzip.compress(line, mtime=0) * times
    with bounded_memory(120_000_000):
        reply = api.post(
            "/v1/import?kind=orders",
            content=packed,
            headers={**headers, "Content-Encoding": "gzip"},
        )
    assert says in reply.text


def resident() -> int:
    """Bytes of memory that this process has now."""
    with open("/proc/self/statm") as file:  # noqa: PTH123 - read 50 times a second
        return int(file.read().split()[1]) * 4096
