"""The few MongoDB expressions that tests are made of. A test is true or false, never null.

Every value that a rule brings stands in ``$literal``, so nothing in it is read as an operator or a
path. MongoDB orders values of different types by their type (a missing value is less than any
number), so whatever compares by order first asks for the type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

Expression: TypeAlias = "Mapping[str, object] | str"
"""A MongoDB expression: an operator with its arguments, or a path such as ``$city_folded``."""

Stage: TypeAlias = "dict[str, object]"
"""One stage of a pipeline."""

TRUE: Expression = {"$literal": True}

SIGNS: Mapping[str, str] = {
    "equals": "$eq",
    "greater_than": "$gt",
    "more_than": "$gt",
    "greater_or_equal": "$gte",
    "at_least": "$gte",
    "less_than": "$lt",
    "less_or_equal": "$lte",
    "at_most": "$lte",
}
"""Operators of number fields and comparators of behaviours, but ``between``."""


def literal(value: object) -> Expression:
    """Return an expression that stands for the value, whatever is in it."""
    return {"$literal": value}


def decimal(value: Decimal | int) -> Expression:
    """Return a number as Decimal128, exact to 34 digits."""
    return {"$toDecimal": literal(f"{value:f}")}


def every(*tests: Expression) -> Expression:
    """Whether all tests hold; without tests, true."""
    return _joined("$and", tests, {"$literal": True})


def either(*tests: Expression) -> Expression:
    """Whether one of the tests holds; without tests, false."""
    return _joined("$or", tests, {"$literal": False})


def negated(test: Expression) -> Expression:
    """Return the complement of a test."""
    return {"$not": [test]}


def is_a(bson_type: str, value: Expression) -> Expression:
    """Whether the value is there and of this BSON type."""
    return {"$eq": [{"$type": value}, bson_type]}


def text_or_empty(value: Expression) -> Expression:
    """Return the text, or the empty one where there is none: no test on text holds for it."""
    return {"$cond": [is_a("string", value), value, ""]}


def list_or_empty(value: Expression) -> Expression:
    """Return the list, or the empty one where there is none."""
    return {"$cond": [{"$isArray": [value]}, value, []]}


def only(name: str) -> Expression:
    """Return a field of the one document that a lookup found; missing where it found none."""
    return {"$first": f"${name}"}


def or_zero(value: Expression) -> Expression:
    """Return the number, or 0 where there is none."""
    return {"$ifNull": [value, 0]}


def _joined(operator: str, tests: tuple[Expression, ...], neutral: Expression) -> Expression:
    if len(tests) == 1:
        return tests[0]
    return {operator: list(tests)} if tests else neutral
