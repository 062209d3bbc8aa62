"""What a rule still says to those who may not see people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.audience.hidden_rules import hidden_document, hidden_rule
from engine.domain.rule_codec import decode, encode
from engine.errors import RuleError
from engine.redaction import Redactor
from engine.rules import words
from engine.rules.catalogue import CUSTOMER_FIELDS, Catalogue
from engine.rules.validate import check

if TYPE_CHECKING:
    from engine.domain.workspace import Workspace

CATALOGUE = Catalogue.build({"note": "text", "since": "date", "visits": "number", "likes": "list"})


def hidden(node: dict[str, Any]) -> dict[str, object]:
    rule = hidden_rule(decode({"version": 1, "rule": node}), Redactor())
    document = encode(rule)
    assert decode(document) == rule, "it is a rule like any other"
    return document


@pytest.mark.parametrize(
    ("field", "op", "value", "shown"),
    [
        ("email", "equals", "asha@example.com", "•••"),
        ("customer_id", "in", ["c-1", "c-2", "c-3"], ["•••"]),
        ("phone", "ends_with", "210", "•••"),
        ("name", "not_contains", "Rao", "•••"),
        ("birth_date", "on", "1990-03-04", "•••"),
        ("birth_date", "between", ["1990-03-04", "1990-03-04"], ["•••", "•••"]),
        ("attributes.note", "equals", "lives at 5 MG Road", "•••"),
        ("attributes.since", "before", "2020-01-01", "•••"),
        ("attributes.likes", "contains_any", ["a", "b"], ["•••"]),
        ("attributes.of_a_field_that_is_gone", "glows", "Asha", "•••"),
        ("email", "equals", 919876543210, "•••"),
        ("no_field_at_all", "equals", ["Asha", 5], ["•••"]),
    ],
)
def test_a_value_that_names_a_person_is_hidden(
    field: str, op: str, value: object, shown: object
) -> None:
    for frame in ({}, {"enabled": False}):
        node = {"field": field, "op": op, **frame}
        assert hidden({**node, "value": value})["rule"] == {**node, "value": shown}


@pytest.mark.parametrize(
    "node",
    [
        {"field": "city", "op": "equals", "value": "Pune"},
        {"field": "signed_up_at", "op": "before", "value": "2026-03-31T09:30:00+05:30"},
        {"field": "email", "op": "is_set"},
        {
            "field": "birth_date",
            "op": "anniversary_in_the_next",
            "value": {"n": 7, "unit": "day"},
        },
        {"field": "attributes.visits", "op": "greater_than", "value": 3},
        {"field": "total_spend", "op": "between", "value": ["100.00", "123456789.00"]},
        {
            "orders": "sum",
            "of": "amount",
            "where": [{"field": "category", "op": "in", "value": ["Tea", "Coffee"]}],
            "between": ["2026-01-01", "2026-03-31"],
            "op": "at_least",
            "value": "5000.00",
        },
        {"segment": "5f0c1f6c7d0b4c53a7d9c1c3b1c9b0de"},
        {"campaign": "5f0c1f6c7d0b4c53a7d9c1c3b1c9b0de", "outcome": "sent"},
    ],
)
def test_what_names_nobody_stays(node: dict[str, Any]) -> None:
    assert hidden({"not": {"any": [node]}})["rule"] == {"not": {"any": [node]}}


@pytest.mark.parametrize(
    "node",
    [
        {"field": "city", "op": "equals", "value": "near asha@example.com"},
        {"field": "tags", "op": "contains_any", "value": ["asha@example.com"]},
        {"random_bucket": {"salt": "asha@example.com", "from": 0, "to": 10}},
        {"all": [], "id": "asha@example.com"},
        {
            "orders": "count",
            "where": [{"field": "sku", "op": "equals", "value": "asha@example.com"}],
            "ever": True,
            "op": "at_least",
            "value": 1,
        },
    ],
)
def test_an_address_is_taken_out_wherever_else_it_stands(node: dict[str, Any]) -> None:
    said = repr(hidden({"any": [node]}))
    assert "asha" not in said
    assert "[e-mail]" in said


def test_every_field_of_customers_that_names_one_is_known() -> None:
    """A new field has to be looked at: it is open unless it stands among those that name."""
    node = {"op": "equals", "value": "x"}
    stays = {
        field.name
        for field in CUSTOMER_FIELDS
        if hidden({"field": field.name, **node})["rule"] == {"field": field.name, **node}
    }
    assert stays == {
        *("city", "country", "gender", "signed_up_at", "tags", "order_count", "total_spend"),
        *("average_order_value", "first_order_at", "last_order_at", "days_since_last_order"),
    }


def test_a_rule_that_cannot_be_read_keeps_its_version_only() -> None:
    later = {"version": 99, "rule": {"field": "aura", "glows_like": "Asha"}}
    assert hidden_document(later, Redactor()) == {"version": 99, "rule": "•••"}


def test_a_hidden_day_can_be_read_out_and_nothing_else(workspace: Workspace) -> None:
    rule = decode({"version": 1, "rule": {"field": "birth_date", "op": "on", "value": "•••"}})
    assert words.words(rule, CATALOGUE, workspace) == 'birth date is on "•••"'
    with pytest.raises(RuleError, match="needs a date"):
        check(rule, CATALOGUE, workspace)
