"""The operators of RULES.md: which type has which, how each reads, and what value it takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class FieldType(StrEnum):
    """What a field holds. ``time`` is an instant, ``date`` a day, ``list`` a list of text."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    LIST = "list"


class Takes(Enum):
    """What value an operator takes."""

    NOTHING = auto()
    ONE = auto()
    """One value of the field's type; for ``time`` a day or an instant."""
    DAY = auto()
    RANGE = auto()
    """Two values of the field's type, the lower first; both ends are in."""
    MANY = auto()
    """A list of text, not empty."""
    SPAN = auto()
    DAYS = auto()
    """A span whose unit is ``day``."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator. With ``negates`` it is the exact complement of the operator named there."""

    name: str
    label: str
    takes: Takes
    negates: str | None = None


def _table(*operators: Operator) -> Mapping[str, Operator]:
    return MappingProxyType({operator.name: operator for operator in operators})


_SET = (
    Operator("is_set", "is set", Takes.NOTHING),
    Operator("is_not_set", "is not set", Takes.NOTHING, negates="is_set"),
)
_EQUAL = (
    Operator("equals", "is", Takes.ONE),
    Operator("not_equals", "is not", Takes.ONE, negates="equals"),
)
_IN = (
    Operator("in", "is one of", Takes.MANY),
    Operator("not_in", "is not one of", Takes.MANY, negates="in"),
)
_TEXT = _table(
    *_EQUAL,
    Operator("contains", "contains", Takes.ONE),
    Operator("not_contains", "does not contain", Takes.ONE, negates="contains"),
    Operator("starts_with", "starts with", Takes.ONE),
    Operator("not_starts_with", "does not start with", Takes.ONE, negates="starts_with"),
    Operator("ends_with", "ends with", Takes.ONE),
    Operator("not_ends_with", "does not end with", Takes.ONE, negates="ends_with"),
    *_IN,
    *_SET,
)
_NUMBER = _table(
    *_EQUAL,
    Operator("greater_than", "is greater than", Takes.ONE),
    Operator("greater_or_equal", "is greater than or equal to", Takes.ONE),
    Operator("less_than", "is less than", Takes.ONE),
    Operator("less_or_equal", "is less than or equal to", Takes.ONE),
    Operator("between", "is between", Takes.RANGE),
    *_SET,
)
_BOOLEAN = _table(
    Operator("is_true", "is true", Takes.NOTHING),
    Operator("is_false", "is false", Takes.NOTHING),
    *_SET,
)
_TIME = _table(
    Operator("before", "is before", Takes.ONE),
    Operator("after", "is after", Takes.ONE),
    Operator("on", "is on", Takes.DAY),
    Operator("between", "is between", Takes.RANGE),
    Operator("in_the_last", "is in the last", Takes.SPAN),
    Operator("not_in_the_last", "is not in the last", Takes.SPAN, negates="in_the_last"),
    Operator("in_the_next", "is in the next", Takes.SPAN),
    Operator("anniversary_in_the_next", "has its anniversary in the next", Takes.DAYS),
    *_SET,
)
# A list is a set that is never missing (a customer without the attribute has the empty one), so
# these two pairs are complements.
_LIST = _table(
    Operator("contains_any", "contains any of", Takes.MANY),
    Operator("contains_all", "contains all of", Takes.MANY),
    Operator("contains_none", "contains none of", Takes.MANY, negates="contains_any"),
    Operator("is_empty", "is empty", Takes.NOTHING, negates="is_not_empty"),
    Operator("is_not_empty", "is not empty", Takes.NOTHING),
)

OPERATORS: Mapping[FieldType, Mapping[str, Operator]] = MappingProxyType(
    {
        FieldType.TEXT: _TEXT,
        FieldType.NUMBER: _NUMBER,
        FieldType.MONEY: _NUMBER,
        FieldType.BOOLEAN: _BOOLEAN,
        FieldType.DATE: _TIME,
        FieldType.TIME: _TIME,
        FieldType.LIST: _LIST,
    },
)
CHOICE_OPERATORS = _table(*_EQUAL, *_IN)
"""For a text that is always there and is one of a few: an order's status."""

COMPARATORS = _table(
    Operator("equals", "is", Takes.ONE),
    Operator("at_least", "is at least", Takes.ONE),
    Operator("at_most", "is at most", Takes.ONE),
    Operator("more_than", "is more than", Takes.ONE),
    Operator("less_than", "is less than", Takes.ONE),
    Operator("between", "is between", Takes.RANGE),
)
"""How a behaviour's figure is compared."""
