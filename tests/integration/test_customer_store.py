"""Customers: upserts, what order files may say of them, and what is stored beside them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pymongo.errors import DuplicateKeyError

from engine.domain import bucket
from engine.domain.customer import AttributeType, Customer
from engine.errors import InvalidInput, NotFound
from engine.store.attributes import AttributeStore
from engine.store.customers import CustomerStore, OrderProfile, Said
from engine.store.writes import WriteCounts

if TYPE_CHECKING:
    from pymongo.database import Database

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

WHOLE = Customer(
    customer_id="Ç1",
    email="Asha@Example.com",
    phone="+910000000000",
    name="Asha Straße",
    city="Pune",
    country="India",
    gender="female",
    birth_date=date(1990, 2, 28),
    signed_up_at=NOON,
    tags=("VIP", "Early"),
    attributes={"tier": "Gold", "visits": 3.0, "news": True, "seen": NOON, "likes": ("Tea",)},
)


@pytest.fixture
def customers(database: Database[dict[str, Any]]) -> CustomerStore:
    return CustomerStore(database)


def profile(at: datetime, **fields: str) -> OrderProfile:
    said = {name: Said(value=one, ordered_at=at, order_id="o") for name, one in fields.items()}
    return OrderProfile(customer_id="a", fields=said)


def test_what_is_written_is_read_back(customers: CustomerStore) -> None:
    customers.upsert([WHOLE], source="import")
    assert customers.get("Ç1") == WHOLE


def test_the_same_upsert_again_changes_nothing(customers: CustomerStore) -> None:
    assert customers.upsert([WHOLE], source="import") == WriteCounts(1, 0, 0)
    assert customers.upsert([WHOLE], source="import") == WriteCounts(0, 0, 1)


def test_inserting_and_upserting_store_the_same_document(
    customers: CustomerStore, database: Database[dict[str, Any]]
) -> None:
    customers.upsert([WHOLE], source="x")
    upserted = database["customers"].find_one({}, {"_id": 0})
    database["customers"].delete_many({})
    customers.insert([WHOLE], source="x")
    assert database["customers"].find_one({}, {"_id": 0}) == upserted


def test_a_value_that_is_not_given_leaves_the_stored_one(customers: CustomerStore) -> None:
    customers.upsert([WHOLE], source="import")
    customers.upsert(
        [Customer(customer_id="Ç1", city="Mumbai", attributes={"tier": "Silver"})], source="import"
    )
    after = customers.get("Ç1")
    assert (after.city, after.name, after.tags) == ("Mumbai", WHOLE.name, WHOLE.tags)
    assert after.attributes == {**WHOLE.attributes, "tier": "Silver"}


def test_text_is_stored_folded_beside_itself_and_the_seed_with_the_customer(
    customers: CustomerStore, database: Database[dict[str, Any]]
) -> None:
    customers.upsert([WHOLE], source="import")
    stored = database["customers"].find_one({})
    assert stored is not None
    assert stored["name_folded"] == "asha strasse"
    assert stored["customer_id_folded"] == "ç1"
    assert stored["tags_folded"] == ["vip", "early"]
    assert stored["attributes_folded"] == {"tier": "gold", "likes": ["tea"]}
    assert stored["seed"] == bucket.seed("Ç1")


def test_an_order_of_an_unknown_customer_makes_one_who_has_only_an_id(
    customers: CustomerStore, database: Database[dict[str, Any]]
) -> None:
    assert customers.upsert_from_orders([profile(NOON)], source="import") == WriteCounts(1, 0, 0)
    assert customers.get("a") == Customer(customer_id="a")
    stored = database["customers"].find_one({})
    assert stored is not None
    assert (stored["customer_id_folded"], stored["seed"]) == ("a", bucket.seed("a"))


def test_a_later_order_overrules_what_an_earlier_one_said_and_not_the_reverse(
    customers: CustomerStore,
) -> None:
    later, earlier = NOON + timedelta(days=1), NOON - timedelta(days=1)
    customers.upsert_from_orders([profile(NOON, country="India")], source="import")
    customers.upsert_from_orders([profile(earlier, country="Nepal")], source="import")
    assert customers.get("a").country == "India"
    customers.upsert_from_orders([profile(later, country="Bhutan")], source="import")
    assert customers.get("a").country == "Bhutan"


def test_an_order_fills_what_is_missing_but_never_overrules_a_customer_file(
    customers: CustomerStore,
) -> None:
    customers.upsert([Customer(customer_id="a", country="India")], source="import")
    customers.upsert_from_orders([profile(NOON, country="Nepal", city="Pokhara")], source="import")
    after = customers.get("a")
    assert (after.country, after.city) == ("India", "Pokhara")
    customers.upsert([Customer(customer_id="a", city="Delhi")], source="import")
    customers.upsert_from_orders([profile(NOON + timedelta(1), city="Agra")], source="import")
    assert customers.get("a").city == "Delhi"


def test_what_a_customer_file_said_stays_however_many_orders_come(customers: CustomerStore) -> None:
    customers.upsert([Customer(customer_id="a", country="India")], source="import")
    for days in (0, 1, 2):
        customers.upsert_from_orders([profile(NOON + timedelta(days), country="X")], source="i")
    assert customers.get("a").country == "India"


def test_an_old_order_does_not_make_what_a_later_one_said_older(customers: CustomerStore) -> None:
    for days, country in ((9, "Bhutan"), (1, "Nepal"), (5, "India")):
        order = profile(NOON + timedelta(days), country=country)
        customers.upsert_from_orders([order], source="import")
    assert customers.get("a").country == "Bhutan"


def test_what_orders_say_is_stored_folded_too(
    customers: CustomerStore, database: Database[dict[str, Any]]
) -> None:
    for days, country in ((0, "Österreich"), (1, "SCHWEIẞ"), (-1, "Nowhere")):
        order = profile(NOON + timedelta(days), country=country)
        customers.upsert_from_orders([order], source="import")
    stored = database["customers"].find_one({})
    assert stored is not None
    assert (stored["country"], stored["country_folded"]) == ("SCHWEIẞ", "schweiss")


def test_a_whole_number_is_stored_as_every_other_number_of_an_attribute(
    customers: CustomerStore, database: Database[dict[str, Any]]
) -> None:
    customers.upsert([Customer(customer_id="a", attributes={"n": 3, "b": True})], source="import")
    assert database["customers"].count_documents({"attributes.n": {"$type": "double"}}) == 1
    assert database["customers"].count_documents({"attributes.b": {"$type": "bool"}}) == 1


def test_there_is_one_customer_of_each_id(
    customers: CustomerStore, database: Database[dict[str, Any]]
) -> None:
    customers.upsert([WHOLE], source="import")
    twice = [Customer(customer_id="Ç1", city="Agra"), Customer(customer_id="b")]
    assert customers.insert(twice, source="demo") == 1
    assert customers.get("Ç1") == WHOLE
    with pytest.raises(DuplicateKeyError):
        database["customers"].insert_one({"customer_id": "b"})


def test_an_id_that_looks_like_an_expression_is_only_text(
    customers: CustomerStore, database: Database[dict[str, Any]]
) -> None:
    said = OrderProfile(customer_id="$$ROOT", fields={})
    customers.upsert_from_orders([said], source="import")
    stored = database["customers"].find_one({})
    assert stored is not None
    assert (stored["customer_id"], stored["customer_id_folded"]) == ("$$ROOT", "$$root")


def test_a_value_that_looks_like_an_expression_is_only_text(customers: CustomerStore) -> None:
    hostile = "$customer_id"
    customers.upsert_from_orders([profile(NOON, country=hostile, name="$$ROOT")], source="import")
    after = customers.get("a")
    assert (after.country, after.name) == (hostile, "$$ROOT")


def test_removing_demo_data_keeps_a_demo_customer_that_real_data_has_touched(
    customers: CustomerStore,
) -> None:
    people = [Customer(customer_id="a"), Customer(customer_id="b")]
    customers.insert(people, source="demo")
    customers.upsert_from_orders([profile(NOON)], source="import")
    assert customers.remove(source="demo") == 1
    assert customers.get("a").customer_id == "a"
    with pytest.raises(NotFound, match="no customer 'b'"):
        customers.get("b")


def test_the_first_type_seen_for_an_attribute_stays(database: Database[dict[str, Any]]) -> None:
    attributes = AttributeStore(database)
    assert attributes.learn({"tier": AttributeType.TEXT}) == {"tier": AttributeType.TEXT}
    again = attributes.learn({"tier": AttributeType.NUMBER, "n": AttributeType.NUMBER})
    assert again == {"tier": AttributeType.TEXT, "n": AttributeType.NUMBER}


def test_no_more_attributes_are_learnt_than_are_kept(database: Database[dict[str, Any]]) -> None:
    attributes = AttributeStore(database)
    attributes.learn({f"a{n}": AttributeType.TEXT for n in range(499)})
    with pytest.raises(InvalidInput, match="has 499 attributes, at most 500 are kept"):
        attributes.learn({"b": AttributeType.TEXT, "c": AttributeType.TEXT})
    attributes.learn({"b": AttributeType.TEXT})
    assert attributes.learn({"a1": AttributeType.NUMBER})["a1"] is AttributeType.TEXT
    assert len(attributes.types()) == 500
