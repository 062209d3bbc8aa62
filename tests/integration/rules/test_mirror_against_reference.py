"""The mirror's table holds what the rules' own tests take it to hold."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from engine.domain.clock import FixedClock
from engine.domain.customer import AttributeType
from engine.domain.rule_codec import decode
from engine.mirror.mirror import Mirror
from engine.rules.evaluate import Evaluator
from engine.store.attributes import AttributeStore
from engine.store.customers import CustomerStore
from engine.store.orders import OrderStore
from tests.reference.generated import ATTRIBUTES, CATALOGUE, PLACES, World, world
from tests.reference.rules import Person, Reference
from tests.reference.snapshot import plain_snapshot

if TYPE_CHECKING:
    import polars as pl
    from pymongo.database import Database

TABLES = (
    "SELECT * FROM customers ORDER BY row",
    'SELECT * FROM "list tags" ORDER BY ALL',
    'SELECT * FROM "list attributes.sizes" ORDER BY ALL',
    """SELECT * EXCLUDE (number, code, channel, text) FROM orders_0
    LEFT JOIN channels ON code = channel ORDER BY ALL""",
    """SELECT "row", ordered_at, categories.folded AS category, skus.folded AS sku FROM items_0
    JOIN orders_0 USING (number)
    LEFT JOIN categories ON categories.code = category LEFT JOIN skus ON skus.code = sku
    ORDER BY ALL""",
)


def distinct(people: tuple[Person, ...]) -> list[Person]:
    """Give each person an id of their own, in the order of ids, and their orders to them."""
    return [
        Person(
            replace(person.customer, customer_id=f"{number:03} {person.customer.customer_id}"),
            tuple(
                replace(
                    order,
                    order_id=f"{number}-{index}",
                    customer_id=f"{number:03} {person.customer.customer_id}",
                )
                for index, order in enumerate(person.orders)
            ),
        )
        for number, person in enumerate(people)
    ]


@pytest.fixture(params=range(len(PLACES)), ids=[f"{zone} {now}" for zone, now in PLACES])
def place(request: pytest.FixtureRequest) -> World:
    return world(request.param, seed=7)


def test_the_mirror_gives_the_rules_the_table_they_are_tested_on(
    database: Database[dict[str, Any]], place: World
) -> None:
    people = distinct(place.people)
    AttributeStore(database).learn({name: AttributeType(kind) for name, kind in ATTRIBUTES.items()})
    CustomerStore(database).upsert([person.customer for person in people], source="test")
    OrderStore(database, "INR").upsert(
        [order for person in people for order in person.orders], source="test"
    )
    mirror = Mirror(database, place.workspace, FixedClock(place.now))
    with closing(mirror):
        snapshot = mirror.refresh()
        plain = plain_snapshot(people, ATTRIBUTES, place.workspace.zone, snapshot.coded)
        for table in TABLES:
            expected = rows(plain.layers[0].fetch(table))
            assert rows(snapshot.layers[0].fetch(table)) == expected
            assert len(expected) > 30
        rule = decode(
            {
                "version": 1,
                "rule": {
                    "all": [
                        {"field": "days_since_last_order", "op": "less_than", "value": 100},
                        {"not": {"field": "attributes.vip", "op": "is_true"}},
                    ],
                },
            },
        )
        evaluator = Evaluator(place.workspace)
        bits = evaluator.evaluate(rule, snapshot, place.now, CATALOGUE).members
        reference = Reference(place.now, place.workspace, CATALOGUE)
        assert bits.to_list() == reference.members(rule, people)
        assert 0 < bits.sum() < len(people)


def rows(frame: pl.DataFrame) -> list[dict[str, object]]:
    return [dict(sorted(row.items())) for row in frame.to_dicts()]
