"""The demo's customers, made from its plan."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from engine.domain.customer import Customer
from engine.ingest.demo_people import CITIES, EMAIL_DOMAINS, MEN, PHONE, SURNAMES, WOMEN
from engine.ingest.demo_plan import CUSTOMERS, SEED
from engine.ingest.demo_shelf import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.domain.customer import Attribute
    from engine.ingest.demo_plan import Plan

CUSTOMER_ID = "DEMO-{:05d}"
_GENDERS = ("female", "male", None)
_TIERS = ((25, "Platinum"), (14, "Gold"), (6, "Silver"), (0, "Bronze"))
"""Orders from which a customer has each tier."""
_HAS_EMAIL, _HAS_PHONE, _HAS_BIRTH_DATE = 0.93, 0.88, 0.82
_SPEAKS_LOCAL = 0.6


def make_customers(planned: Plan) -> Iterator[Customer]:
    """Yield the customers in the order of their ids."""
    rng = np.random.default_rng((SEED, 1))
    chance = rng.random((CUSTOMERS, 8)).tolist()
    picks = rng.integers(0, 1 << 30, (CUSTOMERS, 3)).tolist()
    ages = (rng.gamma(4.0, 4.2, CUSTOMERS) + 17).tolist()
    points = rng.integers(20, 140, CUSTOMERS).tolist()
    gender, city = planned.gender.tolist(), planned.city.tolist()
    loyal, joined = planned.loyal.tolist(), planned.joined.tolist()
    bought, favourite = planned.bought.tolist(), planned.favourite.tolist()
    for n in range(CUSTOMERS):
        home = CITIES[city[n]]
        given = (WOMEN, MEN, WOMEN + MEN)[gender[n]]
        first = given[picks[n][0] % len(given)]
        surnames = SURNAMES[home.region]
        last = surnames[picks[n][1] % len(surnames)]
        maybe = chance[n]
        address = f"{first}.{last}{n + 1}@{EMAIL_DOMAINS[n % 3]}".lower().replace("'", "")
        born = planned.today - timedelta(days=int(ages[n] * 365.25))
        tier = next(name for least, name in _TIERS if bought[n] >= least)
        attributes: dict[str, Attribute] = {
            "loyalty_points": float(points[n] * bought[n]),
            "newsletter": maybe[3] < 0.45,  # noqa: PLR2004 - a share
            "preferred_language": home.language if maybe[4] < _SPEAKS_LOCAL else "English",
        }
        if bought[n]:
            attributes["loyalty_tier"] = tier
            second = CATEGORIES[picks[n][2] % len(CATEGORIES)].name
            attributes["interests"] = tuple(dict.fromkeys((CATEGORIES[favourite[n]].name, second)))
        yield Customer(
            customer_id=CUSTOMER_ID.format(n + 1),
            email=address if maybe[0] < _HAS_EMAIL else None,
            phone=PHONE.format(n + 1) if maybe[1] < _HAS_PHONE else None,
            name=f"{first} {last}",
            city=home.name,
            country="India",
            gender=_GENDERS[gender[n]],
            birth_date=born if maybe[2] < _HAS_BIRTH_DATE else None,
            signed_up_at=planned.now - timedelta(days=joined[n], seconds=picks[n][2] % 86_400),
            tags=_tags(maybe, loyal=loyal[n], bought=bought[n]),
            attributes=MappingProxyType(attributes),
        )


def _tags(maybe: list[float], *, loyal: bool, bought: int) -> tuple[str, ...]:
    tags = []
    if loyal and bought >= _TIERS[0][0]:
        tags.append("vip")
    if maybe[5] < 0.4:  # noqa: PLR2004 - a share
        tags.append("app-user")
    if bought == 0:
        tags.append("never-bought")
    if maybe[6] < 0.12:  # noqa: PLR2004 - a share
        tags.append("referred")
    if maybe[7] < 0.02:  # noqa: PLR2004 - a share
        tags.append("wholesale")
    return tuple(tags)
