from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from engine.ai.vocabulary import Vocabulary
from engine.domain.money import currency
from engine.domain.workspace import Workspace
from engine.ingest.demo_people import CITIES
from engine.ingest.demo_shelf import CATEGORIES, SHELF
from engine.rules.catalogue import Catalogue

_CATEGORIES = tuple(one.name for one in CATEGORIES)
_LANGUAGES = dict.fromkeys(["English", *(city.language for city in CITIES)])


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """What the demo's data lets words name, two segments and two campaigns."""
    return Vocabulary(
        catalogue=Catalogue.build(
            {
                "loyalty_tier": "text",
                "loyalty_points": "number",
                "preferred_language": "text",
                "newsletter": "boolean",
                "interests": "list",
            }
        ),
        workspace=Workspace("Demo", currency("INR"), ZoneInfo("Asia/Kolkata"), "en_IN"),
        values={
            "city": tuple(city.name for city in CITIES),
            "country": ("India",),
            "gender": ("female", "male"),
            "tags": ("app-user", "referred", "never-bought", "wholesale", "vip"),
            "attributes.loyalty_tier": ("Bronze", "Silver", "Gold", "Platinum"),
            "attributes.preferred_language": tuple(_LANGUAGES),
            "attributes.interests": _CATEGORIES,
            "orders.category": _CATEGORIES,
            "orders.sku": tuple(product.sku for row in SHELF for product in row),
            "orders.channel": ("app", "web", "store"),
        },
        segments={"s1": "Lapsed VIPs", "s2": "Diwali shoppers"},
        campaigns={"c1": "Monsoon Sale", "c2": "Diwali 2025"},
    )


@pytest.fixture(scope="session")
def now() -> datetime:
    """Monday, 20 October 2025, three in the afternoon in India."""
    return datetime(2025, 10, 20, 9, 30, tzinfo=UTC)
