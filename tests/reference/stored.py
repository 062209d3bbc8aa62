"""Made-up people written into MongoDB as the engine itself writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.domain.customer import AttributeType
from engine.store.attributes import AttributeStore
from engine.store.customers import CustomerStore
from engine.store.orders import OrderStore
from tests.reference.people import ATTRIBUTES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pymongo.database import Database

    from tests.reference.rules import Person


def store(database: Database[dict[str, Any]], people: Iterable[Person]) -> None:
    people = list(people)
    AttributeStore(database).learn({name: AttributeType(kind) for name, kind in ATTRIBUTES.items()})
    CustomerStore(database).upsert([person.customer for person in people], source="test")
    OrderStore(database, "INR").upsert(
        [order for person in people for order in person.orders], source="test"
    )
    rows = [
        {
            "campaign_id": row.campaign_id,
            "customer_id": row.customer_id,
            "status": row.status.value,
            "attempts": row.attempts,
        }
        for person in people
        for row in person.deliveries
    ]
    if rows:
        database["deliveries"].insert_many(rows)
