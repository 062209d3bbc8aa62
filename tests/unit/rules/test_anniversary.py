from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.domain.calendar import local_date
from engine.rules.anniversary import FIRST_YEAR, coming_days, instants
from tests.reference.conditions import kept_in

ALL_DAYS = [date(2000, 1, 1) + timedelta(days=n) for n in range(366)]


@settings(deadline=None)
@given(
    st.dates(date(1900, 1, 1), date(2199, 1, 1)),
    st.integers(1, 400),
)
@example(date(2026, 2, 27), 1)
@example(date(2026, 2, 28), 1)
@example(date(2026, 6, 10), 366)
@example(date(2023, 2, 28), 365)
@example(date(2024, 2, 28), 365)
@example(date(2024, 2, 29), 365)
@example(date(2025, 12, 31), 365)
def test_the_days_that_come_up_are_those_of_the_definition(today: date, n: int) -> None:
    coming = [today + timedelta(days=step) for step in range(1, n + 1)]
    kept = {(day.year, day.month, day.day) for day in coming}
    years = {day.year for day in coming}
    ends = coming_days(today, n)
    for born in ALL_DAYS:
        on = {(year, kept_in(born, year).month, kept_in(born, year).day) for year in years}
        number = born.month * 100 + born.day
        if ends is None:
            inside = True
        elif ends[0] <= ends[1]:
            inside = ends[0] <= number <= ends[1]
        else:
            inside = number >= ends[0] or number <= ends[1]
        assert inside == bool(on & kept)


def test_the_ranges_of_the_years_hold_the_instants_of_those_days() -> None:
    zone = ZoneInfo("Pacific/Kiritimati")
    for first, last in ((229, 229), (301, 305), (220, 229), (1230, 103), (101, 101), (1231, 1231)):
        starts, ends = instants(first, last, zone)
        assert starts == sorted(starts)
        at = datetime(1995, 12, 20, 23, 59, tzinfo=UTC)
        while at.year < 2002:
            number = local_date(at, zone).month * 100 + local_date(at, zone).day
            expected = first <= number <= last if first <= last else not last < number < first
            near = range(at.year - FIRST_YEAR - 1, at.year - FIRST_YEAR + 2)
            assert any(starts[i] <= at < ends[i] for i in near) == expected
            at += timedelta(hours=11)
