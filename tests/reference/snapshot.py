"""A snapshot made from plain rows: DuckDB's table ``customers`` without MongoDB or the mirror."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from engine.domain.calendar import local_date
from engine.domain.customer import TEXT_FIELDS
from engine.domain.order import OrderStatus
from engine.domain.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from tests.reference.rules import Person

TYPES: Mapping[str, Any] = {
    "text": pl.String,
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
    "time": pl.Datetime("us"),
    "list": pl.List(pl.String),
}


class PlainSnapshot:
    """Customers in the order given; one connection, for one thread."""

    def __init__(
        self, people: Sequence[Person], attribute_types: Mapping[str, str], zone: ZoneInfo
    ) -> None:
        schema = _schema(attribute_types)
        made = [_row(n, person, attribute_types, zone) for n, person in enumerate(people)]
        rows = [tuple(row[column] for column in schema) for row in made]
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        self.height = frame.height
        self._connection = duckdb.connect()
        self._connection.register("given", frame.to_arrow())
        self._connection.execute("CREATE TABLE customers AS SELECT * FROM given")

    def fetch(self, sql: str, parameters: Sequence[object] = ()) -> pl.DataFrame:
        rows = self._connection.execute(sql, list(parameters))
        names = [column[0] for column in rows.description or ()]
        return pl.DataFrame(rows.fetchall(), schema=names, orient="row")

    def close(self) -> None:
        self._connection.close()


def _schema(attribute_types: Mapping[str, str]) -> dict[str, Any]:
    schema: dict[str, Any] = {"row": pl.Int32}
    for name in ("customer_id", *TEXT_FIELDS):
        schema[name] = schema[f"{name}_folded"] = pl.String
    schema |= {"birth_date": pl.Date, "signed_up_at": TYPES["time"]}
    schema["tags"] = schema["tags_folded"] = TYPES["list"]
    for name, kind in attribute_types.items():
        schema[f"attributes.{name}"] = TYPES[kind]
        if kind in {"text", "list"}:
            schema[f"attributes.{name}_folded"] = TYPES[kind]
    schema |= dict.fromkeys(("order_count", "total_spend", "completed_amount"), pl.Int64)
    schema |= dict.fromkeys(("first_order_at", "last_order_at"), TYPES["time"])
    return schema | {"last_order_on": pl.Date}


def _row(
    number: int, person: Person, attribute_types: Mapping[str, str], zone: ZoneInfo
) -> dict[str, object]:
    customer = person.customer
    completed = [one for one in person.orders if one.status is OrderStatus.COMPLETED]
    refunded = [one for one in person.orders if one.status is OrderStatus.REFUNDED]
    times = sorted(one.ordered_at for one in completed)
    row: dict[str, object] = {"row": number}
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


def _column(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    return value
