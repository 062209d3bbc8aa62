"""Walking a rule: which nodes take part, and where each one stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.rule_decoder import ROOT
from engine.domain.rules import All, Any, InSegment, Not

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.domain.rules import Node, Rule


def children(node: Node, path: str) -> Iterator[tuple[str, Node]]:
    """Yield each child with its path, such as ``rule.all[1]``; a condition has none."""
    match node:
        case All(children=nodes):
            yield from ((f"{path}.all[{index}]", child) for index, child in enumerate(nodes))
        case Any(children=nodes):
            yield from ((f"{path}.any[{index}]", child) for index, child in enumerate(nodes))
        case Not(child=child):
            yield f"{path}.not", child
        case _:
            return


def takes_part(node: Node) -> bool:
    """Whether a node is there at all: it is enabled and, if a ``not``, so is its child."""
    return node.enabled and (not isinstance(node, Not) or takes_part(node.child))


def walk(node: Node, path: str = ROOT) -> Iterator[tuple[str, Node]]:
    """Yield every node that takes part, parents first, each with its path."""
    if takes_part(node):
        yield path, node
        for child_path, child in children(node, path):
            yield from walk(child, child_path)


def segments_in(rule: Rule) -> tuple[str, ...]:
    """Return the ids of the segments that take part in a rule, each once."""
    found = [node.segment_id for _, node in walk(rule.root) if isinstance(node, InSegment)]
    return tuple(dict.fromkeys(found))


def size(node: Node) -> tuple[int, int]:
    """Return the levels and the number of nodes, disabled ones included; a lone node is 1, 1."""
    below = [size(child) for _, child in children(node, "")]
    return 1 + max((levels for levels, _ in below), default=0), 1 + sum(n for _, n in below)


def whole(node: Node) -> Iterator[Node]:
    """Yield every node, parents first, those that take no part included."""
    yield node
    for _, child in children(node, ""):
        yield from whole(child)
