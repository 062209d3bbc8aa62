"""The customer directory: what a search finds, and in which pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.domain.customer import Customer
from engine.domain.order import Order, OrderStatus
from engine.domain.rule_codec import decode
from engine.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from engine.crm import Crm

PEOPLE = [
    Customer(customer_id="C-1", name="Élodie Straße", email="elodie@example.com", city="Pune"),
    Customer(customer_id="C-2", name="Elodie O'Neill", phone="+91 100%", city="Mumbai"),
    Customer(customer_id="C-3", name='A "quoted" \\ one', email="a_b@example.com"),
    Customer(customer_id="C-4", country="India; DROP TABLE customers --"),
    Customer(customer_id="C-5"),
]


@pytest.fixture
def shop(crm: Crm) -> Crm:
    crm.stores.customers.upsert(PEOPLE, source="import")
    crm.refresh()
    return crm


def found(crm: Crm, text: str) -> list[str]:
    page = crm.search_customers(text)
    assert (page.matching, page.total) == (page.rows.height, 5)
    return [one.removeprefix("C-") for one in page.rows.get_column("customer_id")]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", "12345"),
        ("   ", "12345"),
        ("c-", "12345"),
        ("C-5", "5"),
        ("ÉLODIE", "1"),
        ("E\N{COMBINING ACUTE ACCENT}lodie", "1"),
        ("elodie", "12"),  # one by the name, one by the address
        ("strasse", "1"),
        ("STRAẞE", "1"),
        ("  pune ", "1"),
        ("mUM", "2"),
        ("%", "2"),
        ("_", "3"),
        ("a_b", "3"),
        ("O'N", "2"),
        ('"', "3"),
        ("\\", "3"),
        ("; drop table", "4"),
        ("$words", ""),
        ("nobody", ""),
        (".*", ""),
    ],
)
def test_a_search_takes_every_character_as_itself_and_case_as_nothing(
    shop: Crm, text: str, ids: str
) -> None:
    assert "".join(found(shop, text)) == ids


@pytest.mark.parametrize("text", ["\ud800", "a\0", "x" * 1_001])
def test_what_no_text_may_hold_is_refused(shop: Crm, text: str) -> None:
    with pytest.raises(InvalidInput):
        shop.search_customers(text)


def test_pages_follow_each_other_by_id_and_the_count_is_of_all(shop: Crm) -> None:
    pages = [shop.search_customers("c-", offset=n, limit=2) for n in (0, 2, 4, 6)]
    ids = [page.rows.get_column("customer_id").to_list() for page in pages]
    assert ids == [["C-1", "C-2"], ["C-3", "C-4"], ["C-5"], []]
    assert {page.matching for page in pages} == {5}


def test_the_columns_have_a_type_even_where_nobody_is_found(shop: Crm) -> None:
    none, all_ = shop.search_customers("nobody").rows, shop.search_customers().rows
    assert none.schema == all_.schema


def test_a_row_has_the_lifetime_and_a_record_the_latest_orders_first(shop: Crm) -> None:
    orders = [
        Order(
            order_id=f"o{day}",
            customer_id="C-1",
            ordered_at=datetime(2026, 3, day, tzinfo=UTC),
            status=OrderStatus.COMPLETED,
            channel=None,
            amount=1_000,
        )
        for day in (1, 3, 2)
    ]
    shop.stores.orders.upsert(orders, source="import")
    shop.refresh()
    row = shop.search_customers("C-1").rows.row(0, named=True)
    assert (row["order_count"], row["total_spend"]) == (3, 3_000)
    assert row["last_order_at"] == datetime(2026, 3, 3, tzinfo=UTC)
    record = shop.customer("C-1")
    assert record.customer == PEOPLE[0]
    assert [one.order_id for one in record.orders] == ["o3", "o2", "o1"]
    assert shop.lifetime("C-1").total_spend == 3_000
    assert shop.lifetime("C-5").last_order_at is None
    with pytest.raises(NotFound, match="'C-9'"):
        shop.customer("C-9")


def test_a_search_and_a_preview_give_no_more_rows_than_a_page_needs(shop: Crm) -> None:
    everyone = decode({"version": 1, "rule": {"all": []}})
    for limit in (0, 101, 10**6, -1):
        with pytest.raises(InvalidInput, match="1 to 100 rows"):
            shop.search_customers("", limit=limit)
    for sample in (-1, 101, 10**6):
        with pytest.raises(InvalidInput, match="0 to 100 members"):
            shop.preview(everyone, sample=sample)
        with pytest.raises(InvalidInput, match="0 to 100 members"):
            shop.explain(everyone).preview(sample)
    assert shop.search_customers("", limit=100).matching == shop.preview(everyone).count
    assert shop.preview(everyone, sample=100).sample.height == shop.preview(everyone).count
