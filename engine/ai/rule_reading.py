"""A model's answer, in the form of :mod:`engine.ai.rule_schema`, to a rule's document."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.domain.rule_codec import decode
from engine.domain.rule_decoder import ROOT
from engine.domain.rules import MAX_DEPTH, MAX_NODES, RULE_VERSION
from engine.errors import RuleError
from engine.rules.operators import COMPARATORS, FieldType, Operator, Takes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.domain.rules import Rule
    from engine.rules.catalogue import Catalogue, Field

_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")


@dataclass(frozen=True, slots=True)
class Written:
    """The rule a model wrote, and the path in it of each of its nodes, by the node's id."""

    rule: Rule
    paths: Mapping[str, str]


def rule_of(
    answer: Mapping[str, Any], catalogue: Catalogue, refs: Mapping[str, str], salt: str
) -> Written | None:
    """Return the rule of an answer that meets the schema; None where it holds none.

    ``refs`` are the ids of the segments and campaigns that may be named, by how the model names
    them. Whether the rule means something is for :mod:`engine.rules.validate`.

    Raises:
        RuleError: what cannot be made into a rule, a sentence each, for the model to put right.
    """
    nodes: Sequence[Mapping[str, Any]] = answer["nodes"]
    if not answer["root"]:
        if nodes:
            raise RuleError(["root is empty, but there are nodes: name the one at the top"])
        return None
    twice = [name for name, n in Counter(node["id"] for node in nodes).items() if n > 1]
    if twice:
        raise RuleError([f"several nodes have the id {twice[0]!r}"])
    tree = _Tree({node["id"]: node for node in nodes}, catalogue, refs, salt)
    document = tree.node(answer["root"], ROOT, 1)
    if unused := tree.nodes.keys() - tree.paths.keys():
        names = ", ".join(sorted(unused)[:10])
        raise RuleError([f"these nodes are not under the root: {names}"])
    return Written(decode({"version": RULE_VERSION, "rule": document}), tree.paths)


@dataclass(slots=True)
class _Tree:
    nodes: Mapping[str, Mapping[str, Any]]
    catalogue: Catalogue
    refs: Mapping[str, str]
    salt: str
    paths: dict[str, str] = field(default_factory=dict)
    made: int = 0

    def node(self, name: str, path: str, level: int) -> dict[str, object]:
        node = self.nodes.get(name)
        if node is None:
            raise RuleError([f"there is no node with the id {name!r}"])
        # Ids may lead back to themselves, or fan out: what is made counts, not what was written.
        self.made += 1
        if level > MAX_DEPTH or self.made > MAX_NODES:
            msg = f"the rule has over {MAX_DEPTH} levels or {MAX_NODES} nodes"
            raise RuleError([f"{msg}; or nodes lead back to themselves"])
        self.paths.setdefault(name, path)
        match node["kind"]:
            case "all" | "any" as kind:
                children = enumerate(node.get("children", ()))
                below = [self.node(c, f"{path}.{kind}[{i}]", level + 1) for i, c in children]
                return {kind: below}
            case "not":
                if len(node.get("children", ())) != 1:
                    raise RuleError([f"the node {name!r} is a not: it needs one child"])
                return {"not": self.node(node["children"][0], f"{path}.not", level + 1)}
            case "field":
                tested = self.catalogue.fields.get(node.get("field", ""))
                return _condition(node, tested)
            case "orders":
                return self._behaviour(node)
            case "random":
                share = {"from": node.get("share_from", 0), "to": node.get("share_to", 0)}
                return {"random_bucket": {"salt": self.salt, **share}}
            case kind:
                return self._reference(kind, node)

    def _reference(self, kind: str, node: Mapping[str, Any]) -> dict[str, object]:
        ref = node.get("ref", "")
        if ref not in self.refs or not ref.startswith(kind):
            raise RuleError([f"the words name no {kind} {ref!r}; leave the node out"])
        document: dict[str, object] = {kind: self.refs[ref]}
        return document if kind == "segment" else document | {"outcome": node.get("outcome", "")}

    def _behaviour(self, node: Mapping[str, Any]) -> dict[str, object]:
        aggregate = self.catalogue.aggregates.get(node.get("aggregate", ""))
        of, operator = node.get("of"), COMPARATORS.get(node.get("op", ""))
        kind = FieldType.NUMBER if aggregate is None else aggregate.result(of)
        document: dict[str, object] = {"orders": node.get("aggregate", "")}
        if aggregate is None or aggregate.of:  # a count is of nothing, whatever was filled in
            document |= {"of": of} if of else {}
        if lines := node.get("where"):
            known = self.catalogue.order_fields
            document["where"] = [_condition(one, known.get(one["field"])) for one in lines]
        document |= _window(node)
        document |= {"op": node.get("op", ""), "value": _value(kind, operator, node)}
        return document


def _condition(node: Mapping[str, Any], tested: Field | None) -> dict[str, object]:
    op = node.get("op", "")
    operator = None if tested is None else tested.operators.get(op)
    kind = FieldType.TEXT if tested is None else tested.type
    document = {"field": node.get("field", ""), "op": op}
    value = _value(kind, operator, node)
    return document if value is None else document | {"value": value}


def _window(node: Mapping[str, Any]) -> dict[str, object]:
    match node.get("window", "ever"):
        case "between":
            return {"between": list(node.get("window_days", ()))}
        case "ever":
            return {"ever": True}
        case name:
            return {name: {"n": node.get("window_n", 0), "unit": node.get("window_unit", "")}}


def _value(kind: FieldType, operator: Operator | None, node: Mapping[str, Any]) -> object:
    """Return a value as rules have it; what is wrong with it, the validation will say."""
    values = [_scalar(kind, one) for one in node.get("values", ())]
    match operator.takes if operator else Takes.MANY:
        case Takes.NOTHING:
            return None
        case Takes.SPAN | Takes.DAYS:
            return {"n": node.get("n", 0), "unit": node.get("unit", "")}
        case Takes.ONE | Takes.DAY if len(values) == 1:
            return values[0]
        case _:
            return values


def _scalar(kind: FieldType, text: str) -> object:
    if kind is FieldType.NUMBER and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text
