"""Segments, previews and members over real HTTP."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import polars as pl
import pytest

from engine.api.application import create_app
from engine.audience import members as reading
from engine.domain.customer import AttributeType, Customer
from engine.domain.order import Order, OrderStatus
from engine.domain.rule_codec import decode
from engine.store.attributes import AttributeStore
from tests.integration.api.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pymongo.database import Database

    from engine.crm import Crm
    from engine.domain.segment import Segment

IN_PUNE = {"field": "city", "op": "equals", "value": "Pune"}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def document(node: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "rule": node}


def person(number: int, city: str = "Pune", **more: Any) -> Customer:  # noqa: ANN401 - any of its fields
    return Customer(customer_id=f"c{number:04}", city=city, name=f"Asha {number}", **more)


def store(crm: Crm, *people: Customer) -> None:
    crm.stores.customers.upsert(people, source="import")
    crm.refresh()


def order(number: int, customer_id: str, amount: int, status: OrderStatus) -> Order:
    return Order(
        order_id=f"o{number}",
        customer_id=customer_id,
        ordered_at=NOON + timedelta(days=number),
        status=status,
        channel="web",
        amount=amount,
        items=(),
    )


def saved(crm: Crm, node: dict[str, Any] | None = None, name: str = "In Pune") -> Segment:
    rule = decode(document(IN_PUNE if node is None else node))
    return crm.save_segment(name=name, description="Near", tags=("local",), rule=rule)


@pytest.fixture
def api(crm: Crm) -> Iterator[httpx.Client]:
    _, token = crm.create_api_key("test", ["read"])
    headers = {"Authorization": f"Bearer {token}"}
    with (
        served(create_app(lambda: crm)) as address,
        httpx.Client(base_url=address, headers=headers) as client,
    ):
        yield client


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    return found


def walk(
    api: httpx.Client, segment: Segment, **parameters: str | int | Sequence[str]
) -> list[dict[str, Any]]:
    """Return every page of a walk."""
    pages: list[dict[str, Any]] = []
    while not pages or pages[-1]["next"]:
        if pages:
            parameters["after"] = pages[-1]["next"]
        answer = api.get(
            f"/v1/segments/{segment.segment_id}/members", params=httpx.QueryParams(parameters)
        )
        assert answer.status_code == 200, answer.text
        pages.append(answer.json())
    return pages


def ids(pages: list[dict[str, Any]]) -> list[str]:
    return [row["customer_id"] for page in pages for row in page["rows"]]


def test_segments_are_listed_with_the_rule_that_a_preview_takes(
    crm: Crm, api: httpx.Client
) -> None:
    segment = saved(crm)
    found = api.get("/v1/segments").json()["segments"]
    assert found == [
        {
            "id": segment.segment_id,
            "name": "In Pune",
            "description": "Near",
            "tags": ["local"],
            "version": 1,
            "saved_at": "2026-03-31T12:00:00Z",
            "saved_by": crm.actor.name,
            "rule": document(IN_PUNE),
        }
    ]
    assert api.get(f"/v1/segments/{segment.segment_id}").json() == found[0]
    assert api.post("/v1/preview", json=found[0]["rule"]).status_code == 200


@pytest.mark.parametrize("path", ["", "/preview", "/members"])
def test_a_segment_that_is_not_there_is_said_to_be_missing(api: httpx.Client, path: str) -> None:
    assert "gone" in problem(api.get(f"/v1/segments/gone{path}"), 404)["detail"]


def test_a_preview_says_how_many_of_how_many_when_and_as_of_when(
    crm: Crm, api: httpx.Client
) -> None:
    store(crm, person(1), person(2), person(3, "Agra"))
    completed, refunded = OrderStatus.COMPLETED, OrderStatus.REFUNDED
    crm.stores.orders.upsert(
        [order(1, "c0002", 500_005, completed), order(2, "c0002", -1, refunded)], source="import"
    )
    crm.refresh()
    segment = saved(crm)
    answers = (
        api.get(f"/v1/segments/{segment.segment_id}/preview", params={"sample": 2}),
        api.post("/v1/preview", params={"sample": 2}, json=document(IN_PUNE)),
    )
    for answer in answers:
        found = answer.json()
        assert (found["count"], found["total"], found["share"]) == (2, 3, 2 / 3)
        assert found["now"] == found["as_of"] == "2026-03-31T12:00:00Z"
        assert (found["behind"], found["currency"], found["steps"]) == (False, "INR", None)
        first, second = found["sample"]
        assert (first["customer_id"], first["total_spend"]) == ("c0001", "0.00")
        assert first["last_order_at"] is None
        assert (second["customer_id"], second["total_spend"]) == ("c0002", "5000.04")
        assert second["last_order_at"] == "2026-03-02T12:00:00.000Z"


def test_nobody_of_nobody_is_no_share(api: httpx.Client) -> None:
    found = api.post("/v1/preview", json=document({"all": []})).json()
    assert (found["count"], found["total"], found["share"]) == (0, 0, None)


def test_a_preview_is_evaluated_at_the_instant_that_is_asked_for(
    crm: Crm, api: httpx.Client
) -> None:
    store(crm, person(1, signed_up_at=NOON))
    recent = {"field": "signed_up_at", "op": "in_the_last", "value": {"n": 2, "unit": "day"}}

    def counted(now: str) -> tuple[int, str]:
        found = api.post("/v1/preview", params={"now": now}, json=document(recent)).json()
        return found["count"], found["now"]

    assert counted("2026-03-02T00:00:00Z") == (1, "2026-03-02T00:00:00Z")
    assert counted("2026-03-09T00:00:00Z") == (0, "2026-03-09T00:00:00Z")
    assert counted("2026-03-02") == (1, "2026-03-01T18:30:00Z"), "midnight in Kolkata"


def test_a_preview_explains_how_many_remain_after_each_part(crm: Crm, api: httpx.Client) -> None:
    store(crm, person(1), person(2, tags=("vip",)), person(3, "Agra", tags=("vip",)))
    vip = {"field": "tags", "op": "contains_any", "value": ["vip"]}
    rule = document({"all": [IN_PUNE, vip]})
    answer = api.post("/v1/preview", params={"explain": True}, json=rule)
    steps = answer.json()["steps"]
    assert [(one["path"], one["before"], one["after"]) for one in steps] == [
        ("rule.all[0]", 3, 2),
        ("rule.all[1]", 2, 1),
    ]
    assert all("Pune" in one["words"] or "vip" in one["words"] for one in steps)


def test_a_rule_that_cannot_be_used_is_told_place_by_place(api: httpx.Client) -> None:
    bad = [
        {"field": "ctiy", "op": "equals", "value": "Pune"},
        {"field": "city", "op": "bigger", "value": 1},
    ]
    found = problem(api.post("/v1/preview", json=document({"all": bad})), 422)
    field, operator = found["errors"]
    assert (field["field"], field["given"]) == ("rule.all[0].field", "'ctiy'")
    assert "did you mean 'city'?" in field["reason"]
    assert (operator["field"], operator["given"]) == ("rule.all[1].op", "'bigger'")
    assert "equals" in operator["reason"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"[1]", "needs an object"),
        (b"\xff", "not UTF-8"),
        (b'{"version":1,"version":1,"rule":{"all":[]}}', "occurs twice"),
        (b'{"version":1,"rule":{"all":[NaN]}}', "NaN"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"version":1,"rule":{"segment":"gone"}}', "there is no segment 'gone'"),
        (b'{"version":1,"rule":{"campaign":"c","outcome":"opened"}}', "campaign"),
    ],
)
def test_a_body_that_is_no_rule_is_refused(api: httpx.Client, body: bytes, said: str) -> None:
    headers = {"Content-Type": "application/json"}
    found = problem(api.post("/v1/preview", content=body, headers=headers), 422)
    assert said in found["detail"]


def test_a_body_of_another_type_or_beyond_any_rule_is_refused(api: httpx.Client) -> None:
    problem(api.post("/v1/preview", content=b"a=1", headers={"Content-Type": "text/plain"}), 415)
    large = document({"field": "city", "op": "equals", "value": "x" * 5_000_001})
    problem(api.post("/v1/preview", json=large), 413)


@pytest.mark.parametrize(
    "parameters",
    [
        {"now": "tomorrow"},
        {"now": "2300-01-01"},
        {"at_least": "now"},
        {"at_least": "99999999999.1"},
        {"sample": 101},
        {"sample": -1},
    ],
)
def test_a_preview_refuses_what_it_cannot_be_asked(
    api: httpx.Client, parameters: dict[str, Any]
) -> None:
    problem(api.post("/v1/preview", params=parameters, json=document({"all": []})), 422)


def test_a_preview_counts_what_was_written_up_to_the_time_that_is_asked_for(
    crm: Crm, database: Database[dict[str, Any]], api: httpx.Client
) -> None:
    assert api.post("/v1/preview", json=document({"all": []})).json()["count"] == 0
    crm.stores.customers.upsert([person(1)], source="import")
    at = database.client.admin.command("hello")["$clusterTime"]["clusterTime"]
    asked = {"at_least": f"{at.time}.{at.inc}"}
    assert api.post("/v1/preview", params=asked, json=document({"all": []})).json()["count"] == 1


def test_pages_hold_every_member_once_and_ascend(crm: Crm, api: httpx.Client) -> None:
    store(crm, *(person(number, "Pune" if number % 3 else "Agra") for number in range(100)))
    pages = walk(api, saved(crm), limit=7, fields="name,city")
    expected = [f"c{number:04}" for number in range(100) if number % 3]
    assert ids(pages) == expected
    assert [len(page["rows"]) for page in pages] == [7] * 9 + [3]
    assert {(page["count"], page["total"], page["now"]) for page in pages} == {
        (66, 100, "2026-03-31T12:00:00Z")
    }
    assert pages[0]["rows"][0] == {"customer_id": "c0001", "name": "Asha 1", "city": "Pune"}


def test_a_last_page_that_is_full_names_no_next(crm: Crm, api: httpx.Client) -> None:
    store(crm, person(1), person(2))
    assert [len(page["rows"]) for page in walk(api, saved(crm), limit=1)] == [1, 1]
    assert walk(api, saved(crm, {"any": []}, "Nobody"))[0]["rows"] == []


def test_data_that_comes_in_during_a_walk_puts_nobody_on_two_pages(
    crm: Crm, api: httpx.Client
) -> None:
    store(crm, *(person(number) for number in range(10, 20)))
    segment = saved(crm)
    url = f"/v1/segments/{segment.segment_id}/members"
    first = api.get(url, params={"limit": 5}).json()
    store(crm, person(1), person(15, "Agra"), person(16, "Agra"), person(99))
    rest = walk(api, segment, limit=5, after=first["next"])
    assert ids([first, *rest]) == [f"c00{number}" for number in (*range(10, 15), 17, 18, 19, 99)]
    assert rest[0]["count"] == 10


def test_pages_of_one_walk_are_evaluated_at_the_instant_of_the_first(
    crm: Crm, api: httpx.Client
) -> None:
    store(crm, *(person(number, signed_up_at=NOON) for number in range(4)))
    recent = {"field": "signed_up_at", "op": "in_the_last", "value": {"n": 2, "unit": "day"}}
    segment = saved(crm, recent)
    url = f"/v1/segments/{segment.segment_id}/members"
    first = api.get(url, params={"limit": 2, "now": "2026-03-02T00:00:00Z"}).json()
    second = api.get(url, params={"limit": 2, "after": first["next"]}).json()
    assert second["now"] == "2026-03-02T00:00:00Z"
    assert ids([first, second]) == ["c0000", "c0001", "c0002", "c0003"]
    other = {"after": first["next"], "now": "2026-03-03T00:00:00Z"}
    problem(api.get(url, params=other), 422)


def test_a_save_during_a_walk_ends_it(crm: Crm, api: httpx.Client) -> None:
    store(crm, person(1), person(2))
    segment = saved(crm)
    url = f"/v1/segments/{segment.segment_id}/members"
    following = api.get(url, params={"limit": 1}).json()["next"]
    crm.save_segment(
        name="All", description="", rule=segment.rule, segment_id=segment.segment_id, version=1
    )
    found = problem(api.get(url, params={"after": following}), 409)
    assert "version 1 on the first page and is version 2 now" in found["detail"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"after": "c0001"},
        {"after": "W10"},
        {"after": "WzEsICIyMDI2LTAzLTMxIiwgIngiXQ"},
        {"after": "é"},
        {"limit": 0},
        {"limit": 10_001},
        {"format": "xlsx"},
        {"format": "csv", "limit": 5},
        {"fields": "nmae"},
        {"fields": "average_order_value"},
        {"fields": ",".join(f"f{n}" for n in range(101))},
    ],
)
def test_members_refuse_what_they_cannot_be_asked(
    crm: Crm, api: httpx.Client, parameters: dict[str, Any]
) -> None:
    segment = saved(crm)
    problem(api.get(f"/v1/segments/{segment.segment_id}/members", params=parameters), 422)


@pytest.fixture
def shop(crm: Crm, database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Segment:
    """Three members with everything a field may hold, read in batches of two."""
    monkeypatch.setattr(reading, "BATCH", 2)
    AttributeStore(database).learn(
        {
            "size": AttributeType.NUMBER,
            "a,b": AttributeType.TEXT,
            "joined": AttributeType.TIME,
            "likes": AttributeType.LIST,
            "vip": AttributeType.BOOLEAN,
        }
    )
    full = person(
        1,
        phone="+919812345678",
        birth_date=date(1990, 5, 17),
        signed_up_at=NOON,
        tags=("b, c", '=cmd|" /C calc"!A0'),
        attributes={
            "size": 2.5,
            "a,b": "@SUM(1)",
            "joined": NOON,
            "likes": ("x",),
            "vip": True,
        },
    )
    risky = Customer(customer_id="=1+1", city="Pune", name='-2+3\n"quoted", é 😀')
    store(crm, full, risky, person(3), person(4, "Agra"))
    refunded = OrderStatus.REFUNDED
    crm.stores.orders.upsert([order(1, "c0003", -12_345, refunded)], source="import")
    crm.refresh()
    return saved(crm)


FIELDS = (
    *("name", "phone", "birth_date", "signed_up_at", "tags", "total_spend", "order_count"),
    *("attributes.size", "attributes.a,b", "attributes.joined", "attributes.likes"),
    "attributes.vip",
)


def file(api: httpx.Client, segment: Segment, format_: str) -> httpx.Response:
    parameters = {"format": format_, "fields": FIELDS}
    answer = api.get(f"/v1/segments/{segment.segment_id}/members", params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-total-count"] == "3"
    assert answer.headers["x-customers"] == "4"
    assert answer.headers["x-as-of"] == answer.headers["x-now"] == "2026-03-31T12:00:00Z"
    name = f'attachment; filename="In-Pune.{format_}"'
    assert answer.headers["content-disposition"] == name
    return answer


def test_csv_holds_all_members_and_nothing_a_spreadsheet_would_run(
    api: httpx.Client, shop: Segment
) -> None:
    answer = file(api, shop, "csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    header, risky, full, refund = csv.reader(io.StringIO(answer.text, newline=""))
    assert header == ["customer_id", *FIELDS]
    assert risky[:3] == ["'=1+1", '\'-2+3\n"quoted", é 😀', ""]
    cells = dict(zip(header, full, strict=True))
    assert cells["phone"] == "+919812345678", "a number with a sign computes nothing"
    assert cells["birth_date"] == "1990-05-17"
    assert cells["signed_up_at"] == cells["attributes.joined"] == "2026-03-01T12:00:00.000Z"
    assert json.loads(cells["tags"]) == ["b, c", '=cmd|" /C calc"!A0']
    assert cells["attributes.a,b"] == "'@SUM(1)"
    assert (cells["attributes.size"], cells["attributes.vip"]) == ("2.5", "true")
    assert dict(zip(header, refund, strict=True))["total_spend"] == "-123.45"


def test_ndjson_holds_what_the_pages_hold(api: httpx.Client, shop: Segment) -> None:
    answer = file(api, shop, "ndjson")
    assert answer.headers["content-type"] == "application/x-ndjson"
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert rows == walk(api, shop, fields=FIELDS)[0]["rows"]
    assert (rows[0]["tags"], rows[0]["phone"], rows[0]["attributes.likes"]) == ([], None, None)
    assert rows[2]["total_spend"] == "-123.45"


def test_parquet_keeps_the_types(api: httpx.Client, shop: Segment) -> None:
    rows = pl.read_parquet(io.BytesIO(file(api, shop, "parquet").content))
    assert rows.columns == ["customer_id", *FIELDS]
    assert rows.schema["total_spend"] == pl.Decimal(38, 2)
    assert rows.schema["birth_date"] == pl.Date
    assert rows.schema["signed_up_at"] == pl.Datetime("us", "UTC")
    assert rows.schema["attributes.likes"] == pl.List(pl.String)
    assert rows["customer_id"].to_list() == ["=1+1", "c0001", "c0003"]
    assert rows["total_spend"].to_list() == [Decimal(0), Decimal(0), Decimal("-123.45")]
    assert rows.row(1, named=True)["attributes.joined"] == NOON


@pytest.mark.parametrize("format_", ["csv", "ndjson", "parquet"])
def test_a_file_of_nobody_is_a_file_without_rows(crm: Crm, api: httpx.Client, format_: str) -> None:
    segment = saved(crm, {"any": []})
    answer = api.get(f"/v1/segments/{segment.segment_id}/members", params={"format": format_})
    assert answer.headers["x-total-count"] == "0"
    content = answer.content
    read = {
        "csv": lambda: content == b"customer_id\n",
        "ndjson": lambda: content == b"",
        "parquet": lambda: pl.read_parquet(io.BytesIO(content)).shape == (0, 1),
    }
    assert read[format_]()


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("application/json;q=0.5, application/x-ndjson", "application/x-ndjson"),
        ("application/vnd.apache.parquet, */*;q=0.1", "application/vnd.apache.parquet"),
        ("application/json;q=0, */*", "text/csv"),
    ],
)
def test_the_media_type_may_be_chosen_with_accept(
    crm: Crm, api: httpx.Client, accept: str, media_type: str
) -> None:
    segment = saved(crm)
    url = f"/v1/segments/{segment.segment_id}/members"
    answer = api.get(url, headers={"Accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == media_type
    named = api.get(url, headers={"Accept": accept}, params={"format": "ndjson"})
    assert named.headers["content-type"] == "application/x-ndjson", "format goes before Accept"


def test_a_media_type_that_members_do_not_come_in_is_refused_with_those_they_do(
    crm: Crm, api: httpx.Client
) -> None:
    segment = saved(crm)
    for accept in ("image/png", "text/csv;q=0", "text/csv;q=much"):
        answer = api.get(f"/v1/segments/{segment.segment_id}/members", headers={"Accept": accept})
        assert "application/vnd.apache.parquet" in problem(answer, 406)["detail"]


def test_every_status_that_reads_answer_is_in_the_document(api: httpx.Client) -> None:
    paths = api.get("/openapi.json").json()["paths"]
    always = {"200", "400", "401", "403", "422", "429", "503"}
    members = paths["/v1/segments/{segment_id}/members"]["get"]["responses"]
    assert members.keys() == always | {"404", "406", "409"}
    assert len(members["200"]["content"]) == 4
    assert paths["/v1/preview"]["post"]["responses"].keys() == always | {"413", "415"}
    assert paths["/v1/preview"]["post"]["requestBody"]["content"]["application/json"]["example"]
    for responses in (paths[path]["get"]["responses"] for path in paths if "segments" in path):
        assert "application/problem+json" in responses["503"]["content"]


@pytest.mark.parametrize(
    ("name", "given", "valid"),
    [
        ("now", "yesterday", None),
        ("at_least", "soon", None),
        ("fields", "nme", "name"),
        ("after", "x", None),
        ("format", "xml", "parquet"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named_with_what_may_stand_there(
    api: httpx.Client, crm: Crm, name: str, given: str, valid: str | None
) -> None:
    path = f"/v1/segments/{saved(crm).segment_id}/members"
    reply = api.get(path, params={name: given})
    assert reply.status_code == 422
    [told] = reply.json()["errors"]
    assert told["field"] == f"query/{name}"
    assert given in told["given"]
    assert told["reason"]
    assert (valid in told["valid"]) if valid else told["valid"] == []
