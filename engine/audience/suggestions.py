"""Values that are frequent in the data, to choose from: of fields that say nothing personal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from engine.mirror.tables import WORDS
from engine.rules.catalogue import Catalogue
from engine.rules.operators import FieldType

if TYPE_CHECKING:
    from engine.mirror.snapshot import Snapshot

MOST = 50
PERSONAL = ("customer_id", "email", "phone", "name")
ORDERS = "orders."
"""Begins the name of a field of orders among the suggestions."""


def suggestions(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Return up to :data:`MOST` frequent values by field, the most frequent first.

    Fields of customers by their name in rules; those of orders begin with :data:`ORDERS`.
    """
    found: dict[str, tuple[str, ...]] = {}
    for field in Catalogue.build(snapshot.attribute_types).fields.values():
        if field.type in {FieldType.TEXT, FieldType.LIST} and field.name not in PERSONAL:
            found[field.name] = _frequent(snapshot.customers.get_column(field.column))
    for name, table in WORDS.items():
        rows = "orders" if name == "channel" else "items"
        union = " UNION ALL ".join(
            f'SELECT "{name}" AS code FROM {rows}_{n}'  # noqa: S608 - the tables' own names
            for n in range(snapshot.shards)
        )
        counted = snapshot.fetch(
            f"SELECT text FROM ({union}) JOIN {table} USING (code) "  # noqa: S608 - as above
            "GROUP BY text ORDER BY count(*) DESC, text LIMIT ?",
            [MOST],
        )
        found[ORDERS + name] = tuple(counted.get_column("text"))
    return found


def _frequent(values: pl.Series) -> tuple[str, ...]:
    flat = values.explode(empty_as_null=False) if values.dtype == pl.List(pl.String) else values
    counted = (
        flat.drop_nulls().value_counts(name="n").sort("n", values.name, descending=[True, False])
    )
    return tuple(counted.get_column(values.name).head(MOST))
