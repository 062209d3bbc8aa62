"""Whether a rule tests only what the words name: values that nobody said are no answer to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.audience.suggestions import ORDERS
from engine.domain.rules import FieldCondition, OrderFilter, OrdersCondition
from engine.domain.text import fold
from engine.rules.operators import FieldType
from engine.rules.tree import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.ai.vocabulary import Vocabulary
    from engine.domain.rules import Rule

_RUN = re.compile(r"\w+")


def ungrounded(
    rule: Rule, words: str, vocabulary: Vocabulary, base: Rule | None
) -> tuple[str, ...]:
    """Return a sentence for each text that a rule tests and that comes from nowhere.

    It may stand in the words, wholly or in its longest part ("@gmail.com" in "gmail users"), be
    one of the data's frequent values of the field, one of the few that the field may have, or stand
    in the rule that is edited. Numbers and dates are computed, so they are not looked for.
    """
    said = set(_RUN.findall(fold(words)))
    kept = set() if base is None else set(_texts(base, vocabulary))
    found = []
    for field, text in dict.fromkeys(_texts(rule, vocabulary)):
        known = {fold(one) for one in vocabulary.values.get(field, ())}
        choices = _choices(field, vocabulary)
        if (field, text) in kept or text in known or text in choices:
            continue
        if max(_RUN.findall(text), key=len, default=text) not in said:
            found.append(
                f"the value {text[:60]!r} of {field.removeprefix(ORDERS)} stands neither in the "
                "words nor among the frequent values"
            )
    return tuple(found)


def _texts(rule: Rule, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """Yield each text that is tested, folded, with its field."""
    for _, node in walk(rule.root):
        match node:
            case FieldCondition(field=field, value=value):
                tested = vocabulary.catalogue.fields.get(field)
                if tested and tested.type in {FieldType.TEXT, FieldType.LIST}:
                    yield from ((field, one) for one in _each(value))
            case OrdersCondition(where=where):
                for line in where:
                    yield from ((ORDERS + line.field, one) for one in _of_line(line, vocabulary))
            case _:
                pass


def _of_line(line: OrderFilter, vocabulary: Vocabulary) -> Iterator[str]:
    tested = vocabulary.catalogue.order_fields.get(line.field)
    if tested and tested.type is FieldType.TEXT:
        yield from _each(line.value)


def _each(value: object) -> Iterator[str]:
    for one in value if isinstance(value, tuple) else (value,):
        if isinstance(one, str):
            yield fold(one)


def _choices(field: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    if not field.startswith(ORDERS):
        return ()
    tested = vocabulary.catalogue.order_fields.get(field.removeprefix(ORDERS))
    return tested.choices if tested else ()
