"""The rule that an analyst is building: a frozen tree, and the edits it takes.

Nothing here draws. Every edit returns a new tree, so a history of trees is undo and redo.

    Group       all, any or none of its children
    Condition   a field, an operator and a value that may still be missing
    Kept        a node the builder has no boxes for; it is carried as it came
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from engine.domain.rules import MAX_DEPTH, MAX_NODES
from pages._ui import rule_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pages._ui.rule_fields import FieldChoice
    from pages._ui.rule_values import Draft

Node: TypeAlias = "Condition | Kept | Group"
How = Literal["all", "any", "none"]
ROOT = "root"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every node has: a key that is its own in the tree, and whether it takes part."""

    key: str
    enabled: bool = True
    id: str | None = None
    """The id that the rule's JSON gave the node, kept for whoever gave it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Frame):
    """A condition; ``field`` is empty until one is chosen."""

    field: str = ""
    op: str = ""
    value: Draft = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Frame):
    """A node that is carried as it came: its JSON, without ``id`` and ``enabled``."""

    document: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Frame):
    """All, any or none of its children match."""

    how: How = "all"
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """A whole rule. ``serial`` counts the keys that were given out."""

    root: Group
    serial: int = 0

    def find(self, key: str) -> Node | None:
        """Return the node with this key, or None where an older screen names one that is gone."""
        return next((node for node, _ in walk(self.root) if node.key == key), None)

    def add_condition(self, group: str) -> Tree:
        """Add a blank condition at the end of a group."""
        if self.size >= MAX_NODES:
            return self
        return self._added(group, Condition(key=self._key(1)), 1)

    def add_group(self, group: str) -> Tree:
        """Add a group with one blank condition at the end of a group, if levels allow."""
        if not self.may_nest(group):
            return self
        blank = Condition(key=self._key(2))
        return self._added(group, Group(key=self._key(1), how="any", children=(blank,)), 2)

    def may_nest(self, group: str) -> bool:
        """Whether a group with a condition fits below this one."""
        depth = next((depth for node, depth in walk(self.root) if node.key == group), MAX_DEPTH)
        return depth + 2 <= MAX_DEPTH and self.size + 2 <= MAX_NODES

    def remove(self, key: str) -> Tree:
        """Remove a node and all below it; the root stays."""
        return self._replaced(key, lambda _: ())

    def duplicate(self, key: str) -> Tree:
        """Put a copy of a node right after it, under keys of its own."""
        node = self.find(key)
        if node is None or self.size + sum(1 for _ in walk(node)) > MAX_NODES:
            return self
        copy, serial = _copied(node, self.serial)
        return replace(self._replaced(key, lambda node: (node, copy)), serial=serial)

    def move(self, key: str, *, up: bool) -> Tree:
        """Move a node one place: past its neighbour, into a neighbouring group, or out of its own.

        A group moves past a group and not into it.
        """
        node, parent = self.find(key), self.parent(key)
        if node is None or parent is None:
            return self
        place = parent.children.index(node)
        beside = place - 1 if up else place + 1
        if 0 <= beside < len(parent.children):
            neighbour = parent.children[beside]
            if isinstance(neighbour, Group) and not isinstance(node, Group):
                grown = (*neighbour.children, node) if up else (node, *neighbour.children)
                moved = replace(neighbour, children=grown)
                return self.remove(key)._replaced(neighbour.key, lambda _: (moved,))  # noqa: SLF001 - its own class
            order = list(parent.children)
            order[place], order[beside] = order[beside], order[place]
            swapped = replace(parent, children=tuple(order))
            return self._replaced(parent.key, lambda _: (swapped,))
        if parent.key == ROOT:
            return self
        return self.remove(key)._replaced(  # noqa: SLF001 - its own class
            parent.key, lambda group: (node, group) if up else (group, node)
        )

    def enable(self, key: str, *, enabled: bool) -> Tree:
        """Switch a node on or off."""
        return self._replaced(key, lambda node: (replace(node, enabled=enabled),))

    def set_how(self, key: str, how: How) -> Tree:
        """Make a group match all, any or none of its children."""
        return self._replaced(
            key, lambda node: (replace(node, how=how) if isinstance(node, Group) else node,)
        )

    def set_field(self, key: str, field: FieldChoice, before: FieldChoice | None) -> Tree:
        """Choose a condition's field; operator and value stay where the type is the same."""

        def changed(node: Condition) -> Condition:
            if before is not None and before.kind == field.kind and node.op in field.operators:
                return replace(node, field=field.name)
            op = field.operators[field.first_operator]
            value = rule_values.fresh(op.takes)
            return replace(node, field=field.name, op=op.name, value=value)

        return self._conditioned(key, changed)

    def set_operator(self, key: str, op: str, field: FieldChoice) -> Tree:
        """Choose a condition's operator; of the value stays what the new one can take."""

        def changed(node: Condition) -> Condition:
            old, new = field.operators[node.op].takes, field.operators[op].takes
            return replace(node, op=op, value=rule_values.carried(old, new, node.value))

        return self._conditioned(key, changed)

    def set_value(self, key: str, value: Draft) -> Tree:
        """Write a condition's value as it was typed."""
        return self._conditioned(key, lambda node: replace(node, value=value))

    @property
    def size(self) -> int:
        """How many nodes there are."""
        return sum(1 for _ in walk(self.root))

    def parent(self, key: str) -> Group | None:
        """Return the group that holds a node; None for the root and for a node that is gone."""
        groups = (node for node, _ in walk(self.root) if isinstance(node, Group))
        return next((one for one in groups if any(c.key == key for c in one.children)), None)

    def _key(self, ahead: int) -> str:
        return f"n{self.serial + ahead}"

    def _added(self, group: str, node: Node, keys: int) -> Tree:
        def grown(found: Node) -> tuple[Node, ...]:
            if not isinstance(found, Group):
                return (found,)
            return (replace(found, children=(*found.children, node)),)

        return replace(self._replaced(group, grown), serial=self.serial + keys)

    def _conditioned(self, key: str, change: Callable[[Condition], Condition]) -> Tree:
        return self._replaced(
            key, lambda node: (change(node) if isinstance(node, Condition) else node,)
        )

    def _replaced(self, key: str, change: Callable[[Node], tuple[Node, ...]]) -> Tree:
        if key == ROOT:
            changed = change(self.root)
            root = changed[0] if len(changed) == 1 else None
            return replace(self, root=root) if isinstance(root, Group) else self
        return replace(self, root=_rebuilt(self.root, key, change))


def blank() -> Tree:
    """Return the rule that a new segment starts with: one condition without a field."""
    return Tree(Group(key=ROOT)).add_condition(ROOT)


def walk(node: Node, depth: int = 1) -> Iterator[tuple[Node, int]]:
    """Yield every node with its level, from 1, parents first."""
    yield node, depth
    if isinstance(node, Group):
        for child in node.children:
            yield from walk(child, depth + 1)


def _rebuilt(group: Group, key: str, change: Callable[[Node], tuple[Node, ...]]) -> Group:
    children: list[Node] = []
    for child in group.children:
        if child.key == key:
            children.extend(change(child))
        else:
            children.append(_rebuilt(child, key, change) if isinstance(child, Group) else child)
    return replace(group, children=tuple(children))


def _copied(node: Node, serial: int) -> tuple[Node, int]:
    serial += 1
    copy = replace(node, key=f"n{serial}", id=None)
    if isinstance(copy, Group):
        children = []
        for child in copy.children:
            made, serial = _copied(child, serial)
            children.append(made)
        copy = replace(copy, children=tuple(children))
    return copy, serial
