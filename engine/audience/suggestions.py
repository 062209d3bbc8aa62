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
            found[field.name] = _frequent(snapshot.column(field.column))
    for name, table in WORDS.items():
        found[ORDERS + name] = _frequent_of_orders(snapshot, name, table)
    return found


def _frequent_of_orders(snapshot: Snapshot, name: str, table: str) -> tuple[str, ...]:
    rows = "orders" if name == "channel" else "items"
    counts = []
    for layer in snapshot.layers:
        union = " UNION ALL ".join(
            f'SELECT "{name}" AS code FROM {rows}_{n}'  # noqa: S608 - the tables' own names
            for n in range(layer.shards)
        )
        counts.append(
            layer.fetch(
                f"SELECT text, count(*) AS n FROM ({union}) "  # noqa: S608 - as above
                f"JOIN {table} USING (code) GROUP BY text"
            )
        )
    counted = pl.concat(counts).group_by("text").agg(pl.col("n").sum())
    return tuple(counted.sort("n", "text", descending=[True, False]).head(MOST)["text"])


def _frequent(values: pl.Series) -> tuple[str, ...]:
    flat = values.explode(empty_as_null=False) if values.dtype == pl.List(pl.String) else values
    counted = (
        flat.drop_nulls().value_counts(name="n").sort("n", values.name, descending=[True, False])
    )
    return tuple(counted.get_column(values.name).head(MOST))
