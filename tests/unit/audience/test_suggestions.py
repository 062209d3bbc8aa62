"""Which values may be told outside: those that so many share that they are nobody's own."""

from __future__ import annotations

import polars as pl
import pytest

from engine.audience.suggestions import (
    FEWEST,
    MOST_DISTINCT,
    MOST_PLACES,
    MOST_TOLD,
    Frequent,
    shared_of,
)


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


def test_of_tags_and_places_with_many_values_none_is_told_either() -> None:
    assert shared_of({"tags": found(500, *[1] * MOST_DISTINCT)}) == {}
    assert shared_of({"city": found(500, *[1] * MOST_PLACES)}) == {}
    assert shared_of({"orders.sku": found(500, *[1] * MOST_PLACES)}) != {}


@pytest.mark.parametrize(
    "name",
    [
        *("first_name", "relationship_manager_email", "household_phone", "mobile_no", "Address1"),
        *("health", "medical_history", "religion", "caste", "account_manager", "salesOwner"),
        *("PAN", "upi_id", "customerDOB", "notes", "instagram_handle", "wifeName", "kids"),
    ],
)
def test_of_an_attribute_that_is_called_personal_no_value_is_told(name: str) -> None:
    assert shared_of({f"attributes.{name}": found(500)}) == {}


@pytest.mark.parametrize(
    "name", ["tier", "loyalty_points", "preferred_language", "interests", "plan", "spinoff"]
)
def test_of_others_values_are_told(name: str) -> None:
    assert shared_of({f"attributes.{name}": found(500)}) != {}


@pytest.mark.parametrize(
    "text",
    [
        *("anil@shop.example", "owner:anil.kapoor@shop.example", "evil@okaxis", "anil.kapoor"),
        *(
            "+919876543210",
            "98765 43210",
            "022-4000-1234",
            "anil\uff20shop",
        ),
        *("https://x.example/a", "www.shop", "shop.example", "owner: Anil Kapoor", "rm=Priya"),
    ],
)
def test_no_value_that_looks_like_an_address_or_a_number_is_told(text: str) -> None:
    told = Frequent.of(pl.DataFrame({"text": [text, "vip"], "n": [90, 80]}))
    for field in ("tags", "city", "attributes.tier", "orders.category"):
        assert shared_of({field: told}) == {field: ("vip",)}


@pytest.mark.parametrize("text", ["St. Louis", "New Delhi", "18+", "size: 42", "Rs. 500", "s-100"])
def test_what_only_has_signs_in_it_is_told(text: str) -> None:
    told = Frequent.of(pl.DataFrame({"text": [text], "n": [90]}))
    assert shared_of({"tags": told}) == {"tags": (text,)}
