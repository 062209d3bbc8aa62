"""A rule in plain English, so exact that two rules that differ never read the same.

Texts and names from outside stand in JSON quotes, so none can pass for a part of the sentence.
Skipped nodes are left out, as they are when the rule is evaluated. Lists of more than 20 values
are cut, and say how many more there are. A value that was hidden reads as ``"•••"``, a day too.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from babel.dates import format_date
from babel.numbers import format_decimal

from engine.domain.calendar import Span
from engine.domain.hidden import is_hidden
from engine.domain.rules import (
    All,
    Any,
    FieldCondition,
    InCampaign,
    InSegment,
    Not,
    OrderFilter,
    OrdersCondition,
    RandomBucket,
)
from engine.rules import values
from engine.rules.operators import COMPARATORS, FieldType, Operator, Takes
from engine.rules.tree import takes_part
from engine.rules.validate import check

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.domain.rules import Json, Node, Rule
    from engine.domain.workspace import Workspace
    from engine.rules.catalogue import Catalogue, Field

LONGEST_LIST = 20
NO_NAMES: Mapping[str, str] = MappingProxyType({})

_OUTCOMES = {
    "targeted": "was targeted by",
    "sent": "was sent",
    "delivered": "had delivered",
    "failed": "could not be reached by",
    "opened": "opened",
    "clicked": "clicked in",
    "converted": "converted after",
    "held_out": "was held out of",
}


def words(
    rule: Rule, catalogue: Catalogue, workspace: Workspace, names: Mapping[str, str] = NO_NAMES
) -> str:
    """Return the rule as one sentence without a full stop; RuleError if it means nothing.

    ``names`` holds names of segments and campaigns by id, no name twice; the id stands where there
    is none.
    """
    check(rule, catalogue, workspace, takes_hidden=True)
    return reader(catalogue, workspace, names)(rule.root)


def lines(
    rule: Rule, catalogue: Catalogue, workspace: Workspace, names: Mapping[str, str] = NO_NAMES
) -> list[tuple[int, str]]:
    """Return the rule as lines to indent: (depth from 0, text); RuleError if it means nothing."""
    check(rule, catalogue, workspace, takes_hidden=True)
    return _lines(rule.root, _Speaker(catalogue, workspace, names).condition, 0)


def reader(
    catalogue: Catalogue, workspace: Workspace, names: Mapping[str, str] = NO_NAMES
) -> Callable[[Node], str]:
    """Return what reads out any node of a rule that passed the check."""
    speaker = _Speaker(catalogue, workspace, names)
    return lambda node: _sentence(node, speaker.condition, nested=False)


def _sentence(node: Node, say: Callable[[Node], str], *, nested: bool) -> str:
    match _plain(node):
        case All(children=children) | Any(children=children) as group:
            if not children:
                return _empty(group)
            glue = " and " if isinstance(group, All) else " or "
            joined = glue.join(_sentence(child, say, nested=True) for child in children)
            return f"({joined})" if nested else joined
        case Not(child=child):
            return f"not ({_sentence(child, say, nested=False)})"
        case condition:
            return say(condition)


def _lines(node: Node, say: Callable[[Node], str], depth: int) -> list[tuple[int, str]]:
    match _plain(node):
        case All(children=children) | Any(children=children) as group:
            if not children:
                return [(depth, _empty(group))]
            heading = "all of these:" if isinstance(group, All) else "any of these:"
            below = [line for child in children for line in _lines(child, say, depth + 1)]
            return [(depth, heading), *below]
        case Not(child=child):
            return [(depth, "not this:"), *_lines(child, say, depth + 1)]
        case condition:
            return [(depth, say(condition))]


def _plain(node: Node) -> Node:
    """Drop what is skipped, and a group around a single child, which means what the child does."""
    if not takes_part(node):
        return All()
    if not isinstance(node, (All, Any)):
        return node
    children = tuple(child for child in node.children if takes_part(child))
    return _plain(children[0]) if len(children) == 1 else type(node)(children)


def _empty(group: Node) -> str:
    return "everyone" if isinstance(group, All) else "no one"


class _Speaker:
    def __init__(
        self, catalogue: Catalogue, workspace: Workspace, names: Mapping[str, str]
    ) -> None:
        self._catalogue = catalogue
        self._workspace = workspace
        self._names = names

    def condition(self, node: Node) -> str:
        match node:
            case FieldCondition(field=field):
                return self._field(node, self._catalogue.field(field))
            case OrdersCondition():
                return self._orders(node)
            case InSegment(segment_id=segment_id):
                return f"is in the segment {self._name(segment_id)}"
            case InCampaign(campaign_id=campaign_id, outcome=outcome):
                return f"{_OUTCOMES[outcome]} the campaign {self._name(campaign_id)}"
            case RandomBucket(salt=salt, start=start, end=end):
                share = f"from {start / 100:g}% up to {end / 100:g}%"
                return f"is in the random share {share} of {_quoted(salt)}"
            case _:
                raise TypeError(type(node).__name__)

    def _name(self, one: str) -> str:
        return _quoted(self._names.get(one, one))

    def _field(self, condition: FieldCondition | OrderFilter, field: Field) -> str:
        operator = field.operator(condition.op)
        return self._compared(field.label, field.type, operator, condition.value)

    def _compared(self, subject: str, kind: FieldType, operator: Operator, value: Json) -> str:
        begun = f"{subject} {operator.label}"
        typed = self._typed(kind, operator, value)
        match typed:
            case None:
                return begun
            case (low, high) if operator.takes is Takes.RANGE:
                return f"{begun} {self._one(kind, low)} and {self._one(kind, high)}"
            case tuple():
                return f"{begun} {_listed([self._one(kind, one) for one in typed])}"
            case Span(n=n, unit=unit):
                return f"{begun} {_counted(n, unit)}"
            case int() if operator.takes is Takes.DAYS:
                return f"{begun} {_counted(typed, 'day')}"
            case _:
                return f"{begun} {self._one(kind, typed)}"

    def _typed(self, kind: FieldType, operator: Operator, value: Json) -> values.Typed:
        if is_hidden(value):
            return cast("values.Typed", value)
        return values.typed(kind, operator, value, self._workspace)

    def _orders(self, node: OrdersCondition) -> str:
        aggregate = self._catalogue.aggregate(node.aggregate)
        of = self._catalogue.order_field(node.of).label if node.of else ""
        filters = [self._field(one, self._catalogue.order_field(one.field)) for one in node.where]
        where = f" (where {' and '.join(filters)})" if filters else ""
        subject = f"{aggregate.label.format(of=of)}{where}{self._window(*node.window)}"
        kind = aggregate.result(node.of)
        return self._compared(subject, kind, COMPARATORS[node.op], node.value)

    def _window(self, name: str, value: Json) -> str:
        match name:
            case "between":
                low, high = values.pair(value, values.day)
                return f" between {_day(low)} and {_day(high)}"
            case "in_the_last" | "before_the_last":
                length = values.span(value)
                words = name.replace("_", " ")
                return f" {words} {_counted(length.n, length.unit)}"
            case _:
                return " ever"

    def _one(self, kind: FieldType, value: values.Typed) -> str:
        match value:
            case datetime():
                local = value.astimezone(self._workspace.zone)
                return f"{_day(local)} {local.isoformat()[len('2026-03-31T') :]}"
            case date():
                return _day(value)
            case int() if kind is FieldType.MONEY:
                return self._workspace.money(value)
            case int() | float():
                exact = int(value) if float(value).is_integer() else value
                locale = self._workspace.locale
                return str(format_decimal(exact, locale=locale, decimal_quantization=False))
            case _:
                return _quoted(str(value))


def _counted(n: int, unit: str) -> str:
    return f"{n:,} {unit}" if n == 1 else f"{n:,} {unit}s"


def _day(day: date) -> str:
    return str(format_date(day, "d MMMM y", locale="en"))


def _listed(texts: list[str]) -> str:
    more = len(texts) - LONGEST_LIST
    return ", ".join(texts[:LONGEST_LIST]) + (f" and {more} more" if more > 0 else "")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
