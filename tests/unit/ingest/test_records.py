"""The models that document records, held together with the door that reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from engine.domain.money import currency
from engine.domain.records import CustomerRecord, ItemRecord, OrderRecord
from engine.domain.workspace import Workspace
from engine.ingest.customer_records import CustomerRecords
from engine.ingest.door import admit
from engine.ingest.order_records import ITEM_PARSERS, OrderRecords
from engine.ingest.rejects import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.ingest.door import Reader

WORKSPACE = Workspace("Test", currency("INR"), ZoneInfo("Asia/Kolkata"), "en_IN")
INTEGERS = st.integers(-(2**63), 2**63 - 1)
"""Those that JSON brings as integers; longer ones come as doubles."""
SAMPLES: dict[str, st.SearchStrategy[Any]] = {
    "order_id": st.text(max_size=3) | st.just("x" * 201),
    "customer_id": st.sampled_from(["c1", " c2 ", "", 7]),
    "ordered_at": st.sampled_from(
        ["2026-03-31", "2026-03-31T09:30:00Z", "2026-03-31 09:30", " 2026-03-31", "now"]
    ),
    "status": st.sampled_from(["completed", "refunded", "gone", " completed", ""]),
    "currency": st.sampled_from(["INR", "inr", " INR", ""]),
    "amount": st.decimals(-99, 99, places=2).map(str) | INTEGERS | st.floats(-1e9, 1e9),
    "items": st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "sku": st.text(max_size=5) | INTEGERS,
                "quantity": st.integers(-3, 3) | st.floats(0, 2) | st.text(max_size=1),
                "unit_price": st.integers(0, 9) | st.decimals(0, 9, places=3).map(str),
                "more": st.none(),
            },
        ),
        max_size=3,
    ),
    "email": st.sampled_from(["asha@example.com", "asha", ""]),
    "phone": st.sampled_from(["+919820012345", "98200 12345", "12"]),
    "birth_date": st.sampled_from(["1990-02-28T00:00", " 1990-02-28", "1990-02-30", ""]),
    "signed_up_at": st.sampled_from(["2026-03-31", "2026-03-31T09:30:00Z", ""]),
    "tags": st.lists(st.text(max_size=3), max_size=3) | st.text(max_size=2),
    "unset": st.lists(st.sampled_from(["phone", " tags ", "customer_id", "attributes.", ""])),
    "attributes": st.dictionaries(
        st.sampled_from(["size", "Size", "level", "$x", "a_folded"]),
        st.text(max_size=3) | INTEGERS | st.booleans() | st.lists(st.text(max_size=2)),
        max_size=3,
    ),
}
LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "order_id": st.text("abcé", min_size=1, max_size=3),
    "customer_id": st.sampled_from(["c1", " c2 "]),
    "ordered_at": st.sampled_from(["2026-03-31", "2026-03-31T09:30:00Z", "2026-03-31 09:30"]),
    "status": st.sampled_from(["completed", "refunded"]),
    "currency": st.just("INR"),
    "amount": st.sampled_from(["12.50", "+1", ".5", "1e2", 0, 12, 12.5]),
    "items": st.lists(
        st.fixed_dictionaries(
            {
                "quantity": st.integers(0, 3) | st.just(2.0),
                "unit_price": st.integers(0, 9) | st.decimals(0, 9, places=3).map(str),
            },
            optional={"sku": st.text("ab", max_size=5) | st.none()},
        ),
        min_size=1,
        max_size=3,
    ),
    "email": st.sampled_from(["asha@example.com", ""]),
    "phone": st.sampled_from(["+919820012345", "98200 12345"]),
    "birth_date": st.sampled_from(["1990-02-28", ""]),
    "tags": st.lists(st.text("ab", max_size=3), max_size=3),
    "unset": st.lists(st.sampled_from(["name", "attributes.points"]), max_size=2),
    "attributes": st.dictionaries(
        st.sampled_from(["size", "level"]), st.text("ab", max_size=3) | st.booleans(), max_size=3
    ),
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


READERS: dict[type[BaseModel], Callable[[], OrderRecords | CustomerRecords]] = {
    OrderRecord: lambda: OrderRecords(WORKSPACE),
    CustomerRecord: lambda: CustomerRecords(WORKSPACE, {}),
}
OF_SHAPE = {Reason.UNKNOWN_FIELD.value, Reason.RECORD.value, Reason.TYPE.value}


@st.composite
def rows(draw: st.DrawFn, model: type[BaseModel]) -> dict[str, object]:
    """Mostly a record that is likely to be taken, at times with anything in one field."""
    names = draw(st.sets(st.sampled_from(sorted(model.model_fields))))
    names |= {name for name, field in model.model_fields.items() if field.is_required()}
    if model is OrderRecord:  # an order has one amount
        names = names - {"amount"} if "items" in names else names | {"amount"}
    row = {name: draw(LIKELY.get(name, st.text("ab ", max_size=4))) for name in names}
    if draw(st.booleans()):
        name = draw(st.sampled_from([*model.model_fields, "more"]))
        row[name] = draw(SAMPLES.get(name, ANYTHING) | ANYTHING)
    return row


def outcome(row: object, model: type[BaseModel]) -> set[str]:
    """The kinds of problems that the door has with a row; none where it is taken."""
    reader: Reader[object] = READERS[model]()
    refused = admit([row], reader, "id").refused
    return {one.kind for one in refused[0].problems} if refused else set()


def holds(row: object, model: type[BaseModel]) -> bool:
    try:
        model.model_validate(row)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("model", [OrderRecord, CustomerRecord])
def test_the_door_and_the_model_agree_on_the_shape_of_a_record(model: type[BaseModel]) -> None:
    taken = []

    @settings(max_examples=300, deadline=None, database=None)
    @given(rows(model))
    def agree(row: dict[str, object]) -> None:
        problems = outcome(row, model)
        if not problems:
            taken.append(row)
            assert holds(row, model), "the door takes what the document does not describe"
        elif holds(row, model):
            # What is described and refused all the same is wrong by more than its shape.
            assert not problems & OF_SHAPE

    agree()
    assert len(taken) > 50, "too few were taken to prove anything"


@pytest.mark.parametrize("model", [OrderRecord, CustomerRecord, ItemRecord])
def test_a_field_that_the_model_does_not_have_is_refused_by_both(model: type[BaseModel]) -> None:
    parsers: Mapping[type[BaseModel], Mapping[str, object]] = {
        OrderRecord: OrderRecords(WORKSPACE).parsers,
        CustomerRecord: CustomerRecords(WORKSPACE, {}).parsers,
        ItemRecord: ITEM_PARSERS,
    }
    assert parsers[model].keys() == model.model_fields.keys()
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        model.model_validate({"more": 1})


@pytest.mark.parametrize("model", [OrderRecord, CustomerRecord])
def test_the_examples_of_the_document_are_taken(model: type[BaseModel]) -> None:
    examples = model.model_json_schema()["examples"]
    assert examples
    for example in examples:
        assert outcome(example, model) == set()
        assert holds(example, model)
