from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.domain.customer import AttributeType
from engine.domain.money import currency
from engine.domain.order import OrderStatus
from engine.domain.workspace import Workspace
from engine.errors import ImportFileError
from engine.ingest.fields import FileKind
from engine.ingest.formats import FileFormat
from engine.ingest.inspection import FileInspection
from engine.ingest.mapping import (
    ColumnMapping,
    MappingOptions,
    NumberFormat,
    TimeFormat,
    guess,
    load_mapping,
    mapping_from_dict,
    mapping_from_json,
    mapping_to_dict,
)
from engine.ingest.mapping_check import check, problems
from engine.ingest.presets import ONLINE_RETAIL, preset

WORKSPACE = Workspace("test", currency("INR"), ZoneInfo("UTC"), "en_IN")


def file_with(*columns: str, unreadable: frozenset[str] = frozenset()) -> FileInspection:
    return FileInspection(
        path=Path("orders.csv"),
        format=FileFormat.CSV,
        size=1,
        columns=columns,
        sample=(),
        unreadable=unreadable,
    )


def orders(**columns: str) -> ColumnMapping:
    return ColumnMapping(name="test", kind=FileKind.ORDERS, columns=columns)


def test_the_real_exports_columns_are_guessed_as_its_preset_says() -> None:
    columns = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice",
               "CustomerID", "Country")  # fmt: skip
    guessed = guess(columns)
    assert guessed.kind is FileKind.ORDERS
    assert dict(guessed.columns) == dict(ONLINE_RETAIL.columns)


def test_an_order_total_is_guessed_where_there_are_no_lines() -> None:
    guessed = guess(("Order ID", "Customer Name", "Customer ID", "Order Date", "Total", "Qty"))
    assert dict(guessed.columns) == {
        "order_id": "Order ID",
        "customer_id": "Customer ID",
        "ordered_at": "Order Date",
        "amount": "Total",
        "name": "Customer Name",
    }


def test_a_customer_file_is_guessed() -> None:
    guessed = guess(("id", "E-Mail", "DOB", "Signup Date", "Shoe size"))
    assert guessed.kind is FileKind.CUSTOMERS
    assert dict(guessed.columns) == {
        "customer_id": "id",
        "email": "E-Mail",
        "birth_date": "DOB",
        "signed_up_at": "Signup Date",
    }


def test_a_guess_can_be_asked_for_one_kind() -> None:
    columns = ("Order ID", "Customer ID", "Order Date", "Total", "DOB", "Created at")
    assert guess(columns).kind is FileKind.ORDERS
    guessed = guess(columns, FileKind.CUSTOMERS)
    assert guessed.kind is FileKind.CUSTOMERS
    assert dict(guessed.columns) == {
        "customer_id": "Customer ID",
        "birth_date": "DOB",
        "signed_up_at": "Created at",
    }
    assert guess(("id", "E-Mail"), FileKind.ORDERS).kind is FileKind.ORDERS


def test_one_column_never_fills_two_guessed_fields() -> None:
    guessed = guess(("invoice", "customer", "date", "price", "qty", "rate"))
    assert len(set(guessed.columns.values())) == len(guessed.columns)


def test_everything_wrong_is_said_at_once() -> None:
    mapping = orders(order_id="Invoice", customer_id="Invoice", colour="Colour", quantity="Qty")
    wrong = "\n".join(problems(mapping, file_with("Invoice", "Quantity"), WORKSPACE))
    assert "'colour' is no field of orders" in wrong
    assert "no column is chosen for Date and time (ordered_at)" in wrong
    assert "no column is chosen for Price of one (unit_price)" in wrong
    assert "column 'Invoice' is chosen twice: for order_id and customer_id" in wrong
    assert "the file has no column 'Colour'" in wrong
    assert "the file has no column 'Qty'" in wrong
    with pytest.raises(ImportFileError, match=r"chosen twice.*no column 'Qty'"):
        check(mapping, file_with("Invoice", "Quantity"), WORKSPACE)


def test_a_near_name_is_suggested() -> None:
    mapping = orders(order_id="InvoiceNumber", customer_id="c", ordered_at="d", amount="a")
    file = file_with("INVOICENUMBR", "c", "d", "a")
    assert problems(mapping, file, WORKSPACE) == (
        "the file has no column 'InvoiceNumber' (did you mean 'INVOICENUMBR'?)",
    )


def test_an_order_has_one_amount() -> None:
    base = {"order_id": "o", "customer_id": "c", "ordered_at": "d"}
    file = file_with("o", "c", "d", "a", "q", "p", "s")
    both = problems(orders(**base, amount="a", quantity="q", unit_price="p"), file, WORKSPACE)
    assert "an order has one amount" in both[0]
    assert "nor for its quantity and price" in problems(orders(**base), file, WORKSPACE)[0]
    items = problems(orders(**base, amount="a", sku="s"), file, WORKSPACE)
    assert "Item's SKU (sku) belongs to an order's line" in items[0]
    assert problems(orders(**base, amount="a"), file, WORKSPACE) == ()


def test_a_file_in_another_currency_is_refused() -> None:
    mapping = ColumnMapping(
        name="",
        kind=FileKind.ORDERS,
        columns={"order_id": "o", "customer_id": "c", "ordered_at": "d", "amount": "a"},
        options=MappingOptions(currency="GBP"),
    )
    assert problems(mapping, file_with("o", "c", "d", "a"), WORKSPACE) == (
        "its amounts are in GBP, but this workspace keeps INR",
    )


def test_a_column_of_an_unreadable_type_and_a_lone_column_are_named() -> None:
    mapping = ColumnMapping(name="", kind=FileKind.CUSTOMERS, columns={"customer_id": "id"})
    file = file_with("id", unreadable=frozenset({"id"}))
    assert "type that is not read" in problems(mapping, file, WORKSPACE)[0]
    lone = problems(mapping, file_with("id;name"), WORKSPACE)
    assert "the delimiter ',' may be wrong" in lone[-1]


def test_attributes_are_mapped_by_name() -> None:
    def wrong(**columns: str) -> tuple[str, ...]:
        mapping = ColumnMapping(
            name="", kind=FileKind.CUSTOMERS, columns={"customer_id": "id", **columns}
        )
        return problems(mapping, file_with("id", "a"), WORKSPACE)

    assert wrong(**{"attributes.loyalty_tier": "a"}) == ()
    for name in ("attributes.", "attributes.a.b", "attributes.$where", "attributes.1st"):
        assert "is no field" in wrong(**{name: "a"})[0]


def test_a_mapping_survives_json() -> None:
    mapping = ColumnMapping(
        name="Our till",
        kind=FileKind.CUSTOMERS,
        columns={"customer_id": "Kunde.Nr", "attributes.tier": "$Tier"},
        options=MappingOptions(
            encoding="cp1252",
            delimiter=";",
            time_format=TimeFormat.DAY_FIRST,
            number_format=NumberFormat.POINT_GROUPS,
            whole_number_ids=True,
            refund_prefix="C",
            status=OrderStatus.PENDING,
            attribute_types={"tier": AttributeType.NUMBER},
        ),
    )
    assert mapping_from_json(json.dumps(mapping_to_dict(mapping))) == mapping
    assert mapping_from_dict(mapping_to_dict(ONLINE_RETAIL)) == ONLINE_RETAIL


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "a mapping is a JSON object"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"kind": "orders", "columns": {"a": "x", "a": "y"}}', "'a' is named more than once"),
        ('{"kind": "things", "columns": {}}', "kind must be 'customers', 'orders'"),
        ('{"kind": "orders", "columns": {"order_id": 5}}', "columns must be an object"),
        ('{"kind": "orders", "columns": {}, "colums": {}}', "'colums' is not part"),
        ('{"kind": "orders", "columns": {}, "options": {"x": 1}}', "'x' is no option"),
        (
            '{"kind": "orders", "columns": {}, "options": {"encoding": "x", "time_format": 5}}',
            "encoding must be one of.*time_format must be",
        ),
        (
            '{"kind": "orders", "columns": {}, "options": {"attribute_types": {"a": "colour"}}}',
            "type of attribute 'a' must be",
        ),
        ('{"kind": "orders", "columns": {}, "options": {"encoding": ["x"]}}', "encoding must be"),
    ],
)
def test_a_malformed_mapping_is_refused_by_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(ImportFileError, match=said):
        mapping_from_json(text)


def test_a_mapping_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="cannot be read"):
        load_mapping(tmp_path / "none.json")
    (tmp_path / "bad.json").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ImportFileError, match="cannot be read"):
        load_mapping(tmp_path / "bad.json")


def test_an_unknown_preset_lists_the_known() -> None:
    assert preset("online-retail") is ONLINE_RETAIL
    with pytest.raises(ImportFileError, match="'retail'; there are online-retail"):
        preset("retail")


def test_no_more_attributes_are_taken_than_a_document_holds() -> None:
    names = [f"a{n}" for n in range(101)]
    mapping = ColumnMapping(
        name="",
        kind=FileKind.CUSTOMERS,
        columns={"customer_id": "id", **{f"attributes.{name}": name for name in names}},
    )
    assert problems(mapping, file_with("id", *names), WORKSPACE) == (
        "101 attributes are mapped, more than 100",
    )
