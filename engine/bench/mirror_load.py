"""How long the mirror loads, beside pymongoarrow reading the same fields of the same orders."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pymongo import MongoClient

from engine.bench.shop import WORKSPACE
from engine.domain.clock import SystemClock
from engine.mirror.load import ORDERS
from engine.mirror.mirror import Mirror
from engine.store.embedded import acquire

if TYPE_CHECKING:
    from collections.abc import Callable

    from pymongo.database import Database

CUSTOMERS_SHARE = 10
"""Orders a customer."""
THOUSAND = 1_000


def load_ratio(orders: int, *, say: Callable[[str], None]) -> dict[str, object]:
    """Make a shop in MongoDB by an aggregation of its own, load it, and read its orders raw."""
    with tempfile.TemporaryDirectory() as folder, acquire(Path(folder)) as server:
        client: MongoClient[dict[str, Any]] = MongoClient(server.uri, tz_aware=True)
        with client:
            database = client["load"]
            say(f"making {orders:,} orders in MongoDB")
            _make(database, max(THOUSAND, orders // CUSTOMERS_SHARE), orders)
            rates = {}
            for name, load in (("raw", _read_raw), ("mirror", _load)):
                say(f"loading: {name}")
                begun = time.perf_counter()
                load(database)
                rates[name] = round(orders / (time.perf_counter() - begun))
    return {"load_ratio": round(rates["mirror"] / rates["raw"], 2), "load_orders_per_second": rates}


def _load(database: Database[dict[str, Any]]) -> None:
    mirror = Mirror(database, WORKSPACE, SystemClock())
    mirror.snapshot()
    mirror.close()


def _read_raw(database: Database[dict[str, Any]]) -> None:
    # Late: engine.mirror.load hears out what it has to say at its import.
    from pymongoarrow.api import Schema, find_polars_all  # noqa: PLC0415

    items = pa.list_(pa.struct([("category", pa.string()), ("sku", pa.string())]))
    plain = {name: kind for name, kind in ORDERS.items() if name not in ("categories", "skus")}
    wanted = {**dict.fromkeys(plain, 1), "_id": 0, "items.category": 1, "items.sku": 1}
    schema = Schema({**plain, "items": items})
    find_polars_all(database["orders"], {}, schema=schema, projection=wanted)


def _make(database: Database[dict[str, Any]], customers: int, orders: int) -> None:
    database.aggregate([*_numbers(customers), {"$project": _customer()}, {"$out": "customers"}])
    project = {"$project": _order(customers)}
    database.aggregate([*_numbers(orders), project, {"$out": "orders"}])


def _numbers(count: int) -> list[dict[str, Any]]:
    """Return stages that yield documents of ``n`` from 0 to ``count``, in thousands."""
    thousands = {"$range": [0, count // THOUSAND]}
    number = {"$add": [{"$multiply": ["$thousand", THOUSAND]}, "$rest"]}
    return [
        {"$documents": [{"thousand": thousands}]},
        {"$unwind": "$thousand"},
        {"$set": {"rest": {"$range": [0, THOUSAND]}}},
        {"$unwind": "$rest"},
        {"$project": {"n": number}},
    ]


def _customer() -> dict[str, Any]:
    number = {"$toString": "$n"}
    texts = {
        "customer_id": _padded("$n"),
        "name": {"$concat": ["person ", number]},
        "email": {"$concat": ["p", number, "@example.com"]},
        "city": {"$concat": ["city ", {"$toString": _spread(7, 300)}]},
    }
    folded = {f"{name}_folded": text for name, text in texts.items()}
    return {"_id": "$n", "seed": {"$toLong": _spread(48_271, 2**31 - 1)}, **texts, **folded}


def _order(customers: int) -> dict[str, Any]:
    minutes = {"startDate": datetime(2024, 1, 1, tzinfo=UTC), "unit": "minute"}
    return {
        "_id": "$n",
        "order_id": {"$concat": ["o", {"$toString": "$n"}]},
        "customer_id": _padded(_spread(7_919, customers)),
        "ordered_at": {"$dateAdd": {**minutes, "amount": _spread(104_729, 1_000_000)}},
        "status": {"$cond": [{"$lt": [_spread(31, 10), 9]}, "completed", "refunded"]},
        "channel": "web",
        "channel_folded": "web",
        "amount": {"$toLong": _spread(37, 100_000)},
        "quantity": {"$toLong": 2},
        "items": [_item(13), _item(17)],
        "currency": "INR",
        "source": "bench",
    }


def _item(factor: int) -> dict[str, Any]:
    category = {"$concat": ["category ", {"$toString": _spread(factor, 40)}]}
    sku = {"$concat": ["s", {"$toString": _spread(factor + 4, 2_000)}]}
    return {
        "sku": sku,
        "sku_folded": sku,
        "name": "something to wear",
        "category": category,
        "category_folded": category,
        "quantity": {"$toLong": 1},
        "unit_price": "10.00",
        "amount": {"$toLong": 1_000},
    }


def _spread(factor: int, over: int) -> dict[str, Any]:
    return {"$mod": [{"$multiply": ["$n", factor]}, over]}


def _padded(number: object) -> dict[str, Any]:
    """Return a customer's id: ``c0000007``."""
    digits = {"$toString": {"$add": [number, 10_000_000]}}
    return {"$concat": ["c", {"$substrBytes": [digits, 1, 7]}]}
