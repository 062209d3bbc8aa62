"""Reading and erasing one customer over real HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest

from engine.domain.customer import AttributeType, Customer
from engine.domain.order import Order, OrderStatus
from engine.store.attributes import AttributeStore
from tests.integration.small_api import serving, small_api

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeAlias

    from pymongo.database import Database

    from engine.crm import Crm

    Call: TypeAlias = Callable[..., httpx.Response]

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
ASHA = Customer(
    customer_id="c/1 ü",
    email="asha@example.com",
    name="Asha",
    birth_date=date(1990, 2, 28),
    tags=("vip",),
    attributes={"points": 12.5, "member": True, "likes": ("tea", "jam"), "since": AT},
)
TYPES = {
    "points": AttributeType.NUMBER,
    "member": AttributeType.BOOLEAN,
    "likes": AttributeType.LIST,
    "since": AttributeType.TIME,
}


@pytest.fixture
def call(crm: Crm, database: Database[dict[str, Any]]) -> Iterator[Call]:
    """Call the customer's address with a key of these scopes."""
    AttributeStore(database).learn(TYPES)
    crm.stores.customers.upsert([ASHA], source="test")
    order = Order(
        order_id="o1",
        customer_id=ASHA.customer_id,
        ordered_at=AT,
        status=OrderStatus.COMPLETED,
        channel=None,
        amount=123_450,
    )
    crm.stores.orders.upsert([order], source="test")
    with serving(small_api(crm)) as address:

        def ask(method: str, *scopes: str, of: str = ASHA.customer_id) -> httpx.Response:
            _, token = crm.create_api_key("tests", scopes)
            headers = {"Authorization": f"Bearer {token}"}
            url = f"{address}/v1/customers/{quote(of, safe='')}"
            return httpx.request(method, url, headers=headers, timeout=60)

        yield ask


def test_a_customer_is_read_with_what_the_orders_add_up_to(crm: Crm, call: Call) -> None:
    reply = call("GET", "read")
    assert reply.status_code == 200, reply.text
    assert reply.json() == {
        "customer_id": "c/1 ü",
        "email": "asha@example.com",
        "phone": None,
        "name": "Asha",
        "city": None,
        "country": None,
        "gender": None,
        "birth_date": "1990-02-28",
        "signed_up_at": None,
        "tags": ["vip"],
        "attributes": {
            "points": 12.5,
            "member": True,
            "likes": ["tea", "jam"],
            "since": "2026-03-01T09:30:00Z",
        },
        "lifetime": {
            "order_count": 1,
            "total_spend": "1234.50",
            "currency": "INR",
            "last_order_at": "2026-03-01T09:30:00Z",
            "as_of": crm.clock.now().isoformat().replace("+00:00", "Z"),
        },
    }


def test_an_unknown_customer_is_not_found(call: Call) -> None:
    reply = call("GET", "read", of="c2")
    assert (reply.status_code, reply.json()["detail"]) == (404, "there is no customer 'c2'")


def test_erasing_answers_what_went_and_again_the_same(crm: Crm, call: Call) -> None:
    counts = {"customers": 1, "orders": 1, "deliveries": 0}
    for _ in range(2):
        reply = call("DELETE", "erase")
        assert (reply.status_code, reply.json()) == (200, counts)
    assert call("GET", "read").status_code == 404
    assert crm.freshness().customers == 0


@pytest.mark.parametrize("is_loaded", [True, False])
def test_erasing_loads_no_figures_and_changes_those_that_are(
    crm: Crm, call: Call, *, is_loaded: bool
) -> None:
    if is_loaded:
        assert crm.refresh().customers == 1
    assert call("DELETE", "erase").status_code == 200
    assert crm.mirror.is_loaded == is_loaded
    assert crm.freshness().customers == 0


def test_erasing_somebody_unknown_keeps_them_out(crm: Crm, call: Call) -> None:
    reply = call("DELETE", "erase", of="c2")
    assert reply.json() == {"customers": 0, "orders": 0, "deliveries": 0}
    assert crm.eraser.turned_away(["c1", "c2"]) == {"c2"}


@pytest.mark.parametrize(
    ("method", "scopes"), [("DELETE", ("ingest", "read")), ("GET", ("erase",))]
)
def test_each_call_needs_its_own_scope(call: Call, method: str, scopes: tuple[str, ...]) -> None:
    assert call(method, *scopes).status_code == 403
    assert call("GET", "read").status_code == 200


@pytest.mark.parametrize("of", ["\x00", "c" * 201])
def test_an_id_that_cannot_be_is_refused(call: Call, of: str) -> None:
    assert call("DELETE", "erase", of=of).status_code == 422


def test_what_an_id_names_is_the_same_in_every_form_of_unicode(crm: Crm, call: Call) -> None:
    assert call("DELETE", "erase", of="c/1 u\N{COMBINING DIAERESIS}").json()["customers"] == 1
    assert crm.stores.customers.is_empty()


def test_a_customer_is_read_in_every_form_of_unicode(call: Call) -> None:
    reply = call("GET", "read", of="c/1 u\N{COMBINING DIAERESIS}")
    assert reply.json()["customer_id"] == ASHA.customer_id
