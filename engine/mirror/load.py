"""Reads the collections into typed frames, both at the same cluster time."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

with warnings.catch_warnings():
    # pymongoarrow 1.15 on pyarrow 25 says this 38 times at import; no other message is let through.
    warnings.filterwarnings("ignore", "pyarrow.lib.* size changed", RuntimeWarning)
    from pymongoarrow.api import Schema, aggregate_polars_all

from engine.domain.customer import TEXT_FIELDS, AttributeType
from engine.domain.order import OrderStatus
from engine.mirror.tables import STATUSES
from engine.store.faults import mapped_errors
from engine.store.snapshots import at_one_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from pymongo.client_session import ClientSession
    from pymongo.database import Database

TEXT = pa.string()
TEXTS = pa.list_(pa.string())
INSTANT = pa.timestamp("ms")  # BSON's own precision
MIRRORED_TEXT = ("customer_id", *TEXT_FIELDS)

ARROW_TYPES = {
    AttributeType.TEXT: TEXT,
    AttributeType.NUMBER: pa.float64(),
    AttributeType.BOOLEAN: pa.bool_(),
    AttributeType.TIME: INSTANT,
    AttributeType.LIST: TEXTS,
}

ORDERS = {
    "order_id": TEXT,
    "customer_id": TEXT,
    "ordered_at": INSTANT,
    "status": TEXT,
    "channel": TEXT,
    "amount": pa.int64(),
    "quantity": pa.int64(),
    "categories": TEXTS,
    "skus": TEXTS,
}

# Two lists of one length: an item without the text holds null in its place.
ITEMS = {
    name: {
        "$map": {
            "input": {"$ifNull": ["$items", []]},
            "in": {"$ifNull": [f"$$this.{text}", None]},
        }
    }
    for name, text in (("categories", "category"), ("skus", "sku"))
}

PROFILE = {
    **{column: TEXT for name in MIRRORED_TEXT for column in (name, f"{name}_folded")},
    "birth_date": TEXT,
    "signed_up_at": INSTANT,
    "tags": TEXTS,
    "tags_folded": TEXTS,
    "seed": pa.int64(),
}


@mapped_errors()
def load_frames(
    database: Database[dict[str, Any]],
    attribute_types: Mapping[str, AttributeType],
    zone: ZoneInfo,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return ``customers``, ``orders`` and ``items`` as :mod:`engine.mirror.tables` takes them."""
    profiles, read = _both(database, attribute_types)
    customers = profiles.sort("customer_id").with_row_index("row")
    orders = read.join(customers.select("row", "customer_id"), on="customer_id", how="inner")
    customers = customers.join(
        _lifetime(orders, zone), on="row", how="left", maintain_order="left"
    ).with_columns(pl.col("order_count", "total_spend", "completed_amount").fill_null(0))
    items = (
        orders.select("categories", "skus")
        .with_row_index("number")
        .explode("categories", "skus", empty_as_null=False)
        .rename({"categories": "category", "skus": "sku"})
    )
    orders = orders.drop("categories", "skus", "customer_id").with_columns(
        pl.col("status").cast(pl.Enum(STATUSES)), pl.col("channel").cast(pl.Categorical)
    )
    return customers.drop("row"), orders, items


def _both(
    database: Database[dict[str, Any]], attribute_types: Mapping[str, AttributeType]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read both collections at one cluster time: no order without its customer."""
    fields = {name: f"${name}" for name in ORDERS} | ITEMS

    def read(session: ClientSession) -> tuple[pl.DataFrame, pl.DataFrame]:
        profiles = _profiles(database, attribute_types, session)
        return profiles, _read(database, "orders", fields, ORDERS, session)

    return at_one_time(database, read)


def _profiles(
    database: Database[dict[str, Any]],
    attribute_types: Mapping[str, AttributeType],
    session: ClientSession,
) -> pl.DataFrame:
    fields: dict[str, object] = {name: f"${name}" for name in PROFILE}
    columns = dict(PROFILE)
    renamed: dict[str, str] = {}
    # Attribute names may hold any character; the query sees them as literals under plain names.
    for index, (name, type_) in enumerate(attribute_types.items()):
        sources = [("attributes", f"a{index}", f"attributes.{name}")]
        if type_ in (AttributeType.TEXT, AttributeType.LIST):
            sources.append(("attributes_folded", f"f{index}", f"attributes.{name}_folded"))
        for source, alias, column in sources:
            fields[alias] = {"$getField": {"field": {"$literal": name}, "input": f"${source}"}}
            columns[alias] = ARROW_TYPES[type_]
            renamed[alias] = column
    frame = _read(database, "customers", fields, columns, session)
    return frame.with_columns(
        pl.col("birth_date").str.to_date("%Y-%m-%d", strict=True),
        pl.col("tags", "tags_folded").fill_null([]),
    ).rename(renamed)


def _read(
    database: Database[dict[str, Any]],
    collection: str,
    fields: Mapping[str, object],
    columns: Mapping[str, pa.DataType],
    session: ClientSession,
) -> pl.DataFrame:
    pipeline = [{"$project": {"_id": 0, **fields}}]
    frame: pl.DataFrame = aggregate_polars_all(
        database[collection], pipeline, schema=Schema(dict(columns)), session=session
    )
    # Microseconds are what DuckDB's TIMESTAMP and Python's datetime hold.
    return frame.cast({pl.Datetime("ms"): pl.Datetime("us")})


def _lifetime(orders: pl.DataFrame, zone: ZoneInfo) -> pl.DataFrame:
    """One row per customer's row with orders; RULES.md says which statuses each figure counts."""
    completed = pl.col("status") == OrderStatus.COMPLETED.value
    spent = completed | (pl.col("status") == OrderStatus.REFUNDED.value)
    ordered_at, amount = pl.col("ordered_at"), pl.col("amount")
    return (
        orders.group_by("row")
        .agg(
            order_count=completed.sum().cast(pl.Int64),
            total_spend=amount.filter(spent).sum(),
            completed_amount=amount.filter(completed).sum(),
            first_order_at=ordered_at.filter(completed).min(),
            last_order_at=ordered_at.filter(completed).max(),
        )
        .with_columns(last_order_on=_local_date(pl.col("last_order_at"), zone))
    )


def _local_date(instant: pl.Expr, zone: ZoneInfo) -> pl.Expr:
    """Return the local day of instants in UTC, as engine.domain.calendar.local_date has it."""
    at = instant.dt.replace_time_zone("UTC").dt.convert_time_zone(zone.key)
    midnight = at.dt.date().dt.offset_by("1d").cast(pl.Datetime("us"))
    # A midnight that is skipped begins no day that has begun already.
    begins = midnight.dt.replace_time_zone(zone.key, ambiguous="earliest", non_existent="null")
    over = (at >= begins).fill_null(value=False)
    return pl.when(over).then(at.dt.date().dt.offset_by("1d")).otherwise(at.dt.date())
