"""A rule as it reads to those who may not see people: what names a person in it is hidden.

Whom it holds is counted by the rule itself, never by this one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.audience.suggestions import PERSONAL
from engine.domain.calendar import UNITS
from engine.domain.hidden import HIDDEN
from engine.domain.rule_codec import decode, encode
from engine.domain.rules import (
    All,
    Any,
    FieldCondition,
    Not,
    OrdersCondition,
    RandomBucket,
    Rule,
)
from engine.errors import RuleError
from engine.rules.catalogue import ATTRIBUTE_PREFIX, CUSTOMER_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.domain.rules import Json, Node

NAMING = frozenset({*PERSONAL, "birth_date"})
"""Fields whose values name a person, or help to. An attribute may, so its texts and days do."""
OPEN = frozenset(field.name for field in CUSTOMER_FIELDS) - NAMING


def hidden_document(
    document: Mapping[str, object], redact: Callable[[str], str]
) -> Mapping[str, object]:
    """Return a stored rule so; of one that cannot be read here nothing but its version stays."""
    try:
        rule = decode(document)
    except RuleError:
        version = document.get("version")
        return {"version": version if isinstance(version, int) else None, "rule": HIDDEN}
    return encode(hidden_rule(rule, redact))


def hidden_rule(rule: Rule, redact: Callable[[str], str]) -> Rule:
    """Return the rule without whom it names; ``redact`` takes addresses out of all other texts."""
    return replace(rule, root=_node(rule.root, redact))


def _node(  # noqa: PLR0911 - one return a kind of node
    node: Node, redact: Callable[[str], str]
) -> Node:
    node = node if node.id is None else replace(node, id=redact(node.id))
    match node:
        case All(children=children) | Any(children=children):
            return replace(node, children=tuple(_node(one, redact) for one in children))
        case Not(child=child):
            return replace(node, child=_node(child, redact))
        case FieldCondition(field=field) if field not in OPEN:
            return replace(node, value=_hidden(node, is_attribute=_is_attribute(field)))
        case FieldCondition(value=value):
            return replace(node, value=_redacted(value, redact))
        case OrdersCondition(where=where, window=(name, length), value=value):
            filters = tuple(replace(one, value=_redacted(one.value, redact)) for one in where)
            window = (name, _redacted(length, redact))
            return replace(node, where=filters, window=window, value=_redacted(value, redact))
        case RandomBucket(salt=salt):
            return replace(node, salt=redact(salt))
        case reference:
            return reference


def _is_attribute(field: str) -> bool:
    return field.startswith(ATTRIBUTE_PREFIX)


def _hidden(condition: FieldCondition, *, is_attribute: bool) -> Json:
    """Return a value with its texts and days hidden; how long a span is says nothing of anyone."""
    match condition.value:
        case None:
            return None
        case bool() | int() | float() as number:
            return number if is_attribute else HIDDEN
        case {"n": int(), "unit": str(unit), **rest} as span if unit in UNITS and not rest:
            return span
        case tuple(several):
            # How many were named is not told either, but a range keeps its two ends.
            return (HIDDEN,) * (2 if condition.op == "between" else min(len(several), 1))
        case _:
            return HIDDEN


def _redacted(value: Json, redact: Callable[[str], str]) -> Json:
    match value:
        case str():
            return redact(value)
        case tuple():
            return tuple(_redacted(one, redact) for one in value)
        case _:
            return value  # a span, a number, or nothing
