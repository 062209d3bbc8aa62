"""Conditions on who customers are: values, ages, birthdays, what is known of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.ai.grammar.behaviours import compared, lowered
from engine.ai.grammar.choosing import Document, Picker, Unsayable
from engine.ai.grammar.given_text import PART
from engine.ai.grammar.naming import SEVERAL
from engine.ai.grammar.tree import Purchase
from engine.ai.grammar.values import CAMPAIGN, SEGMENT
from engine.ai.salt import salt_of

if TYPE_CHECKING:
    from engine.ai.grammar.tree import Aged, Birthday, Named, Share, Test, Values

_OLDEST = 150
_ALL = 100


def named(given: Named, picker: Picker) -> Document:
    """Return the condition that a field has one of these values."""
    values = given.values
    fields = values.fields
    field = fields[0]
    phrase = picker.phrase(values.first, values.end)
    if given.negated and values.split:
        return _divided(given, phrase, picker)
    if len(fields) > 1:
        labels = tuple(_says(one, picker) for one in fields)
        field = fields[picker.pick(phrase, f"What does “{phrase}” say?", labels)]
    for first, end, value in values.read_as:
        picker.note(f"“{picker.phrase(first, end)}” was read as {value}.")
    if field in {SEGMENT, CAMPAIGN}:
        return _saved(given, field)
    if field.startswith("orders."):
        if len(fields) == 1:
            picker.note(f"“{phrase}” was taken as: has ordered it.")
        kept = ((field, values.of(field)),)
        purchase = Purchase(
            measure="count",
            negated=given.negated,
            values=(replace(values, options=kept, read_as=()),),
            first=given.first,
            end=given.end,
        )
        return lowered(purchase, picker)
    if picker.vocabulary.catalogue.field(field).type.value == "list":
        return _listed(given, field, values, picker, phrase)
    names = values.of(field)
    if len(names) == 1:
        op = "not_equals" if given.negated else "equals"
        return {"field": field, "op": op, "value": names[0]}
    return {"field": field, "op": "not_in" if given.negated else "in", "value": list(names)}


def _divided(given: Named, phrase: str, picker: Picker) -> Document:
    """As in "Not A & B/C": none of them, or not A, but B or C."""
    values = replace(given.values, split=0)
    first, rest = (
        replace(values, options=tuple((field, some[part]) for field, some in values.options))
        for part in (slice(given.values.split), slice(given.values.split, None))
    )
    label = f"without {', '.join(first.options[0][1])}, with {' or '.join(rest.options[0][1])}"
    labels = ("none of them", label)
    mixed = values.joined == "or"
    taken = picker.pick(
        phrase, f"Not “{phrase}”: which?", labels[:: -1 if mixed else 1], joins=True
    )
    if bool(taken) == mixed:
        return named(replace(given, values=values), picker)
    parts = (replace(given, values=first), replace(given, negated=False, values=rest))
    return {"all": [named(one, picker) for one in parts]}


def _says(field: str, picker: Picker) -> str:
    if field.startswith("orders."):
        return f"ordered with this {field.removeprefix('orders.')}"
    known = picker.vocabulary.catalogue.fields.get(field)
    return known.label if known else field


def _listed(given: Named, field: str, values: Values, picker: Picker, phrase: str) -> Document:
    names = list(values.of(field))
    every = len(names) > 1 and values.joined in {"and", "both"}
    if given.negated:
        if every and values.joined == "both":
            return {"not": {"field": field, "op": "contains_all", "value": names}}
        if every and picker.pick(
            phrase, f"Not “{phrase}”: which?", ("none of them", "not all of them")
        ):
            return {"not": {"field": field, "op": "contains_all", "value": names}}
        return {"field": field, "op": "contains_none", "value": names}
    if every and values.joined == "and":
        every = not picker.pick(phrase, f"“{phrase}”: all, or any?", ("all of them", "any of them"))
    return {"field": field, "op": "contains_all" if every else "contains_any", "value": names}


def _saved(given: Named, field: str) -> Document:
    kind = [
        identifier for name, some in given.values.options if name == field for identifier in some
    ]
    if field == SEGMENT:
        found: list[object] = [{"segment": one} for one in kind]
    else:
        found = [{"campaign": one, "outcome": given.outcome or "sent"} for one in kind]
    joined = "all" if given.values.joined in {"and", "both"} and not given.negated else "any"
    whole = found[0] if len(found) == 1 else {joined: found}
    return {"not": whole} if given.negated else dict(whole)  # type: ignore[call-overload]


def tested(given: Test, picker: Picker) -> Document:
    """Return the condition that a field compares so."""
    field = given.field
    kind = picker.vocabulary.catalogue.field(field).type.value
    if given.op == "is_set" and kind == "list":
        return {"field": field, "op": "is_empty" if given.negated else "is_not_empty"}
    if given.op == "is_set":
        return {"field": field, "op": "is_not_set" if given.negated else "is_set"}
    if given.op == "is_true":
        test: Document = {"field": field, "op": "is_true"}
        return {"not": test} if given.negated else test
    if given.quantity is not None:
        money = kind == "money"
        found: Document = {
            "field": field,
            **compared(given.quantity, picker, money=money, bare="greater_or_equal"),
        }
        if not money and given.quantity.currency:
            raise Unsayable(given.first, given.end)
        return {"not": found} if given.negated else found
    if kind == "list":
        if given.op != "equals":
            raise Unsayable(given.first, given.end)
        return {
            "field": field,
            "op": "contains_none" if given.negated else "contains_any",
            "value": [given.text],
        }
    return _texted(given, picker)


def _texted(given: Test, picker: Picker) -> Document:
    phrase, op = picker.phrase(given.first, given.end), given.op
    if given.text in SEVERAL and "@" not in phrase:
        picker.note(f"Only addresses that end with {given.text} count for “{phrase}”.")
    if op == PART:
        labels = ("a part of the name", "the whole name")
        taken = picker.pick(phrase, f"“{phrase}”: a part, or the whole name?", labels)
        op = ("contains", "equals")[taken]
    if given.negated:
        op = {"equals": "not_equals"}.get(op, f"not_{op}")
    return {"field": given.field, "op": op, "value": given.text}


def aged(given: Aged, picker: Picker) -> Document:
    """Return an age as days of birth: of age a are those born in (today - a - 1, today - a]."""
    quantity, field = given.quantity, "birth_date"
    years, high = quantity.value, quantity.high
    if (
        years != int(years)
        or (high is not None and high != int(high))
        or years > _OLDEST
        or (high or 0) > _OLDEST
    ):
        raise Unsayable(given.first, given.end)
    low, top = int(years), int(high if high is not None else years)
    born: Document
    match quantity.op:
        case "greater_than":
            born = _born(picker, "before", low + 1, 1)
        case "greater_or_equal":
            born = _born(picker, "before", low, 1)
        case "less_than":
            born = _born(picker, "after", low, 0)
        case "less_or_equal":
            born = _born(picker, "after", low + 1, 0)
        case "between" | "equals" | "":
            first = _years_ago(picker.today, top + 1) + timedelta(days=1)
            days = [first.isoformat(), _years_ago(picker.today, low).isoformat()]
            born = {"field": field, "op": "between", "value": days}
        case _:
            raise Unsayable(given.first, given.end, "about")
    picker.note("Ages are fixed days of birth as of today; the rule does not move on with time.")
    if given.guessed:
        picker.note(f"“{picker.phrase(quantity.first, quantity.end)}” was taken as an age.")
    return {"not": born} if given.negated else born


def _born(picker: Picker, op: str, years: int, days: int) -> Document:
    day = _years_ago(picker.today, years) + timedelta(days=days)
    return {"field": "birth_date", "op": op, "value": day.isoformat()}


def _years_ago(today: date, years: int) -> date:
    day = min(today.day, 28) if (today.month, today.day) == (2, 29) else today.day
    return today.replace(year=today.year - years, day=day)


def birthday(given: Birthday, picker: Picker) -> Document:
    """Return a birthday in the next days."""
    if given.note:
        picker.note(given.note)
    found: Document = {
        "field": "birth_date",
        "op": "anniversary_in_the_next",
        "value": {"n": given.days, "unit": "day"},
    }
    return {"not": found} if given.negated else found


def share(given: Share, picker: Picker) -> Document:
    """Return a random share; its salt is made of the words, so the same words draw the same."""
    percent = given.percent.value
    if (
        given.percent.op not in {"", "equals"}
        or not 0 < percent <= _ALL
        or percent != round(percent, 2)
    ):
        raise Unsayable(given.first, given.end)
    end = int(percent) if percent == int(percent) else float(percent)
    return {"random_bucket": {"salt": salt_of(picker.text.words), "from": 0, "to": end}}
