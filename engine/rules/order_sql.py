"""One behaviour as one query over the snapshot's orders and items.

The tables are those of :mod:`engine.mirror.tables`: sharded by customer, texts as codes. The
condition is taken to have passed :func:`engine.rules.validate.check`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from engine.domain.calendar import back, day_bounds
from engine.domain.order import OrderStatus
from engine.domain.text import fold
from engine.mirror.tables import STATUSES, WORDS
from engine.rules import values
from engine.rules.catalogue import quoted
from engine.rules.figures import Between, quotient, whole_numbers
from engine.rules.leaf_sql import never_null, text_test, utc
from engine.rules.operators import COMPARATORS, FieldType, Takes
from engine.rules.query import SHARD, Figure, Parameters, Query, Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.domain.rules import Json, OrderFilter, OrdersCondition
    from engine.domain.workspace import Workspace
    from engine.rules.catalogue import Catalogue
    from engine.rules.operators import Operator

Test: TypeAlias = "tuple[str, Parameters]"
Ends: TypeAlias = "tuple[datetime | None, datetime | None]"

ITEM_FIELDS = ("category", "sku")
"""Fields of an order's items; all filters on them hold on one and the same item."""
ADDED_UP = ("count", "sum")
ZERO_OVER_NOTHING = ("count", "sum", "distinct")
"""Figures that are 0 where no order counts; the others are missing."""

_MILLISECONDS_A_DAY = 86_400_000
_SPENT = (OrderStatus.COMPLETED.value, OrderStatus.REFUNDED.value)


def orders_query(
    node: OrdersCondition, now: datetime, workspace: Workspace, catalogue: Catalogue
) -> Query:
    """Return the query of a behaviour at ``now`` (aware)."""
    compared = _comparison(node, workspace, catalogue)
    ever = node.window[0] == "ever" and not node.where
    if ever and (known := _lifetime(node, compared)) is not None:
        return Query(never_null(known[0], negated=False), known[1])
    window = _window(*node.window, now, workspace)
    source = _source(node, _conditions(node, window, workspace, catalogue), window[1])
    test, parameters = compared.test(_FIGURES[node.aggregate](node.of))
    nothing = node.aggregate in ZERO_OVER_NOTHING and compared.holds_at_zero
    added_up = node.aggregate in ADDED_UP
    measure = node.of if node.aggregate == "sum" else None
    return Query(
        never_null(test, negated=nothing),
        parameters,
        source=source,
        inverted=nothing,
        compared=(Figure(source, measure), compared.whole) if added_up else None,
    )


class _Comparison:
    """A comparator and its values, made ready for a figure."""

    def __init__(self, op: str, found: tuple[float, ...], *, gap: bool) -> None:
        self._op = op
        self._values = found
        self._gap = gap

    @property
    def whole(self) -> Between:
        return whole_numbers(self._op, *self._values)

    @property
    def holds_at_zero(self) -> bool:
        return 0 in self.whole

    def test(self, figure: str | tuple[str, str]) -> Test:
        if isinstance(figure, str):
            return self.whole.test(figure)
        if not self._gap:
            return quotient(self._op, *figure, *self._values)
        # At most 2**53 days in millionths of a millisecond: 100 bits, and 27 left for the orders.
        test, parameters = quotient(self._op, *figure, *self._values, unit=_MILLISECONDS_A_DAY)
        return f"count(*) > 1 AND {test}", parameters


def _comparison(node: OrdersCondition, workspace: Workspace, catalogue: Catalogue) -> _Comparison:
    kind = catalogue.aggregate(node.aggregate).result(node.of)
    operator = COMPARATORS[node.op]
    found = values.typed(kind, operator, node.value, workspace)
    pair = found if isinstance(found, tuple) else (found,)
    numbers = tuple(one for one in pair if isinstance(one, (int, float)))
    return _Comparison(node.op, numbers, gap=node.aggregate == "days_between")


def _count(_: str | None) -> str:
    return "count(*)"


def _over(function: str, of: str | None) -> str:
    return f"{function}({quoted(of or '')})"


def _average(of: str | None) -> tuple[str, str]:
    return _over("sum", of), "count(*)"


def _gap(_: str | None) -> tuple[str, str]:
    at = 'epoch_ms({}("ordered_at"))'
    return f"({at.format('max')} - {at.format('min')})", "(count(*) - 1)"


_FIGURES: dict[str, Callable[[str | None], str | tuple[str, str]]] = {
    "count": _count,
    "sum": partial(_over, "sum"),
    "minimum": partial(_over, "min"),
    "maximum": partial(_over, "max"),
    "distinct": _count,
    "average": _average,
    "days_between": _gap,
}


def _lifetime(node: OrdersCondition, compared: _Comparison) -> Test | None:
    """Return the test of a figure that the snapshot holds already (1 M customers: 2 ms, not 50)."""
    match node.aggregate, node.of:
        case "count", _:
            return compared.test('"order_count"')
        case "sum", "amount":
            return compared.test('"total_spend"')
        case "average", "amount":
            test, parameters = compared.test(('"completed_amount"', '"order_count"'))
            return f'"order_count" > 0 AND {test}', parameters
        case _:
            return None


def _source(node: OrdersCondition, conditions: Test, between: Ends) -> Source:
    orders = f"orders_{SHARD}"
    text, parameters = conditions
    if node.aggregate != "distinct":
        where = f" WHERE {text}" if text else ""
        since, until = between
        return Source(f"{orders}{where}", parameters, sharded=True, since=since, until=until)
    column = quoted(node.of or "")
    if node.of in ITEM_FIELDS:
        # The orders on the right: a window leaves few of them (engine.mirror.tables).
        orders = f'items_{SHARD} JOIN {orders} USING ("number")'
    where = " AND ".join(one for one in (text, f"{column} IS NOT NULL") if one)
    # The name and the texts come from the catalogue and from here; values are bound.
    distinct = f'SELECT DISTINCT "row", {column} FROM {orders} WHERE {where}'  # noqa: S608
    return Source(f"({distinct})", parameters, sharded=True)


def _conditions(
    node: OrdersCondition, window: tuple[Test, Ends], workspace: Workspace, catalogue: Catalogue
) -> Test:
    tests = [window[0]]
    of_status = [one for one in node.where if one.field == "status"]
    tests.append(_statuses(node, of_status, catalogue))
    others = [one for one in node.where if one.field not in ("status", *ITEM_FIELDS)]
    tests += [_filter(one, workspace, catalogue) for one in others]
    if items := [one for one in node.where if one.field in ITEM_FIELDS]:
        text, parameters = _all([_filter(one, workspace, catalogue) for one in items])
        numbers = f'SELECT "number" FROM items_{SHARD} WHERE {text}'  # noqa: S608 - as above
        tests.append((f'"number" IN ({numbers})', parameters))
    return _all([one for one in tests if one[0]])


def _all(tests: list[Test]) -> Test:
    return " AND ".join(text for text, _ in tests), tuple(p for _, some in tests for p in some)


def _window(name: str, value: Json, now: datetime, workspace: Workspace) -> tuple[Test, Ends]:
    """Return the test of a window, and the instants it lies between."""
    at, zone = '"ordered_at"', workspace.zone
    match name:
        case "in_the_last":
            start, end = utc(back(now, values.span(value), zone)), utc(now)
            return (f"{at} > ? AND {at} <= ?", (start, end)), (start, end)
        case "before_the_last":
            start = utc(back(now, values.span(value), zone))
            return (f"{at} <= ?", (start,)), (None, start)
        case "between":
            first, last = values.pair(value, values.day)
            start, end = utc(day_bounds(first, zone)[0]), utc(day_bounds(last, zone)[1])
            return (f"{at} >= ? AND {at} < ?", (start, end)), (start, end)
        case _:
            return ("", ()), (None, None)


def _statuses(node: OrdersCondition, filters: list[OrderFilter], catalogue: Catalogue) -> Test:
    if filters:
        wanted = [one for one in STATUSES if all(_has(one, f, catalogue) for f in filters)]
    else:
        wanted = list(_SPENT) if node.aggregate == "sum" else [OrderStatus.COMPLETED.value]
    if len(wanted) == len(STATUSES):
        return "", ()
    codes = ", ".join(str(STATUSES.index(one)) for one in wanted)
    return (f'"status" IN ({codes})' if codes else "FALSE"), ()


def _has(status: str, one: OrderFilter, catalogue: Catalogue) -> bool:
    operator = catalogue.order_field(one.field).operator(one.op)
    asked = (operator.negates or operator.name) == "in"
    wanted = values.texts(one.value) if asked else (values.text(one.value),)
    return (status in map(fold, wanted)) != (operator.negates is not None)


def _filter(one: OrderFilter, workspace: Workspace, catalogue: Catalogue) -> Test:
    field = catalogue.order_field(one.field)
    operator = field.operator(one.op)
    op, negated = operator.negates or operator.name, operator.negates is not None
    column = quoted(field.name)
    if op == "is_set":
        return f"{column} IS {'' if negated else 'NOT '}NULL", ()
    if field.type is FieldType.TEXT:
        test, parameters = text_test('"folded"', op, one.value)
        codes = f'SELECT "code" FROM {WORDS[field.name]} WHERE {test}'  # noqa: S608 - as above
        test = f"{column} IN ({codes})"
    else:
        found = _numbers(field.type, operator, one, workspace)
        test, parameters = whole_numbers(op, *found).test(column)
    # Among conditions of a WHERE, NULL is as good as FALSE, and DuckDB skips rows by a bare test.
    return (never_null(test, negated=True) if negated else test), parameters


def _numbers(
    kind: FieldType, operator: Operator, one: OrderFilter, workspace: Workspace
) -> tuple[float, ...]:
    found = values.typed(kind, operator, one.value, workspace)
    pair = found if operator.takes is Takes.RANGE and isinstance(found, tuple) else (found,)
    return tuple(number for number in pair if isinstance(number, (int, float)))
