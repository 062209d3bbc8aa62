"""Values that are frequent in the data, to choose from: of fields that say nothing personal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import polars as pl

from engine.audience.personal import is_personal_name, is_personal_text
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
"""Values of an attribute, or tags: with more of them it may be free text, and none is told."""
MOST_PLACES = 1_000
"""The same of cities and countries."""
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

    None is of a field of customers with more than :data:`MOST_DISTINCT` values (cities and
    countries: :data:`MOST_PLACES`), for it may be a name, an address or a note; nor of an attribute
    whose name says that it is personal, nor one that looks like an address or a number to call
    (:mod:`engine.audience.personal`). Others have up to :data:`MOST_TOLD` values that
    :data:`FEWEST` customers share, or orders' items.
    """
    return shared_of(frequent(snapshot))


def shared_of(found: Mapping[str, Frequent]) -> dict[str, tuple[str, ...]]:
    """Return the same of what was counted."""
    told = {}
    for name, one in found.items():
        if one.distinct > _most_distinct(name) or _is_personal(name):
            continue
        of_many = one.values.filter(pl.col("n") >= FEWEST)["text"]
        if texts := [text for text in of_many if not is_personal_text(text)][:MOST_TOLD]:
            told[name] = tuple(texts)
    return told


def _most_distinct(name: str) -> float:
    if name.startswith(ORDERS):
        return math.inf
    return MOST_PLACES if name in {"city", "country"} else MOST_DISTINCT


def _is_personal(name: str) -> bool:
    return name.startswith(ATTRIBUTE_PREFIX) and is_personal_name(
        name.removeprefix(ATTRIBUTE_PREFIX)
    )


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
