"""What the door lets in, and what it says to what it turns away."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from engine.domain.customer import AttributeType
from engine.domain.money import currency
from engine.domain.order import OrderStatus
from engine.domain.records import MAX_RECORD_BYTES
from engine.domain.workspace import Workspace
from engine.ingest.complaints import MOST
from engine.ingest.customer_records import CustomerRecords
from engine.ingest.door import admit
from engine.ingest.order_records import OrderRecords
from engine.ingest.rejects import Reason

if TYPE_CHECKING:
    from engine.domain.outcomes import Problem

WORKSPACE = Workspace("Test", currency("INR"), ZoneInfo("Asia/Kolkata"), "en_IN")
KNOWN = {
    "points": AttributeType.NUMBER,
    "size": AttributeType.TEXT,
    "vip": AttributeType.BOOLEAN,
    "seen": AttributeType.TIME,
    "likes": AttributeType.LIST,
}


def item(**changes: object) -> dict[str, object]:
    return {"sku": "s1", "quantity": 2, "unit_price": "10.25", **changes}


def order_row(**changes: object) -> dict[str, Any]:
    row = {"order_id": "o1", "customer_id": "c1", "ordered_at": "2026-03-31T09:30:00Z"}
    return {**row, "amount": "20.50", **changes}


def customer_row(**changes: object) -> dict[str, Any]:
    return {"customer_id": "c1", **changes}


def order(**changes: object) -> Any:  # noqa: ANN401 - an order, or the test fails
    admitted = admit([order_row(**changes)], OrderRecords(WORKSPACE), "order_id")
    assert admitted.refused == {}
    return admitted.good[0]


def customer(**changes: object) -> Any:  # noqa: ANN401 - a customer, or the test fails
    admitted = admit([customer_row(**changes)], CustomerRecords(WORKSPACE, KNOWN), "customer_id")
    assert admitted.refused == {}
    return admitted.good[0]


def order_problems(row: object) -> tuple[Problem, ...]:
    admitted = admit([row], OrderRecords(WORKSPACE), "order_id")
    assert admitted.good == {}
    return admitted.refused[0].problems


def customer_problems(row: object) -> tuple[Problem, ...]:
    admitted = admit([row], CustomerRecords(WORKSPACE, KNOWN), "customer_id")
    assert admitted.good == {}
    return admitted.refused[0].problems


@pytest.mark.parametrize(
    ("given", "minor"),
    [
        ("1299.00", 129_900),
        ("1299", 129_900),
        ("1299.0000", 129_900),
        ("12.99e2", 129_900),
        (1299, 129_900),
        (12.5, 1_250),
        (0.1, 10),
        (90071992547409.9, 9_007_199_254_740_990),
        ("90071992547409.91", 9_007_199_254_740_991),
        (0, 0),
    ],
)
def test_an_amount_is_taken_exactly(given: object, minor: int) -> None:
    assert order(amount=given).amount == minor


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"order_id": None}, "order_id", Reason.ABSENT),
        ({"order_id": " "}, "order_id", Reason.ABSENT),
        ({"order_id": 17}, "order_id", Reason.TYPE),
        ({"order_id": True}, "order_id", Reason.TYPE),
        ({"order_id": ["o1"]}, "order_id", Reason.TYPE),
        ({"order_id": "x" * 201}, "order_id", Reason.TOO_LONG),
        ({"order_id": "é" * 201}, "order_id", Reason.TOO_LONG),
        ({"order_id": "a\0b"}, "order_id", Reason.CONTROL),
        ({"order_id": "a\x1bb"}, "order_id", Reason.CONTROL),
        ({"customer_id": None}, "customer_id", Reason.ABSENT),
        ({"customer_id": {"id": "c"}}, "customer_id", Reason.TYPE),
        ({"customer_id": "erased-7"}, "customer_id", Reason.RESERVED),
        ({"customer_id": f"erased-{'0' * 24}x"}, "customer_id", Reason.RESERVED),
        ({"ordered_at": None}, "ordered_at", Reason.ABSENT),
        ({"ordered_at": ""}, "ordered_at", Reason.ABSENT),
        ({"ordered_at": "yesterday"}, "ordered_at", Reason.TIME),
        ({"ordered_at": "2026-02-30T10:00:00Z"}, "ordered_at", Reason.TIME),
        ({"ordered_at": "1899-12-31T23:59:59Z"}, "ordered_at", Reason.TIME),
        ({"ordered_at": "2200-01-01T00:00:00Z"}, "ordered_at", Reason.TIME),
        ({"ordered_at": "33658-09-27T01:46:40Z"}, "ordered_at", Reason.TIME),
        ({"ordered_at": 1_774_915_200}, "ordered_at", Reason.TYPE),
        ({"status": "complete"}, "status", Reason.STATUS),
        ({"status": "Completed"}, "status", Reason.STATUS),
        ({"status": 1}, "status", Reason.TYPE),
        ({"channel": {"name": "web"}}, "channel", Reason.TYPE),
        ({"channel": "x" * 501}, "channel", Reason.TOO_LONG),
        ({"channel": "web\x07"}, "channel", Reason.CONTROL),
        ({"currency": "USD"}, "currency", Reason.CURRENCY),
        ({"amount": None}, "amount", Reason.ABSENT),
        ({"amount": ""}, "amount", Reason.NUMBER),
        ({"amount": "12,50"}, "amount", Reason.NUMBER),
        ({"amount": "NaN"}, "amount", Reason.NUMBER),
        ({"amount": "1" * 101}, "amount", Reason.TOO_LONG),
        ({"amount": float("nan")}, "amount", Reason.NUMBER),
        ({"amount": float("inf")}, "amount", Reason.NUMBER),
        ({"amount": True}, "amount", Reason.TYPE),
        ({"amount": [1]}, "amount", Reason.TYPE),
        ({"amount": "12.505"}, "amount", Reason.DECIMALS),
        ({"amount": 12.505}, "amount", Reason.DECIMALS),
        ({"amount": 0.1 + 0.2}, "amount", Reason.RANGE),
        ({"amount": "90071992547409.92"}, "amount", Reason.AMOUNT),
        ({"amount": 2**63}, "amount", Reason.RANGE),
        ({"amount": 1e300}, "amount", Reason.NUMBER),
        ({"amount": "-1.00", "status": "completed"}, "amount", Reason.NEGATIVE),
        ({"amount": "-1.00", "status": "pending"}, "amount", Reason.NEGATIVE),
        ({"items": {}}, "items", Reason.TYPE),
        ({"items": ["s1"]}, "items/0", Reason.RECORD),
        ({"items": [[[[[1]]]]]}, "items/0", Reason.RECORD),
        ({"items": [item(), item(quantity=2.5)]}, "items/1/quantity", Reason.TYPE),
        ({"items": [item(quantity="2")]}, "items/0/quantity", Reason.TYPE),
        ({"items": [item(quantity=None)]}, "items/0/quantity", Reason.ABSENT),
        ({"items": [item(quantity=10**9 + 1)]}, "items/0/quantity", Reason.RANGE),
        ({"items": [item(quantity=2**63)]}, "items/0/quantity", Reason.RANGE),
        ({"items": [item(unit_price=None)]}, "items/0/unit_price", Reason.ABSENT),
        ({"items": [item(unit_price="1" * 19)]}, "items/0/unit_price", Reason.RANGE),
        ({"items": [item(quantity=10**9, unit_price="1e9")]}, "items/0/unit_price", Reason.AMOUNT),
        ({"items": [item(sku=7)]}, "items/0/sku", Reason.TYPE),
        ({"items": [item(prise=7)]}, "items/0/prise", Reason.UNKNOWN_FIELD),
        ({"items": [item(quantity=3)]}, "amount", Reason.CONTRADICTION),
        ({"amount": None, "items": []}, "amount", Reason.ABSENT),
        ({"custmer": "c1"}, "custmer", Reason.UNKNOWN_FIELD),
        ({"a\ud800": 1}, "", Reason.RECORD),
        ({"channel": "a\ud800"}, "", Reason.RECORD),
        ({"channel": 2**64}, "", Reason.RECORD),
        ({"channel": {1, 2}}, "", Reason.RECORD),
    ],
)
def test_an_order_that_cannot_be_taken_is_refused_where_it_is_wrong(
    changes: dict[str, object], field: str, reason: Reason
) -> None:
    problem = order_problems(order_row(**changes))[0]
    assert (problem.field, problem.kind) == (field, reason.value)


@pytest.mark.parametrize("row", [None, 1, "o1", [], True, [["order_id", "o1"]]])
def test_a_row_that_is_no_object_is_refused(row: object) -> None:
    (problem,) = order_problems(row)
    assert (problem.field, problem.kind) == ("", Reason.RECORD.value)


def test_every_problem_of_a_row_is_told_with_what_was_given_and_what_is_valid() -> None:
    row = order_row(status="complete", amount="12.505", currency="usd", custmer="c1")
    found = {one.field: one for one in order_problems(row)}
    assert set(found) == {"status", "amount", "currency", "custmer"}
    assert found["status"].valid == ("completed", "refunded", "cancelled", "pending")
    assert "did you mean 'completed'?" in found["status"].reason
    assert found["amount"].given == "12.505"
    assert found["currency"].valid == ("INR",)
    assert "did you mean 'customer_id'?" in found["custmer"].reason


def test_a_row_of_a_thousand_unknown_fields_is_told_of_the_first_few() -> None:
    found = order_problems(order_row(**{f"f{n}": n for n in range(1_000)}))
    assert len(found) == MOST


def test_a_bad_row_leaves_its_neighbours_alone() -> None:
    rows = [order_row(order_id="a"), order_row(amount="x"), None, order_row(order_id="b")]
    admitted = admit(rows, OrderRecords(WORKSPACE), "order_id")
    assert {row: one.order_id for row, one in admitted.good.items()} == {0: "a", 3: "b"}
    assert {row: one.id for row, one in admitted.refused.items()} == {1: "o1", 2: None}


def test_a_record_has_at_most_32_kb() -> None:
    filled = {"sku": "x" * 400, "quantity": 1, "unit_price": 1}
    whole = order(amount=None, items=[filled] * 70)
    assert len(whole.items) == 70
    (problem,) = order_problems(order_row(amount=None, items=[filled] * 80))
    assert problem.kind == Reason.TOO_LONG.value
    assert f"{MAX_RECORD_BYTES:,}" in problem.reason


def test_an_order_with_items_comes_to_the_sum_of_its_lines() -> None:
    found = order(amount=None, items=[item(), item(quantity=3, unit_price="0.005", name="Sticker")])
    assert found.amount == 2_050 + 2  # 0.015 rounds half to even
    assert [one.amount for one in found.items] == [2_050, 2]
    assert found.items[1].unit_price == Decimal("0.005")
    assert found.status is OrderStatus.COMPLETED


def test_an_amount_beside_items_must_be_their_sum() -> None:
    assert order(amount="20.50", items=[item()]).amount == 2_050
    (problem,) = order_problems(order_row(amount="25.00", items=[item()]))
    assert "the items come to 20.50" in problem.reason
    (problem,) = order_problems(order_row(amount="-20.50", items=[item()]))
    assert problem.kind == Reason.CONTRADICTION.value


def test_a_discount_is_a_line_of_a_negative_price() -> None:
    found = order(amount=None, items=[item(), item(quantity=1, unit_price="-0.50")])
    assert (found.amount, found.status) == (2_000, OrderStatus.COMPLETED)


def test_a_refund_given_as_positive_is_turned_round_line_by_line() -> None:
    found = order(amount="20.50", status="refunded", items=[item()])
    assert (found.amount, found.quantity, found.items[0].amount) == (-2_050, -2, -2_050)
    as_given = order(amount="-20.50", status="refunded", items=[item(quantity=-2)])
    assert as_given == found
    assert order(amount="-20.50").status is OrderStatus.REFUNDED
    assert order(amount=None, items=[item(quantity=-2)]).status is OrderStatus.REFUNDED


@pytest.mark.parametrize("status", ["completed", "cancelled", "pending"])
def test_a_negative_quantity_is_refused_in_anything_but_a_refund(status: str) -> None:
    items = [item(quantity=5), item(quantity=-1)]
    (problem,) = order_problems(order_row(amount=None, status=status, items=items))
    assert (problem.field, problem.kind) == ("items/1/quantity", Reason.NEGATIVE.value)
    assert order(amount=None, status="refunded", items=items).amount == -4 * 1_025


def test_instants_are_utc_to_the_millisecond_and_local_without_an_offset() -> None:
    expected = datetime(2026, 3, 31, 4, 0, 0, 123_000, tzinfo=UTC)
    assert order(ordered_at="2026-03-31T09:30:00.123999+05:30").ordered_at == expected
    assert order(ordered_at="2026-03-31 09:30:00.123").ordered_at == expected
    assert order(ordered_at="1900-01-01T00:00:00Z").ordered_at.year == 1900
    assert order(ordered_at="2199-12-31T23:59:59.999Z").ordered_at.year == 2199


def test_text_is_trimmed_and_in_nfc_and_empty_text_says_nothing() -> None:
    found = order(
        order_id=" o1 ", channel=" Cafe\u0301\n ", items=[item(name="", sku=None)], amount=None
    )
    assert (found.order_id, found.channel) == ("o1", "Caf\u00e9")
    assert (found.items[0].name, found.items[0].sku) == (None, None)


def test_a_customer_is_read_whole() -> None:
    found = customer(
        email="Asha@EXAMPLE.com",
        phone="098200 12345",
        name=" Asha  Rao ",
        city="Pune",
        country="India",
        gender="f",
        birth_date="1990-02-28",
        signed_up_at="2024-11-05T13:30:00",
        tags=["vip", " vip ", "", "new"],
        attributes={
            "points": 12,
            "size": "42",
            "vip": True,
            "seen": "2026-01-01",
            "likes": ["a", "b"],
            "fresh": None,
        },
    )
    assert (found.email, found.phone) == ("Asha@example.com", "+919820012345")
    assert (found.name, found.birth_date) == ("Asha  Rao", date(1990, 2, 28))
    assert found.signed_up_at == datetime(2024, 11, 5, 8, tzinfo=UTC)
    assert found.tags == ("vip", "new")
    assert found.attributes == {
        "points": 12.0,
        "size": "42",
        "vip": True,
        "seen": datetime(2025, 12, 31, 18, 30, tzinfo=UTC),
        "likes": ("a", "b"),
    }
    assert type(found.attributes["points"]) is float


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"customer_id": None}, "customer_id", Reason.ABSENT),
        ({"customer_id": ""}, "customer_id", Reason.ABSENT),
        ({"customer_id": " erased-7"}, "customer_id", Reason.RESERVED),
        ({"customer_id": f"erased-{'0' * 24}"}, "customer_id", Reason.RESERVED),
        ({"email": "asha"}, "email", Reason.EMAIL),
        ({"email": "asha@localhost"}, "email", Reason.EMAIL),
        ({"email": "a@b@example.com"}, "email", Reason.EMAIL),
        ({"email": ["asha@example.com"]}, "email", Reason.TYPE),
        ({"phone": "12"}, "phone", Reason.PHONE),
        ({"phone": "call me"}, "phone", Reason.PHONE),
        ({"phone": "+91 98200 12345 ext. 5"}, "phone", Reason.PHONE),
        ({"phone": 9_820_012_345}, "phone", Reason.TYPE),
        ({"birth_date": "1990-02-30"}, "birth_date", Reason.DATE),
        ({"birth_date": "1990-02-28T10:00"}, "birth_date", Reason.DATE),
        ({"birth_date": "2200-01-01"}, "birth_date", Reason.DATE),
        ({"signed_up_at": "1899-01-01"}, "signed_up_at", Reason.TIME),
        ({"tags": "vip"}, "tags", Reason.TYPE),
        ({"tags": [1]}, "tags", Reason.TYPE),
        ({"tags": ["x" * 101]}, "tags", Reason.TOO_LONG),
        ({"tags": [str(n) for n in range(101)]}, "tags", Reason.TOO_LONG),
        ({"attributes": []}, "attributes", Reason.RECORD),
        ({"attributes": {"points": "12"}}, "attributes/points", Reason.TYPE),
        ({"attributes": {"points": True}}, "attributes/points", Reason.TYPE),
        ({"attributes": {"size": 42}}, "attributes/size", Reason.TYPE),
        ({"attributes": {"likes": "a"}}, "attributes/likes", Reason.TYPE),
        ({"attributes": {"seen": "soon"}}, "attributes/seen", Reason.TIME),
        ({"attributes": {"fresh": {"a": 1}}}, "attributes/fresh", Reason.TYPE),
        ({"attributes": {"fresh": [["a"]]}}, "attributes/fresh", Reason.TYPE),
        ({"attributes": {"fresh": 2**53 + 1}}, "attributes/fresh", Reason.RANGE),
        ({"attributes": {"fresh": float("inf")}}, "attributes/fresh", Reason.RANGE),
        ({"attributes": {"fresh": "x" * 501}}, "attributes/fresh", Reason.TOO_LONG),
        ({"attributes": {"Size": "42"}}, "attributes/Size", Reason.ATTRIBUTE),
        ({"attributes": {"new": 1, "NEW": 1}}, "attributes/NEW", Reason.ATTRIBUTE),
        ({"attributes": {"size_folded": "x"}}, "attributes/size_folded", Reason.ATTRIBUTE),
        ({"attributes": {"$where": "x"}}, "attributes/$where", Reason.ATTRIBUTE),
        ({"attributes": {"a.b": "x"}}, "attributes/a.b", Reason.ATTRIBUTE),
        ({"attributes": {"": "x"}}, "attributes/", Reason.ATTRIBUTE),
        ({"attributes": {f"a{n}": n for n in range(101)}}, "attributes", Reason.TOO_LONG),
        ({"order_id": "o1"}, "order_id", Reason.UNKNOWN_FIELD),
        ({"unset": "phone"}, "unset", Reason.TYPE),
        ({"unset": ["phone", "fone"]}, "unset", Reason.UNKNOWN_FIELD),
        ({"unset": ["customer_id"]}, "unset", Reason.UNKNOWN_FIELD),
        ({"unset": ["attributes.$x"]}, "unset", Reason.UNKNOWN_FIELD),
        ({"unset": ["city"], "city": "Pune"}, "unset", Reason.TAKEN_AWAY),
        ({"unset": ["tags"], "tags": ["a"]}, "unset", Reason.TAKEN_AWAY),
        (
            {"unset": ["attributes.points"], "attributes": {"points": 1}},
            "unset",
            Reason.TAKEN_AWAY,
        ),
    ],
)
def test_a_customer_that_cannot_be_taken_is_refused_where_it_is_wrong(
    changes: dict[str, object], field: str, reason: Reason
) -> None:
    problem = customer_problems(customer_row(**changes))[0]
    assert (problem.field, problem.kind) == (field, reason.value)


def test_a_number_out_of_range_is_told_what_range_there_is() -> None:
    [problem] = customer_problems(customer_row(attributes={"points": -1e300}))
    assert "between -(2**53) and 2**53" in problem.reason


def test_the_first_type_of_a_new_attribute_holds_for_the_rest_of_the_batch() -> None:
    reader = CustomerRecords(WORKSPACE, {})
    rows = [
        customer_row(attributes={"level": "gold", "at": "2026-01-01T00:00:00Z"}, tags=1),
        customer_row(attributes={"level": 3}),
        customer_row(attributes={"level": "gold"}),
        customer_row(attributes={"at": "2026-01-01T00:00:00Z", "day": "2026-01-01"}),
    ]
    admitted = admit(rows, reader, "customer_id")
    assert set(admitted.refused) == {0, 2}
    assert admitted.refused[2].problems[0].reason.endswith("holds number, not text")
    # A refused row teaches nothing; a day alone is text.
    assert reader.learnt == {
        "level": AttributeType.NUMBER,
        "at": AttributeType.TIME,
        "day": AttributeType.TEXT,
    }


@pytest.mark.parametrize(
    ("code", "locale", "local"),
    [("GBP", "en_US", "020 7946 0958"), ("EUR", "de_DE", "030 1234567"), ("EUR", "en_US", None)],
)
def test_a_phone_number_without_a_country_code_is_one_of_the_workspaces_country(
    code: str, locale: str, local: str | None
) -> None:
    workspace = Workspace("Test", currency(code), ZoneInfo("UTC"), locale)
    rows = [customer_row(phone="+44 20 7946 0958"), customer_row(phone=local or "020 7946 0958")]
    admitted = admit(rows, CustomerRecords(workspace, {}), "customer_id")
    assert admitted.good[0].phone == "+442079460958"
    assert (1 in admitted.good) == (local is not None)
