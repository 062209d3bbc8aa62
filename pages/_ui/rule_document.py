"""The builder's tree to the JSON document of a rule and back.

A rule that the builder did not make opens all the same: what has no boxes here (behaviours, other
segments, campaigns, random shares, fields that are gone) is carried as a :class:`Kept` node.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from engine.domain.rules import RULE_VERSION
from pages._ui import rule_values
from pages._ui.rule_builder import ROOT, Condition, Group, Kept, Node, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from pages._ui.rule_builder import How
    from pages._ui.rule_fields import FieldChoice

Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class Written:
    """A rule's document, and which node stands at which path (``rule.all[1]``)."""

    document: Document
    places: Mapping[str, str]

    def node_at(self, path: str) -> str | None:
        """Return the key of the node that a path is in, such as that of ``rule.all[1].value``."""
        inside = [
            place for place in self.places if f"{path}.".startswith((f"{place}.", f"{place}["))
        ]
        return self.places[max(inside, key=len)] if inside else None


def written(tree: Tree, fields: Mapping[str, FieldChoice]) -> Written:
    """Return the rule's document. A condition without a field says nothing, and is not in it."""
    writer = _Writer(fields)
    root = writer.node(tree.root, "rule")
    return Written({"version": RULE_VERSION, "rule": root}, writer.places)


def read(document: Mapping[str, object], fields: Mapping[str, FieldChoice]) -> Tree:
    """Return the tree of a document that has a rule's shape (``engine.domain.rule_codec``)."""
    reader = _Reader(fields)
    node = reader.node(cast("Mapping[str, object]", document["rule"]))
    if isinstance(node, Group):
        return Tree(replace(node, key=ROOT), reader.serial)
    return Tree(Group(key=ROOT, children=(node,)), reader.serial)


def incomplete(tree: Tree, fields: Mapping[str, FieldChoice]) -> frozenset[str]:
    """Return the keys of the conditions that take part and lack a field or a value."""
    return frozenset(
        node.key
        for node in _taking_part(tree.root)
        if isinstance(node, Condition) and not _complete(node, fields)
    )


def without(tree: Tree, keys: AbstractSet[str]) -> Tree:
    """Return the tree less some nodes, and less the groups that hold nothing else."""
    return replace(tree, root=replace(tree.root, children=_kept(tree.root.children, keys)))


def _kept(children: tuple[Node, ...], keys: AbstractSet[str]) -> tuple[Node, ...]:
    kept: list[Node] = []
    for child in children:
        if child.key in keys:
            continue
        if not isinstance(child, Group):
            kept.append(child)
            continue
        below = _kept(child.children, keys)
        if below or not child.children:
            kept.append(replace(child, children=below))
    return tuple(kept)


def _taking_part(node: Node) -> Iterator[Node]:
    if node.enabled:
        yield node
        if isinstance(node, Group):
            for child in node.children:
                yield from _taking_part(child)


def _complete(node: Condition, fields: Mapping[str, FieldChoice]) -> bool:
    if not node.field:
        return False
    return rule_values.complete(fields[node.field].operators[node.op].takes, node.value)


@dataclass(slots=True)
class _Writer:
    fields: Mapping[str, FieldChoice]
    places: dict[str, str] = field(default_factory=dict)

    def node(self, node: Node, path: str) -> Document:
        self.places[path] = node.key
        frame: Document = {} if node.id is None else {"id": node.id}
        if not node.enabled:
            frame["enabled"] = False
        return {**self._body(node, path), **frame}

    def _body(self, node: Node, path: str) -> Document:
        match node:
            case Kept(document=document):
                return dict(document)
            case Condition():
                return self._condition(node)
            case Group(how="none"):
                return {"not": self._negated(node, f"{path}.not")}
            case Group(how=how):
                return {how: self._children(node, f"{path}.{how}")}

    def _negated(self, group: Group, path: str) -> Document:
        """Write what a group of none negates: its one child as it is, or any of several.

        A single child that is off, or that is any or none of some, is put into an ``any``: alone
        it would mean something else, or not be told from the group when it is read back.
        """
        said = [child for child in group.children if _says(child)]
        only = said[0] if len(said) == 1 else None
        if (
            only is not None
            and only.enabled
            and not (isinstance(only, Group) and only.how != "all")
        ):
            return self.node(only, path)
        self.places[path] = group.key
        return {"any": self._children(group, f"{path}.any")}

    def _children(self, group: Group, path: str) -> list[Document]:
        said = (child for child in group.children if _says(child))
        return [self.node(child, f"{path}[{index}]") for index, child in enumerate(said)]

    def _condition(self, node: Condition) -> Document:
        kind = self.fields[node.field].kind
        takes = self.fields[node.field].operators[node.op].takes
        document: Document = {"field": node.field, "op": node.op}
        if rule_values.complete(takes, node.value) and takes != "nothing":
            document["value"] = rule_values.to_json(kind, node.value)
        return document


def _plain(node: Node) -> bool:
    if isinstance(node, Group):
        return node.enabled and node.how == "all"
    return node.enabled and not (isinstance(node, Kept) and "not" in node.document)


def _says(node: Node) -> bool:
    return not isinstance(node, Condition) or bool(node.field)


@dataclass(slots=True)
class _Reader:
    fields: Mapping[str, FieldChoice]
    serial: int = 0

    def node(self, document: Mapping[str, object]) -> Node:
        self.serial += 1
        key = f"n{self.serial}"
        node_id = cast("str | None", document.get("id"))
        enabled = document.get("enabled", True) is True
        hows: tuple[How, ...] = ("all", "any")
        for how in hows:
            if how in document:
                return Group(
                    key=key,
                    id=node_id,
                    enabled=enabled,
                    how=how,
                    children=self._children(document[how]),
                )
        body = {name: one for name, one in document.items() if name not in {"id", "enabled"}}
        if "not" in body and (children := self._negated(body["not"])) is not None:
            return Group(key=key, id=node_id, enabled=enabled, how="none", children=children)
        if "field" in body and (condition := self._condition(key, body)) is not None:
            return replace(condition, id=node_id, enabled=enabled)
        return Kept(key=key, id=node_id, enabled=enabled, document=body)

    def _children(self, documents: object) -> tuple[Node, ...]:
        listed = cast("list[Mapping[str, object]]", documents)
        return tuple(self.node(one) for one in listed)

    def _negated(self, document: object) -> tuple[Node, ...] | None:
        inner = cast("Mapping[str, object]", document)
        if set(inner) == {"any"}:
            return self._children(inner["any"])
        # The negation of a node that is off is off itself, which a group of none is not.
        return (self.node(inner),) if _takes_part(inner) else None

    def _condition(self, key: str, body: Mapping[str, object]) -> Condition | None:
        known = self.fields.get(str(body["field"]))
        operator = known.operators.get(str(body["op"])) if known else None
        if known is None or operator is None:
            return None
        value = body.get("value")
        try:
            draft = (
                rule_values.fresh(operator.takes)
                if value is None
                else rule_values.from_json(known.kind, operator.takes, value)
            )
        except ValueError:
            return None
        return Condition(key=key, field=known.name, op=operator.name, value=draft)


def _takes_part(document: Mapping[str, object]) -> bool:
    if document.get("enabled", True) is not True:
        return False
    inner = document.get("not")
    return not isinstance(inner, Mapping) or _takes_part(inner)
