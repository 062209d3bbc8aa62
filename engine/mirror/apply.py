"""Changes to a layer: the customers that changed, whole, with all their orders as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from engine.mirror.layer import numbered
from engine.mirror.lifetime import FIGURES, with_lifetime
from engine.mirror.load import read_orders, read_profiles, rows_of
from engine.mirror.rows import Rows, ordered, taken, together, without_orders

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from zoneinfo import ZoneInfo

    from pymongo.database import Database

    from engine.domain.customer import AttributeType
    from engine.mirror.changes import Changes
    from engine.mirror.layer import Layer
    from engine.mirror.stack import Stack


def put_changes(
    database: Database[dict[str, Any]],
    stack: Stack,
    changes: Changes,
    attribute_types: Mapping[str, AttributeType],
    zone: ZoneInfo,
) -> None:
    """Read what changed, and lay it on the stack.

    Customers whose orders changed keep their other orders from the layers below, so that nothing is
    read but what changed.
    """
    profiles = read_profiles(database, attribute_types, {"customer_id": _among(changes.customers)})
    ids = profiles.get_column("customer_id")
    unknown = ids.filter(~ids.is_in(stack.known_ids(ids).implode()))
    changed: dict[str, object] = {"order_id": _among(changes.orders)}
    if unknown.len():
        # Of a customer who was not there before, orders may have been.
        changed = {"$or": [changed, {"customer_id": _among(unknown.to_list())}]}
    orders = read_orders(database, changed)
    touched = pl.concat([_texts(changes.customers), _texts(changes.owners), orders["customer_id"]])
    parts = [taken(layer, rows) for layer, rows in stack.known(touched.unique())]
    before = together(parts) if parts else _nothing(stack)
    stale = pl.concat([_texts(changes.orders), orders["order_id"]])
    before = without_orders(before, before.orders["order_id"].is_in(stale.implode()))
    rows = _merged(before, profiles, orders, gone=_texts(changes.customers))
    layer = with_lifetime(ordered(rows), zone).layer(stack.coded)
    stack.put(layer, gone=_texts(changes.customers))


def _merged(before: Rows, profiles: pl.DataFrame, orders: pl.DataFrame, *, gone: pl.Series) -> Rows:
    """Put new profiles and orders in the place of old ones; who is ``gone`` has no old profile."""
    old = pl.concat([before.customers.drop(FIGURES), before.folded], how="horizontal")
    unchanged = ~old["customer_id"].is_in(gone.implode())
    people = pl.concat([profiles, old.filter(unchanged).select(profiles.columns)])
    fresh = rows_of(people, orders)
    places = people.select("customer_id").with_row_index("place")
    place = (
        old.select("customer_id")
        .join(places, on="customer_id", how="left", maintain_order="left")
        .get_column("place")
        .gather(before.orders["row"])
    )
    kept = without_orders(before, place.is_null())
    kept_orders = numbered(kept.orders, "row", place.drop_nulls())
    later = fresh.items["number"] + kept_orders.height
    return Rows(
        customers=fresh.customers,
        folded=fresh.folded,
        orders=pl.concat([kept_orders, fresh.orders]),
        items=pl.concat([kept.items, numbered(fresh.items, "number", later)]),
    )


def _nothing(stack: Stack) -> Rows:
    base: Layer = stack.floors[0].layer
    return taken(base, pl.Series([], dtype=pl.UInt32))


def _texts(texts: Collection[str]) -> pl.Series:
    return pl.Series("customer_id", list(texts), dtype=pl.String)


def _among(values: Collection[str]) -> dict[str, list[str]]:
    return {"$in": list(values)}
