"""Demo data: a believable retailer, the same for the same instant.

5,000 customers and 40,000 orders over the two years up to ``now``: a few loyal, many lapsed, some
who never bought. What is made up is in demo_people.py, demo_shelf.py and demo_season.py.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.domain.customer import AttributeType
from engine.ingest.demo_customers import make_customers
from engine.ingest.demo_orders import make_orders
from engine.ingest.demo_plan import plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from engine.domain.customer import Customer
    from engine.domain.order import Order
    from engine.domain.workspace import Workspace

ATTRIBUTES: Mapping[str, AttributeType] = MappingProxyType(
    {
        "loyalty_tier": AttributeType.TEXT,
        "loyalty_points": AttributeType.NUMBER,
        "preferred_language": AttributeType.TEXT,
        "newsletter": AttributeType.BOOLEAN,
        "interests": AttributeType.LIST,
    }
)
"""The custom attributes that demo customers have."""


def generate(now: datetime, workspace: Workspace) -> tuple[Iterator[Customer], Iterator[Order]]:
    """Return the demo's customers, and its orders in the order of their ids; none is after ``now``.

    Prices are rupees; a workspace with another currency gets the same numbers in its own.
    """
    planned = plan(now, workspace)
    return make_customers(planned), make_orders(planned, workspace)
