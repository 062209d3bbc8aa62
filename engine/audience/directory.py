"""The customer directory: search by id, name, e-mail or city, with lifetime figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.audience.lifetime import in_utc
from engine.domain.rules import All, Any, FieldCondition, Rule
from engine.domain.scalars import storable
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from engine.audience.audiences import Audiences
    from engine.domain.customer import Customer
    from engine.domain.order import Order
    from engine.mirror.snapshot import Snapshot

SEARCHED = ("customer_id", "name", "email", "phone", "city", "country")
COLUMNS = (*SEARCHED, "order_count", "total_spend", "first_order_at", "last_order_at")
MOST_ROWS = 100
"""Rows of one page: whoever wants all of them exports, which leaves a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryPage:
    """Some of the customers that match a search.

    ``rows`` has one row per customer by ``customer_id``, money in minor units and instants in
    UTC; ``matching`` of ``total`` customers match, as of ``as_of`` (UTC).
    """

    rows: pl.DataFrame
    matching: int
    total: int
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRecord:
    """One customer with the latest orders, latest first (at most ``len(orders)`` asked for)."""

    customer: Customer
    orders: tuple[Order, ...]


def search(
    audiences: Audiences, snapshot: Snapshot, text: str, *, offset: int = 0, limit: int = 100
) -> DirectoryPage:
    """Return customers in which some searched field contains ``text``, without regard to case.

    Raises InvalidInput for what no text may hold, and unless ``limit`` is 1 to 100.
    """
    if not 1 <= limit <= MOST_ROWS:
        msg = f"a page of customers has 1 to {MOST_ROWS} rows, not {limit:,}; export to have all"
        raise InvalidInput(msg)
    words = storable(text.strip())
    contains = Any(tuple(FieldCondition(name, "contains", words) for name in SEARCHED))
    found = audiences.evaluate(Rule(contains if words else All()), snapshot, snapshot.as_of)
    rows = snapshot.by_id(found.members, COLUMNS, offset=offset, limit=limit)
    return DirectoryPage(
        rows=in_utc(rows),
        matching=int(found.members.sum()),
        total=snapshot.height,
        as_of=snapshot.as_of,
    )
