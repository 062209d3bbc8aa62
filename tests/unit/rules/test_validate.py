from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.domain.money import currency
from engine.domain.rule_codec import decode
from engine.domain.rules import (
    All,
    FieldCondition,
    InSegment,
    Not,
    OrderFilter,
    OrdersCondition,
    RandomBucket,
    Rule,
)
from engine.domain.workspace import Workspace
from engine.errors import RuleError
from engine.rules.operators import OPERATORS, FieldType
from engine.rules.validate import check, problems
from tests.reference.generated import CATALOGUE

WORKSPACE = Workspace("Test", currency("INR"), ZoneInfo("America/New_York"), "en_IN")
FIELD_OF = {
    FieldType.TEXT: "city",
    FieldType.NUMBER: "order_count",
    FieldType.MONEY: "total_spend",
    FieldType.BOOLEAN: "attributes.vip",
    FieldType.DATE: "birth_date",
    FieldType.TIME: "last_order_at",
    FieldType.LIST: "tags",
}


def found(node: dict[str, Any]) -> tuple[str, ...]:
    return problems(decode({"version": 1, "rule": node}), CATALOGUE, WORKSPACE)


def condition(field: str, op: str, value: Any = None) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"field": field, "op": op, **({} if value is None else {"value": value})}


def orders(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    node = {"orders": "count", "ever": True, "op": "at_least", "value": 1} | changed
    return {key: value for key, value in node.items() if value is not None}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            FieldType.TEXT,
            """equals not_equals contains not_contains starts_with not_starts_with ends_with
            not_ends_with in not_in is_set is_not_set""",
        ),
        (
            FieldType.NUMBER,
            """equals not_equals greater_than greater_or_equal less_than less_or_equal between
            is_set is_not_set""",
        ),
        (FieldType.BOOLEAN, "is_true is_false is_set is_not_set"),
        (
            FieldType.TIME,
            """before after on between in_the_last not_in_the_last in_the_next
            anniversary_in_the_next is_set is_not_set""",
        ),
        (FieldType.LIST, "contains_any contains_all contains_none is_empty is_not_empty"),
    ],
)
def test_each_type_has_the_operators_of_the_rules(kind: FieldType, names: str) -> None:
    assert list(OPERATORS[kind]) == names.split()
    assert OPERATORS[FieldType.MONEY] == OPERATORS[FieldType.NUMBER]
    assert OPERATORS[FieldType.DATE] == OPERATORS[FieldType.TIME]


@pytest.mark.parametrize(
    "node",
    [
        condition("city", "in", ["Pune", "Mumbai"]),
        condition("total_spend", "greater_than", "5000.00"),
        condition("average_order_value", "between", ["-1", "2.5"]),
        condition("order_count", "equals", 2.0),
        condition("attributes.score", "less_than", 2**53),
        condition("birth_date", "anniversary_in_the_next", {"n": 7, "unit": "day"}),
        condition("last_order_at", "before", "2026-03-31T09:30:00.123456Z"),
        condition("last_order_at", "between", ["2026-03-31", "2026-03-31"]),
        condition("last_order_at", "between", ["2026-03-31T23:59:59-04:00", "2026-03-31"]),
        condition("last_order_at", "between", ["2026-03-31", "2026-03-31T12:00:00Z"]),
        orders(),
        orders(where=[condition("status", "in", ["Refunded"])]),
        orders(orders="sum", of="amount", value="5.00"),
        orders(orders="sum", of="quantity", value=5.5),
        orders(orders="distinct", of="sku", op="between", value=[1, 3]),
        orders(orders="days_between", value=30),
        orders(orders="days_between", of="amount", value=30),
        orders(ever=None, between=["2026-01-01", "2026-01-01"]),
        orders(ever=None, before_the_last={"n": 1, "unit": "year"}),
        {"segment": "s"},
        {"campaign": "c", "outcome": "held_out"},
        {"random_bucket": {"salt": "s", "from": 99.99, "to": 100}},
    ],
)
def test_what_the_rules_allow_has_no_problems(node: dict[str, Any]) -> None:
    assert found(node) == ()


@pytest.mark.parametrize(
    ("node", "problem"),
    [
        (condition("ctiy", "is_set"), "rule.field: 'ctiy' is no field; did you mean 'city'? valid"),
        (condition("city", "greater_than", 1), "rule.op: 'greater_than' is no text operator; val"),
        (condition("tags", "is_set"), "rule.op: 'is_set' is no list operator; did you mean"),
        (condition("city", "is_set", "x"), "rule.value: is_set takes no value, not 'x'"),
        (condition("city", "equals"), "rule.value: needs text, not nothing"),
        (condition("city", "equals", ""), "rule.value: needs text that is not empty"),
        (condition("city", "equals", 5), "rule.value: needs text, not 5"),
        (condition("city", "in", "Pune"), "rule.value: needs a list of texts such as"),
        (condition("city", "in", []), "rule.value: needs a list of 1 to 1,000 texts, not of 0"),
        (condition("city", "in", ["Pune", 7]), "rule.value: needs text, not 7"),
        (condition("order_count", "equals", "5"), "rule.value: needs a number such as 5 or 2.5, n"),
        (
            condition("order_count", "equals", value=True),
            "rule.value: needs a number such as 5 or 2.5",
        ),
        (condition("order_count", "between", [5, 1]), "rule.value: the first of the two values is"),
        (condition("order_count", "between", [5]), "rule.value: needs a list of two values"),
        (
            condition("total_spend", "equals", 5000),
            "rule.value: needs an amount of INR such a",
        ),
        (condition("total_spend", "equals", 5000.0), "rule.value: needs an amount of INR such as"),
        (
            condition("total_spend", "equals", "5.000"),
            "rule.value: needs an amount of INR such as '5000.00', with at most 2 decimal",
        ),
        (condition("total_spend", "equals", "1e3"), "rule.value: needs an amount of INR such as"),
        (condition("total_spend", "equals", " 5"), "rule.value: needs an amount of INR such as"),
        (condition("total_spend", "equals", "1_0"), "rule.value: needs an amount of INR such as"),
        (condition("total_spend", "equals", "9" * 17), "rule.value: '99999999999999999' is larger"),
        (
            condition("total_spend", "between", ["2.00", "1.99"]),
            "rule.value: the first of the two values is above the second; swap them",
        ),
        (condition("birth_date", "on", "31-03-2026"), "rule.value: needs a date such as 2026-03-"),
        (condition("birth_date", "on", "2026-02-29"), "rule.value: '2026-02-29' is not a date"),
        (condition("birth_date", "before", "2026-03-31T00:00Z"), "rule.value: needs a date such"),
        (condition("birth_date", "before", "1899-12-31"), "rule.value: '1899-12-31' is not betwee"),
        (condition("last_order_at", "on", "2026-03-31T00:00Z"), "rule.value: needs a date such"),
        (
            condition("last_order_at", "before", "2026-03-31T24:00Z"),
            "rule.value: needs a date such",
        ),
        (
            condition("last_order_at", "before", "2026-03-31T09:30:00.1234567Z"),
            "rule.value: needs a date such as 2026-03-31 or an instant such as 2026-03-31T09:30",
        ),
        (
            condition("last_order_at", "between", ["2026-04-01", "2026-04-01T03:59:59.999999Z"]),
            "rule.value: the first of the two values is above the second",
        ),
        (
            condition("last_order_at", "between", ["2026-04-01T00:00-04:00", "2026-03-31"]),
            "rule.value: the first of the two values is above the second",
        ),
        (condition("last_order_at", "in_the_last", 90), "rule.value: needs a span such as"),
        (condition("last_order_at", "in_the_last", {"n": 90}), "rule.value: needs a span such as"),
        (
            condition("last_order_at", "in_the_last", {"n": 0, "unit": "day"}),
            "rule.value: needs a whole number n from 1 to 1,000,000,000, not 0",
        ),
        (
            condition("last_order_at", "in_the_last", {"n": 1.5, "unit": "day"}),
            "rule.value: needs a whole number n from 1",
        ),
        (
            condition("last_order_at", "in_the_last", {"n": True, "unit": "day"}),
            "rule.value: needs a whole number n from 1",
        ),
        (
            condition("last_order_at", "in_the_last", {"n": 1, "unit": "days"}),
            "rule.value: 'days' is no time unit; did you mean 'day'? valid time units are minute",
        ),
        (
            condition("birth_date", "anniversary_in_the_next", {"n": 1, "unit": "week"}),
            "rule.value: counts in days: needs the unit 'day', not 'week'",
        ),
        (orders(orders="median"), "rule.orders: 'median' is no order aggregate; valid order ag"),
        (orders(of="amount"), "rule.of: count cannot be of 'amount'; leave it out"),
        (orders(orders="sum"), "rule.of: sum cannot be of nothing; valid choices are amount, qua"),
        (orders(orders="sum", of="sku", value="1"), "rule.of: sum cannot be of 'sku'; valid choi"),
        (orders(orders="distinct", of="amount"), "rule.of: distinct cannot be of 'amount'; valid"),
        (orders(orders="sum", of="amount"), "rule.value: needs an amount of INR such as"),
        (orders(op="greater_than"), "rule.op: 'greater_than' is no comparator; valid comparators"),
        (orders(op="between", value=[3, 1]), "rule.value: the first of the two values is above"),
        (orders(ever=False), "rule.ever: needs true, not false"),
        (orders(ever=None, in_the_last=30), "rule.in_the_last: needs a span such as"),
        (orders(ever=None, between=["2026-02-01", "2026-01-01"]), "rule.between: the first of the"),
        (orders(ever=None, between=["2026-02-01"]), "rule.between: needs a list of two values"),
        (
            orders(where=[condition("colour", "equals", "red")]),
            "rule.where[0].field: 'colour' is no order field; valid order fields are category, sku",
        ),
        (orders(where=[condition("sku", "is_true")]), "rule.where[0].op: 'is_true' is no text op"),
        (orders(where=[condition("amount", "equals", 5)]), "rule.where[0].value: needs an amount"),
        (
            orders(where=[condition("status", "equals", "returned")]),
            "rule.where[0].value: 'returned' is no status; did you mean 'refunded'? valid statuses",
        ),
        (orders(where=[condition("status", "contains", "e")]), "rule.where[0].op: 'contains' is n"),
        ({"campaign": "c", "outcome": "seen"}, "rule.outcome: 'seen' is no outcome; did you "),
        (
            {"random_bucket": {"salt": "s", "from": 10, "to": 10}},
            "rule.random_bucket: needs 0 <= from < to <= 100, not from 10 to 10",
        ),
        ({"random_bucket": {"salt": "s", "from": -1, "to": 10}}, "rule.random_bucket: needs 0"),
        ({"random_bucket": {"salt": "s", "from": 0, "to": 100.01}}, "rule.random_bucket: needs"),
    ],
)
def test_what_the_rules_do_not_allow_is_told_with_its_place(
    node: dict[str, Any], problem: str
) -> None:
    told = found(node)
    assert len(told) == 1
    assert told[0].startswith(problem)


@pytest.mark.parametrize("kind", FieldType)
def test_every_operator_that_takes_a_value_refuses_none(kind: FieldType) -> None:
    for name in OPERATORS[kind]:
        takes_none = name.startswith(("is_",))
        assert bool(found(condition(FIELD_OF[kind], name))) is not takes_none


def test_all_problems_are_told_at_once_with_their_paths() -> None:
    rule = decode(
        {
            "version": 1,
            "rule": {"all": [condition("x", "is_set"), {"not": condition("city", "y")}]},
        },
    )
    with pytest.raises(RuleError) as caught:
        check(rule, CATALOGUE, WORKSPACE)
    assert [problem.split(": ")[0] for problem in caught.value.problems] == [
        "rule.all[0].field",
        "rule.all[1].not.op",
    ]


def test_a_skipped_node_is_not_looked_at() -> None:
    gone = {"field": "gone", "op": "is_set", "enabled": False}
    assert found({"all": [gone, {"not": gone}, {"any": [{"not": {"not": gone}}]}]}) == ()
    assert found({"any": [condition("gone", "is_set")], "enabled": False}) == ()


def test_trees_made_in_python_are_held_to_the_limits_too() -> None:
    deep = Rule(Not(Not(Not(Not(Not(Not(Not(Not(All())))))))))
    assert problems(deep, CATALOGUE, WORKSPACE) == ("rule: has 9 levels; a rule has at most 8",)
    said = "rule.segment: 'a\\x00' holds a NUL"
    assert problems(Rule(InSegment("a\0")), CATALOGUE, WORKSPACE)[0].startswith(said)
    filters = (OrderFilter("sku", "is_set"),) * 21
    many = OrdersCondition("count", None, filters, ("ever", True), "equals", 1)
    said = "rule.where: has 21 filters; at most 20"
    assert problems(Rule(many), CATALOGUE, WORKSPACE) == (said,)
    wide = Rule(All((All(),) * 200))
    assert problems(wide, CATALOGUE, WORKSPACE) == ("rule: has 201 nodes; a rule has at most 200",)
    odd = Rule(All((FieldCondition("city", "in", ["a"]), RandomBucket("", 0, 1))), version=2)  # type: ignore[arg-type] # a list is what must be refused
    assert [one.split(" ")[0] for one in problems(odd, CATALOGUE, WORKSPACE)] == [
        "version:",
        "rule.all[0].value:",
        "rule.all[1].random_bucket.salt:",
    ]


@pytest.mark.parametrize(
    "figure", [{"orders": "average", "of": "quantity"}, {"orders": "days_between"}]
)
def test_a_quotient_is_compared_with_six_decimals_at_most(figure: dict[str, Any]) -> None:
    assert found(orders(**figure, value=0.000001)) == ()
    refused = ("rule.value: needs at most 6 decimals, not 1e-07",)
    assert found(orders(**figure, value=0.0000001)) == refused
    assert found(orders(**figure, op="between", value=[0.0000001, 1])) == refused
