from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.domain.customer import AttributeType, Customer
from engine.errors import ImportFileError
from engine.ingest.fields import FileKind
from engine.ingest.inspection import inspect
from engine.ingest.mapping import ColumnMapping, MappingOptions
from engine.store.writes import WriteCounts

if TYPE_CHECKING:
    from tests.integration.ingest.shop import Shop

WRAPS = (2**64 + 448_384) // 10**6 + 1_774_915_200
COLUMNS = {
    "customer_id": "id",
    "email": "email",
    "name": "name",
    "birth_date": "born",
    "signed_up_at": "joined",
    "tags": "tags",
    "attributes.tier": "tier",
    "attributes.points": "points",
    "attributes.opted_in": "opted",
    "attributes.seen_at": "seen",
    "attributes.likes": "likes",
}
PEOPLE = ColumnMapping(
    name="people",
    kind=FileKind.CUSTOMERS,
    columns=COLUMNS,
    options=MappingOptions(
        list_separator="|",
        attribute_types={
            "points": AttributeType.NUMBER,
            "opted_in": AttributeType.BOOLEAN,
            "seen_at": AttributeType.TIME,
            "likes": AttributeType.LIST,
        },
    ),
)
HEADER = "id,email,name,born,joined,tags,tier,points,opted,seen,likes\n"
ASHA = (
    "1,asha@example.com,Asha Rao,1990-05-01,2024-01-01 05:30,vip|new,Gold,12.5,yes,2024-02-01,"
    "Tea|Books\n"
)


def test_every_field_and_every_type_of_attribute_is_read(shop: Shop) -> None:
    result = shop.bring_in(HEADER + ASHA, PEOPLE)
    assert (result.rows, result.customers, result.orders) == (1, 1, 0)
    found = shop.customers.get("1")
    assert found == Customer(
        customer_id="1",
        email="asha@example.com",
        name="Asha Rao",
        birth_date=date(1990, 5, 1),
        signed_up_at=datetime(2024, 1, 1, tzinfo=UTC),
        tags=("vip", "new"),
        attributes={
            "tier": "Gold",
            "points": 12.5,
            "opted_in": True,
            "seen_at": datetime(2024, 1, 31, 18, 30, tzinfo=UTC),
            "likes": ("Tea", "Books"),
        },
    )
    assert shop.attributes.types()["likes"] is AttributeType.LIST


def test_empty_cells_leave_what_is_stored_alone_and_a_second_import_changes_nothing(
    shop: Shop,
) -> None:
    shop.bring_in(HEADER + ASHA, PEOPLE)
    assert shop.bring_in(HEADER + ASHA, PEOPLE).changed_nothing
    result = shop.bring_in(HEADER + "1,,,,,,Silver,,,,\n", PEOPLE)
    assert result.customers_written == WriteCounts(0, 1, 0)
    found = shop.customers.get("1")
    assert (found.name, found.attributes["tier"]) == ("Asha Rao", "Silver")


def test_a_repeated_customer_and_bad_values_are_rejected_by_line(shop: Shop) -> None:
    text = HEADER + ASHA
    text += "2,,,1990-02-30,,,,,,,\n3,,,,,,,lots,,,\n4,,,,,,,,maybe,,\n5,bad,,,,,,,,,\n"
    text += ",,nobody,,,,,,,,\n" + ASHA
    result = shop.bring_in(text, PEOPLE)
    assert result.rejected == {
        "not a date": 1,
        "not a number": 1,
        "neither true nor false": 1,
        "not an e-mail address": 1,
        "no customer id": 1,
        "customer id repeated": 1,
    }
    assert {reason: one[0].line for reason, one in result.samples.items()} == {
        "not a date": 3,
        "not a number": 4,
        "neither true nor false": 5,
        "not an e-mail address": 6,
        "no customer id": 7,
        "customer id repeated": 8,
    }
    assert shop.customers.count() == 1


def test_an_attribute_keeps_the_type_it_first_had(shop: Shop) -> None:
    shop.attributes.learn({"tier": AttributeType.NUMBER})
    with pytest.raises(
        ImportFileError, match="attribute 'tier' holds number, the mapping says text"
    ):
        shop.bring_in(HEADER + ASHA, PEOPLE)
    assert shop.is_empty
    assert shop.last_import().counts.rows == 0


def test_a_list_in_parquet_is_a_list(shop: Shop) -> None:
    path = shop.folder / "people.parquet"
    pl.DataFrame(
        {
            "id": [1, 2, 3],
            "tags": [["vip", "new"], None, ["Shoes, kids"]],
            "born": [date(1990, 5, 1), None, None],
        }
    ).write_parquet(path)
    mapping = ColumnMapping(
        name="",
        kind=FileKind.CUSTOMERS,
        columns={"customer_id": "id", "tags": "tags", "birth_date": "born"},
    )
    shop.importer.run(path, mapping, by="asha")
    assert shop.customers.get("1").tags == ("vip", "new")
    assert shop.customers.get("1").birth_date == date(1990, 5, 1)
    assert shop.customers.get("2").tags == ()
    assert shop.customers.get("3").tags == ("Shoes, kids",), "an entry is kept whole"


def test_a_parquet_value_that_no_date_can_hold_costs_its_own_row(shop: Shop) -> None:
    path = shop.folder / "people.parquet"
    table = pa.table(
        {
            "id": ["1", "2", "3", "4"],
            "born": pa.array([7_000, 2_932_897, None, None], pa.date32()),
            # Milliseconds taken for seconds; and what would wrap to a day of 2026 in microseconds.
            "joined": pa.array([1_774_915_200, None, 1_774_915_200_000, WRAPS], pa.timestamp("s")),
        }
    )
    pq.write_table(table, path)
    mapping = ColumnMapping(
        name="",
        kind=FileKind.CUSTOMERS,
        columns={"customer_id": "id", "birth_date": "born", "signed_up_at": "joined"},
    )
    assert inspect(path).sample[1] == ("2", "2932897", "")
    result = shop.importer.run(path, mapping, by="asha")
    assert result.rejected == {"not a date": 1, "not a date and time": 2}
    assert shop.customers.get("1").birth_date == date(1989, 3, 2)
    assert shop.customers.count() == 1


def test_an_entry_with_the_mark_that_ends_entries_is_refused(shop: Shop) -> None:
    path = shop.folder / "people.parquet"
    pl.DataFrame({"id": ["1", "2"], "tags": [["a\x01b"], ["c"]]}).write_parquet(path)
    columns = {"customer_id": "id", "tags": "tags"}
    mapping = ColumnMapping(name="", kind=FileKind.CUSTOMERS, columns=columns)
    assert shop.importer.run(path, mapping, by="asha").rejected == {"control character": 1}
    assert shop.customers.get("2").tags == ("c",)


def test_a_zone_that_nobody_knows_keeps_no_instant_from_being_read(shop: Shop) -> None:
    path = shop.folder / "people.parquet"
    joined = pa.array([1_774_915_200], pa.timestamp("s", tz="Mars/Phobos"))
    pq.write_table(pa.table({"id": ["1"], "joined": joined}), path)
    columns = {"customer_id": "id", "signed_up_at": "joined"}
    mapping = ColumnMapping(name="", kind=FileKind.CUSTOMERS, columns=columns)
    shop.importer.run(path, mapping, by="asha")
    assert shop.customers.get("1").signed_up_at == datetime(2026, 3, 31, tzinfo=UTC)


def test_the_type_of_an_attribute_is_learnt_from_values_that_were_taken(shop: Shop) -> None:
    columns = {"customer_id": "id", "attributes.grade": "grade"}
    wrong = MappingOptions(attribute_types={"grade": AttributeType.NUMBER})
    text = "id,grade\n1,A+\n2,B\n"
    numbers = ColumnMapping(name="", kind=FileKind.CUSTOMERS, columns=columns, options=wrong)
    assert shop.bring_in(text, numbers).rejected == {"not a number": 2}
    shop.bring_in(text, ColumnMapping(name="", kind=FileKind.CUSTOMERS, columns=columns))
    assert shop.customers.get("1").attributes == {"grade": "A+"}


def test_a_customer_files_city_is_not_overwritten_by_an_order(shop: Shop) -> None:
    people = ColumnMapping(
        name="", kind=FileKind.CUSTOMERS, columns={"customer_id": "id", "city": "city"}
    )
    bought = ColumnMapping(
        name="",
        kind=FileKind.ORDERS,
        columns={
            "order_id": "order",
            "customer_id": "id",
            "ordered_at": "at",
            "amount": "total",
            "city": "city",
        },
    )
    shop.bring_in("id,city\n1,Pune\n", people)
    shop.bring_in(
        "order,id,at,total,city\nA,1,2025-01-01,5,Delhi\nB,2,2025-01-01,5,Delhi\n", bought
    )
    assert shop.customers.get("1").city == "Pune"
    assert shop.customers.get("2").city == "Delhi"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Tier", "'Tier' differs only by case from 'tier'"),
        ("city_folded", "must not end in '_folded'"),
    ],
)
def test_an_attribute_whose_column_would_hide_another_is_refused(
    shop: Shop, name: str, says: str
) -> None:
    shop.attributes.learn({"tier": AttributeType.TEXT})
    columns = {"customer_id": "id", f"attributes.{name}": "tier"}
    with pytest.raises(ImportFileError, match=says):
        shop.bring_in(
            HEADER + ASHA, ColumnMapping(name="", kind=FileKind.CUSTOMERS, columns=columns)
        )
    assert shop.is_empty


def test_a_file_that_would_bring_more_attributes_than_are_kept_is_refused_before_it_is_read(
    shop: Shop,
) -> None:
    shop.attributes.learn({f"a{n}": AttributeType.TEXT for n in range(497)})
    with pytest.raises(ImportFileError, match="has 497 attributes, at most 500 are kept"):
        shop.bring_in(HEADER + ASHA, PEOPLE)
    assert shop.customers.count() == 0


def test_a_customer_under_a_name_that_erasing_leaves_is_left_out(shop: Shop) -> None:
    columns = {"customer_id": "id", "city": "city"}
    mapping = ColumnMapping(name="", kind=FileKind.CUSTOMERS, columns=columns)
    result = shop.bring_in("id,city\nerased-7,Pune\na,Pune\n", mapping)
    assert result.rejected == {"customer id is reserved": 1}
    assert [one.customer_id for one in shop.customers.stream()] == ["a"]
