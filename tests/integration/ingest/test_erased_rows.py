"""A file brings back nobody who was erased."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest

from engine.domain.clock import FixedClock
from engine.ingest.eraser import Eraser
from engine.ingest.fields import FileKind
from engine.ingest.mapping import ColumnMapping
from engine.store.customers import CustomerStore
from engine.store.erasures import ErasureStore
from engine.store.orders import OrderStore
from engine.store.secrets import ErasureKey
from tests.integration.ingest.shop import NOW

if TYPE_CHECKING:
    from pymongo.database import Database

    from tests.integration.ingest.shop import Shop

REASON = "customer was erased on request"
PEOPLE = ColumnMapping(
    name="people", kind=FileKind.CUSTOMERS, columns={"customer_id": "id", "name": "name"}
)
LINES = ColumnMapping(
    name="lines",
    kind=FileKind.ORDERS,
    columns={
        "order_id": "order",
        "customer_id": "customer",
        "ordered_at": "at",
        "quantity": "qty",
        "unit_price": "price",
        "name": "who",
    },
)
ORDERS = """order,customer,at,qty,price,who
1,asha,2026-01-01,1,10.00,Asha
1,asha,2026-01-01,2,1.00,Asha
2,ravi,2026-01-02,1,5.00,Ravi
3,asha,soon,1,5.00,Asha
4,asha,2026-01-03,1,7.00,Asha
4,ravi,2026-01-03,1,7.00,Ravi
"""


@pytest.fixture
def eraser(shop: Shop, database: Database[dict[str, Any]]) -> Eraser:
    """Whoever erased asha, of the shop's database."""
    assert shop.is_empty
    eraser = Eraser(ErasureStore(database, ErasureKey(database, None)), FixedClock(NOW))
    eraser.erase("asha", by="office")
    return eraser


def test_an_erased_customer_is_left_out_of_a_customer_file(shop: Shop, eraser: Eraser) -> None:
    assert eraser
    rejects = shop.folder / "rejects.csv"
    content = "id,name\nravi,Ravi\nasha,Asha\nmeera,Meera\n"
    result = shop.bring_in(content, PEOPLE, rejects_to=rejects)
    assert (result.rows, result.customers, result.rejected) == (3, 2, {REASON: 1})
    assert set(shop.customers.find(["asha", "meera", "ravi"])) == {"meera", "ravi"}
    [sample] = result.samples[REASON]
    assert (sample.line, sample.value) == (3, "")
    with rejects.open(newline="") as file:
        [row] = list(csv.reader(file))[1:]
    assert row[:4] == ["3", REASON, "", ""]
    assert "asha" not in str(row).lower()
    again = shop.bring_in(content, PEOPLE)
    assert again.changed_nothing


def test_every_order_that_names_an_erased_customer_is_left_out_whole(
    shop: Shop, eraser: Eraser
) -> None:
    assert eraser
    result = shop.bring_in(ORDERS, LINES)
    assert result.rejected == {REASON: 4, "not a date and time": 1}
    assert sorted(one.line for one in result.samples[REASON]) == [2, 3, 6, 7]
    assert (result.rows, result.customers, result.orders, result.net_amount) == (6, 1, 1, 500)
    assert (shop.customers.count(), shop.orders.count()) == (1, 1)


@pytest.mark.parametrize("mapping", [PEOPLE, LINES])
def test_somebody_who_is_erased_while_a_file_is_written_does_not_stay(
    shop: Shop, eraser: Eraser, monkeypatch: pytest.MonkeyPatch, mapping: ColumnMapping
) -> None:
    store = CustomerStore if mapping is PEOPLE else OrderStore
    write = store.upsert

    def erased_first(*args: Any, **given: Any) -> Any:  # noqa: ANN401 - passed on
        eraser.erase("ravi", by="office")
        return write(*args, **given)

    monkeypatch.setattr(store, "upsert", erased_first)
    shop.bring_in("id,name\nravi,Ravi\n" if mapping is PEOPLE else ORDERS, mapping)
    gone = eraser.preview("ravi")
    assert (gone.customers, gone.orders) == (0, 0)
    assert shop.customers.is_empty()
