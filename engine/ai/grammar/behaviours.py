"""What is said of orders to conditions of rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ai.grammar.choosing import Document, Picker, Unsayable
from engine.ai.grammar.moments import during, settled, span, window
from engine.ai.grammar.refunds import measure, of_refunds, turned
from engine.ai.grammar.times import Days, Recent
from engine.ai.grammar.tree import Values
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.ai.grammar.quantities import Quantity
    from engine.ai.grammar.tree import Purchase

_COMPARATORS = {
    "greater_than": "more_than",
    "greater_or_equal": "at_least",
    "less_than": "less_than",
    "less_or_equal": "at_most",
    "equals": "equals",
    "between": "between",
    "at_least": "at_least",
}
_OTHERS = {"equals": "not_equals", "in": "not_in"}
_DISTINCT = {"categories": "category", "skus": "sku", "channels": "channel"}


def lowered(purchase: Purchase, picker: Picker) -> Document:
    """Return the condition that says the same of orders.

    Raises Unsayable for comparisons, currencies and times that a behaviour does not take.
    """
    for values in purchase.values:
        for first, end, value in values.read_as:
            phrase = picker.phrase(first, end)
            picker.note(f"“{phrase}” was read as {value}.")
    spread = next((one for one in purchase.values if one.joined in {"and", "both"}), None)
    if spread is None:
        return _whole(purchase, picker)
    return _spread(purchase, picker, spread)


def _spread(purchase: Purchase, picker: Picker, spread: Values) -> Document:
    """As in "Footwear and Beauty": a behaviour for each, or one for what is spent on both."""
    field, values = spread.options[0]
    phrase = picker.phrase(spread.first, spread.end)
    together = ("orders of any of them count", "each of them by itself")
    summed = spread.joined != "both" and (purchase.measure == "sum" or purchase.units)
    if summed and not picker.pick(phrase, f"How does “{phrase}” count?", together):
        return _whole(purchase, picker)
    others = tuple(one for one in purchase.values if one is not spread)
    each = [
        replace(purchase, negated=False, values=(*others, Values(((field, (value,)),))))
        for value in values
    ]
    found: list[object] = [_whole(one, picker) for one in each]
    if not purchase.negated:
        return {"all": found}
    labels = ("none of them", "not all of them")
    if spread.joined == "both" or picker.pick(phrase, f"Not “{phrase}”: which?", labels):
        return {"not": {"all": found}}
    return {"not": {"any": found}}


def _whole(purchase: Purchase, picker: Picker) -> Document:
    found = _conditions(purchase, picker)
    if isinstance(found, dict):
        return found
    one: Document = found[0] if len(found) == 1 else {"all": list(found)}
    if not purchase.negated:
        return one
    if one == {"field": "order_count", "op": "greater_or_equal", "value": 1}:
        return {"field": "order_count", "op": "equals", "value": 0}
    return {"not": one}


def _conditions(purchase: Purchase, picker: Picker) -> Document | list[Document]:
    where = _where(purchase, picker)
    if purchase.measure in {"average", "maximum", "minimum", "gap"}:
        return [_figure(purchase, picker, where)]
    found: list[Document] = []
    if purchase.count is not None:
        found.append(_count(purchase, purchase.count, picker, where))
    if purchase.amount is not None:
        found.append(_sum(purchase, purchase.amount, picker, where))
    if purchase.units is not None:
        found.append(_units(purchase, purchase.units, picker, where))
    if purchase.distinct is not None:
        of = _DISTINCT[purchase.distinct.unit]
        compared = _compared(purchase.distinct, picker, money=False)
        behaviour: Document = {"orders": "distinct", "of": of, **_filters(where)}
        found.append(_not_equal({**behaviour, **window(purchase, picker), **compared}))
    if found:
        return found
    return _existence(purchase, picker, where)


def _existence(
    purchase: Purchase, picker: Picker, where: list[Document]
) -> Document | list[Document]:
    if where:
        behaviour: Document = {"orders": "count", **window(purchase, picker)}
        some: Document = {**behaviour, "where": where, "op": "at_least", "value": 1}
        labels = ("nothing else in the same time", "others too")
        phrase = picker.phrase(purchase.first, purchase.end)
        if not purchase.nothing_else or picker.pick(phrase, "What does “only” say?", labels):
            return [some]
        others = [{**one, "op": _OTHERS[str(one["op"])]} for one in where]
        return [some, {"not": {**some, "where": others}}]
    if purchase.time is None:
        return [{"field": "order_count", "op": "greater_or_equal", "value": 1}]
    found = window(purchase, picker)
    time = settled(purchase.time, picker)
    if isinstance(time, Recent) and not (time.older or time.at):
        recent: Document = {"field": "last_order_at", "op": "in_the_last", "value": span(time)}
        return _idle(purchase, picker, time) if purchase.negated else [recent]
    if isinstance(time, Days) and (time.first is None or time.last is None):
        name = "first_order_at" if time.first is None else "last_order_at"
        return [during(name, time)]
    return [{"orders": "count", **found, "op": "at_least", "value": 1}]


def _idle(purchase: Purchase, picker: Picker, time: Recent) -> Document:
    """No order lately: who never ordered is among them, unless somebody wants it otherwise."""
    phrase = picker.phrase(purchase.first, purchase.end)
    labels = ("also those who never ordered", "only those who ordered before")
    old: Document = {"field": "last_order_at", "op": "not_in_the_last", "value": span(time)}
    if purchase.goes_on:
        return old
    if picker.pick(phrase, f"Who is meant by “{phrase}”?", labels):
        return {"all": [{"field": "order_count", "op": "greater_or_equal", "value": 1}, old]}
    return old


def _where(purchase: Purchase, picker: Picker) -> list[Document]:
    found: list[Document] = []
    for values in purchase.values:
        field, names = values.options[0]
        name = field.removeprefix("orders.")
        one = len(names) == 1
        found.append(
            {
                "field": name,
                "op": "equals" if one else "in",
                "value": names[0] if one else list(names),
            }
        )
    if purchase.each is not None:
        each = _fielded(purchase.each, picker, money=True)
        if of_refunds(purchase):
            each = turned(each, purchase.each, picker)
        found.append({"field": "amount", **each})
    if purchase.each_units is not None:
        found.append({"field": "quantity", **_fielded(purchase.each_units, picker, money=False)})
    return found


def _filters(where: list[Document]) -> Document:
    return {"where": where} if where else {}


def _count(purchase: Purchase, given: Quantity, picker: Picker, where: list[Document]) -> Document:
    if not where and purchase.time is None:
        return _not_equal({"field": "order_count", **_fielded(given, picker, money=False)})
    compared = _compared(given, picker, money=False)
    behaviour: Document = {"orders": "count", **_filters(where)}
    return _not_equal({**behaviour, **window(purchase, picker), **compared})


def _sum(purchase: Purchase, given: Quantity, picker: Picker, where: list[Document]) -> Document:
    if purchase.guessed:
        picker.note(f"“{picker.phrase(given.first, given.end)}” was taken as an amount spent.")
    if not where and purchase.time is None:
        return _not_equal({"field": "total_spend", **_fielded(given, picker, money=True)})
    if any(one["field"] in {"category", "sku"} for one in where):
        picker.note("What was spent on a category is the sum of whole orders that hold it.")
    compared = _compared(given, picker, money=True)
    if of_refunds(purchase):
        compared = turned(compared, given, picker)
    behaviour: Document = {"orders": "sum", "of": "amount", **_filters(where)}
    return _not_equal({**behaviour, **window(purchase, picker), **compared})


def _units(purchase: Purchase, given: Quantity, picker: Picker, where: list[Document]) -> Document:
    if any(one["field"] in {"category", "sku"} for one in where):
        picker.note("The items counted are those of whole orders that hold the category.")
    compared = _compared(given, picker, money=False)
    behaviour: Document = {"orders": "sum", "of": "quantity", **_filters(where)}
    return _not_equal({**behaviour, **window(purchase, picker), **compared})


def _figure(purchase: Purchase, picker: Picker, where: list[Document]) -> Document:
    given = purchase.amount
    if given is None:
        raise Unsayable(purchase.first, purchase.end)
    money = purchase.measure != "gap"
    if purchase.measure == "average" and not where and purchase.time is None:
        return _not_equal({"field": "average_order_value", **_fielded(given, picker, money=True)})
    compared, measured = _compared(given, picker, money=money), purchase.measure
    if money and of_refunds(purchase):
        compared, measured = turned(compared, given, picker), measure(measured)
    behaviour: Document = {"orders": measured, "of": "amount", **_filters(where)}
    if not money:
        behaviour = {"orders": "days_between", **_filters(where)}
    return _not_equal({**behaviour, **window(purchase, picker), **compared})


def _not_equal(document: Document) -> Document:
    if document.get("op") != "not_equals" or "field" in document:
        return document
    return {"not": {**document, "op": "equals"}}


def _compared(given: Quantity, picker: Picker, *, money: bool) -> Document:
    found = _fielded(given, picker, money=money)
    op = str(found["op"])
    return {**found, "op": _COMPARATORS.get(op, op)}


def _fielded(given: Quantity, picker: Picker, *, money: bool) -> Document:
    return compared(given, picker, money=money, bare="greater_or_equal" if money else "equals")


def compared(given: Quantity, picker: Picker, *, money: bool, bare: str) -> Document:
    """Return operator and value as a field's test has them; ``bare`` is what a number alone means.

    Raises Unsayable where the comparison, the currency or the number cannot stand in a rule.
    """
    op = given.op
    if op in {"contradicts", "about"} or given.percent:
        raise Unsayable(given.first, given.end, "about" if op == "about" else "")
    if not op and not given.value:
        op = "equals"  # "0 orders": at least none are everybody's
    if not op:
        phrase = picker.phrase(given.first, given.end)
        labels = ("at least", "exactly") if bare == "greater_or_equal" else ("exactly", "at least")
        taken = picker.pick(phrase, f"“{phrase}”: exactly, or at least?", labels)
        op = {"at least": "greater_or_equal", "exactly": "equals"}[labels[taken]]
    values = [
        _number(given, one, picker, money=money)
        for one in (given.value, given.high)
        if one is not None
    ]
    return {"op": op, "value": values if op == "between" else values[0]}


def _number(given: Quantity, value: Decimal, picker: Picker, *, money: bool) -> object:
    currency = picker.vocabulary.workspace.currency
    if given.currency and (not money or given.currency != currency.code):
        raise Unsayable(given.first, given.end)
    if money:
        try:
            return currency.text(currency.parse(format(value, "f")))
        except InvalidInput:
            raise Unsayable(given.first, given.end) from None
    if value != int(value):
        return float(value)
    return int(value)
