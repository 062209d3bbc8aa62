from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.money import MAX_MINOR, currency
from engine.errors import InvalidInput

INR, JPY, KWD = currency("INR"), currency("JPY"), currency("KWD")


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("5000.00", 500_000),
        ("5000", 500_000),
        ("0", 0),
        ("-2.50", -250),
        ("-0.00", 0),
        ("90071992547409.91", MAX_MINOR),
    ],
)
def test_a_decimal_string_is_its_minor_units(text: str, minor: int) -> None:
    assert INR.parse(text) == minor


def test_each_currency_has_its_own_number_of_decimals() -> None:
    assert (JPY.parse("5"), KWD.parse("0.001")) == (5, 1)
    with pytest.raises(InvalidInput, match=r"'5\.5' has more decimals than JPY, which has 0"):
        JPY.parse("5.5")


@pytest.mark.parametrize("text", ["5000.005", "0." + "0" * 40 + "1", "5000." + "0" * 30 + "1"])
def test_surplus_decimals_are_refused_however_far_out(text: str) -> None:
    with pytest.raises(InvalidInput, match="more decimals than INR"):
        INR.parse(text)


@pytest.mark.parametrize("text", ["", "abc", "NaN", "sNaN", "Infinity", "1e999999", "5,000.00"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not an amount of money"):
        INR.parse(text)


def test_an_amount_past_the_bound_is_refused() -> None:
    with pytest.raises(InvalidInput, match="is larger than any amount taken"):
        INR.parse("90071992547409.92")


@pytest.mark.parametrize(
    ("amount", "minor"),
    [("0.005", 0), ("0.015", 2), ("-0.005", 0), ("-0.015", -2), ("1.234", 123)],
)
def test_rounding_goes_half_to_even(amount: str, minor: int) -> None:
    assert INR.round(Decimal(amount)) == minor


def test_rounding_happens_once() -> None:
    # Rounded to 28 digits first, this would be 0.005 and then 0.
    assert INR.round(Decimal("0.005" + "0" * 30 + "1")) == 1


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e27", "1e999999", "1e25"])
def test_what_cannot_be_rounded_to_an_amount_is_refused(amount: str) -> None:
    with pytest.raises(InvalidInput):
        INR.round(Decimal(amount))


@settings(deadline=None)
@given(st.integers(-MAX_MINOR, MAX_MINOR))
def test_text_is_the_inverse_of_parse(minor: int) -> None:
    for one in (INR, JPY, KWD):
        assert one.parse(one.text(minor)) == minor


def test_amounts_read_as_people_write_them() -> None:
    assert INR.format(50_000_000, "en_IN") == "₹5,00,000.00"
    assert INR.text(-5) == "-0.05"


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'XYZ' is not an ISO 4217 currency code"):
        currency("XYZ")
