from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.customer import AttributeType
from engine.errors import InvalidInput
from engine.rules.catalogue import Catalogue, FieldType, quoted

LAW = """customer_id email phone name city country gender birth_date signed_up_at tags order_count
total_spend average_order_value first_order_at last_order_at days_since_last_order"""


def test_the_catalogue_has_the_fields_of_the_rules_and_the_attributes_of_the_data() -> None:
    catalogue = Catalogue.build({"tier": AttributeType.TEXT, "city": AttributeType.NUMBER})
    assert list(catalogue.fields) == [*LAW.split(), "attributes.city", "attributes.tier"]
    assert catalogue.field("attributes.city").type is FieldType.NUMBER
    assert catalogue.field("city").type is FieldType.TEXT


def test_every_attribute_type_is_a_field_type() -> None:
    for kind in AttributeType:
        field = Catalogue.build({"x": kind}).field("attributes.x")
        assert field.type == kind.value
        assert field.operators


def test_an_unknown_name_is_refused_with_the_nearest_and_all() -> None:
    catalogue = Catalogue.build({"loyalty tier": "text"})
    with pytest.raises(InvalidInput, match=r"did you mean 'attributes\.loyalty tier'"):
        catalogue.field("attributes.loyalty_tier")
    with pytest.raises(InvalidInput, match="'zzz' is no field; valid fields are customer_id, em"):
        catalogue.field("zzz")
    with pytest.raises(InvalidInput, match="'size' is no order field; valid order fields are"):
        catalogue.order_field("size")
    with pytest.raises(InvalidInput, match="'total' is no order aggregate"):
        catalogue.aggregate("total")


def test_a_long_list_of_choices_is_cut_and_says_so() -> None:
    catalogue = Catalogue.build({f"a{number}": "text" for number in range(100)})
    with pytest.raises(InvalidInput, match=r" and 76 more$"):
        catalogue.field("zzz")


def test_attributes_whose_columns_duckdb_takes_for_one_are_left_out() -> None:
    types = {"Size": "text", "size": "number", "city": "text", "city_folded": "number"}
    catalogue = Catalogue.build(
        {**types, "tier": "text", "score": "number", "score_folded": "text"}
    )
    attributes = [name for name in catalogue.fields if name.startswith("attributes.")]
    assert attributes == ["attributes.score", "attributes.score_folded", "attributes.tier"]


DUCKDB = duckdb.connect()


@settings(deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1))
def test_any_name_makes_one_identifier(name: str) -> None:
    rows = DUCKDB.execute(f"SELECT 1 AS {quoted(name)}")
    assert [column[0] for column in rows.description or ()] == [name]
