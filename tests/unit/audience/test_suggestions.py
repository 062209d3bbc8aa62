"""Which values may be told outside: those that so many share that they are nobody's own."""

from __future__ import annotations

import polars as pl

from engine.audience.suggestions import FEWEST, MOST_DISTINCT, MOST_TOLD, Frequent, shared_of


def found(*counts: int) -> Frequent:
    texts = [f"value {number}" for number in range(len(counts))]
    return Frequent.of(pl.DataFrame({"text": texts, "n": counts}))


def test_a_value_is_told_where_ten_share_it() -> None:
    assert FEWEST == 10
    assert shared_of({"city": found(99, 10, 9, 1)}) == {"city": ("value 0", "value 1")}
    assert shared_of({"city": found(9)}) == {}


def test_no_more_values_of_a_field_are_told_than_that() -> None:
    assert len(shared_of({"city": found(*[50] * 80)})["city"]) == MOST_TOLD == 20


def test_of_an_attribute_with_many_values_none_is_told_for_it_may_be_a_name() -> None:
    many = found(500, *[1] * MOST_DISTINCT)
    assert shared_of({"attributes.manager": many}) == {}
    assert shared_of({"attributes.tier": found(500, *[1] * (MOST_DISTINCT - 1))}) != {}
    assert shared_of({"city": many}) != {}
