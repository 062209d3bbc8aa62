"""What MongoDB writes without the engine: the same documents, under the same indexes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from pymongo import InsertOne, UpdateOne

from engine.bench.sending import customer_id, order
from engine.bench.shop import WORKSPACE
from engine.domain.bucket import seed
from engine.ingest.door import admit
from engine.ingest.order_records import OrderRecords
from engine.store.indexes import ensure_indexes
from engine.store.orders import OrderStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pymongo.collection import Collection
    from pymongo.database import Database

    Documents = Sequence[dict[str, Any]]

BATCH = 500
SEEDED = 5_000
"""Documents in one write of what is there before."""
BEFORE = 500_000_000
"""Orders that are there before are numbered from here on."""


def seed_customers(database: Database[dict[str, Any]], count: int) -> None:
    """Write customers with a profile."""
    for start in range(0, count, SEEDED):
        numbers = range(start, min(count, start + SEEDED))
        database["customers"].insert_many([_customer(n) for n in numbers], ordered=False)


def seed_orders(database: Database[dict[str, Any]], count: int, customers: int) -> None:
    """Write orders of theirs, as the API would."""
    reader, store = OrderRecords(WORKSPACE), OrderStore(database, WORKSPACE.currency.code)
    for start in range(0, count, SEEDED):
        numbers = range(start, min(count, start + SEEDED))
        rows = [order(BEFORE + n, customers) for n in numbers]
        store.insert(list(admit(rows, reader, "order_id").good.values()), source="bench")


def raw_rates(database: Database[dict[str, Any]], count: int, first: int) -> dict[str, int]:
    """Write orders that are stored once more, elsewhere; return how many a second.

    ``upsert`` is what may be sent twice, ``insert`` what may not.
    """
    ids = {"$gte": f"n{first:09}", "$lt": f"n{first + count:09}"}
    documents = list(database["orders"].find({"order_id": ids}, {"_id": 0}))
    rates = {}
    for name in ("upsert", "insert"):
        other = database.client.get_database(
            f"{database.name}_raw", write_concern=database.write_concern
        )
        ensure_indexes(other)
        write = _upsert if name == "upsert" else _insert
        begun = time.perf_counter()
        for start in range(0, len(documents), BATCH):
            write(other["orders"], documents[start : start + BATCH])
        rates[name] = round(len(documents) / (time.perf_counter() - begun))
        database.client.drop_database(other.name)
    return rates


def _upsert(orders: Collection[dict[str, Any]], documents: Documents) -> None:
    writes = [
        UpdateOne({"order_id": one["order_id"]}, {"$set": one}, upsert=True) for one in documents
    ]
    orders.bulk_write(writes, ordered=False)


def _insert(orders: Collection[dict[str, Any]], documents: Documents) -> None:
    orders.bulk_write([InsertOne(dict(one)) for one in documents], ordered=False)


def _customer(number: int) -> dict[str, Any]:
    key = customer_id(number)
    texts = {
        "name": f"Person {number}",
        "email": f"p{number}@example.com",
        "city": f"City {number % 300}",
    }
    return {
        "customer_id": key,
        "customer_id_folded": key,
        "seed": seed(key),
        **texts,
        **{f"{name}_folded": text.lower() for name, text in texts.items()},
        "source": "bench",
    }
