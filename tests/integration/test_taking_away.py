"""What a record takes away is gone, by every way in, and comes back only when it is given."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pymongo.database import Database

    from engine.crm import Crm

WHOLE: dict[str, Any] = {
    "customer_id": "c1",
    "email": "asha@example.com",
    "phone": "+919820012345",
    "name": "Asha",
    "city": "Pune",
    "country": "India",
    "gender": "f",
    "birth_date": "1990-02-28",
    "signed_up_at": "2024-11-05T08:00:00Z",
    "tags": ["vip"],
    "attributes": {"points": 12, "size": "L", "likes": ["tea"]},
}
FIELDS = [name for name in WHOLE if name not in {"customer_id", "attributes"}]
ATTRIBUTES = [f"attributes.{name}" for name in WHOLE["attributes"]]


def stored(database: Database[dict[str, Any]]) -> dict[str, Any]:
    """Return what the document says of the person."""
    [found] = database["customers"].find()
    mine = ("_id", "seed", "source", "revisions", "customer_id_folded")
    return {name: value for name, value in found.items() if name not in mine and value != {}}


@pytest.mark.parametrize("revision", [None, 5])
def test_every_field_that_is_named_goes_with_its_folded_text_and_the_rest_stays(
    crm: Crm, database: Database[dict[str, Any]], revision: int | None
) -> None:
    before = None if revision is None else revision - 1
    crm.take_customers([WHOLE], revision=before)
    one = {"customer_id": "c1", "unset": ["phone", "attributes.size", "tags"]}
    whole = stored(database)
    assert crm.take_customers([one], revision=revision).updated == 1
    left = stored(database)
    gone = {"phone", "phone_folded", "tags", "tags_folded"}
    assert {
        name: left[name] for name in left if name not in {"attributes", "attributes_folded"}
    } == {
        name: whole[name]
        for name in whole
        if name not in gone | {"attributes", "attributes_folded"}
    }
    assert left["attributes"] == {"points": 12.0, "likes": ["tea"]}
    assert left["attributes_folded"] == {"likes": ["tea"]}
    every = {"customer_id": "c1", "unset": [*FIELDS, *ATTRIBUTES]}
    crm.take_customers([every], revision=None if revision is None else revision + 1)
    assert stored(database) == {"customer_id": "c1"}
    assert crm.freshness().customers == 1
    [row] = crm.customers_frame().to_dicts()
    assert (row["phone"], list(row["tags"])) == (None, [])


def test_an_empty_list_takes_the_stored_one_away_and_null_and_empty_text_say_nothing(
    crm: Crm,
) -> None:
    crm.take_customers([WHOLE])
    nothing = {**dict.fromkeys(WHOLE), "customer_id": "c1", "city": "", "attributes": {"size": ""}}
    assert crm.take_customers([nothing]).unchanged == 1
    crm.take_customers([{"customer_id": "c1", "tags": [], "attributes": {"likes": []}}])
    found = crm.stores.customers.get("c1")
    assert (found.tags, dict(found.attributes)) == ((), {"points": 12.0, "size": "L"})


def test_in_one_batch_the_later_row_holds(crm: Crm) -> None:
    take = {"customer_id": "c1", "unset": ["city", "attributes.size"], "tags": []}
    give = {"customer_id": "c1", "city": "Delhi", "attributes": {"size": "M"}, "tags": ["new"]}
    crm.take_customers([WHOLE, give, take])
    found = crm.stores.customers.get("c1")
    assert (found.city, found.tags, found.attributes.get("size")) == (None, (), None)
    assert found.name == "Asha"
    crm.take_customers([take, give])
    found = crm.stores.customers.get("c1")
    assert (found.city, found.tags, found.attributes.get("size")) == ("Delhi", ("new",), "M")


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_whatever_order_batches_come_in_the_latest_holds(crm: Crm, order: tuple[int, ...]) -> None:
    says: list[dict[str, Any]] = [
        {"city": "Pune", "tags": ["a"]},
        {"unset": ["city", "attributes.size"], "tags": []},
        {"city": "Delhi", "attributes": {"size": "M"}},
    ]
    for n in order:
        crm.take_customers([{"customer_id": "c1", **says[n]}], revision=n + 1)
    found = crm.stores.customers.get("c1")
    assert (found.city, found.tags, dict(found.attributes)) == ("Delhi", (), {"size": "M"})
    crm.take_customers([{"customer_id": "c1", "unset": ["city"]}], revision=2)
    assert crm.stores.customers.get("c1").city == "Delhi"


def test_a_csv_names_what_goes_in_a_column(crm: Crm) -> None:
    crm.take_customers([WHOLE])
    body = b'customer_id,unset\nc1,"city, attributes.size"\n'
    assert crm.take_stream("customers", "csv", [body]).updated == 1
    found = crm.stores.customers.get("c1")
    assert (found.city, found.attributes.get("size")) == (None, None)
