from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from engine.ingest.mapping import NumberFormat, TimeFormat
from engine.ingest.rejects import BadValue, Reason
from engine.ingest.values import (
    boolean,
    day,
    email,
    entries,
    identifier,
    instant,
    line_of_text,
    number,
    quantity,
)

if TYPE_CHECKING:
    from collections.abc import Callable

INDIA = ZoneInfo("Asia/Kolkata")
PLAIN = NumberFormat.PLAIN


def reason_of(call: Callable[[], object]) -> Reason:
    with pytest.raises(BadValue) as caught:
        call()
    return caught.value.reason


@pytest.mark.parametrize(
    ("cell", "form", "value"),
    [
        ("2.55", PLAIN, "2.55"),
        ("-0.001", PLAIN, "-0.001"),
        (".5", PLAIN, "0.5"),
        ("1e3", PLAIN, "1000"),
        ("1e-05", PLAIN, "0.00001"),
        ("1,23,456.50", NumberFormat.COMMA_GROUPS, "123456.50"),
        ("1,234", NumberFormat.COMMA_GROUPS, "1234"),
        ("2,55", NumberFormat.DECIMAL_COMMA, "2.55"),
        ("1.234,55", NumberFormat.POINT_GROUPS, "1234.55"),
    ],
)
def test_a_number_is_read_exactly(cell: str, form: NumberFormat, value: str) -> None:
    assert str(number(cell, form)) == value


@pytest.mark.parametrize(
    ("cell", "form"),
    [
        ("1,234", PLAIN),
        ("2,55", NumberFormat.COMMA_GROUPS),
        ("2.55", NumberFormat.DECIMAL_COMMA),
        ("abc", PLAIN),
        ("1_000", PLAIN),
        ("१२", PLAIN),
        ("NaN", PLAIN),
        ("inf", PLAIN),
        ("0x10", PLAIN),
        ("--5", PLAIN),
        ("₹5", PLAIN),
    ],
)
def test_what_is_no_number_in_the_format_is_never_guessed(cell: str, form: NumberFormat) -> None:
    assert reason_of(lambda: number(cell, form)) is Reason.NUMBER


@pytest.mark.parametrize("cell", ["1234567890123456789", "1e99", "1e-99", "0.1234567890123456789"])
def test_a_number_that_would_lose_digits_is_out_of_range(cell: str) -> None:
    assert reason_of(lambda: number(cell, PLAIN)) is Reason.RANGE


def test_a_quantity_is_whole_and_bounded() -> None:
    assert quantity("6.0", PLAIN) == 6
    assert quantity("-1000000000", PLAIN) == -(10**9)
    assert reason_of(lambda: quantity("1000000001", PLAIN)) is Reason.RANGE
    assert reason_of(lambda: quantity("6.5", PLAIN)) is Reason.NUMBER


def test_a_whole_number_id_loses_its_decimals_only_where_asked() -> None:
    assert identifier("17850.0", whole_numbers=True) == "17850"
    assert identifier("17850.0", whole_numbers=False) == "17850.0"
    assert identifier("17850.5", whole_numbers=True) == "17850.5"
    assert identifier("007.0", whole_numbers=True) == "007"


def test_an_id_is_normal_form_c_and_at_most_200_characters() -> None:
    assert identifier("e\u0301", whole_numbers=False) == "é"
    assert identifier("x" * 200, whole_numbers=False) == "x" * 200
    assert reason_of(lambda: identifier("x" * 201, whole_numbers=False)) is Reason.TOO_LONG
    assert reason_of(lambda: identifier("a\0b", whole_numbers=False)) is Reason.CONTROL
    assert reason_of(lambda: identifier("a\nb", whole_numbers=False)) is Reason.CONTROL
    assert reason_of(lambda: identifier("a\ud800", whole_numbers=False)) is Reason.CONTROL


def test_line_breaks_in_text_become_spaces_and_other_control_characters_are_refused() -> None:
    assert line_of_text("two\r\nlines\tof text") == "two lines of text"
    assert reason_of(lambda: line_of_text("a\0b")) is Reason.CONTROL
    assert reason_of(lambda: line_of_text("a\x1bb")) is Reason.CONTROL
    assert reason_of(lambda: line_of_text("x" * 501)) is Reason.TOO_LONG


def test_emoji_and_joiners_are_text() -> None:
    assert line_of_text("क्‍ष 👩‍🔧") == "क्‍ष 👩‍🔧"


@pytest.mark.parametrize(
    ("cell", "form", "utc"),
    [
        ("2010-12-01 08:26:00", TimeFormat.ISO, datetime(2010, 12, 1, 2, 56, tzinfo=UTC)),
        ("2010-12-01T08:26:00Z", TimeFormat.ISO, datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("2010-12-01", TimeFormat.ISO, datetime(2010, 11, 30, 18, 30, tzinfo=UTC)),
        ("1/2/2024 8:05", TimeFormat.DAY_FIRST, datetime(2024, 2, 1, 2, 35, tzinfo=UTC)),
        ("1/2/2024 8:05", TimeFormat.MONTH_FIRST, datetime(2024, 1, 2, 2, 35, tzinfo=UTC)),
        ("2024/1/2", TimeFormat.YEAR_FIRST, datetime(2024, 1, 1, 18, 30, tzinfo=UTC)),
        ("01.02.2024 12:30 am", TimeFormat.DAY_FIRST, datetime(2024, 1, 31, 19, 0, tzinfo=UTC)),
        (
            "01-02-2024 12:30:15 PM",
            TimeFormat.DAY_FIRST,
            datetime(2024, 2, 1, 7, 0, 15, tzinfo=UTC),
        ),
        ("1700000000", TimeFormat.UNIX_SECONDS, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        (
            "1700000000000",
            TimeFormat.UNIX_MILLISECONDS,
            datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        ),
    ],
)
def test_a_time_is_read_in_its_format_and_zone(cell: str, form: TimeFormat, utc: datetime) -> None:
    assert instant(cell, form, INDIA) == utc


@pytest.mark.parametrize("form", TimeFormat)
def test_the_example_of_a_form_is_read_in_it_and_stands_in_the_complaint(form: TimeFormat) -> None:
    assert instant(form.example, form, INDIA).date() == date(2026, 3, 31)
    with pytest.raises(BadValue) as refused:
        instant("soon", form, INDIA)
    assert f"expected a date and time such as {form.example};" in refused.value.detail
    with pytest.raises(BadValue) as refused:
        day("soon", form)
    assert f"expected a date such as {form.example.split()[0]}," in refused.value.detail


def test_a_time_is_cut_to_the_millisecond() -> None:
    assert instant("2024-01-01T00:00:00.123999Z", TimeFormat.ISO, INDIA).microsecond == 123_000


@pytest.mark.parametrize(
    ("cell", "form"),
    [
        ("yesterday", TimeFormat.ISO),
        ("2024-02-30", TimeFormat.ISO),
        ("20240101", TimeFormat.ISO),
        ("1/2/2024", TimeFormat.ISO),
        ("31/12/2024", TimeFormat.MONTH_FIRST),
        ("1/2/24", TimeFormat.DAY_FIRST),
        ("1/2/2024 13:00 PM", TimeFormat.DAY_FIRST),
        ("1899-12-31T00:00:00Z", TimeFormat.ISO),
        ("2200-01-01T00:00:00Z", TimeFormat.ISO),
        ("99999999999999", TimeFormat.UNIX_SECONDS),
        ("0001-01-01", TimeFormat.ISO),
    ],
)
def test_what_is_no_time_in_the_format_is_never_guessed(cell: str, form: TimeFormat) -> None:
    assert reason_of(lambda: instant(cell, form, INDIA)) is Reason.TIME


@pytest.mark.parametrize(
    "cell", ["1899-12-31T23:59:59Z", "2200-01-02", "0001-01-01", "9999-12-31T23:59:59-05:00"]
)
def test_a_time_outside_the_years_that_are_taken_is_told_so(cell: str) -> None:
    with pytest.raises(BadValue, match="in the years 1900 to 2199"):
        instant(cell, TimeFormat.ISO, INDIA)


def test_a_date_may_carry_midnight_and_nothing_later() -> None:
    assert day("1990-05-01 00:00:00", TimeFormat.ISO) == date(1990, 5, 1)
    assert day("1.5.1990", TimeFormat.DAY_FIRST) == date(1990, 5, 1)
    assert reason_of(lambda: day("1990-05-01 10:00", TimeFormat.ISO)) is Reason.DATE
    assert reason_of(lambda: day("1899-12-31", TimeFormat.ISO)) is Reason.DATE
    assert reason_of(lambda: day("31/03/1990 18:30", TimeFormat.DAY_FIRST)) is Reason.DATE


def test_a_date_in_unix_time_is_a_midnight_in_utc_and_nothing_else() -> None:
    assert day("1774915200", TimeFormat.UNIX_SECONDS) == date(2026, 3, 31)
    assert day("-86400000", TimeFormat.UNIX_MILLISECONDS) == date(1969, 12, 31)
    for wrong in ("1774949400", "05/04/1990", "1990-04-05", "9" * 17):
        with pytest.raises(BadValue) as bad:
            day(wrong, TimeFormat.UNIX_SECONDS)
        assert bad.value.reason in {Reason.DATE, Reason.NUMBER}


@pytest.mark.parametrize("form", TimeFormat)
def test_the_example_of_a_date_is_one(form: TimeFormat) -> None:
    assert day(form.example.split()[0], form) == date(2026, 3, 31)


def test_an_entry_of_a_parquet_list_keeps_its_commas() -> None:
    assert entries("Shoes, kids\x01vip\x01", "\x01") == ("Shoes, kids", "vip")
    assert entries("Shoes, kids", ",") == ("Shoes", "kids")
    assert reason_of(lambda: entries("a,b\x01c", ",")) is Reason.CONTROL


def test_zeros_at_the_end_are_no_digits_too_many() -> None:
    assert number("12." + "5" + "0" * 17, PLAIN) == Decimal("12.5")
    assert reason_of(lambda: number("12." + "5" + "0" * 16 + "1", PLAIN)) is Reason.RANGE


def test_lists_booleans_and_addresses() -> None:
    assert entries(" vip, new ,,vip", ",") == ("vip", "new")
    assert boolean("Yes")
    assert not boolean("0")
    assert reason_of(lambda: boolean("maybe")) is Reason.BOOLEAN
    assert email("asha@example.com") == "asha@example.com"
    for wrong in ("asha", "a@b@c", "a b@example.com", "@example.com"):
        assert reason_of(lambda wrong=wrong: email(wrong)) is Reason.EMAIL  # type: ignore[misc]


def test_numbers_stay_exact_through_a_quantity_of_ten_digits() -> None:
    price = number("0.000000000123456789", PLAIN)
    assert quantity("999999999", PLAIN) * price == Decimal("0.123456788876543211")


def test_a_cell_far_too_long_is_refused_before_it_is_remembered() -> None:
    for call in (
        lambda: number("0" * 101, PLAIN),
        lambda: identifier("\u0301" * 801, whole_numbers=False),
        lambda: line_of_text("a" + " \n" * 2_000 + "b"),
        lambda: instant("2024-01-01 00:00:00." + "0" * 100, TimeFormat.ISO, INDIA),
        lambda: day("2024-01-01 00:00:00." + "0" * 100, TimeFormat.ISO),
    ):
        assert reason_of(call) is Reason.TOO_LONG
