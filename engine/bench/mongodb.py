"""MongoDB's own aggregation on a tenth of the shop, in a server of its own."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from engine.bench.shop import ATTRIBUTES, NOW, WORKSPACE
from engine.domain.customer import Customer
from engine.domain.order import Order, OrderItem, OrderStatus
from engine.rules.catalogue import Catalogue
from engine.rules.pipeline.compiler import count_pipeline
from engine.store.client import connect
from engine.store.customers import CustomerStore
from engine.store.embedded import acquire
from engine.store.orders import OrderStore
from engine.store.pushdown import PushdownStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl

    from engine.bench.questions import Question
    from engine.mirror.snapshot import Snapshot

SHARE = 10
"""One customer of so many is written, with all orders; times are scaled by it."""
BATCH = 5_000


@contextmanager
def aggregation(snapshot: Snapshot) -> Iterator[Callable[[Question, int], int]]:
    """Yield a way to ask MongoDB over a tenth of the customers."""
    count = max(1, snapshot.height // SHARE)
    customers = snapshot.customers.head(count)
    ids = customers["customer_id"]
    orders = snapshot.orders.filter(snapshot.orders["row"] < count)
    catalogue = Catalogue.build(ATTRIBUTES)
    with tempfile.TemporaryDirectory() as folder, acquire(Path(folder)) as server:
        database = connect(server.uri, "bench")
        for part in customers.iter_slices(BATCH):
            CustomerStore(database).insert([_customer(row) for row in part.to_dicts()], source="b")
        store = OrderStore(database, "INR")
        for part in orders.iter_slices(BATCH):
            store.insert([_order(row, ids) for row in part.to_dicts()], source="b")
        pushdown = PushdownStore(database)

        def ask(question: Question, k: int) -> int:
            pipeline = count_pipeline(question.rule(k), NOW, WORKSPACE, catalogue, {})
            return pushdown.count(pipeline)

        yield ask
        database.client.close()


def _customer(row: dict[str, object]) -> Customer:
    names = ("customer_id", "email", "phone", "name", "city", "country", "gender", "birth_date")
    return Customer(
        **{name: row[name] for name in names},  # type: ignore[arg-type]
        signed_up_at=row["signed_up_at"].replace(tzinfo=UTC),  # type: ignore[attr-defined]
        tags=tuple(row["tags"]),  # type: ignore[arg-type]
        attributes={name: row[f"attributes.{name}"] for name in ATTRIBUTES},  # type: ignore[misc]
    )


def _order(row: dict[str, object], ids: pl.Series) -> Order:
    quantity = int(str(row["quantity"]))
    return Order(
        order_id=str(row["order_id"]),
        customer_id=ids[int(str(row["row"]))],
        ordered_at=row["ordered_at"].replace(tzinfo=UTC),  # type: ignore[attr-defined]
        status=OrderStatus(str(row["status"])),
        channel=str(row["channel"]),
        amount=int(str(row["amount"])),
        items=(
            OrderItem(
                sku=None,
                name=None,
                category=None,
                quantity=quantity,
                unit_price=Decimal(1),
                amount=0,
            ),
        ),
    )
