"""A condition on one field, wherever a document holds it, as a test.

Texts are compared folded, by the text stored beside the text; money in minor units. A positive test
is false where there is no value; a negated operator is ``$not`` of the positive one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from engine.domain.calendar import ahead, back, local_date
from engine.domain.text import fold
from engine.rules import values
from engine.rules.anniversary import coming_days
from engine.rules.operators import FieldType
from engine.rules.pipeline.expressions import (
    SIGNS,
    either,
    every,
    is_a,
    list_or_empty,
    literal,
    negated,
    text_or_empty,
)
from engine.rules.pipeline.instants import time_test

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.domain.rules import FieldCondition, Json, OrderFilter
    from engine.rules.catalogue import Field
    from engine.rules.pipeline.context import Context
    from engine.rules.pipeline.expressions import Expression


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document holds a field's value, and the folded form of a text or list."""

    value: Expression
    folded: Expression


def condition_test(
    condition: FieldCondition | OrderFilter, field: Field, place: Place, context: Context
) -> Expression:
    """Return the test of a condition on the field that stands at this place."""
    operator = field.operator(condition.op)
    positive = _positive(
        operator.negates or operator.name, condition.value, field.type, place, context
    )
    return negated(positive) if operator.negates else positive


def _positive(  # noqa: PLR0911 - one return a type
    op: str, value: Json, kind: FieldType, place: Place, context: Context
) -> Expression:
    match kind:
        case FieldType.TEXT:
            return _text(op, value, place)
        case FieldType.NUMBER | FieldType.MONEY:
            return _number(op, value, kind, place.value, context)
        case FieldType.BOOLEAN:
            return _boolean(op, place.value)
        case FieldType.DATE:
            return _date(op, value, place.value, context)
        case FieldType.TIME if op == "is_set":
            return is_a("date", place.value)
        case FieldType.TIME:
            return time_test(place.value, op, value, context)
        case FieldType.LIST:
            return _list(op, value, place)


def _text(op: str, value: Json, place: Place) -> Expression:
    if op == "is_set":
        return is_a("string", place.value)
    if op == "in":
        return {"$in": [place.folded, literal([fold(one) for one in values.texts(value)])]}
    wanted = fold(values.text(value))
    has, length = text_or_empty(place.folded), len(wanted)
    match op:
        case "contains":
            return {"$gte": [{"$indexOfBytes": [has, literal(wanted)]}, 0]}
        case "starts_with":
            return {"$eq": [{"$substrCP": [has, 0, length]}, literal(wanted)]}
        case "ends_with":
            start = {"$max": [0, {"$subtract": [{"$strLenCP": has}, length]}]}
            return {"$eq": [{"$substrCP": [has, start, length]}, literal(wanted)]}
        case _:
            return {"$eq": [place.folded, literal(wanted)]}


def _number(op: str, value: Json, kind: FieldType, has: Expression, context: Context) -> Expression:
    if op == "is_set":
        return {"$isNumber": has}
    read: Callable[[Json], float] = values.number
    if kind is FieldType.MONEY:
        read = partial(values.money, currency=context.workspace.currency)
    if op == "between":
        low, high = values.pair(value, read)
        tests = [{"$gte": [has, literal(low)]}, {"$lte": [has, literal(high)]}]
        return every({"$isNumber": has}, *tests)
    return every({"$isNumber": has}, {SIGNS[op]: [has, literal(read(value))]})


def _boolean(op: str, has: Expression) -> Expression:
    if op == "is_set":
        return is_a("bool", has)
    return {"$eq": [has, {"is_true": True, "is_false": False}[op]]}


def _list(op: str, value: Json, place: Place) -> Expression:
    if op == "is_not_empty":
        return {"$gt": [{"$size": list_or_empty(place.value)}, 0]}
    has = list_or_empty(place.folded)
    wanted = literal([fold(one) for one in values.texts(value)])
    if op == "contains_all":
        return {"$setIsSubset": [wanted, has]}
    return {"$gt": [{"$size": {"$setIntersection": [has, wanted]}}, 0]}


def _date(op: str, value: Json, has: Expression, context: Context) -> Expression:
    """Test a day, stored as ``YYYY-MM-DD``: such texts are in the order of their days."""
    if op == "is_set":
        return is_a("string", has)
    now, zone, today = context.now, context.zone, context.today.isoformat()
    match op:
        case "in_the_last":
            start = local_date(back(now, values.span(value), zone), zone).isoformat()
            tests = _from_to("$gt", start, today, has)
        case "in_the_next":
            end = local_date(ahead(now, values.span(value), zone), zone).isoformat()
            tests = _from_to("$gt", today, end, has)
        case "between":
            low, high = values.pair(value, values.day)
            tests = _from_to("$gte", low.isoformat(), high.isoformat(), has)
        case "anniversary_in_the_next":
            tests = _anniversary(values.days(value), has, context)
        case _:
            sign = {"before": "$lt", "after": "$gt", "on": "$eq"}[op]
            tests = ({sign: [has, literal(values.day(value).isoformat())]},)
    return every(is_a("string", has), *tests)


def _anniversary(days: int, has: Expression, context: Context) -> tuple[Expression, ...]:
    coming = coming_days(context.today, days)
    if coming is None:
        return ()
    first, last = (f"{day // 100:02}-{day % 100:02}" for day in coming)
    day = {"$substrBytes": [has, 5, 5]}
    joined = either if first > last else every
    return (joined(*_from_to("$gte", first, last, day)),)


def _from_to(sign: str, low: str, high: str, has: Expression) -> tuple[Expression, ...]:
    return {sign: [has, literal(low)]}, {"$lte": [has, literal(high)]}
