"""The document of a rule that is being edited (RULES.md): some of its nodes may not decode yet."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import TYPE_CHECKING, TypeAlias, TypeGuard, cast

from engine.domain.rule_decoder import ROOT
from engine.domain.rules import RULE_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Set as AbstractSet

Document: TypeAlias = "Mapping[str, object]"
"""A whole document, or the JSON of one node."""

_SAYS_NOTHING = {"enabled": True, "locked": False}


def everyone() -> Document:
    """Return the rule that a new segment starts with."""
    return {"version": RULE_VERSION, "rule": {"all": [], "id": "n1"}}


def walk(document: Document) -> Iterator[tuple[str, Document]]:
    """Yield every node with its path (``rule.all[1].not``), parents first."""
    yield from _walk(_root(document), ROOT)


def with_ids(document: Document) -> Document:
    """Return the document with an ``id`` of its own at every node; those that there are stay."""
    taken = {node.get("id") for _, node in walk(document)}
    fresh = (name for n in count(1) if (name := f"n{n}") not in taken)
    seen: set[object] = set()

    def named(node: Document) -> Document:
        given = node.get("id")
        own = given if isinstance(given, str) and given not in seen else next(fresh)
        seen.add(own)
        return {**_with_children(node, named), "id": own}

    return {**document, "rule": named(_root(document))}


def bare(document: Document) -> Document:
    """Return what of the rule is the analyst's: no ids, and no flag that says nothing."""

    def stripped(node: Document) -> Document:
        return {
            key: value
            for key, value in _with_children(node, stripped).items()
            if key != "id" and (key not in _SAYS_NOTHING or value is not _SAYS_NOTHING[key])
        }

    return stripped(_root(document))


def without(document: Document, ids: AbstractSet[str]) -> Document:
    """Return the document less some nodes, and less what held nothing else.

    The outermost group stays. Without its root, a rule holds everyone.
    """
    root = _root(document)

    def kept(node: Document) -> Document | None:
        if node.get("id") in ids:
            return None
        left = dict(node)
        for key, children in _lists(node):
            below = [one if not _is_node(one) else kept(one) for one in children]
            left[key] = [one for one in below if one is not None]
            if children and not left[key] and node is not root:
                return None
        if _is_node(negated := node.get("not")):
            left["not"] = kept(negated)
            if left["not"] is None:
                return None
        return left

    return {**document, "rule": kept(root) or everyone()["rule"]}


def grouped(document: Document) -> Document:
    """Return the document with a group as its root, where more can be added; it means the same."""
    root = _root(document)
    return document if root.keys() & {"all", "any"} else {**document, "rule": {"all": [root]}}


def node_at(document: Document, path: str) -> str | None:
    """Return the id of the node that a path is in, such as that of ``rule.all[1].value``."""
    inside = [
        (place, node)
        for place, node in walk(document)
        if f"{path}.".startswith((f"{place}.", f"{place}["))
    ]
    found = max(inside, key=lambda one: len(one[0]), default=None)
    return None if found is None else cast("str | None", found[1].get("id"))


def taking_part(document: Document) -> frozenset[str]:
    """Return the ids of the nodes that are not switched off, by themselves or from above."""

    def below(node: Document) -> Iterator[str]:
        if node.get("enabled") is not False:
            yield str(node.get("id"))
            for _, child in _children(node):
                yield from below(child)

    return frozenset(below(_root(document)))


def _root(document: Document) -> Document:
    return cast("Document", document["rule"])


def _is_node(value: object) -> TypeGuard[Document]:
    return isinstance(value, Mapping)


def _lists(node: Document) -> Iterator[tuple[str, list[Document]]]:
    for how in ("all", "any"):
        if isinstance(listed := node.get(how), list):
            yield how, listed


def _children(node: Document) -> Iterator[tuple[str, Document]]:
    for how, listed in _lists(node):
        yield from ((f".{how}[{n}]", one) for n, one in enumerate(listed) if _is_node(one))
    if _is_node(negated := node.get("not")):
        yield ".not", negated


def _walk(node: Document, path: str) -> Iterator[tuple[str, Document]]:
    yield path, node
    for step, child in _children(node):
        yield from _walk(child, path + step)


def _with_children(node: Document, change: Callable[[Document], Document]) -> dict[str, object]:
    changed = dict(node)
    for how, listed in _lists(node):
        changed[how] = [change(one) if _is_node(one) else one for one in listed]
    if _is_node(negated := node.get("not")):
        changed["not"] = change(negated)
    return changed
