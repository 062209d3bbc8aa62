"""When people buy in the demo: a weight for each day of the two years, and for each hour."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIWALI = {
    2020: date(2020, 11, 14), 2021: date(2021, 11, 4), 2022: date(2022, 10, 24),
    2023: date(2023, 11, 12), 2024: date(2024, 10, 31), 2025: date(2025, 10, 20),
    2026: date(2026, 11, 8), 2027: date(2027, 10, 29), 2028: date(2028, 10, 17),
    2029: date(2029, 11, 5), 2030: date(2030, 10, 26),
}  # fmt: skip
"""Lakshmi Puja; other years are taken to have it on 1 November, which is near enough for a demo."""

HOURS = (4, 2, 1, 1, 1, 2, 4, 8, 14, 22, 30, 34, 36, 34, 30, 28, 30, 36, 44, 54, 62, 60, 42, 18)
"""Orders by hour of the day: a rise through the morning, the peak at nine in the evening."""

_FESTIVE_DAYS = 28
_SALES = (
    ((1, 20), (1, 26), 1.6),  # Republic Day
    ((3, 1), (3, 14), 1.25),  # Holi
    ((6, 20), (7, 10), 1.2),  # end of season
    ((8, 9), (8, 20), 1.55),  # Independence Day and Raksha Bandhan
    ((12, 20), (12, 31), 1.35),  # Christmas and the new year
)
_PAYDAY_LAST = 6
_SATURDAY = 5


def festive(day: date) -> float:
    """Return how near Diwali is, from 0 (far) to 1 (its last week); it falls to 0 within 2 days."""
    festival = DIWALI.get(day.year, date(day.year, 11, 1))
    before = (festival - day).days
    if before > _FESTIVE_DAYS or before < -2:  # noqa: PLR2004 - said in the docstring
        return 0.0
    return 0.4 if before < 0 else 1.0 - 0.8 * max(0, before - 7) / (_FESTIVE_DAYS - 7)


def day_weights(first: date, days: int) -> NDArray[np.float64]:
    """Return how many orders each of ``days`` days from ``first`` draws, relative to an even day.

    The business grows by half over the two years; weekends, paydays and sales draw more, and the
    weeks before Diwali up to three times as much.
    """
    weights = np.linspace(0.8, 1.2, days)
    for place in range(days):
        day = first + timedelta(days=place)
        weights[place] *= 1 + 2 * festive(day)
        if day.weekday() >= _SATURDAY:
            weights[place] *= 1.25
        if day.day <= _PAYDAY_LAST:
            weights[place] *= 1.12
        for start, end, factor in _SALES:
            if start <= (day.month, day.day) <= end:
                weights[place] *= factor
    return weights
