"""A snapshot made from plain rows: the tables of rules, without MongoDB."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.domain import bucket
from engine.domain.calendar import local_date
from engine.domain.customer import TEXT_FIELDS
from engine.domain.order import OrderStatus
from engine.domain.text import fold
from engine.mirror.folded import split_folded
from engine.mirror.layer import Layer
from engine.mirror.snapshot import Snapshot
from engine.mirror.tables import STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from engine.domain.order import Order
    from tests.reference.rules import Person

TYPES: Mapping[str, Any] = {
    "text": pl.String,
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
    "time": pl.Datetime("us"),
    "list": pl.List(pl.String),
}
ORDERS: Mapping[str, Any] = {
    "order_id": pl.String,
    "row": pl.UInt32,
    "ordered_at": pl.Datetime("us"),
    "status": pl.Enum(STATUSES),
    "channel": pl.Categorical,
    **dict.fromkeys(("amount", "quantity"), pl.Int64),
}
ITEMS: Mapping[str, Any] = {
    "number": pl.UInt32,
    **dict.fromkeys(("category", "sku"), pl.Categorical),
}


def plain_snapshot(
    people: Sequence[Person],
    attribute_types: Mapping[str, str],
    zone: ZoneInfo,
    coded: frozenset[str] = frozenset(),
) -> Snapshot:
    """Return the customers in the order given, each with an id of their own."""
    schema = _schema(attribute_types)
    made = [_row(person, attribute_types, zone) for person in people]
    rows = [tuple(row[column] for column in schema) for row in made]
    customers = pl.DataFrame(rows, schema=schema, orient="row")
    placed = [(row, one) for row, person in enumerate(people) for one in person.orders]
    orders = pl.DataFrame([_order(row, one) for row, one in placed], schema=ORDERS, orient="row")
    items = pl.DataFrame(
        [
            (number, item.category, item.sku)
            for number, (_, one) in enumerate(placed)
            for item in one.items
        ],
        schema=ITEMS,
        orient="row",
    )
    plain, folded = split_folded(customers)
    layer = Layer(customers=plain, folded=folded, orders=orders, items=items, coded=coded)
    return Snapshot(as_of=datetime.now(UTC), layers=[layer], attribute_types={})


def _schema(attribute_types: Mapping[str, str]) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for name in ("customer_id", *TEXT_FIELDS):
        schema[name] = schema[f"{name}_folded"] = pl.String
    schema |= {"birth_date": pl.Date, "signed_up_at": TYPES["time"]}
    schema["tags"] = schema["tags_folded"] = TYPES["list"]
    schema["seed"] = pl.Int64
    for name, kind in attribute_types.items():
        schema[f"attributes.{name}"] = TYPES[kind]
        if kind in {"text", "list"}:
            schema[f"attributes.{name}_folded"] = TYPES[kind]
    schema |= dict.fromkeys(("order_count", "total_spend", "completed_amount"), pl.Int64)
    schema |= dict.fromkeys(("first_order_at", "last_order_at"), TYPES["time"])
    return schema | {"last_order_on": pl.Date}


def _row(person: Person, attribute_types: Mapping[str, str], zone: ZoneInfo) -> dict[str, object]:
    customer = person.customer
    completed = [one for one in person.orders if one.status is OrderStatus.COMPLETED]
    refunded = [one for one in person.orders if one.status is OrderStatus.REFUNDED]
    times = sorted(one.ordered_at for one in completed)
    row: dict[str, object] = {"seed": bucket.seed(customer.customer_id)}
    for name in ("customer_id", *TEXT_FIELDS, "tags"):
        row |= _with_folded(name, getattr(customer, name))
    for name in attribute_types:
        row |= _with_folded(f"attributes.{name}", customer.attributes.get(name))
    return row | {
        "birth_date": customer.birth_date,
        "signed_up_at": _column(customer.signed_up_at),
        "order_count": len(completed),
        "total_spend": sum(one.amount for one in (*completed, *refunded)),
        "completed_amount": sum(one.amount for one in completed),
        "first_order_at": _column(times[0]) if times else None,
        "last_order_at": _column(times[-1]) if times else None,
        "last_order_on": local_date(times[-1], zone) if times else None,
    }


def _with_folded(name: str, value: object) -> dict[str, object]:
    folded: object = None
    if isinstance(value, str):
        folded = fold(value)
    elif isinstance(value, tuple):
        value, folded = list(value), [fold(one) for one in value]
    return {name: _column(value), f"{name}_folded": folded}


def _order(row: int, order: Order) -> tuple[object, ...]:
    at, status = _column(order.ordered_at), order.status.value
    return (order.order_id, row, at, status, order.channel, order.amount, order.quantity)


def _column(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    return value
