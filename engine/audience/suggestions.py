"""Values that are frequent in the data, to choose from: of fields that say nothing personal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import polars as pl

from engine.mirror.tables import WORDS
from engine.rules.catalogue import ATTRIBUTE_PREFIX, Catalogue
from engine.rules.operators import FieldType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.mirror.snapshot import Snapshot

MOST = 50
PERSONAL = ("customer_id", "email", "phone", "name")
FEWEST = 10
"""Customers, or items of orders, that share a value before it may be told outside."""
MOST_TOLD = 20
MOST_DISTINCT = 100
ORDERS = "orders."
"""Begins the name of a field of orders among the suggestions."""


@dataclass(frozen=True, slots=True)
class Frequent:
    """A field's most frequent values, up to :data:`MOST`, and how many distinct ones it has."""

    values: pl.DataFrame
    """``text``, and ``n``: how many customers, or items of orders, have it; most frequent first."""
    distinct: int

    @classmethod
    def of(cls, counted: pl.DataFrame) -> Frequent:
        """Return them of all values with their counts."""
        ordered = counted.sort("n", "text", descending=[True, False])
        return cls(ordered.head(MOST), counted.height)


def suggestions(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Return up to :data:`MOST` frequent values by field, the most frequent first.

    Fields of customers by their name in rules; those of orders begin with :data:`ORDERS`.
    """
    return {name: tuple(one.values["text"]) for name, one in frequent(snapshot).items()}


def shared(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Return the values that may be told outside: so many share each that it is nobody's own.

    Of an attribute with more than :data:`MOST_DISTINCT` values none is: it may be a name, an
    address or a note. Others have up to :data:`MOST_TOLD` values that :data:`FEWEST` customers
    share, or orders' items.
    """
    return shared_of(frequent(snapshot))


def shared_of(found: Mapping[str, Frequent]) -> dict[str, tuple[str, ...]]:
    """Return the same of what was counted."""
    told = {}
    for name, one in found.items():
        is_free = name.startswith(ATTRIBUTE_PREFIX) and one.distinct > MOST_DISTINCT
        of_many = one.values.filter(pl.col("n") >= FEWEST).head(MOST_TOLD)
        if not is_free and of_many.height:
            told[name] = tuple(of_many["text"])
    return told


def frequent(snapshot: Snapshot) -> Mapping[str, Frequent]:
    """Return the values of each field that says nothing personal, counted once a snapshot."""
    if (found := _OF_SNAPSHOT.get(snapshot)) is None:
        found = _OF_SNAPSHOT[snapshot] = _counted(snapshot)
    return found


def _counted(snapshot: Snapshot) -> dict[str, Frequent]:
    found: dict[str, Frequent] = {}
    for field in Catalogue.build(snapshot.attribute_types).fields.values():
        if field.type in {FieldType.TEXT, FieldType.LIST} and field.name not in PERSONAL:
            found[field.name] = _of_column(snapshot.column(field.column))
    for name, table in WORDS.items():
        found[ORDERS + name] = _of_orders(snapshot, name, table)
    return found


def _of_orders(snapshot: Snapshot, name: str, table: str) -> Frequent:
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
    return Frequent.of(pl.concat(counts).group_by("text").agg(pl.col("n").sum()))


def _of_column(values: pl.Series) -> Frequent:
    flat = values.explode(empty_as_null=False) if values.dtype == pl.List(pl.String) else values
    return Frequent.of(flat.drop_nulls().rename("text").value_counts(name="n"))


_OF_SNAPSHOT: WeakKeyDictionary[Snapshot, Mapping[str, Frequent]] = WeakKeyDictionary()
