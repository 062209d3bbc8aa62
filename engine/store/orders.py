"""Orders in MongoDB: one document each with its items; an upsert replaces the whole order."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pymongo import DESCENDING, UpdateOne

from engine.domain.order import Order, OrderItem, OrderStatus
from engine.domain.text import fold
from engine.store.faults import mapped_errors
from engine.store.revisions import replaced_whole
from engine.store.writes import WriteCounts, insert_new, insert_or_return, upsert_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pymongo.database import Database


FEW = 8
"""Orders that are upserted without a look first, which costs a round trip."""


class OrderStore:
    """The collection ``orders``; unique by ``order_id``."""

    def __init__(self, database: Database[dict[str, Any]], currency: str) -> None:
        self._orders = database["orders"]
        self._currency = currency

    @mapped_errors()
    def upsert(
        self,
        orders: Sequence[Order],
        *,
        source: str,
        revision: int | None = None,
    ) -> WriteCounts:
        """Write orders by id. The customers they name are made by the customer store.

        With a ``revision`` (microseconds since 1970) an order is written only where the stored one
        has none or a lower one; what is stale is counted as unchanged. Of several orders with one
        id and one revision any may hold.
        """
        operations = []
        for order in orders:
            values = {**_stored(order), "currency": self._currency, "source": source}
            change = {"$set": values} if revision is None else replaced_whole(values, revision)
            operations.append(UpdateOne({"order_id": order.order_id}, change, upsert=True))
        return upsert_all(self._orders, operations)

    @mapped_errors()
    def take(
        self, orders: Sequence[Order], *, source: str, revision: int | None = None
    ) -> WriteCounts:
        """Write orders by id as :meth:`upsert` does, faster where most of them are new.

        An insert costs the server a quarter of an upsert that finds nothing, so those that a look
        at the index alone does not find are inserted. Who loses a race for an id is upserted.
        """
        if len(orders) < FEW:
            return self.upsert(orders, source=source, revision=revision)
        ids = [order.order_id for order in orders]
        wanted = {"order_id": {"$in": ids}}
        size = len(ids) + 1  # all in one reply: by itself MongoDB begins with 101
        found = self._orders.find(wanted, {"_id": 0, "order_id": 1}, batch_size=size)
        known = {document["order_id"] for document in found}
        new = [order for order in orders if order.order_id not in known]
        extra: dict[str, Any] = {"currency": self._currency, "source": source}
        if revision is not None:
            extra["revision"] = revision
        documents = [{"order_id": order.order_id, **_stored(order), **extra} for order in new]
        counts, lost = insert_or_return(self._orders, documents)
        late = [order for order in orders if order.order_id in known] + [new[n] for n in lost]
        return counts + self.upsert(late, source=source, revision=revision) if late else counts

    @mapped_errors()
    def insert(self, orders: Sequence[Order], *, source: str) -> int:
        """Insert those of the orders that are not there yet (demo data); returns how many."""
        documents = [
            {
                "order_id": order.order_id,
                **_stored(order),
                "currency": self._currency,
                "source": source,
            }
            for order in orders
        ]
        return insert_new(self._orders, documents)

    @mapped_errors()
    def of_customer(self, customer_id: str, *, limit: int = 100) -> tuple[Order, ...]:
        """Return a customer's orders, latest first."""
        found = self._orders.find({"customer_id": customer_id})
        latest = found.sort("ordered_at", DESCENDING).limit(limit)
        return tuple(_restored(document) for document in latest)

    def stream(self) -> Iterator[Order]:
        """Yield every order, in the order in which they lie."""
        with mapped_errors():
            for document in self._orders.find():
                yield _restored(document)

    @mapped_errors()
    def currency(self, source: str, *, elsewhere: bool = False) -> str | None:
        """Return the currency of the orders from ``source``, or from elsewhere; None if none."""
        wanted = {"source": {"$ne": source} if elsewhere else source}
        found = self._orders.find_one(wanted, {"currency": 1})
        return None if found is None else str(found["currency"])

    @mapped_errors()
    def is_empty(self) -> bool:
        """Tell whether there are none; the count that MongoDB keeps can be wrong after a crash."""
        return self._orders.find_one({}, {"_id": 1}) is None

    @mapped_errors()
    def count(self, *, source: str | None = None) -> int:
        """Return how many orders there are, or came from ``source``."""
        return self._orders.count_documents({} if source is None else {"source": source})

    @mapped_errors()
    def remove(self, *, source: str) -> int:
        """Delete every order that came from ``source``; returns how many."""
        return self._orders.delete_many({"source": source}).deleted_count


def _stored(order: Order) -> dict[str, Any]:
    return {
        "customer_id": order.customer_id,
        "ordered_at": order.ordered_at,
        "status": order.status.value,
        "channel": order.channel,
        "channel_folded": _folded(order.channel),
        "amount": order.amount,
        "quantity": order.quantity,
        "items": [
            {
                "sku": item.sku,
                "sku_folded": _folded(item.sku),
                "name": item.name,
                "category": item.category,
                "category_folded": _folded(item.category),
                "quantity": item.quantity,
                "unit_price": str(item.unit_price),
                "amount": item.amount,
            }
            for item in order.items
        ],
    }


def _folded(text: str | None) -> str | None:
    return None if text is None else fold(text)


def _restored(document: dict[str, Any]) -> Order:
    return Order(
        order_id=document["order_id"],
        customer_id=document["customer_id"],
        ordered_at=document["ordered_at"],
        status=OrderStatus(document["status"]),
        channel=document["channel"],
        amount=document["amount"],
        items=tuple(
            OrderItem(
                sku=item["sku"],
                name=item["name"],
                category=item["category"],
                quantity=item["quantity"],
                unit_price=Decimal(item["unit_price"]),
                amount=item["amount"],
            )
            for item in document["items"]
        ),
    )
