from __future__ import annotations

from decimal import Decimal

import pytest

from engine.ai.grammar.numbers import read_number
from engine.ai.grammar.tokens import plain, tokenise


@pytest.mark.parametrize(
    ("words", "value", "code"),
    [
        ("₹5,000", "5000", "INR"),
        ("5k", "5000", ""),
        ("2 lakh", "200000", ""),
        ("1.5 crore", "15000000", ""),
        ("Rs. 500/-", "500", "INR"),
        ("Rs500", "500", "INR"),
        ("INR 10k", "10000", "INR"),
        ("5000/-", "5000", "INR"),
        ("$50", "50", "USD"),
        ("500 rupees", "500", "INR"),
        ("five", "5", ""),
        ("a couple of", "2", ""),
        ("a dozen", "12", ""),
        ("half a dozen", "6", ""),
        ("half a lakh", "50000", ""),
        ("one and a half lakh", "150000", ""),
        ("two and a half thousand", "2500", ""),
        ("5 thousand", "5000", ""),
        ("10L", "1000000", ""),
        ("2cr", "20000000", ""),
        ("1,00,000", "100000", ""),
        ("1,000,000", "1000000", ""),
        ("twenty five thousand", "25000", ""),
        ("one lakh fifty thousand", "150000", ""),
        ("a hundred", "100", ""),
        ("12.50", "12.50", ""),
    ],
)
def test_amounts_are_read_as_people_write_them(words: str, value: str, code: str) -> None:
    tokens = tokenise(plain(words))
    found = read_number(tokens, 0)
    assert found is not None
    number, end = found
    assert (number.value, number.currency, end) == (Decimal(value), code, len(tokens))


def test_signs_say_more_and_percent_and_how_often() -> None:
    plus, percent, twice = (
        read_number(tokenise(plain(words)), 0) for words in ("3+", "10%", "twice")
    )
    assert plus is not None
    assert plus[0].plus
    assert percent is not None
    assert percent[0].percent
    assert twice is not None
    assert twice[0].times
