from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from engine.domain.money import currency
from engine.domain.order import OrderStatus
from engine.domain.workspace import Workspace
from engine.ingest.demo import ATTRIBUTES, generate

if TYPE_CHECKING:
    from engine.domain.customer import Customer
    from engine.domain.order import Order

NOW = datetime(2026, 11, 22, 7, 30, 15, 123_456, tzinfo=UTC)
WORKSPACE = Workspace("demo", currency("INR"), ZoneInfo("Asia/Kolkata"), "en_IN")


@pytest.fixture(scope="module")
def demo() -> tuple[list[Customer], list[Order]]:
    customers, orders = generate(NOW, WORKSPACE)
    return list(customers), list(orders)


def test_it_has_5000_customers_and_40000_orders_over_two_years(
    demo: tuple[list[Customer], list[Order]],
) -> None:
    customers, orders = demo
    assert len({one.customer_id for one in customers}) == 5_000
    assert len({one.order_id for one in orders}) == 40_000
    times = [one.ordered_at for one in orders]
    assert max(times) <= NOW
    assert timedelta(days=725) < NOW - min(times) <= timedelta(days=731)
    assert {one.customer_id for one in orders} <= {one.customer_id for one in customers}


def test_it_is_the_same_whichever_is_read_first(demo: tuple[list[Customer], list[Order]]) -> None:
    customers, orders = generate(NOW, WORKSPACE)
    assert list(orders) == demo[1]
    assert list(customers) == demo[0]


def test_nobody_in_it_can_be_reached(demo: tuple[list[Customer], list[Order]]) -> None:
    for one in demo[0]:
        assert one.email is None or one.email.rpartition("@")[2] in {
            "example.com",
            "example.net",
            "example.org",
        }
        assert one.email is None or one.email.isascii()
        assert one.phone is None or (one.phone.startswith("+9100000") and len(one.phone) == 13)
    emails = [one.email for one in demo[0] if one.email]
    assert len(set(emails)) == len(emails)


def test_few_are_loyal_and_many_have_lapsed(demo: tuple[list[Customer], list[Order]]) -> None:
    customers, orders = demo
    last: dict[str, datetime] = {}
    for one in orders:
        last[one.customer_id] = max(last.get(one.customer_id, one.ordered_at), one.ordered_at)
    lapsed = sum(NOW - at > timedelta(days=90) for at in last.values())
    assert 0.5 < lapsed / len(customers) < 0.75
    bought = Counter(one.customer_id for one in orders)
    best = sum(count for _, count in bought.most_common(len(customers) // 10))
    assert 0.3 < best / len(orders) < 0.6
    assert 200 < len(customers) - len(bought) < 400


def test_the_weeks_before_diwali_sell_most(demo: tuple[list[Customer], list[Order]]) -> None:
    months = Counter(one.ordered_at.strftime("%Y-%m") for one in demo[1])
    for year in (2025, 2026):
        assert months[f"{year}-10"] > 1.5 * months[f"{year}-09"]


def test_orders_add_up_and_refunds_are_negative(demo: tuple[list[Customer], list[Order]]) -> None:
    for one in demo[1]:
        assert one.amount == sum(item.amount for item in one.items)
        assert (one.amount < 0) == (one.status is OrderStatus.REFUNDED)
        assert one.items
        if one.status is OrderStatus.PENDING:
            assert NOW - one.ordered_at < timedelta(days=4, seconds=1)
    assert set(OrderStatus) == {one.status for one in demo[1]}


def test_nobody_signs_up_after_buying_and_attributes_have_their_types(
    demo: tuple[list[Customer], list[Order]],
) -> None:
    first: dict[str, datetime] = {}
    for one in demo[1]:
        first[one.customer_id] = min(first.get(one.customer_id, one.ordered_at), one.ordered_at)
    kinds = {"text": str, "number": float, "boolean": bool, "list": tuple}
    for person in demo[0]:
        assert person.signed_up_at is not None
        assert person.signed_up_at.microsecond % 1000 == 0
        assert person.signed_up_at < first.get(person.customer_id, NOW)
        for name, value in person.attributes.items():
            assert type(value) is kinds[ATTRIBUTES[name].value]


@pytest.mark.parametrize(("code", "zone"), [("JPY", "Asia/Tokyo"), ("GBP", "America/St_Johns")])
def test_another_workspace_gets_it_too(code: str, zone: str) -> None:
    _, orders = generate(
        datetime(2031, 3, 1, tzinfo=UTC), Workspace("x", currency(code), ZoneInfo(zone), "en")
    )
    assert sum(1 for _ in orders) == 40_000
