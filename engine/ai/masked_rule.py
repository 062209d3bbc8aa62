"""A rule that words edit, as a model is told it: texts that it may not know have names instead.

A text is told where it would be told anyway: it stands in the words, is one of the frequent values
that are told, or one of the few that the field may have. Any other is "value_1" and so on, each
good for its field only. Numbers, days and the shape of the rule are told as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from engine.audience.suggestions import ORDERS
from engine.domain.rule_codec import decode, encode
from engine.domain.text import fold
from engine.rules.operators import FieldType

if TYPE_CHECKING:
    from engine.ai.vocabulary import Vocabulary
    from engine.domain.rules import Rule

_Place: TypeAlias = tuple[str, str]
"""A field, orders' with ORDERS before it, and a text that is tested of it."""


@dataclass(frozen=True, slots=True)
class MaskedRule:
    """The rule with names for texts, and the texts by field and name."""

    rule: Rule
    hidden: Mapping[_Place, str]

    def restored(self, rule: Rule) -> Rule:
        """Return a rule with the texts where their names stand, each of its own field."""
        return _mapped(rule, lambda field, text: self.hidden.get((field, fold(text)), text))

    def spoken(self, text: str) -> str:
        """Return a sentence with the texts where their names stand."""
        texts = {name: hidden for (_, name), hidden in self.hidden.items()}
        return re.sub(r"\bvalue_\d+\b", lambda name: texts.get(name[0], name[0]), text)

    def silent(self, text: str) -> str:
        """Return a sentence with the names where the texts stand."""
        for (_, name), hidden in self.hidden.items():
            text = re.sub(re.escape(hidden), name, text, flags=re.IGNORECASE)
        return text


def masked(rule: Rule, words: str, vocabulary: Vocabulary) -> MaskedRule:
    """Return a rule as a model is told it beside these words."""
    names: dict[_Place, str] = {}
    texts = dict.fromkeys(_texts(rule))
    taken = {fold(text) for _, text in texts} | set(re.findall(r"\w+", fold(words)))
    number = 0
    for field, text in texts:
        if _may_be_told(field, text, words, vocabulary):
            continue
        number += 1
        while f"value_{number}" in taken:
            number += 1
        names[field, text] = f"value_{number}"
    hidden = {(field, name): text for (field, text), name in names.items()}
    told = _mapped(rule, lambda field, text: names.get((field, text), text))
    return MaskedRule(told, MappingProxyType(hidden))


def _may_be_told(field: str, text: str, words: str, vocabulary: Vocabulary) -> bool:
    catalogue = vocabulary.catalogue
    if field.startswith(ORDERS):
        tested = catalogue.order_fields.get(field.removeprefix(ORDERS))
        choices = tested.choices if tested else ()
    else:
        tested = catalogue.fields.get(field)
        choices = ()
    if tested is not None and tested.type not in {FieldType.TEXT, FieldType.LIST}:
        return True  # a day, or an amount
    sought = fold(text)
    if any(fold(one) == sought for one in (*vocabulary.told.get(field, ()), *choices)):
        return True
    return re.search(rf"(?<!\w){re.escape(sought)}(?!\w)", fold(words)) is not None


def _texts(rule: Rule) -> Iterator[_Place]:
    found: list[_Place] = []

    def noted(field: str, text: str) -> str:
        found.append((field, text))
        return text

    _mapped(rule, noted)
    yield from found


def _mapped(rule: Rule, change: Callable[[str, str], str]) -> Rule:
    """Return a rule with each text changed that is tested of a field."""

    def value(field: str, given: object) -> object:
        if isinstance(given, str):
            return change(field, given)
        return [value(field, one) for one in given] if isinstance(given, list) else given

    def mapped(node: object, before: str = "") -> object:
        if isinstance(node, list):
            return [mapped(one, before) for one in node]
        if not isinstance(node, Mapping):
            return node
        changed = {
            key: mapped(one, ORDERS if key == "where" else before) for key, one in node.items()
        }
        if "field" in node and "value" in node:
            changed["value"] = value(f"{before}{node['field']}", node["value"])
        return changed

    return decode(mapped(encode(rule)))
