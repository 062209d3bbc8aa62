"""Whether a rule tests only what the words name: values that nobody said are no answer to them."""

from __future__ import annotations

import re
import unicodedata
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
_MAIL_ENDING = re.compile(r"(?<=\w)\.(?:com|net|org|in|co\.in|co\.uk)$")
"""What a mail provider's name may leave out."""
_JOINERS = "\u200c\u200d"
"""Invisible, but spelling in Indian scripts."""


def ungrounded(
    rule: Rule, words: str, vocabulary: Vocabulary, base: Rule | None
) -> tuple[str, ...]:
    """Return a sentence for each text that a rule tests and that comes from nowhere.

    It may stand in the words, each part of it (of "@gmail.com" all but the ending, for "gmail
    users"), be one of the data's frequent values of the field, one of the few that the field may
    have, or stand in the rule that is edited. Characters that nobody sees, and those that move a
    terminal's cursor, are in no value but one of these as it is, whatever the words hold. Numbers
    and dates are computed, so they are not looked for.
    """
    said = set(_RUN.findall(fold(words)))
    kept = set() if base is None else set(_texts(base, vocabulary))
    found = []
    for field, text in dict.fromkeys(_texts(rule, vocabulary)):
        known = {*vocabulary.values.get(field, ()), *_choices(field, vocabulary)}
        if (field, text) in kept or text in known:
            continue
        folded = fold(text)
        if not all(map(_is_seen, text)):
            found.append(f"a value of {_told(field)} has characters that cannot be seen")
        elif (field, folded) in {(name, fold(one)) for name, one in kept}:
            continue
        elif folded not in map(fold, known) and not _is_said(folded, said):
            found.append(
                f"the value {folded[:60]!r} of {_told(field)} stands neither in the words nor "
                "among the frequent values"
            )
    return tuple(found)


def _told(field: str) -> str:
    return field.removeprefix(ORDERS)


def _is_seen(character: str) -> bool:
    return unicodedata.category(character)[0] != "C" or character in _JOINERS


def _is_said(text: str, said: set[str]) -> bool:
    parts = _RUN.findall(_MAIL_ENDING.sub("", text))
    return bool(parts) and said.issuperset(parts)


def _texts(rule: Rule, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """Yield each text that is tested, with its field."""
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
            yield one


def _choices(field: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    if not field.startswith(ORDERS):
        return ()
    tested = vocabulary.catalogue.order_fields.get(field.removeprefix(ORDERS))
    return tested.choices if tested else ()
