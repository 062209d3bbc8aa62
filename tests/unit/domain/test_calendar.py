from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.calendar import (
    EARLIEST,
    LATEST,
    UNITS,
    Span,
    Unit,
    ahead,
    back,
    day_bounds,
    local_date,
    parse_date,
    parse_instant,
    to_utc,
)
from engine.errors import InvalidInput

NEW_YORK = ZoneInfo("America/New_York")
ZONES = tuple(
    ZoneInfo(name)
    for name in (
        "UTC",
        "Asia/Kolkata",
        "America/New_York",
        "America/Sao_Paulo",
        "America/Havana",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Africa/Cairo",
    )
)


def local(text: str, zone: ZoneInfo = NEW_YORK, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "n", "unit", "start"),
    [
        ("2026-03-31T12:00", 1, "month", "2026-02-28T12:00"),
        ("2024-03-31T12:00", 1, "month", "2024-02-29T12:00"),
        ("2024-02-29T12:00", 1, "year", "2023-02-28T12:00"),
        ("2026-01-15T12:00", 1, "month", "2025-12-15T12:00"),
        ("2026-01-15T12:00", 13, "month", "2024-12-15T12:00"),
        ("2026-03-10T12:00", 2, "day", "2026-03-08T12:00"),
        ("2026-03-10T12:00", 1, "week", "2026-03-03T12:00"),
        # 8 March 2026 has no 02:30: it moves forward by the gap.
        ("2026-03-09T02:30", 1, "day", "2026-03-08T03:30"),
    ],
)
def test_days_and_longer_go_back_to_the_same_wall_clock_time(
    now: str, n: int, unit: Unit, start: str
) -> None:
    assert back(local(now), Span(n, unit), NEW_YORK) == local(start)


def test_a_day_over_a_change_of_clocks_is_23_or_25_hours() -> None:
    spring, autumn = local("2026-03-08T12:00"), local("2026-11-01T12:00")
    assert spring - back(spring, Span(1, "day"), NEW_YORK) == timedelta(hours=23)
    assert autumn - back(autumn, Span(1, "day"), NEW_YORK) == timedelta(hours=25)
    assert spring - back(spring, Span(24, "hour"), NEW_YORK) == timedelta(hours=24)


def test_a_wall_clock_time_that_occurs_twice_is_the_first() -> None:
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert to_utc(datetime(2026, 11, 1, 1, 30), NEW_YORK) == first  # noqa: DTZ001 - wall clock
    assert back(local("2026-11-02T01:30"), Span(1, "day"), NEW_YORK) == first
    second = local("2026-11-01T01:30", fold=1)
    assert second - first == timedelta(hours=1)
    assert ahead(second, Span(1, "day"), NEW_YORK) == local("2026-11-02T01:30")


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("America/Sao_Paulo", "2018-11-04", 23),  # midnight itself is skipped
        ("America/Havana", "2026-11-01", 25),  # midnight itself occurs twice
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Pacific/Apia", "2011-12-30", 0),  # the whole day is skipped
        ("Asia/Kolkata", "2026-03-08", 24),
    ],
)
def test_a_local_day_is_as_long_as_it_was(zone: str, day: str, hours: float) -> None:
    start, end = day_bounds(date.fromisoformat(day), ZoneInfo(zone))
    assert end - start == timedelta(hours=hours)


@settings(deadline=None)
@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2037, 1, 1)),  # noqa: DTZ001 - hypothesis asks so
    st.sampled_from(ZONES),
)
def test_every_instant_lies_in_its_own_local_day(naive: datetime, zone: ZoneInfo) -> None:
    instant = naive.replace(tzinfo=UTC)
    start, end = day_bounds(local_date(instant, zone), zone)
    assert start <= instant < end


@settings(deadline=None)
@given(
    st.integers(1, 10**9),
    st.sampled_from(UNITS),
    st.sampled_from(ZONES),
    st.datetimes(datetime(1902, 1, 1), datetime(2190, 1, 1)),  # noqa: DTZ001 - hypothesis asks so
)
def test_windows_never_run_the_wrong_way_or_off_the_calendar(
    n: int, unit: Unit, zone: ZoneInfo, naive: datetime
) -> None:
    now = naive.replace(tzinfo=UTC)
    assert EARLIEST <= back(now, Span(n, unit), zone) < now
    assert now < ahead(now, Span(n, unit), zone) <= LATEST


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-31T09:30:00Z", "2026-03-31T09:30:00+00:00"),
        ("2026-03-31T09:30:00+05:30", "2026-03-31T04:00:00+00:00"),
        ("2026-03-31T09:30", "2026-03-31T13:30:00+00:00"),
        ("2026-03-08T02:30", "2026-03-08T07:30:00+00:00"),
    ],
)
def test_an_instant_without_an_offset_is_wall_clock_time(text: str, instant: str) -> None:
    assert parse_instant(text, NEW_YORK) == datetime.fromisoformat(instant)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30T00:00:00Z", "33658-01-01T00:00:00Z"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a date and time such as"):
        parse_instant(text, NEW_YORK)


@pytest.mark.parametrize("text", ["1899-12-31T23:59:59Z", "2200-01-01T00:00:00Z"])
def test_instants_out_of_bounds_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not between the years 1900 and 2199"):
        parse_instant(text, NEW_YORK)


def test_dates_have_the_same_bounds() -> None:
    assert parse_date("2199-12-31") == date(2199, 12, 31)
    with pytest.raises(InvalidInput, match="is not a date such as"):
        parse_date("2026-02-29")
    with pytest.raises(InvalidInput, match="1900 and 2199"):
        parse_date("2200-01-01")
