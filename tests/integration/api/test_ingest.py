"""Customers and orders over real HTTP into a real MongoDB."""

from __future__ import annotations

import gzip
import json
import socket
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.api.application import create_app
from engine.api.bodies import MAX_BODY_BYTES
from engine.api.problems import MORE_ERRORS
from engine.domain.clock import FixedClock
from engine.domain.cluster_time import ClusterTime
from engine.domain.order import OrderStatus
from engine.domain.records import MAX_ROWS
from engine.errors import Unavailable
from tests.integration.api.serving import served

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.crm import Crm

JSON = {"Content-Type": "application/json"}
DOCUMENTED = {200, 400, 413, 415, 422}


def order(order_id: str = "o1", **changes: object) -> dict[str, object]:
    row = {"order_id": order_id, "customer_id": "c1", "ordered_at": "2026-03-31T09:30:00Z"}
    return {**row, "amount": "12.50", **changes}


def problem(reply: httpx.Response, status: int) -> dict[str, Any]:
    """Return the problem of a reply that is one, whole."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = reply.json()
    assert found["status"] == status
    assert found["type"].startswith("/problems/")
    assert found["instance"] == reply.request.url.path
    assert found["title"]
    assert found["detail"]
    return found


def test_an_order_that_is_acknowledged_is_stored_with_its_customer(
    api: httpx.Client, crm: Crm
) -> None:
    items = [
        {"sku": "s1", "name": "Shoe", "category": "Footwear", "quantity": 2, "unit_price": 6.25}
    ]
    reply = api.post("/v1/orders", json=order(items=items, channel="web"))
    assert reply.status_code == 200
    told = reply.json()
    assert ClusterTime.parse(told.pop("cluster_time")) > ClusterTime(0, 0)
    assert told == {
        "received": 1,
        "stored": 1,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "refused": 0,
        "rows": [{"row": 0, "id": "o1", "status": "stored"}],
    }
    record = crm.customer("c1")
    (stored,) = record.orders
    assert (stored.amount, stored.status, stored.channel) == (1250, OrderStatus.COMPLETED, "web")
    assert stored.ordered_at == datetime(2026, 3, 31, 9, 30, tzinfo=UTC)
    assert stored.items[0].unit_price == Decimal("6.25")


def test_a_bad_row_does_not_sink_its_neighbours(api: httpx.Client, crm: Crm) -> None:
    rows = [order("o1"), order("o2", status="gone"), 7, order("o3", customer_id="c2")]
    told = api.post("/v1/orders", json=rows).json()
    assert [one["status"] for one in told["rows"]] == ["stored", "refused", "refused", "stored"]
    assert [one["id"] for one in told["rows"]] == ["o1", "o2", None, "o3"]
    (bad,) = told["rows"][1]["problems"]
    assert (bad["field"], bad["given"]) == ("status", "gone")
    assert bad["valid"] == ["completed", "refunded", "cancelled", "pending"]
    assert (told["received"], told["stored"], told["refused"]) == (4, 2, 2)
    assert crm.stores.orders.count() == 2
    assert set(crm.stores.customers.find(["c1", "c2"])) == {"c1", "c2"}


def test_a_batch_of_which_nothing_can_be_taken_is_a_problem_that_names_every_row(
    api: httpx.Client, crm: Crm
) -> None:
    rows = [order("o0", amount="x"), order("o1", ordered_at=1), 7]
    found = problem(api.post("/v1/orders", json=rows), 422)
    assert [(one["row"], one["id"], one["field"]) for one in found["errors"]] == [
        (0, "o0", "amount"),
        (1, "o1", "ordered_at"),
        (2, None, ""),
    ]
    assert crm.stores.orders.is_empty()
    assert crm.stores.customers.is_empty()


def test_every_row_of_a_large_batch_is_named_and_the_other_problems_are_bounded(
    api: httpx.Client,
) -> None:
    rows = [order(f"o{n}", amount="x", status="gone", channel=7) for n in range(MAX_ROWS)]
    found = problem(api.post("/v1/orders", json=rows), 422)
    told = [one["id"] for one in found["errors"]]
    assert list(dict.fromkeys(told)) == [f"o{n}" for n in range(MAX_ROWS)]
    assert len(told) == MAX_ROWS + MORE_ERRORS
    assert told[:3] == ["o0"] * 3, "as long as there is room"


@pytest.mark.parametrize("size", [3, 20])
def test_sending_orders_again_changes_nothing_and_another_amount_is_an_update(
    api: httpx.Client, crm: Crm, size: int
) -> None:
    rows = [order(f"o{n}") for n in range(size)]
    assert api.post("/v1/orders", json=rows).json()["created"] == size
    again = api.post("/v1/orders", json=rows).json()
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, size)
    mixed = [order("o0", amount=7), *rows[1:], order("new")]
    told = api.post("/v1/orders", json=mixed).json()
    assert (told["created"], told["updated"], told["unchanged"]) == (1, 1, size - 1)
    assert crm.stores.orders.count() == size + 1


@pytest.mark.parametrize("size", [0, 20])
def test_of_one_id_twice_in_a_batch_the_later_row_holds(
    api: httpx.Client, crm: Crm, size: int
) -> None:
    rows = [order("o1", amount=1), *[order(f"x{n}") for n in range(size)], order("o1", amount=2)]
    told = api.post("/v1/orders", json=rows).json()
    assert (told["stored"], told["created"]) == (size + 2, size + 1)
    amounts = {one.order_id: one.amount for one in crm.stores.orders.of_customer("c1")}
    assert amounts["o1"] == 200


def test_customers_are_set_field_by_field_and_named_by_the_path(
    api: httpx.Client, crm: Crm
) -> None:
    path = "/v1/customers/a%2Fb%20%C3%A9"
    assert api.put(path, json={"email": "a@example.com", "attributes": {"size": 7}}).is_success
    reply = api.put(path, json={"customer_id": "a/b é", "phone": "98200 12345", "tags": ["vip"]})
    assert api.put(path, json={"customer_id": None}).json()["unchanged"] == 1
    assert reply.json()["updated"] == 1
    found = crm.stores.customers.get("a/b é")
    assert (found.email, found.phone, found.tags) == ("a@example.com", "+919820012345", ("vip",))
    assert found.attributes == {"size": 7.0}


def test_two_ids_and_a_path_that_is_not_utf8_are_refused(api: httpx.Client, crm: Crm) -> None:
    found = problem(api.put("/v1/customers/c1", json={"customer_id": "c2"}), 422)
    assert found["errors"][0]["valid"] == ["c1"]
    problem(api.put("/v1/customers/c1", json={"customer_id": 1}), 422)
    problem(api.put("/v1/customers/c1", json=[{}]), 422)
    problem(api.put("/v1/customers/%FF", json={}), 400)
    problem(api.put("/v1/customers/%00", json={}), 422)
    problem(api.put("/v1/customers/", json={}), 422)
    problem(api.put(f"/v1/customers/{'x' * 201}", json={}), 422)
    assert crm.stores.customers.is_empty()


def test_records_of_one_customer_in_a_batch_add_up_and_the_later_holds(
    api: httpx.Client, crm: Crm
) -> None:
    rows = [
        {"customer_id": "c1", "city": "Pune", "name": "A", "attributes": {"size": 1, "vip": True}},
        {"customer_id": "c1", "name": "B", "attributes": {"size": 2}},
    ]
    told = api.post("/v1/customers", json=rows).json()
    assert (told["stored"], told["created"]) == (2, 1)
    found = crm.stores.customers.get("c1")
    assert (found.city, found.name) == ("Pune", "B")
    assert found.attributes == {"size": 2.0, "vip": True}


def test_the_first_type_of_an_attribute_stays(api: httpx.Client) -> None:
    first = [{"customer_id": "c1", "attributes": {"level": "gold", "seen": "2026-01-01T00:00:00Z"}}]
    assert api.post("/v1/customers", json=first).is_success
    later = {"customer_id": "c2", "attributes": {"level": 3, "seen": "soon", "Level": "x"}}
    found = problem(api.post("/v1/customers", json=later), 422)
    assert [one["field"].removeprefix("attributes/") for one in found["errors"]] == [
        *("level", "seen", "Level")
    ]


@pytest.mark.parametrize(
    ("content", "headers", "status", "says"),
    [
        (b"{}", {"Content-Type": "text/plain"}, 415, "application/json"),
        (b"{}", {}, 415, "application/json"),
        (b"{}", {"Content-Type": "application/json; charset=utf-16"}, 415, "UTF-8"),
        (b"{}", {**JSON, "Content-Encoding": "br"}, 415, "gzip"),
        (b"", JSON, 400, "line 1 column 1"),
        (b'{"a": 1, "a": 2}', JSON, 400, "stands twice"),
        (b'[{"amount": NaN}]', JSON, 400, "column 13"),
        (b'{"a": "\xff"}', JSON, 400, "UTF-8"),
        (b'{"a": "\\ud800"}', JSON, 400, "surrogate"),
        (b"[" * 20 + b"]" * 20, JSON, 400, "16 levels"),
        (b"[]", JSON, 422, "empty"),
        (b"7", JSON, 422, "one record"),
        (json.dumps([1] * (MAX_ROWS + 1)).encode(), JSON, 413, "1,000"),
        (b" " * (MAX_BODY_BYTES + 1), JSON, 413, "5,000,000"),
        (
            gzip.compress(b" " * 200_000_000, mtime=0),
            {**JSON, "Content-Encoding": "gzip"},
            413,
            "5,000,000",
        ),
        (b"{}", {**JSON, "Content-Encoding": "gzip"}, 400, "not gzip"),
        (
            gzip.compress(b"{}", mtime=0)[:-4],
            {**JSON, "Content-Encoding": "gzip"},
            400,
            "cut short",
        ),
        (b"", {**JSON, "Content-Encoding": "gzip"}, 400, "cut short"),
    ],
    ids=lambda value: str(value)[:20] if isinstance(value, (bytes, str)) else None,
)
def test_a_body_that_cannot_be_read_is_a_problem(
    api: httpx.Client, content: bytes, headers: dict[str, str], status: int, says: str
) -> None:
    found = problem(api.post("/v1/orders", content=content, headers=headers), status)
    assert says in found["detail"]


def test_a_body_without_a_length_is_bounded_too(api: httpx.Client) -> None:
    pieces = (b" " * 1_000_000 for _ in range(6))
    problem(api.post("/v1/orders", content=pieces, headers=JSON), 413)


def test_gzip_is_taken_also_in_several_members(api: httpx.Client, crm: Crm) -> None:
    text = json.dumps(order()).encode()
    packed = gzip.compress(text[:10], mtime=0) + gzip.compress(text[10:], mtime=0)
    headers = {**JSON, "Content-Encoding": "gzip"}
    assert api.post("/v1/orders", content=packed, headers=headers).is_success
    assert crm.stores.orders.count() == 1


def test_a_request_that_is_cut_off_writes_nothing_and_harms_nobody(
    api: httpx.Client, crm: Crm, caplog: pytest.LogCaptureFixture
) -> None:
    body = json.dumps(order()).encode()
    key = api.headers["Authorization"]
    head = f"POST /v1/orders HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\n"
    head += "Content-Type: application/json\r\n"
    with socket.create_connection((api.base_url.host, api.base_url.port or 0)) as line:
        line.sendall(f"{head}Content-Length: {len(body) + 9}\r\n\r\n".encode() + body)
    assert api.post("/v1/orders", json=order("o2")).is_success
    assert crm.stores.orders.count() == 1
    assert 'status="400"' in api.get("/metrics").text
    assert caplog.text == ""


def test_what_is_not_there_is_a_problem(api: httpx.Client) -> None:
    problem(api.get("/v1/nothing"), 404)
    problem(api.post("/v1/orders/", json=order()), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/orders", "POST"),
        ("POST", "/v1/customers/c1", "GET, PUT, DELETE"),
        ("PATCH", "/v1/customers/c1", "GET, PUT, DELETE"),
        ("PUT", "/v1/segments/s/members", "GET"),
        ("POST", "/metrics", "GET"),
    ],
)
def test_a_method_that_does_not_fit_is_told_all_those_that_do(
    api: httpx.Client, method: str, path: str, allowed: str
) -> None:
    refused = api.request(method, path)
    assert allowed in problem(refused, 405)["detail"]
    assert refused.headers["allow"] == allowed


def test_an_engine_that_is_opening_answers_503_and_says_when_to_come_back() -> None:
    def opening() -> Crm:
        msg = "the engine is opening"
        raise Unavailable(msg)

    with served(create_app(opening)) as address, httpx.Client(base_url=address) as client:
        reply = client.post("/v1/orders", json=order())
        assert "opening" in problem(reply, 503)["detail"]
        assert reply.headers["retry-after"] == "1"
        problem(client.get("/v1/ready"), 503)
        assert client.get("/v1/health").json() == {"status": "alive"}
        assert client.get("/metrics").is_success


def test_an_error_that_nobody_foresaw_is_a_500_that_tells_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken() -> Crm:
        msg = "the secret"
        raise RuntimeError(msg)

    with served(create_app(broken)) as address, httpx.Client(base_url=address) as client:
        reply = client.post("/v1/orders", json=order())
    problem(reply, 500)
    assert "secret" not in reply.text
    assert "the secret" in caplog.text


def test_a_ready_engine_says_so_and_the_api_loads_no_mirror(api: httpx.Client, crm: Crm) -> None:
    api.post("/v1/orders", json=order())
    assert api.get("/v1/ready").json() == {"status": "ready", "mirror": "not loaded"}
    crm.refresh()
    assert api.get("/v1/ready").json() == {"status": "ready", "mirror": "current"}


def reading(crm: Crm, *scopes: str) -> dict[str, str]:
    _, token = crm.create_api_key("reading", scopes or ["read"])
    return {"Authorization": f"Bearer {token}"}


def families(text: str) -> set[str]:
    return {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}


def test_metrics_tell_strangers_how_the_server_does_and_no_figure_of_the_business(
    api: httpx.Client, crm: Crm
) -> None:
    api.post("/v1/orders", json=order())
    crm.refresh()
    crm.usage.ended("rule", failed=False, retries=0)
    everything = families(api.get("/metrics").text)
    api.headers.clear()
    told = families(api.get("/metrics").text)
    assert everything - told == {
        *("crm_rows_total", "crm_rows_created", "crm_mirror_rows"),
        *("crm_model_calls_total", "crm_model_retries_total", "crm_model_tokens_total"),
    }
    assert told == {
        *("crm_http_requests_total", "crm_http_requests_created"),
        *("crm_http_request_seconds", "crm_http_request_seconds_created"),
        *("crm_mirror_behind", "crm_mirror_lag_seconds"),
    }
    basic = {"Authorization": "Basic dTpw"}  # of a proxy before us
    assert families(api.get("/metrics", headers=basic).text) == told


def test_a_key_that_is_shown_for_metrics_has_to_be_good_and_to_read(
    api: httpx.Client, crm: Crm
) -> None:
    assert api.get("/metrics", headers=reading(crm)).is_success
    problem(api.get("/metrics", headers=reading(crm, "ingest", "erase")), 403)
    bad = {"Authorization": f"Bearer crm_aaaaaaaa_{'A' * 43}"}
    problem(api.get("/metrics", headers=bad), 401)


@pytest.mark.parametrize("path", ["/v1/health", "/v1/ready"])
def test_whoever_watches_may_ask_for_the_head_alone(api: httpx.Client, path: str) -> None:
    reply = api.head(path)
    assert (reply.status_code, reply.content) == (200, b"")


@pytest.mark.parametrize("name", ["gzip", "x-gzip", "X-GZIP"])
def test_a_packed_batch_is_taken_by_either_name(api: httpx.Client, name: str) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": name}
    content = gzip.compress(json.dumps(order()).encode())
    assert api.post("/v1/orders", content=content, headers=headers).json()["stored"] == 1


def test_metrics_tell_of_the_mirror_once_it_is_loaded_and_how_far_behind_it_is(crm: Crm) -> None:
    later = replace(crm, clock=FixedClock(crm.clock.now() + timedelta(seconds=5)))
    with served(create_app(lambda: later)) as address:
        key = reading(crm)
        assert "crm_mirror" not in httpx.get(f"{address}/metrics", headers=key).text
        crm.refresh()
        text = httpx.get(f"{address}/metrics", headers=key).text
    assert "crm_mirror_lag_seconds 5.0" in text
    assert "crm_mirror_behind 0.0" in text
    assert 'crm_mirror_rows{kind="orders"} 0.0' in text


def test_metrics_tell_of_the_language_model_once_it_was_asked(crm: Crm) -> None:
    with served(create_app(lambda: crm)) as address:
        key = reading(crm)
        assert "crm_model" not in httpx.get(f"{address}/metrics", headers=key).text
        crm.usage.ended("rule", failed=False, retries=2)
        crm.usage.ended("rule", failed=True, retries=0)
        crm.usage.took("rule", (120, 30))
        text = httpx.get(f"{address}/metrics", headers=key).text
    assert 'crm_model_calls_total{outcome="answered",purpose="rule"} 1.0' in text
    assert 'crm_model_calls_total{outcome="failed",purpose="rule"} 1.0' in text
    assert 'crm_model_retries_total{purpose="rule"} 2.0' in text
    assert 'crm_model_tokens_total{direction="in",purpose="rule"} 120.0' in text


def test_metrics_count_requests_and_rows_and_name_nobody(api: httpx.Client, crm: Crm) -> None:
    api.post(
        "/v1/orders", json=[order("secret-order", customer_id="secret-person"), order(amount="x")]
    )
    api.put("/v1/customers/secret-person", json={"name": "Secret"})
    api.get("/secret-path")
    crm.refresh()
    text = api.get("/metrics").text
    assert 'crm_rows_total{kind="orders",outcome="created"} 1.0' in text
    assert 'crm_rows_total{kind="orders",outcome="refused"} 1.0' in text
    assert 'method="PUT",route="/customers/{customer_id:path}",status="200"' in text
    assert 'route="none",status="404"' in text
    assert 'crm_mirror_rows{kind="customers"} 1.0' in text
    assert "secret" not in text.lower()


@dataclass
class Kept:
    """A stream that keeps what it is given."""

    batches: list[tuple[str, Sequence[object], int]] = field(default_factory=list)

    def publish(self, kind: str, rows: Sequence[object], *, accepted_at: int) -> str:
        self.batches.append((kind, rows, accepted_at))
        return f"m{len(self.batches)}"


def test_with_a_stream_good_rows_are_published_and_bad_ones_refused_at_once(crm: Crm) -> None:
    kept = Kept()
    at = int(datetime(2026, 3, 31, 12, tzinfo=UTC).timestamp()) * 1_000_000
    streaming = replace(crm, stream=cast("Any", kept), revisions=lambda: at)
    _, token = crm.create_api_key("test", ["ingest"])
    headers = {"Authorization": f"Bearer {token}"}
    with (
        served(create_app(lambda: streaming)) as address,
        httpx.Client(base_url=address, headers=headers) as client,
    ):
        reply = client.post("/v1/orders", json=[order("o1"), order("o2", amount="x")])
        problem(client.post("/v1/orders", json=order(amount="x")), 422)
        client.put("/v1/customers/c1", json={"name": "A"})
    assert reply.status_code == 202
    told = reply.json()
    assert (told["received"], told["accepted_at"], told["message"]) == (2, at, "m1")
    assert [one["status"] for one in told["rows"]] == ["accepted", "refused"]
    people = [{"name": "A", "customer_id": "c1"}]
    assert kept.batches == [("orders", [order("o1")], at), ("customers", people, at)]
    assert crm.stores.orders.is_empty()


HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *(
                        "order_id",
                        "customer_id",
                        "ordered_at",
                        "amount",
                        "items",
                        "quantity",
                        "status",
                    ),
                    *(
                        "unit_price",
                        "attributes",
                        "tags",
                        "email",
                        "phone",
                        "$set",
                        "a.b",
                        "",
                        "\0",
                    ),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=HOSTILE, path=st.sampled_from(["orders", "customers", "customers/c1"]))
def test_no_json_whatever_makes_the_server_fail(
    api: httpx.Client, value: object, path: str
) -> None:
    text = json.dumps(value).encode("utf-8", "surrogatepass")
    method = "PUT" if path == "customers/c1" else "POST"
    reply = api.request(method, f"/v1/{path}", content=text, headers=JSON)
    assert reply.status_code in DOCUMENTED, reply.text
    if reply.status_code != 200:
        problem(reply, reply.status_code)


def test_no_more_names_of_attributes_than_the_mirror_bears_come_in(
    api: httpx.Client, crm: Crm
) -> None:
    rows: list[dict[str, object]] = [
        {"customer_id": f"c{n}", "attributes": {f"a{n}_{m}": "x" for m in range(100)}}
        for n in range(6)
    ]
    rows.append({"customer_id": "c6", "attributes": {"a0_0": "known"}})
    reply = api.post("/v1/customers", json=rows).json()
    assert [one["status"] for one in reply["rows"]] == [*["stored"] * 5, "refused", "stored"]
    [first, *_] = reply["rows"][5]["problems"]
    assert first["field"] == "attributes/a5_0"
    assert "the workspace has 500 attributes, at most 500 are kept" in first["reason"]
    later = {"attributes": {"one_more": 1}}
    found = problem(api.put("/v1/customers/c7", json=later), 422)
    assert "at most 500 are kept" in found["errors"][0]["reason"]
    csv = "customer_id,attributes.another\nc8,1\n"
    stream = {"params": {"kind": "customers"}, "headers": {"Content-Type": "text/csv"}}
    told = api.post("/v1/import", content=csv, **stream).json()  # type: ignore[arg-type]
    assert told["refused"] == 1
    assert len(crm.intake.attributes.types()) == 500


def test_a_customer_who_would_outgrow_a_document_is_refused_and_neighbours_are_stored(
    api: httpx.Client, crm: Crm
) -> None:
    assert api.put("/v1/customers/large", json={"attributes": {"notes": "x"}}).status_code == 200
    customers = crm.mirror._database["customers"]  # noqa: SLF001 - 500 requests would bring it there
    most = {"$set": {"attributes.notes": "x" * (16 * 2**20 - 2_000)}}
    customers.update_one({"customer_id": "large"}, most)
    more = {"attributes": {f"m{n}": "y" * 140 for n in range(100)}}
    rows = [{"customer_id": one, **more} for one in ("before", "large", "after")]
    reply = api.post("/v1/customers", json=rows).json()
    assert [one["status"] for one in reply["rows"]] == ["stored", "refused", "stored"]
    assert "16 MB" in reply["rows"][1]["problems"][0]["reason"]
    assert reply["created"] == 2
    found = problem(api.put("/v1/customers/large", json=more), 422)
    assert "16 MB" in found["errors"][0]["reason"]
