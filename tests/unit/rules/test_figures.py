from __future__ import annotations

from fractions import Fraction

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.figures import DECIMALS, Between, decimals, quotient, whole_numbers
from engine.rules.query import bound

OPS = {
    "more_than": lambda a, b: a > b,
    "at_least": lambda a, b: a >= b,
    "less_than": lambda a, b: a < b,
    "at_most": lambda a, b: a <= b,
    "equals": lambda a, b: a == b,
}
values = st.integers(-(2**53), 2**53) | st.sampled_from([0.5, -0.5, 2.5, -2.5, 0.1, 1e15 + 0.5])


@given(st.sampled_from(sorted(OPS)), values, st.integers(-3, 3))
def test_whole_numbers_are_those_that_compare_so(op: str, value: float, near: int) -> None:
    number = int(value) + near
    assert (number in whole_numbers(op, value)) == OPS[op](number, Fraction(value))


def test_between_holds_both_ends_and_nothing_between_two_whole_numbers() -> None:
    assert [n for n in range(5) if n in whole_numbers("between", 1, 3)] == [1, 2, 3]
    assert [n for n in range(5) if n in whole_numbers("between", 1.2, 1.8)] == []


@pytest.mark.parametrize(
    ("between", "sql"),
    [
        (Between(None, None), "TRUE"),
        (Between(3, None), "x >= ?"),
        (Between(None, 3), "x <= ?"),
        (Between(3, 3), "x = ?"),
        (Between(3, 2), "x BETWEEN ? AND ?"),
    ],
)
def test_a_range_becomes_the_shortest_test(between: Between, sql: str) -> None:
    assert between.test("x")[0] == sql


@given(
    st.sampled_from(sorted(OPS)),
    st.integers(-(2**62), 2**62),
    st.integers(1, 2**31),
    st.integers(-(2**53), 2**53) | st.decimals(-1_000, 1_000, places=DECIMALS).map(float),
)
def test_a_quotient_compares_exactly(op: str, total: int, count: int, value: float) -> None:
    sql, parameters = quotient(op, "$1::BIGINT", "$2::BIGINT", value)
    sql = sql.replace("?", "$3")
    row = duckdb.execute(f"SELECT {sql}", [total, count, *bound(parameters)]).fetchone()
    assert row == (OPS[op](Fraction(total, count), Fraction(str(value))),)


@pytest.mark.parametrize(
    ("value", "places"), [(1, 0), (2.0, 0), (0.5, 1), (0.000001, 6), (1e-7, 7), (1e22, 0)]
)
def test_decimals_are_counted_as_they_are_written(value: float, places: int) -> None:
    assert decimals(value) == places
