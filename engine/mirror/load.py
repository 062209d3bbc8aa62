"""Reads customers and orders from MongoDB into typed frames.

What somebody else wrote there and the engine would not take is missing here: a value of another
type, a status that there is not, a day or an instant outside 1900 to 2199. One such document must
not keep everybody from their figures.
"""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import polars as pl
import pyarrow as pa

with warnings.catch_warnings():
    # pymongoarrow 1.15 on pyarrow 25 says this 38 times at import; no other message is let through.
    warnings.filterwarnings("ignore", "pyarrow.lib.* size changed", RuntimeWarning)
    from pymongoarrow.api import Schema, find_polars_all

from engine.domain.calendar import EARLIEST, LATEST
from engine.domain.customer import TEXT_FIELDS, AttributeType
from engine.mirror.folded import split_folded
from engine.mirror.lifetime import with_lifetime
from engine.mirror.rows import Rows, ordered
from engine.mirror.tables import STATUSES
from engine.store.faults import mapped_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from pymongo.collection import Collection
    from pymongo.database import Database

TEXT = pa.string()
TEXTS = pa.list_(pa.string())
INSTANT = pa.timestamp("ms")  # BSON's own precision
MIRRORED_TEXT = ("customer_id", *TEXT_FIELDS)

INSTANTS = (EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None))
"""The first that the engine takes, and the first that it does not."""

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
            "input": {"$cond": [{"$isArray": "$items"}, "$items", []]},
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


Match: TypeAlias = "Mapping[str, object]"
EVERYTHING: Match = {}
READERS = 2
"""Cursors that read at once."""
PART = 250_000
"""Documents of one read, about."""
DRAWN = 20
"""Ids that are drawn a part, to find where the parts end."""


def load_rows(
    database: Database[dict[str, Any]],
    attribute_types: Mapping[str, AttributeType],
    zone: ZoneInfo,
) -> Rows:
    """Return every customer and every order that has one, ordered.

    The reads see what was written while they ran in part: whoever follows the changes since before
    them has all of it in the end.
    """
    profiles = read_profiles(database, attribute_types)
    return with_lifetime(ordered(rows_of(profiles, read_orders(database))), zone)


def rows_of(profiles: pl.DataFrame, orders: pl.DataFrame) -> Rows:
    """Put together what was read; orders without their customer are left out."""
    # Ids that are no texts came past the engine.
    customers, folded = split_folded(profiles.drop_nulls("customer_id"))
    places = customers.select("customer_id").with_row_index("row")
    placed = orders.drop_nulls("order_id").join(
        places, on="customer_id", how="inner", maintain_order="left"
    )
    items = (
        placed.select("categories", "skus")
        .with_row_index("number")
        .explode("categories", "skus", empty_as_null=False)
        .rename({"categories": "category", "skus": "sku"})
    )
    columns = ["order_id", "row", "ordered_at", "status", "channel", "amount", "quantity"]
    return Rows(customers=customers, folded=folded, orders=placed.select(columns), items=items)


@mapped_errors()
def read_orders(database: Database[dict[str, Any]], match: Match = EVERYTHING) -> pl.DataFrame:
    """Return one row an order: the columns of ``ORDERS``, two lists of items among them."""
    fields: dict[str, object] = {**dict.fromkeys(ORDERS, 1), **ITEMS}
    return _read(database["orders"], match, fields, ORDERS, _typed_orders)


@mapped_errors()
def read_profiles(
    database: Database[dict[str, Any]],
    attribute_types: Mapping[str, AttributeType],
    match: Match = EVERYTHING,
) -> pl.DataFrame:
    """Return one row a customer, without lifetime figures, folded forms beside the texts."""
    fields: dict[str, object] = dict.fromkeys(PROFILE, 1)
    columns = dict(PROFILE)
    renamed = {}
    for alias, (name, source, column, kind) in _attribute_columns(attribute_types).items():
        # Names may hold any character; the query sees them as literals under plain names.
        fields[alias] = {"$getField": {"field": {"$literal": name}, "input": f"${source}"}}
        columns[alias] = kind
        renamed[alias] = column
    found = _read(database["customers"], match, fields, columns, _typed_profiles)
    return found.rename(renamed)


@mapped_errors()
def read_types(database: Database[dict[str, Any]]) -> dict[str, AttributeType]:
    """Return what type each attribute has that was ever seen, and that the engine knows."""
    found = database["attributes"].find({"type": {"$in": list(AttributeType)}})
    return {
        document["_id"]: AttributeType(document["type"])
        for document in found.sort("_id")
        if isinstance(document["_id"], str) and "\0" not in document["_id"]
    }


def no_profiles(attribute_types: Mapping[str, AttributeType]) -> pl.DataFrame:
    """Return what :func:`read_profiles` would if there were no customers."""
    kinds = {column: kind for _, _, column, kind in _attribute_columns(attribute_types).values()}
    frame = pl.from_arrow(pa.schema(PROFILE | kinds).empty_table())
    return _typed_profiles(pl.DataFrame(frame))


def _attribute_columns(
    attribute_types: Mapping[str, AttributeType],
) -> dict[str, tuple[str, str, str, pa.DataType]]:
    """Return, by a plain alias, an attribute's name, where it is stored, its column and type."""
    found = {}
    for index, (name, type_) in enumerate(attribute_types.items()):
        kind = ARROW_TYPES[type_]
        found[f"a{index}"] = (name, "attributes", f"attributes.{name}", kind)
        if type_ in (AttributeType.TEXT, AttributeType.LIST):
            found[f"f{index}"] = (name, "attributes_folded", f"attributes.{name}_folded", kind)
    return found


def _typed_orders(orders: pl.DataFrame) -> pl.DataFrame:
    return orders.with_columns(
        _within(pl.col("ordered_at"), *INSTANTS).cast(pl.Datetime("us")),
        pl.col("status").cast(pl.Enum(STATUSES), strict=False),
        pl.col("channel").cast(pl.Categorical),
        pl.col("categories", "skus").cast(pl.List(pl.Categorical)),
    )


def _typed_profiles(profiles: pl.DataFrame) -> pl.DataFrame:
    # Microseconds are what DuckDB's TIMESTAMP and Python's datetime hold.
    instants = pl.col(pl.Datetime("ms"))
    born = pl.col("birth_date").str.to_date("%Y-%m-%d", strict=False)
    return profiles.with_columns(
        _within(instants, *INSTANTS).cast(pl.Datetime("us")),
        _within(born, *(instant.date() for instant in INSTANTS)),
        pl.col("tags", "tags_folded").fill_null([]),
    )


def _within(value: pl.Expr, first: date, end: date) -> pl.Expr:
    """Return the value where it is at least ``first`` and before ``end``; null elsewhere."""
    return pl.when((value >= first) & (value < end)).then(value)


def _read(
    documents: Collection[dict[str, Any]],
    match: Match,
    fields: Mapping[str, object],
    columns: Mapping[str, pa.DataType],
    finish: Callable[[pl.DataFrame], pl.DataFrame],
) -> pl.DataFrame:
    """Read what matches, a part at a time; ``finish`` gives each part its columns' types."""
    schema = Schema(dict(columns))

    def read(part: Mapping[str, object]) -> pl.DataFrame:
        # MongoDB projects faster for find than for aggregate (10 M orders: a fifth).
        projection = {"_id": 0, **fields}
        return finish(
            find_polars_all(
                documents,
                match,
                projection=projection,
                schema=schema,
                allow_invalid=True,  # as null
                **part,
            )
        )

    if match:
        return read({})
    # While one part is decoded here, MongoDB projects another.
    with ThreadPoolExecutor(READERS) as pool:
        return pl.concat(pool.map(read, _parts(documents)))


def _parts(documents: Collection[dict[str, Any]]) -> list[dict[str, object]]:
    """Cut a collection into ranges of its ids, each of about :data:`PART` documents."""
    count = documents.estimated_document_count() // PART
    ends: list[object] = [None, None]
    if count > 1:
        sample = {"$sample": {"size": DRAWN * count}}
        drawn = documents.aggregate([sample, {"$project": {"_id": 1}}, {"$sort": {"_id": 1}}])
        ends[1:1] = [one["_id"] for one in drawn][DRAWN::DRAWN]
    # Ends by the index itself: a query by range would see the ids of one type only.
    parts = []
    for low, high in pairwise(ends):
        part: dict[str, object] = {"hint": [("_id", 1)]}
        if low is not None:
            part["min"] = {"_id": low}
        if high is not None:
            part["max"] = {"_id": high}
        parts.append(part)
    return parts
