"""The SDK over real HTTP: against a server that fails on purpose, and against the routes."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pytest

from engine import client as sdk
from engine.api.application import create_app
from engine.client import ApiProblem, Client, Unreachable
from engine.domain.customer import Customer
from engine.domain.rule_codec import decode
from tests.integration.api.serving import served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.crm import Crm

KEY = "the-key"


@dataclass
class Taken:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self.body)
        return rows


class Intake(BaseHTTPRequestHandler):
    """Stands where the API takes records: plays what it is told first, then takes everything."""

    protocol_version = "HTTP/1.1"
    server: Door

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        headers = {name.lower(): value for name, value in self.headers.items()}
        taken = Taken(self.command, self.path, headers, body)
        with self.server.lock:
            self.server.taken.append(taken)
            act = self.server.acts.pop(0) if self.server.acts else store
        act(self, taken)

    do_PUT = do_GET = do_DELETE = do_POST  # noqa: N815 - the base class's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def reply(self, status: int, body: object, **headers: str) -> None:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Transfer_Encoding" not in headers:
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


class Door(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Intake)
        self.lock = threading.Lock()
        self.taken: list[Taken] = []
        self.acts: list[Callable[[Intake, Taken], None]] = []

    def handle_error(self, *_: object) -> None:
        """A connection that is cut on purpose is no error."""

    @property
    def keys(self) -> list[str]:
        return [one.headers["idempotency-key"] for one in self.taken]


def store(intake: Intake, taken: Taken) -> None:
    """Take rows, but those whose id begins with "bad"."""
    if taken.method != "POST":
        intake.reply(200, {"taken": True})
        return
    rows = [
        {"row": n, "id": one["order_id"], "status": "stored"}
        if not one["order_id"].startswith("bad")
        else {"row": n, "id": one["order_id"], "status": "refused", "problems": [{"field": "x"}]}
        for n, one in enumerate(taken.rows)
    ]
    refused = sum(one["status"] == "refused" for one in rows)
    stored = len(rows) - refused
    counts = {"received": len(rows), "stored": stored, "created": stored, "refused": refused}
    at = f"1764117929.{len(intake.server.taken)}"
    intake.reply(200, {**counts, "updated": 0, "unchanged": 0, "rows": rows, "cluster_time": at})


def fails(status: int, **headers: str) -> Callable[[Intake, Taken], None]:
    problem = {"title": "No", "status": status, "detail": "not now", "errors": [{"field": "a"}]}
    return lambda intake, _: intake.reply(status, problem, **headers)


def cut(intake: Intake, _: Taken) -> None:
    """Close the connection instead of answering."""
    intake.connection.shutdown(socket.SHUT_RDWR)
    intake.close_connection = True


@contextmanager
def opened() -> Iterator[Door]:
    with Door() as door:
        thread = threading.Thread(target=door.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield door
        finally:
            door.shutdown()
            thread.join()


@pytest.fixture
def door() -> Iterator[Door]:
    with opened() as door:
        yield door


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the client would have slept, in seconds; it sleeps nothing."""
    slept: list[float] = []
    monkeypatch.setattr("engine.client._pause", lambda seconds, _: slept.append(seconds))
    return slept


@pytest.fixture
def client(door: Door, waits: list[float]) -> Iterator[Client]:
    assert waits == []
    with Client(f"http://127.0.0.1:{door.server_port}/api", KEY, timeout=10) as client:
        yield client


def orders(count: int) -> list[dict[str, Any]]:
    return [{"order_id": f"o{number}"} for number in range(count)]


def test_rows_go_in_batches_each_with_a_key_of_its_own(door: Door, client: Client) -> None:
    seen: list[tuple[int, int | None]] = []
    sent = client.send_orders(orders(1_201), batch=500, on_progress=lambda *now: seen.append(now))
    assert [len(one.rows) for one in door.taken] == [500, 500, 201]
    assert {(one.method, one.path) for one in door.taken} == {("POST", "/api/v1/orders")}
    assert {one.headers["authorization"] for one in door.taken} == {f"Bearer {KEY}"}
    assert len(set(door.keys)) == 3
    assert seen == [(500, 1_201), (1_000, 1_201), (1_201, 1_201)]
    assert (sent.rows, sent.stored, sent.created, sent.refused) == (1_201, 1_201, 1_201, 0)
    assert sent.cluster_time == "1764117929.3"


def test_the_latest_cluster_time_is_the_greatest_not_the_last_in_the_alphabet() -> None:
    sent = sdk.Sent()
    for at in ("1764117929.9", "1764117929.10", "999.99", None):
        sent.add([0], {"stored": 1, "cluster_time": at})
    assert sent.cluster_time == "1764117929.10"


def test_a_batch_keeps_its_key_over_503_a_cut_connection_and_429(
    door: Door, client: Client, waits: list[float]
) -> None:
    door.acts = [fails(503), fails(503), cut, fails(429, Retry_After="7")]
    sent = client.send_orders(orders(3))
    assert sent.stored == 3
    assert len(door.taken) == 5, "all of it happened"
    assert len(set(door.keys)) == 1
    assert len({one.body for one in door.taken}) == 1
    assert all(low / 2 <= wait <= low for wait, low in zip(waits, (0.25, 0.5, 1), strict=False))
    assert waits[3] >= 7, "Retry-After is honoured"


def test_a_batch_whose_twin_is_still_running_is_sent_again(
    door: Door, client: Client, waits: list[float]
) -> None:
    door.acts = [cut, fails(409, Retry_After="5"), fails(409, Retry_After="5")]
    assert client.send_orders(orders(1)).stored == 1
    assert len(set(door.keys)) == 1
    assert min(waits[1:]) >= 5


def test_a_retry_after_may_be_a_date(door: Door, client: Client, waits: list[float]) -> None:
    later = datetime.now(UTC).timestamp() + 60
    stamp = datetime.fromtimestamp(later, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    door.acts = [fails(429, Retry_After=stamp), fails(503, Retry_After="soon")]
    client.send_orders(orders(1))
    assert 50 < waits[0] < 62
    assert waits[1] < 1


def test_a_retry_after_beyond_all_patience_is_raised(
    door: Door, client: Client, waits: list[float]
) -> None:
    door.acts = [fails(429, Retry_After="86400")]
    with pytest.raises(ApiProblem) as raised:
        client.send_orders(orders(1))
    assert (raised.value.retry_after, waits) == (86_400, [])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 500, 307])
def test_what_trying_again_does_not_mend_is_raised_at_once(
    door: Door, client: Client, status: int
) -> None:
    door.acts = [fails(status)]
    with pytest.raises(ApiProblem, match=f"{status} No: not now") as raised:
        client.send_orders(orders(2))
    assert (raised.value.status, raised.value.errors) == (status, [{"field": "a"}])
    assert len(door.taken) == 1


def test_after_the_last_try_the_last_failure_is_raised(door: Door, client: Client) -> None:
    door.acts = [fails(503)] * 6
    with pytest.raises(ApiProblem, match="503"):
        client.send_orders(orders(1))
    assert len(door.taken) == 6
    door.acts = [cut] * 6
    with pytest.raises(Unreachable, match="/api/v1/orders"):
        client.send_orders(orders(1))
    assert len(door.taken) == 12


def test_an_error_says_what_is_wrong_where_its_detail_does_not(door: Door, client: Client) -> None:
    errors = [{"field": f"f{n}", "reason": f"no {n}"} for n in range(5)]
    problem = {"title": "Bad", "detail": "see no 0", "errors": [*errors, "x"]}
    door.acts = [lambda intake, _: intake.reply(422, problem)] * 2
    with pytest.raises(ApiProblem) as raised:
        client.put_customer("c1", {})
    assert str(raised.value) == ("422 Bad: see no 0 (f1: no 1; f2: no 2; f3: no 3; and 1 more)")
    assert raised.value.errors == errors


def test_an_answer_that_is_no_problem_document_is_quoted(door: Door, client: Client) -> None:
    door.acts = [lambda intake, _: intake.reply(502, b"<html>proxy</html>")] * 6
    with pytest.raises(ApiProblem, match="<html>proxy</html>") as raised:
        client.segments()
    assert (raised.value.title, raised.value.errors) == ("Bad Gateway", [])


def test_an_answer_that_is_cut_short_is_asked_for_again(door: Door, client: Client) -> None:
    def half(intake: Intake, _: Taken) -> None:
        intake.reply(200, b'{"segm', Content_Length="30", Transfer_Encoding="identity")
        cut(intake, _)

    door.acts = [half, lambda intake, _: intake.reply(200, {"segments": [{"id": "s"}]})]
    assert client.segments() == [{"id": "s"}]
    assert len(door.taken) == 2


def test_refused_rows_are_told_by_their_place_among_all(door: Door, client: Client) -> None:
    rows = orders(10)
    rows[4] = {"order_id": "bad4"}
    rows[9] = {"order_id": "bad9"}
    sent = client.send_orders(rows, batch=5)
    assert len(door.taken) == 2
    assert (sent.stored, sent.refused) == (8, 2)
    assert [(one.row, one.id) for one in sent.refused_rows] == [(4, "bad4"), (9, "bad9")]
    assert sent.refused_rows[0].problems == ({"field": "x"},)


def test_a_batch_of_which_no_row_was_taken_does_not_stop_the_others(
    door: Door, client: Client
) -> None:
    errors = [{"row": n % 2, "id": f"o{n % 2}", "field": f"f{n}"} for n in range(3)]
    door.acts = [lambda intake, _: intake.reply(422, {"title": "No", "errors": errors})]
    sent = client.send_orders(orders(4), batch=2)
    assert (sent.rows, sent.stored, sent.refused) == (4, 2, 2)
    told = [(one.id, [each["field"] for each in one.problems]) for one in sent.refused_rows]
    assert told == [("o0", ["f0", "f2"]), ("o1", ["f1"])]


def test_a_refused_batch_counts_whole_where_not_all_its_problems_are_told(
    door: Door, client: Client
) -> None:
    errors = [{"row": n, "field": "amount", "reason": "no"} for n in range(100)]
    door.acts = [lambda intake, _: intake.reply(422, {"title": "No", "errors": errors})]
    sent = client.send_orders(orders(501), batch=500)
    assert (sent.rows, sent.refused, sent.stored) == (501, 500, 1)
    assert [len(one.problems) for one in sent.refused_rows] == [1] * 100 + [0] * 400


def test_a_summary_holds_the_first_refused_rows_and_counts_all(client: Client) -> None:
    sent = client.send_orders({"order_id": f"bad{n}"} for n in range(1_500))
    assert (sent.refused, len(sent.refused_rows)) == (1_500, 1_000)
    assert sent.refused_rows[-1].id == "bad999"
    assert len(repr(sent)) < 300, "a notebook shows it whole"


def test_what_a_stream_takes_counts_as_accepted(door: Door, client: Client) -> None:
    listed = [{"row": 1, "id": "o1", "status": "refused", "problems": []}]
    reply = {"received": 3, "accepted_at": 1, "message": "1-0", "rows": listed}
    door.acts = [lambda intake, _: intake.reply(202, reply)]
    sent = client.send_orders(orders(3))
    assert (sent.accepted, sent.stored, sent.refused) == (2, 0, 1)
    assert sent.cluster_time is None


def test_values_are_sent_exactly(door: Door, client: Client) -> None:
    row = {
        "order_id": "o1",
        "amount": Decimal("1E+2"),
        "price": Decimal("0.10"),
        "at": datetime(2026, 3, 31, 12, tzinfo=UTC),
        "born": date(1990, 5, 17),
        "items": ({"sku": "é\u2028"},),
        "n": 2**60,
        "none": None,
        "numpy": (np.int64(7), np.float64(0.1), np.bool_(True), np.array(["x"])),  # noqa: FBT003
    }
    client.send_orders([row])
    assert door.taken[0].rows == [
        {
            "order_id": "o1",
            "amount": "100",
            "price": "0.10",
            "at": "2026-03-31T12:00:00+00:00",
            "born": "1990-05-17",
            "items": [{"sku": "é\u2028"}],
            "n": 2**60,
            "none": None,
            "numpy": [7, 0.1, True, ["x"]],
        }
    ]


def nested(levels: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found


@pytest.mark.parametrize(
    "bad", [float("nan"), Decimal("NaN"), object(), "\ud800", {1, 2}, nested(5_000)]
)
def test_a_row_without_an_exact_form_is_refused_and_its_neighbours_are_sent(
    door: Door, client: Client, bad: object
) -> None:
    rows = [*orders(2), {"order_id": "o", "bad": bad}, {"order_id": "bad3"}, {"order_id": "o4"}]
    sent = client.send_orders(rows, batch=4)
    assert [len(one.rows) for one in door.taken] == [3, 1]
    assert (sent.rows, sent.stored, sent.refused) == (5, 3, 2)
    assert [(one.row, one.id) for one in sent.refused_rows] == [(2, "o"), (3, "bad3")]
    (told,) = sent.refused_rows[0].problems
    assert (told["field"], "cannot be written as JSON" in told["reason"]) == ("bad", True)
    with pytest.raises(ValueError, match="cannot be written as JSON"):
        client.put_customer("c1", {"bad": bad})


def test_a_row_that_no_request_takes_is_refused_here(door: Door, client: Client) -> None:
    sent = client.send_orders([{"order_id": "o1", "note": "x" * 5_000_000}])
    assert (sent.rows, sent.refused, door.taken) == (1, 1, [])
    assert "5,000,0" in sent.refused_rows[0].problems[0]["reason"]


@pytest.mark.parametrize("rows", [{"order_id": "o1"}, "o1", b"o1", 7, ["o1"], [["order_id", "o1"]]])
def test_what_holds_no_rows_is_refused_before_anything_is_sent(
    door: Door,
    client: Client,
    rows: Any,  # noqa: ANN401 - whatever somebody gives
) -> None:
    with pytest.raises(TypeError, match="mapping"):
        client.send_orders(rows)
    assert door.taken == []


class Records:
    """A frame that is not pandas' and yields the names of its columns."""

    columns = ("order_id", "amount")

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def to_dict(self, orient: str) -> list[dict[str, Any]]:
        assert orient == "records"
        return [{"order_id": "a", "amount": 1.5}, {"order_id": "b", "amount": float("nan")}]


def test_a_frame_that_yields_its_columns_is_sent_row_by_row(door: Door, client: Client) -> None:
    seen: list[tuple[int, int | None]] = []
    sent = client.send_orders(Records(), on_progress=lambda *now: seen.append(now))
    assert door.taken[0].rows == [{"order_id": "a", "amount": 1.5}]
    assert ([one.row for one in sent.refused_rows], seen) == ([1], [(2, 2)])
    assert sent.refused_rows[0].problems[0]["field"] == "amount"


def test_what_a_pandas_frame_has_no_value_for_is_null(door: Door, client: Client) -> None:
    frame = pd.DataFrame(
        {
            "order_id": ["a", "b"],
            "amount": [1.5, np.nan],
            "quantity": [2, 3],
            "channel": ["web", None],
            "note": pd.array([pd.NA, "x"], dtype="string"),
            "at": [pd.Timestamp("2026-03-31T12:00:00Z"), pd.NaT],
            "tags": [np.array(["p", "q"]), None],
        }
    )
    assert client.send_orders(frame).stored == 2
    assert door.taken[0].rows == [
        {
            "order_id": "a",
            "amount": 1.5,
            "quantity": 2,
            "channel": "web",
            "note": None,
            "at": "2026-03-31T12:00:00+00:00",
            "tags": ["p", "q"],
        },
        {"order_id": "b", "amount": None, "quantity": 3}
        | dict.fromkeys(("channel", "at", "tags"))
        | {"note": "x"},
    ]
    with pytest.raises(TypeError, match="mapping"):
        client.send_orders(frame["order_id"])


def test_what_was_answered_before_a_failure_is_with_it(door: Door, client: Client) -> None:
    door.acts = [store, store, fails(400)]
    with pytest.raises(ApiProblem) as raised:
        client.send_orders(orders(5), batch=1)
    assert raised.value.sent is not None
    assert (raised.value.sent.rows, raised.value.sent.stored) == (2, 2)


def test_what_was_answered_before_rows_end_in_an_error_is_a_note_of_it(client: Client) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        yield from orders(3)
        yield {"order_id": "bad"}
        raise RuntimeError

    with pytest.raises(RuntimeError) as raised:
        client.send_orders(rows(), batch=2)
    (note,) = raised.value.__notes__
    assert "3 are stored, 0 accepted and 1 refused; all can be sent again" in note


def test_an_interruption_does_not_wait_for_what_would_be_tried_again(door: Door) -> None:
    def act(intake: Intake, taken: Taken) -> None:
        first = taken.rows == orders(1)
        (store if first else fails(429, Retry_After="20"))(intake, taken)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    door.acts = [act] * 9
    began = time.monotonic()
    with (
        Client(f"http://127.0.0.1:{door.server_port}", KEY) as client,
        pytest.raises(KeyboardInterrupt) as raised,
    ):
        client.send_orders(orders(2), batch=1, workers=2, on_progress=interrupt)
    assert time.monotonic() - began < 10
    assert len(door.taken) == 2
    assert "1 are stored" in raised.value.__notes__[0]


def test_bodies_of_more_than_a_kilobyte_are_zipped_and_others_are_not(
    door: Door, client: Client
) -> None:
    client.send_orders(orders(500))
    client.send_orders(orders(1))
    assert ["content-encoding" in one.headers for one in door.taken] == [True, False]


def test_large_rows_make_smaller_batches(door: Door, client: Client) -> None:
    rows = [{"order_id": f"o{n}", "note": "x" * 30_000} for n in range(200)]
    sent = client.send_orders(rows, batch=1_000)
    assert sent.stored == 200
    assert len(door.taken) == 2
    assert all(len(one.body) < 4_100_000 for one in door.taken)


def test_a_frame_is_sent_row_by_row(door: Door, client: Client) -> None:
    frame = pl.DataFrame({"order_id": ["a", "b"], "amount": [Decimal("1.50"), None]})
    seen: list[tuple[int, int | None]] = []
    client.send_orders(frame, on_progress=lambda *now: seen.append(now))
    assert door.taken[0].rows == [
        {"order_id": "a", "amount": "1.50"},
        {"order_id": "b", "amount": None},
    ]
    assert seen == [(2, 2)]


def test_rows_of_unknown_number_are_read_as_they_are_sent(door: Door, client: Client) -> None:
    ahead: list[int] = []

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(50):
            ahead.append(number - sum(len(one.rows) for one in door.taken))
            yield {"order_id": f"o{number}"}

    seen: list[tuple[int, int | None]] = []
    client.send_orders(rows(), batch=5, on_progress=lambda *now: seen.append(now))
    assert max(ahead) <= 10
    assert seen[-1] == (50, None)


@dataclass
class Rush:
    """Answers only when as many requests have come in as there are workers."""

    barrier: threading.Barrier
    most: int = 0
    running: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, intake: Intake, taken: Taken) -> None:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.barrier.wait(timeout=30)
        with self.lock:
            self.running -= 1
        store(intake, taken)


def test_workers_send_at_a_time_and_results_stay_in_order(door: Door, client: Client) -> None:
    rush = Rush(threading.Barrier(3))
    door.acts = [rush] * 9
    rows = [{"order_id": f"bad{n}"} for n in range(9)]
    sent = client.send_orders(rows, batch=1, workers=3)
    assert rush.most == 3
    assert [one.id for one in sent.refused_rows] == [f"bad{n}" for n in range(9)]


def test_a_failure_stops_what_was_not_sent_yet(door: Door, client: Client) -> None:
    door.acts = [fails(400)]
    with pytest.raises(ApiProblem):
        client.send_orders(orders(100), batch=1, workers=2)
    assert len(door.taken) <= 3


@pytest.mark.parametrize("batch", [0, 1_001])
def test_a_batch_that_no_request_takes_is_refused(client: Client, batch: int) -> None:
    with pytest.raises(ValueError, match="1 to 1,000"):
        client.send_orders(orders(1), batch=batch)


def test_one_customer_is_put_read_and_erased_whatever_the_id(door: Door, client: Client) -> None:
    for name, path in (("a b/ü?", "a%20b%2F%C3%BC%3F"), ("..", "%2E%2E")):
        door.taken.clear()
        assert client.put_customer(name, {"city": "Pune", "limit": Decimal("1.5")})["taken"]
        client.customer(name)
        client.erase(name)
        assert [(one.method, one.path) for one in door.taken] == [
            (method, f"/api/v1/customers/{path}") for method in ("PUT", "GET", "DELETE")
        ]
        assert json.loads(door.taken[0].body) == {"city": "Pune", "limit": "1.5"}


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no address"):
        Client("localhost:8501", KEY)


def test_the_key_is_in_no_text_of_the_client(client: Client) -> None:
    assert KEY not in repr(client)


def test_a_key_is_taken_with_the_line_break_of_its_file(door: Door) -> None:
    with Client(f"http://127.0.0.1:{door.server_port}", f"{KEY}\n") as client:
        client.erase("c1")
    assert door.taken[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("key", ["", " \n", None, f"{KEY}\nx", f"{KEY}\u00fc"])
def test_what_no_key_can_be_is_refused_and_not_quoted(key: Any) -> None:  # noqa: ANN401 - as given
    with pytest.raises(ValueError, match="give it as it was shown") as raised:
        Client("http://127.0.0.1:9", key)
    assert KEY not in str(raised.value)


@pytest.mark.parametrize("body", [b"<!doctype html>", b"[]"])
def test_an_answer_that_is_not_the_apis_says_so_and_leaves_no_file(
    door: Door, client: Client, tmp_path: Path, body: bytes
) -> None:
    calls: list[Callable[[], object]] = [
        client.segments,
        lambda: client.send_orders(orders(1)),
        lambda: list(client.members("s")),
        lambda: client.members_parquet("s", tmp_path / "members.parquet"),
    ]
    for call in calls:
        door.acts = [lambda intake, _: intake.reply(200, body, Content_Type="text/html")]
        with pytest.raises(Unreachable, match="text/html that is not the API's; is base_url"):
            call()
    assert (len(door.taken), list(tmp_path.iterdir())) == (4, [])


def test_the_file_works_by_itself(tmp_path: Path) -> None:
    copy = tmp_path / "crm_client.py"
    copy.write_bytes(Path(sdk.__file__).read_bytes())
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import crm_client\n"
        "crm_client.Client('http://127.0.0.1:9', 'k').close()\n"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'engine']"
    )
    subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-c", code, str(tmp_path)], check=True, cwd=tmp_path
    )


# --- against the routes themselves ------------------------------------------------------------


@pytest.fixture
def reader(crm: Crm) -> Iterator[Client]:
    people = [
        Customer(customer_id=f"c{number}", city="Pune", name=f"Line\u2028{number}")
        for number in range(4)
    ]
    crm.stores.customers.upsert(people, source="import")
    _, token = crm.create_api_key("test", ["read"])
    with served(create_app(lambda: crm)) as address, Client(address, token) as client:
        yield client


def everyone(crm: Crm, name: str = "Everyone") -> str:
    rule = decode({"version": 1, "rule": {"all": []}})
    return crm.save_segment(name=name, description="", rule=rule).segment_id


def test_rules_and_segments_are_previewed(crm: Crm, reader: Client) -> None:
    segment_id = everyone(crm)
    (listed,) = reader.segments()
    assert listed["id"] == segment_id
    now = datetime(2026, 3, 1, tzinfo=UTC)
    found = reader.preview(listed["rule"], sample=1, now=now, explain=True)
    assert (found["count"], len(found["sample"]), found["now"]) == (4, 1, "2026-03-01T00:00:00Z")
    assert reader.segment_preview(segment_id, at_least="1.1")["count"] == 4
    misspelt: Any = {"smaple": 1}
    with pytest.raises(TypeError, match="smaple"):
        reader.preview(listed["rule"], **misspelt)
    with pytest.raises(ApiProblem) as raised:
        reader.preview({"version": 1, "rule": {"field": "ctiy", "op": "equals", "value": "x"}})
    assert raised.value.errors[0]["field"] == "rule.field"


def test_every_row_of_a_refused_batch_is_named(crm: Crm) -> None:
    _, token = crm.create_api_key("test", ["ingest"])
    rows = [{"order_id": f"o{n}"} for n in range(600)]
    with served(create_app(lambda: crm)) as address, Client(address, token) as client:
        sent = client.send_orders(rows, batch=500)
    assert (sent.rows, sent.refused) == (600, 600)
    assert [(one.row, one.id) for one in sent.refused_rows] == [(n, f"o{n}") for n in range(600)]
    assert all(one.problems for one in sent.refused_rows)


def test_a_row_that_nests_too_deep_is_refused_and_its_neighbours_are_stored(crm: Crm) -> None:
    _, token = crm.create_api_key("test", ["ingest"])
    row = {"order_id": "o0", "customer_id": "c1", "ordered_at": "2026-03-31", "amount": 1}
    deepest = [{"order_id": f"o{n}", "x": nested(n)} for n in (13, 14)]
    with served(create_app(lambda: crm)) as address, Client(address, token) as client:
        sent = client.send_orders([row, *deepest])
    assert (sent.stored, sent.refused) == (1, 2)
    told = [one.problems[0]["reason"] for one in sent.refused_rows if one.id == "o14"]
    assert told == ["the row nests deeper than 15 levels"]


def test_members_come_one_by_one_with_the_fields_asked_for(crm: Crm, reader: Client) -> None:
    found = list(reader.members(everyone(crm), fields=("name", "city"), at_least="1.1"))
    assert found == [
        {"customer_id": f"c{number}", "name": f"Line\u2028{number}", "city": "Pune"}
        for number in range(4)
    ]
    assert list(reader.members(everyone(crm, "Same"), fields="name,city")) == found


def test_members_are_written_to_a_parquet_file(crm: Crm, reader: Client, tmp_path: Path) -> None:
    path = tmp_path / "members.parquet"
    assert reader.members_parquet(everyone(crm), path, fields=["city"]) == 4
    assert pl.read_parquet(path.read_bytes()).shape == (4, 2)
    assert list(tmp_path.iterdir()) == [path]


def streamed(*pieces: bytes, end: bytes) -> Callable[[Intake, Taken], None]:
    def act(intake: Intake, taken: Taken) -> None:
        body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end
        headers = {"Transfer_Encoding": "chunked", "X_Total_Count": "2"}
        intake.reply(200, body, **headers)
        if not end:
            cut(intake, taken)

    return act


def test_members_that_end_too_early_are_no_members(
    door: Door, client: Client, tmp_path: Path
) -> None:
    cut_off = streamed(b'{"a":1}\n{"b', end=b"")
    too_few = streamed(b'{"a":1}\n', end=b"0\r\n\r\n")
    whole = streamed(b'{"a"', b':1}\n{"b":2}\n', end=b"0\r\n\r\n")
    for act in (cut_off, too_few):
        door.acts = [act]
        members = client.members("s")
        assert next(members) == {"a": 1}
        with pytest.raises(Unreachable):
            next(members)
    door.acts = [whole]
    assert list(client.members("s")) == [{"a": 1}, {"b": 2}]
    door.acts = [cut_off]
    with pytest.raises(Unreachable):
        client.members_parquet("s", tmp_path / "members.parquet")
    assert list(tmp_path.iterdir()) == []


def test_members_that_are_left_half_read_let_go_of_the_connection(crm: Crm, reader: Client) -> None:
    segment_id = everyone(crm)
    for _ in range(150):  # more than the connections that httpx keeps
        next(reader.members(segment_id))
    assert len(reader.segments()) == 1
