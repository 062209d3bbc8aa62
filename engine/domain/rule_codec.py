"""A rule's document (JSON, as RULES.md shapes it) to the tree and back.

Only the shape is checked here: keys, kinds of values, the limits on levels, nodes and sizes, and
that every text and number can be stored. What a field, an operator or a value means is for
:mod:`engine.rules.validate`. Whatever decodes can be saved, disabled nodes included.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from engine.domain.refusal import shown
from engine.domain.rule_decoder import MAX_CHARACTERS, Decoder
from engine.domain.rules import (
    All,
    Any,
    FieldCondition,
    InCampaign,
    InSegment,
    Not,
    OrdersCondition,
    RandomBucket,
    Rule,
)
from engine.errors import RuleError

if TYPE_CHECKING:
    from engine.domain.rules import Json, Node

Document: TypeAlias = "dict[str, object]"

MAX_JSON = 2 * MAX_CHARACTERS
"""Characters of a rule's JSON text."""


def decode(document: object) -> Rule:
    """Return the rule of a document made of dicts, lists, texts, numbers, booleans and None.

    Raises:
        RuleError: every place where the shape is wrong, with its path.
    """
    decoder = Decoder()
    rule = decoder.rule(document)
    if decoder.problems:
        raise RuleError(decoder.problems)
    return rule


def decode_text(text: str) -> Rule:
    """Return the rule of a JSON text; a key that occurs twice in an object is refused.

    Raises:
        RuleError: the text is no JSON, is too long, or its shape is wrong.
    """
    if len(text) > MAX_JSON:
        raise RuleError([f"the rule has {len(text):,} characters; at most {MAX_JSON:,} are taken"])
    try:
        document = json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise RuleError([f"the rule is not JSON: {error.msg} at {place}"]) from None
    except RecursionError:
        raise RuleError(["the rule is nested too deeply to be read"]) from None
    except ValueError:
        raise RuleError(["the rule holds a number with too many digits to be read"]) from None
    return decode(document)


def encode(rule: Rule) -> Document:
    """Return the document of a rule: ``decode(encode(rule)) == rule``."""
    return {"version": rule.version, "rule": encode_node(rule.root)}


def encode_node(node: Node) -> Document:
    """Return the document of one node; its frame only where it says something."""
    frame: Document = {} if node.id is None else {"id": node.id}
    if not node.enabled:
        frame["enabled"] = False
    if node.locked:
        frame["locked"] = True
    return {**_body(node), **frame}


def _body(node: Node) -> Document:  # noqa: PLR0911 - one return a kind of node
    match node:
        case All(children=children):
            return {"all": [encode_node(child) for child in children]}
        case Any(children=children):
            return {"any": [encode_node(child) for child in children]}
        case Not(child=child):
            return {"not": encode_node(child)}
        case FieldCondition(field=field, op=op, value=value):
            return _condition(field, op, value)
        case OrdersCondition():
            return _behaviour(node)
        case InSegment(segment_id=segment_id):
            return {"segment": segment_id}
        case InCampaign(campaign_id=campaign_id, outcome=outcome):
            return {"campaign": campaign_id, "outcome": outcome}
        case RandomBucket(salt=salt, start=start, end=end):
            share = {"salt": salt, "from": _percent(start), "to": _percent(end)}
            return {"random_bucket": share}


def _condition(field: str, op: str, value: Json) -> Document:
    without: Document = {"field": field, "op": op}
    return without if value is None else {**without, "value": _thawed(value)}


def _behaviour(node: OrdersCondition) -> Document:
    window, length = node.window
    document: Document = {"orders": node.aggregate}
    if node.of is not None:
        document["of"] = node.of
    if node.where:
        document["where"] = [_condition(one.field, one.op, one.value) for one in node.where]
    return {**document, window: _thawed(length), "op": node.op, "value": _thawed(node.value)}


def _percent(hundredths: int) -> int | float:
    # The nearest double of n / 100 prints with two decimals and reads back as the same n.
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100


def _thawed(value: Json) -> object:
    if isinstance(value, tuple):
        return [_thawed(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _thawed(one) for key, one in value.items()}
    return value


def _without_duplicates(pairs: list[tuple[str, object]]) -> Document:
    document = dict(pairs)
    if len(document) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise RuleError([f"the key {shown(twice)} occurs twice in one object of the rule"])
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise RuleError([f"the rule holds {name}, which is no number of JSON"])
