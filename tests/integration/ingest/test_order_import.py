from __future__ import annotations

import csv
import gzip
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest

from engine.domain.order import OrderItem, OrderStatus
from engine.errors import ImportFileError
from engine.ingest import rows as rows_module
from engine.ingest.fields import FileKind
from engine.ingest.mapping import ColumnMapping, MappingOptions, NumberFormat, TimeFormat
from engine.ingest.presets import ONLINE_RETAIL
from engine.store.imports import ImportStatus
from engine.store.writes import WriteCounts

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.ingest.shop import Shop

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
WHOLE = ColumnMapping(
    name="totals",
    kind=FileKind.ORDERS,
    columns={
        "order_id": "order",
        "customer_id": "customer",
        "ordered_at": "at",
        "amount": "total",
    },
)


def row(
    order: str = "1",
    customer: str = "17850.0",
    *,
    sku: str = "A",
    name: str = "Lamp",
    count: str = "1",
    at: str = "2010-12-01 08:26:00",
    price: str = "2.50",
    country: str = "India",
) -> str:
    return f"{order},{sku},{name},{count},{at},{price},{customer},{country}\n"


def test_an_invoice_becomes_one_order_wherever_its_lines_stand(shop: Shop) -> None:
    text = HEADER + row("1", sku="B", at="2010-12-01 09:00:00", count="3", price="0.335")
    text += row("2") + row("1", sku="A", name="", at="2010-12-01 08:00:00")
    result = shop.bring_in(text, ONLINE_RETAIL)
    assert (result.rows, result.customers, result.orders) == (3, 1, 2)
    order = next(one for one in shop.orders.of_customer("17850") if one.order_id == "1")
    assert order.ordered_at == datetime(2010, 12, 1, 2, 30, tzinfo=UTC)
    assert order.status is OrderStatus.COMPLETED
    # 3 x 0.335 is 1.005, half-way between two paise: the even one is 1.00
    assert order.items == (
        OrderItem(
            sku="B", name="Lamp", category=None, quantity=3, unit_price=Decimal("0.335"), amount=100
        ),
        OrderItem(
            sku="A", name=None, category=None, quantity=1, unit_price=Decimal("2.50"), amount=250
        ),
    )
    assert order.amount == 350


def test_an_invoice_that_begins_with_c_is_a_refund(shop: Shop) -> None:
    text = HEADER + row("C1", count="-2") + row("C2", count="2") + row("C2", count="-1")
    result = shop.bring_in(text, ONLINE_RETAIL)
    assert (result.orders, result.refunded, result.net_amount) == (2, 2, -750)
    found = {one.order_id: one for one in shop.orders.of_customer("17850")}
    assert {one.status for one in found.values()} == {OrderStatus.REFUNDED}
    assert found["C1"].amount == -500
    # C2 was written as a positive total, so every line of it changes its sign
    assert [item.quantity for item in found["C2"].items] == [-2, 1]
    assert found["C2"].amount == -250


def test_rows_without_a_customer_are_left_out_and_counted(shop: Shop) -> None:
    result = shop.bring_in(HEADER + row() + row("2", customer="") * 3, ONLINE_RETAIL)
    assert result.rejected == {"no customer id": 3}
    assert [one.line for one in result.samples["no customer id"]] == [3, 4, 5]
    assert (result.rows, result.orders) == (4, 1)


def test_a_customer_under_a_name_that_erasing_leaves_is_left_out(shop: Shop) -> None:
    header = "order,customer,at,total"
    rows = f"1,erased-{'0' * 24},2025-01-01,5\n2,a,2025-01-01,5\n"
    result = shop.bring_in(f"{header}\n{rows}", WHOLE)
    assert result.rejected == {"customer id is reserved": 1}
    assert [one.customer_id for one in shop.customers.stream()] == ["a"]


def test_the_country_is_the_latest_orders(shop: Shop) -> None:
    text = HEADER + row("1", at="2011-05-01", country="Nepal")
    text += row("2", at="2011-07-01", country="Bhutan") + row("3", at="2011-06-01")
    text += row("4", at="2011-08-01", country="")
    shop.bring_in(text, ONLINE_RETAIL)
    assert shop.customers.get("17850").country == "Bhutan"
    shop.bring_in(HEADER + row("0", at="2010-01-01", country="Malta"), ONLINE_RETAIL)
    assert shop.customers.get("17850").country == "Bhutan"
    shop.bring_in(HEADER + row("9", at="2012-01-01", country="Oman"), ONLINE_RETAIL)
    assert shop.customers.get("17850").country == "Oman"


def test_the_same_file_twice_changes_nothing_and_says_so(shop: Shop) -> None:
    text = HEADER + row("1") + row("2", "12") + row("C3", "12", count="-1") + row("", "12")
    first = shop.bring_in(text, ONLINE_RETAIL)
    assert not first.changed_nothing
    assert (first.customers_written, first.orders_written) == (WriteCounts(2), WriteCounts(3))
    again = shop.bring_in(text, ONLINE_RETAIL)
    assert again.changed_nothing
    assert again.customers_written == WriteCounts(0, 0, 2)
    assert again.orders_written == WriteCounts(0, 0, 3)
    assert again.rejected == first.rejected == {"no order id": 1}


@pytest.mark.parametrize(
    ("bad", "reason", "column"),
    [
        (row("7", at="yesterday"), "not a date and time", "InvoiceDate"),
        (row("7", at=""), "required cell is empty", "InvoiceDate"),
        (row("7", count="two"), "not a number", "Quantity"),
        (row("7", count="2000000000"), "number out of range", "Quantity"),
        (row("7", price="2;50"), "not a number", "UnitPrice"),
        (row("7", price="99999999999999999"), "amount out of range", ""),
        (row("", at="x"), "no order id", "InvoiceNo"),
        (row("7" * 201), "text too long", "InvoiceNo"),
        (row("7", name="La\0mp"), "control character", "Description"),
        (row("7", name="x" * 140_000), "text too long", ""),
        (row("7", name="a,b"), "wrong number of cells", ""),
        ("7,too,few\n", "wrong number of cells", ""),
        (row("7", name='"La"mp'), "quotes do not match", ""),
    ],
)
def test_a_bad_row_is_rejected_with_its_line_and_the_rest_is_taken(
    shop: Shop, bad: str, reason: str, column: str
) -> None:
    text = HEADER + row("1", name='"two\nlines"') + bad + row("2")
    result = shop.bring_in(text, ONLINE_RETAIL)
    assert result.rejected == {reason: 1}
    (reject,) = result.samples[reason]
    assert (reject.line, reject.column) == (4, column)
    assert len(reject.value) <= 80
    assert reject.detail
    assert (result.rows, result.orders, shop.orders.count()) == (3, 2, 2)


def test_bytes_that_are_not_utf_8_reject_their_row_only(shop: Shop) -> None:
    text = HEADER.encode() + row("1").encode()
    text += row("2", name="Café").encode("cp1252") + row("3", name="Café").encode()
    result = shop.bring_in(text, ONLINE_RETAIL)
    assert result.rejected == {"text not in the file's encoding": 1}
    (reject,) = result.samples["text not in the file's encoding"]
    assert (reject.line, reject.column, reject.value) == (3, "Description", "Caf\\udce9")
    assert result.orders == 2


def test_an_order_is_taken_whole_or_not_at_all(shop: Shop) -> None:
    text = HEADER + row("1") + row("1", count="many") + row("1") + row("2")
    result = shop.bring_in(text, ONLINE_RETAIL)
    assert result.rejected == {"another row of the order cannot be taken": 2, "not a number": 1}
    assert "line 3" in result.samples["another row of the order cannot be taken"][0].detail
    assert (result.orders, shop.orders.count()) == (1, 1)


def test_an_order_that_names_two_customers_is_left_out(shop: Shop) -> None:
    text = HEADER + row("1", "5") + row("1", "6") + row("2", "5")
    result = shop.bring_in(text, ONLINE_RETAIL)
    assert result.rejected == {"order names two customers": 2}
    assert (result.orders, result.customers, shop.customers.count()) == (1, 1, 1)


def test_an_order_too_large_to_add_up_is_left_out(shop: Shop) -> None:
    text = HEADER + row("1", price="90000000000000", count="1") * 2 + row("2")
    result = shop.bring_in(text, ONLINE_RETAIL)
    assert result.rejected == {"amount out of range": 2}
    assert result.orders == 1


def test_an_order_too_large_for_one_document_is_left_out(shop: Shop) -> None:
    text = HEADER + row("1") * 5_001 + row("2", name="x" * 500) * 1_001 + row("3")
    result = shop.bring_in(text, ONLINE_RETAIL)
    assert result.rejected == {"order too large": 6_002}
    assert (result.orders, shop.orders.count()) == (1, 1)


def test_the_largest_order_taken_fits_a_document(shop: Shop) -> None:
    name = "\N{GRINNING FACE}" * 99
    text = HEADER + row("1", sku=name[:1], name=name) * 5_000
    assert shop.bring_in(text, ONLINE_RETAIL).orders_written.inserted == 1


def test_a_file_of_whole_orders_is_read(shop: Shop) -> None:
    mapping = ColumnMapping(
        name="",
        kind=FileKind.ORDERS,
        columns={**WHOLE.columns, "status": "state", "email": "mail", "currency": "cur"},
        options=MappingOptions(
            time_format=TimeFormat.DAY_FIRST,
            number_format=NumberFormat.POINT_GROUPS,
            channel="till",
        ),
    )
    text = (
        "order;customer;at;total;state;mail;cur\n"
        "1;a;31/12/2024 18:30;1.234,56;Paid;asha@example.com;inr\n"
        "2;a;1.1.2025;-5;;;INR\n"
        "3;a;1.1.2025;5;returned;;\n"
        "4;b;1.1.2025;5;on_hold;;\n"
        "5;b;1.1.2025;5;lost;;\n"
        "6;b;1.1.2025;5;;nobody;\n"
        "7;b;1.1.2025;5;;;USD\n"
        "1;a;31/12/2024 18:30;1.234,56;Paid;asha@example.com;inr\n"
    )
    result = shop.bring_in(text, mapping)
    assert result.rejected == {
        "unknown status": 1,
        "not an e-mail address": 1,
        "another currency": 1,
        "order id repeated": 1,
    }
    assert result.samples["order id repeated"][0].line == 9
    found = {one.order_id: one for one in shop.orders.of_customer("a")}
    assert (found["1"].amount, found["1"].status) == (123_456, OrderStatus.COMPLETED)
    assert found["1"].ordered_at == datetime(2024, 12, 31, 13, 0, tzinfo=UTC)
    assert (found["2"].amount, found["2"].status) == (-500, OrderStatus.REFUNDED)
    assert (found["3"].amount, found["3"].status) == (-500, OrderStatus.REFUNDED)
    assert {one.channel for one in found.values()} == {"till"}
    assert found["1"].items == ()
    assert shop.customers.get("a").email == "asha@example.com"
    assert shop.orders.of_customer("b")[0].status is OrderStatus.PENDING


@pytest.mark.parametrize(
    ("amount", "minor"),
    [("1.234", None), ("10.005", None), ("12.500", 1_250), ("15.299999999999999", 1_530)],
)
def test_an_amount_has_the_decimals_of_its_currency(
    shop: Shop, amount: str, minor: int | None
) -> None:
    result = shop.bring_in(f"order,customer,at,total\n1,a,2025-01-01,{amount}\n", WHOLE)
    found = [one.amount for one in shop.orders.of_customer("a")]
    if minor is None:
        assert result.rejected == {"too many decimals": 1}
        assert found == []
    else:
        assert found == [minor]


def test_amounts_of_single_precision_are_read_in_their_own_digits(shop: Shop) -> None:
    path = shop.folder / "orders.parquet"
    totals = [15.3, 1234.56, 49_999.95, None]
    frame = pl.DataFrame({"order": ["1", "2", "3", "4"], "total": totals}).with_columns(
        pl.col("total").cast(pl.Float32), customer=pl.lit("a"), at=pl.lit("2025-01-01")
    )
    frame.write_parquet(path)
    assert shop.importer.run(path, WHOLE, by="asha").rejected == {"required cell is empty": 1}
    found = {one.order_id: one.amount for one in shop.orders.of_customer("a")}
    assert found == {"1": 1_530, "2": 123_456, "3": 4_999_995}


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        ("1,b,2025-01-01,5.00", "order names two customers"),
        ("1,a,2025-01-01,6.00", "rows of the order contradict each other"),
        ("1,a,2025-01-01,five", "another row of the order cannot be taken"),
    ],
)
def test_a_whole_order_that_its_rows_disagree_about_is_left_out(
    shop: Shop, second: str, reason: str
) -> None:
    text = f"order,customer,at,total\n1,a,2025-01-01,5.00\n{second}\n2,a,2025-01-01,7.00\n"
    result = shop.bring_in(text, WHOLE)
    assert reason in result.rejected
    assert sum(result.rejected.values()) == 2
    assert [one.order_id for one in shop.orders.of_customer("a")] == ["2"]
    assert shop.orders.of_customer("b") == ()


PLACES = ColumnMapping(
    name="", kind=FileKind.ORDERS, columns={**WHOLE.columns, "city": "city", "phone": "phone"}
)


def test_each_field_of_a_customer_is_that_of_the_latest_order_that_fills_it(shop: Shop) -> None:
    header = "order,customer,at,total,city,phone\n"
    rows = ["1,a,2025-01-01,5,Pune,11\n", "2,a,2025-02-01,5,,22\n", "3,a,2025-03-01,5,,\n"]
    shop.bring_in(header + "".join(rows), PLACES)
    together = shop.customers.get("a")
    assert (together.city, together.phone) == ("Pune", "22")
    for one in rows:
        shop.bring_in(header + one.replace(",a,", ",b,").replace(one[0], one[0] + "b", 1), PLACES)
    apart = shop.customers.get("b")
    assert (apart.city, apart.phone) == (together.city, together.phone)


@pytest.mark.parametrize("order", [(0, 1, 0), (1, 0, 1), (0, 1), (1, 0)])
def test_orders_of_one_instant_give_the_same_customer_in_any_order_of_files(
    shop: Shop, order: tuple[int, ...]
) -> None:
    header = "order,customer,at,total,city,phone\n"
    files = [header + "1,a,2025-01-01,5,Pune,\n", header + "2,a,2025-01-01,5,Goa,\n"]
    for one in order:
        shop.bring_in(files[one], PLACES)
    assert shop.customers.get("a").city == "Goa"
    assert shop.bring_in(files[0], PLACES).changed_nothing


def test_an_order_with_two_statuses_is_left_out(shop: Shop) -> None:
    mapping = ColumnMapping(
        name="",
        kind=FileKind.ORDERS,
        columns={**ONLINE_RETAIL.columns, "status": "Country"} | {},
    )
    columns = {field: name for field, name in mapping.columns.items() if field != "country"}
    mapping = ColumnMapping(name="", kind=FileKind.ORDERS, columns=columns)
    text = HEADER + row("1", country="paid") + row("1", country="") + row("1", country="open")
    result = shop.bring_in(text, mapping)
    assert result.rejected == {"order has two statuses": 3}


def test_parquet_gives_what_the_same_csv_gives(shop: Shop) -> None:
    path = shop.folder / "orders.parquet"
    pl.DataFrame(
        {
            "InvoiceNo": ["1", "1", "C2", None],
            "StockCode": ["A", "B", "A", "A"],
            "Description": ["Lamp", None, "Lamp", "Lamp"],
            "Quantity": [1, 3, -1, 1],
            "InvoiceDate": [datetime(2010, 12, 1, 8, 26, 0, 999_999)] * 4,  # noqa: DTZ001 - naive on purpose
            "UnitPrice": [2.5, 0.335, 2.5, 1.0],
            "CustomerID": [17850.0, 17850.0, 17850.0, 5.0],
            "Country": ["India"] * 4,
            "Extra": [[1], [2], [3], [4]],
        }
    ).with_columns(pl.col("InvoiceDate").cast(pl.Datetime("ns"))).write_parquet(path)
    result = shop.importer.run(path, ONLINE_RETAIL, by="asha")
    assert (result.rows, result.orders, result.net_amount) == (4, 2, 100)
    assert result.rejected == {"no order id": 1}
    assert result.samples["no order id"][0].line == 4
    orders = {one.order_id: one for one in shop.orders.of_customer("17850")}
    assert orders["1"].amount == 350
    assert orders["1"].items[1].unit_price == Decimal("0.335")
    assert orders["1"].ordered_at == datetime(2010, 12, 1, 2, 56, 0, 999_000, tzinfo=UTC)


def test_a_gzip_cut_short_writes_nothing(shop: Shop) -> None:
    text = HEADER + "".join(row(str(n), str(n % 50)) for n in range(60_000))
    packed = gzip.compress(text.encode(), compresslevel=1)
    with pytest.raises(ImportFileError, match="cut short or damaged"):
        shop.bring_in(packed[: len(packed) - 20], ONLINE_RETAIL)
    assert shop.is_empty
    record = shop.last_import()
    assert record.status is ImportStatus.FAILED
    assert record.reason is not None
    assert "cut short" in record.reason
    assert record.counts.rows > 0


def test_a_gzip_that_unpacks_without_end_writes_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_module, "BOMB_FROM", 1 << 21)
    text = HEADER.encode() + row().encode() * 10
    with pytest.raises(ImportFileError, match="more than 300 times its size"):
        shop.bring_in(gzip.compress(text + b"\n" * (1 << 24)), ONLINE_RETAIL)
    assert shop.is_empty


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (HEADER.encode(), "header only"),
        (b'{"orders": []}', "JSON"),
        (HEADER.replace(",", "^").encode() + b"1^2\n", "only one column"),
        (HEADER.replace("Country", "Quantity").encode() + row().encode(), "more than once"),
        (HEADER.replace("CustomerID", "Customer ID").encode() + row().encode(), "did you mean"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_recorded(
    shop: Shop, content: bytes, said: str
) -> None:
    with pytest.raises(ImportFileError, match=said):
        shop.bring_in(content, ONLINE_RETAIL)
    assert shop.is_empty
    assert shop.last_import().status is ImportStatus.FAILED


def test_a_byte_order_mark_and_another_delimiter_change_nothing(shop: Shop) -> None:
    text = "\ufeff" + (HEADER + row()).replace(",", "\t")
    assert shop.bring_in(text, ONLINE_RETAIL).orders == 1


def test_another_encoding_is_read_where_the_mapping_says_so(shop: Shop) -> None:
    mapping = ColumnMapping(
        name="",
        kind=FileKind.ORDERS,
        columns=ONLINE_RETAIL.columns,
        options=MappingOptions(encoding="cp1252"),
    )
    shop.bring_in((HEADER + row(name="Café", customer="x")).encode("cp1252"), mapping)
    assert shop.orders.of_customer("x")[0].items[0].name == "Café"


def test_every_rejected_row_is_written_where_asked(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    text = HEADER + row() + row("", at="x") * 150
    result = shop.bring_in(text, ONLINE_RETAIL, rejects_to=path)
    assert len(result.samples["no order id"]) == 100
    with path.open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    assert [int(one["line"]) for one in written] == list(range(3, 153))


def test_rejects_that_cannot_be_written_are_one_sentence(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match=r"cannot be written to .*: Is a directory"):
        shop.bring_in(HEADER + row(), ONLINE_RETAIL, rejects_to=tmp_path)
    assert shop.is_empty


def test_the_rejects_never_overwrite_the_file(shop: Shop) -> None:
    with pytest.raises(ImportFileError, match="over the file itself"):
        shop.bring_in(HEADER + row(), ONLINE_RETAIL, rejects_to=shop.folder / "file.csv")
    assert (shop.folder / "file.csv").read_text(encoding="utf-8") == HEADER + row()
