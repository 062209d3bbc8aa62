"""A rule as two versions of it are compared: groups and conditions, with what each says.

``not any`` is one group ("none of these"), as the builder has it, and a rule that is a single
condition is the group of that condition, which means the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from engine.domain.rule_codec import encode_node
from engine.domain.rules import All, Any, InSegment, Not, Rule
from engine.errors import RuleError
from engine.rules import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.domain.rules import Node
    from engine.domain.workspace import Workspace
    from engine.rules.catalogue import Catalogue

ALL, ANY, NONE, NOT = "all of these", "any of these", "none of these", "not this"


@dataclass(eq=False)
class View:
    """A node, told apart from others that say the same. ``how`` is empty in a condition."""

    node: Node
    how: str
    children: list[View]
    parent: View | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for child in self.children:
            child.parent = self

    @property
    def enabled(self) -> bool:
        """Whether the node itself is switched on."""
        return self.node.enabled

    @cached_property
    def said(self) -> str:
        """What a condition says, whatever its id and whether it is on, as canonical JSON."""
        return _json(encode_node(replace(self.node, id=None, enabled=True, locked=False)))

    @cached_property
    def content(self) -> str:
        """The same for any node, with what is below it; the order of children says nothing."""
        body = [self.how, *sorted(child.content for child in self.children)]
        return _json([self.enabled, body if self.how else self.said])

    def walk(self) -> Iterator[View]:
        """Yield the node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


def view(rule: Rule) -> View:
    """Return the rule's root, which is a group."""
    root = _view(rule.root)
    return root if root.how else View(All(), ALL, [root])


def _view(node: Node) -> View:
    match node:
        case All(children=children):
            return View(node, ALL, [_view(child) for child in children])
        case Any(children=children):
            return View(node, ANY, [_view(child) for child in children])
        case Not(child=Any(enabled=True, children=children)):
            return View(node, NONE, [_view(child) for child in children])
        case Not(child=child):
            return View(node, NOT, [_view(child)])
        case _:
            return View(node, "", [])


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads nodes out. ``names`` are those of segments, by id."""

    catalogue: Catalogue
    workspace: Workspace
    names: Mapping[str, str]

    def text(self, one: View) -> str:
        """Return what a node says in words; as JSON where it cannot be read out."""
        said = self._group(one) if one.how else self._condition(one)
        return said if one.enabled else f"{said} (switched off)"

    def label(self, group: View) -> str:
        """Return how a sentence names a group."""
        return "the rule" if group.parent is None else f"the group ({self._group(group)})"

    def _group(self, group: View) -> str:
        if not group.children:
            return f"{group.how}: nothing"
        glue = " and " if group.how == ALL else " or "
        parts = [self.text(child) for child in group.children]
        parts = [
            f"({part})" if child.how in {ALL, ANY} and len(child.children) > 1 else part
            for part, child in zip(parts, group.children, strict=True)
        ]
        joined = glue.join(parts)
        return f"not ({joined})" if group.how in {NONE, NOT} else joined

    def _condition(self, one: View) -> str:
        node = replace(one.node, id=None, enabled=True, locked=False)
        if isinstance(node, InSegment) and node.segment_id in self.names:
            node = replace(node, segment_id=self.names[node.segment_id])
        try:
            return words.words(Rule(node), self.catalogue, self.workspace)
        except RuleError:
            return one.said


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
