from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from streamlit.testing.v1 import AppTest

from engine.rules.operators import OPERATORS, FieldType
from pages._ui.rule_editor import rule_choices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine import Crm
    from tests.pages.conftest import SignedInApp


def choices(crm: Crm, **suggestions: Sequence[str]) -> dict[str, Any]:
    made = rule_choices(
        crm,
        suggestions={name.replace("__", "."): found for name, found in suggestions.items()},
        segments=[("s1", "Everyone")],
        campaigns=[("c1", "Spring")],
    )
    return dict(made)


def test_every_field_of_the_catalogue_can_be_chosen_with_the_operators_it_has(crm: Crm) -> None:
    made = choices(crm)
    assert {one["name"] for one in made["fields"]} == set(crm.catalogue().fields)
    for one in made["fields"]:
        listed = [operator["name"] for operator in made["operators"][one["operators"]]]
        assert listed == list(OPERATORS[FieldType(one["type"])])
        assert one["first"] in listed
        assert one["group"] in {"Profile", "Orders", "Attributes"}


def test_an_orders_status_is_one_of_a_few(crm: Crm) -> None:
    made = choices(crm)
    status = next(one for one in made["order_fields"] if one["name"] == "status")
    assert "completed" in status["choices"]
    assert [one["name"] for one in made["operators"][status["operators"]]] == [
        "equals",
        "not_equals",
        "in",
        "not_in",
    ]


def test_frequent_values_stand_at_their_fields(crm: Crm) -> None:
    made = choices(crm, city=["Pune"], orders__category=["Footwear"])
    customer = {one["name"]: one["suggestions"] for one in made["fields"]}
    order = {one["name"]: one["suggestions"] for one in made["order_fields"]}
    assert (customer["city"], customer["country"]) == (["Pune"], [])
    assert (order["category"], order["sku"]) == (["Footwear"], [])


def test_figures_say_what_they_are_of_and_what_type_they_have(crm: Crm) -> None:
    figures = {one["name"]: one for one in choices(crm)["aggregates"]}
    assert figures["sum"]["types"] == {"": "number", "amount": "money", "quantity": "number"}
    assert figures["count"]["of"] == []
    assert figures["days_between"]["of_required"] is False


def test_the_currency_has_the_sign_that_the_workspace_writes(crm: Crm) -> None:
    made = choices(crm)
    currency = crm.workspace.currency
    assert made["currency"]["code"] == currency.code
    assert made["currency"]["symbol"] in crm.workspace.money(100)
    assert made["zone"] == crm.workspace.zone.key
    assert json.loads(json.dumps(made)) == made


def page() -> None:
    import streamlit as st  # noqa: PLC0415 - AppTest runs this function's own text

    from pages._ui.engine import crm  # noqa: PLC0415
    from pages._ui.gate import who_is_there  # noqa: PLC0415
    from pages._ui.rule_editor import rule_choices, rule_editor  # noqa: PLC0415

    assert who_is_there()
    edit = rule_editor(
        key="rule",
        document={"version": 1, "rule": {"id": "n1", "all": []}},
        revision=4,
        choices=rule_choices(crm(), suggestions={}, segments=(), campaigns=()),
        notes={"n1": {"count": 5}},
        on_change=lambda: None,
    )
    st.text(f"{edit.serial} {edit.revision} {sorted(edit.document)}")


def test_before_an_edit_the_document_is_the_one_that_was_given(signed_in: SignedInApp) -> None:
    app = signed_in(AppTest.from_function(page, default_timeout=30)).run()
    assert not app.exception
    assert app.text[0].value == "0 4 ['rule', 'version']"
