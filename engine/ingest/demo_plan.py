"""Who buys how often and when: the demo's numbers, drawn from one seeded generator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.domain.calendar import local_date, to_utc
from engine.ingest.demo_people import CITIES
from engine.ingest.demo_season import HOURS, day_weights, festive
from engine.ingest.demo_shelf import CATEGORIES

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from engine.domain.workspace import Workspace

CUSTOMERS = 5_000
ORDERS = 40_000
DAYS = 730
SEED = 20_251_020

_NEVER_BOUGHT = 0.06
_LOYAL = 0.08
_BEFORE, _LOYAL_BEFORE = 0.15, 0.6
"""Shares of customers, and of loyal ones, who bought before the two years began."""
_LIFE_DAYS = 170
"""Mean days between the first and the last order of a customer who is not loyal."""
_WOMEN, _MEN = 0.54, 0.44
"""Shares of customers; the rest did not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The drawn numbers. Arrays of customers have 5,000 entries, those of orders 40,000."""

    now: datetime
    today: date
    gender: NDArray[np.int64]
    """0 a woman, 1 a man, 2 not said."""
    city: NDArray[np.int64]
    favourite: NDArray[np.int64]
    """Category a customer comes for."""
    loyal: NDArray[np.bool_]
    joined: NDArray[np.int64]
    """Days between signing up and ``today``."""
    bought: NDArray[np.int64]
    """Orders of each customer."""
    buyer: NDArray[np.int64]
    """Customer of each order; a customer's orders stand together, oldest first."""
    ordered_at: list[datetime]
    festive: NDArray[np.float64]
    """How near Diwali each order is, 0 to 1."""


def plan(now: datetime, workspace: Workspace) -> Plan:
    """Draw the demo that belongs to ``now``."""
    now = now.replace(microsecond=0)
    rng = np.random.default_rng(SEED)
    today = local_date(now, workspace.zone)
    first_day = today - timedelta(days=DAYS - 1)
    gender = rng.choice(3, CUSTOMERS, p=(_WOMEN, _MEN, 1 - _WOMEN - _MEN))
    shares = np.array([city.share for city in CITIES])
    city = rng.choice(len(CITIES), CUSTOMERS, p=shares / shares.sum())
    favourite = _favourites(rng, gender)

    kind = rng.random(CUSTOMERS)
    never = kind < _NEVER_BOUGHT
    loyal = (kind >= _NEVER_BOUGHT) & (kind < _NEVER_BOUGHT + _LOYAL)
    start = rng.integers(0, DAYS - 10, CUSTOMERS)
    old = rng.random(CUSTOMERS) < np.where(loyal, _LOYAL_BEFORE, _BEFORE)
    start[old] = 0
    end = np.minimum(start + 1 + rng.exponential(_LIFE_DAYS, CUSTOMERS).astype(np.int64), DAYS)
    end[loyal] = DAYS

    drawn = np.concatenate([[0.0], np.cumsum(day_weights(first_day, DAYS))])
    keen = rng.lognormal(0.0, 0.9, CUSTOMERS) * np.where(loyal, 2.5, 1.0)
    appetite = np.where(never, 0.0, keen * np.sqrt(drawn[end] - drawn[start]))
    once = np.where(never, 0, 1)
    more = ORDERS - int(once.sum())
    bought = once + rng.multinomial(more, appetite / appetite.sum())

    buyer = np.repeat(np.arange(CUSTOMERS), bought)
    spread = rng.random(ORDERS) * (drawn[end[buyer]] - drawn[start[buyer]]) + drawn[start[buyer]]
    day = np.clip(np.searchsorted(drawn, spread, side="right") - 1, 0, DAYS - 1)
    hours = np.array(HOURS) / sum(HOURS)
    second = rng.choice(24, ORDERS, p=hours) * 3600 + rng.integers(0, 3600, ORDERS)
    order = np.lexsort((second, day, buyer))
    days = [first_day + timedelta(days=place) for place in range(DAYS)]
    nearness = np.array([festive(one) for one in days])
    lead = rng.exponential(np.where(old, 300, 15)).astype(np.int64)
    return Plan(
        now=now,
        today=today,
        gender=gender,
        city=city,
        favourite=favourite,
        loyal=loyal,
        joined=DAYS - start + lead,
        bought=bought,
        buyer=buyer,
        ordered_at=_instants(days, day[order], second[order], now, workspace),
        festive=nearness[day[order]],
    )


def _favourites(rng: np.random.Generator, gender: NDArray[np.int64]) -> NDArray[np.int64]:
    share = np.array([one.share for one in CATEGORIES])
    women = np.array([one.women for one in CATEGORIES])
    draws = [
        rng.choice(len(CATEGORIES), CUSTOMERS, p=weight / weight.sum())
        for weight in (share * women, share * (100 - women), share)
    ]
    return np.choose(gender, draws).astype(np.int64)


def _instants(
    days: list[date],
    day: NDArray[np.int64],
    second: NDArray[np.int64],
    now: datetime,
    workspace: Workspace,
) -> list[datetime]:
    """Return the instants; what falls later than ``now`` today happened the day before."""
    midnights = [to_utc(datetime.combine(one, time.min), workspace.zone) for one in days]
    found = [
        midnights[place] + timedelta(seconds=after)
        for place, after in zip(day.tolist(), second.tolist(), strict=True)
    ]
    return [one if one <= now else one - timedelta(days=1) for one in found]
