"""Changes to the document of a rule: joining another, taking conditions out, putting values in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from engine.domain.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.ai.grammar.choosing import Document

Test: TypeAlias = "Callable[[Document], bool]"


def narrowed(base: Document, more: Document) -> Document:
    """Return a rule for whom both hold."""
    return _joined("all", base, more)


def widened(base: Document, more: Document) -> Document:
    """Return a rule for whom one of them holds."""
    return _joined("any", base, more)


def _joined(kind: str, base: Document, more: Document) -> Document:
    if base == {"all": []}:
        return more if kind == "all" else base
    inner = more.get(kind)
    added = list(inner) if isinstance(inner, list) and set(more) == {kind} else [more]
    children = base.get(kind)
    if (
        isinstance(children, list)
        and children
        and base.get("enabled", True)
        and not base.get("locked")
    ):
        return {**base, kind: [*children, *added]}
    return {kind: [base, *added]}


def leaves(document: Document) -> Iterator[Document]:
    """Yield the conditions of a rule that take part, and nobody locked."""
    if document.get("enabled", True) is False or document.get("locked"):
        return
    for kind in ("all", "any"):
        for child in _list(document.get(kind)):
            yield from leaves(child)
    inner = document.get("not")
    if isinstance(inner, dict):
        yield from leaves(inner)
    if not any(key in document for key in ("all", "any", "not")):
        yield document


def without(document: Document, goes: Test) -> Document | None:
    """Return the rule without the conditions that meet a test; None where nothing is left."""
    if document.get("locked"):
        return document
    for kind in ("all", "any"):
        if kind in document:
            kept = [found for child in _list(document[kind]) if (found := without(child, goes))]
            return {**document, kind: kept} if kept else None
    inner = document.get("not")
    if isinstance(inner, dict):
        found = without(inner, goes)
        return {**document, "not": found} if found else None
    return None if goes(document) else document


def mapped(document: Document, change: Callable[[Document], Document]) -> Document:
    """Return the rule with every condition that nobody locked as ``change`` makes it."""
    if document.get("locked"):
        return document
    for kind in ("all", "any"):
        if kind in document:
            return {**document, kind: [mapped(child, change) for child in _list(document[kind])]}
    inner = document.get("not")
    if isinstance(inner, dict):
        return {**document, "not": mapped(inner, change)}
    return change(document)


def _list(value: object) -> list[Document]:
    return value if isinstance(value, list) else []


@dataclass(frozen=True, slots=True)
class Swap:
    """One value in place of another. ``old`` None takes whatever of its kind there is.

    ``kind`` is span, money, number or text; ``field`` narrows it to conditions on one field.
    """

    kind: str
    old: object
    new: object
    field: str = ""
    op: str = ""

    def places(self, document: Document) -> int:
        """Return how many values of a rule it changes."""
        return sum(self._in(leaf) for leaf in leaves(document))

    def made(self, document: Document) -> Document:
        """Return the rule with the values changed."""
        return mapped(document, self._changed)

    def _in(self, leaf: Document) -> int:
        return int(self._changed(leaf) != leaf)

    def _changed(self, leaf: Document) -> Document:
        found = dict(leaf)
        about = leaf.get("field", "orders")
        if self.field in {"", about, f"orders.{about}"} or (
            "orders" in leaf and self.kind != "text"
        ):
            for key in ("value", "in_the_last", "before_the_last", "between"):
                if key in leaf:
                    found[key] = self._value(leaf, key)
            if "where" in leaf:
                found["where"] = [self._changed(one) for one in _list(leaf["where"])]
        if self.op and found.get("value") != leaf.get("value") and "field" in leaf:
            found["op"] = self.op
        return found

    def _value(self, leaf: Document, key: str) -> object:
        value = leaf[key]
        if self.kind == "span":
            is_span = isinstance(value, dict) and "unit" in value
            return self.new if is_span and self.old in (None, value) else value
        if isinstance(value, dict) or key != "value":
            return value
        if isinstance(value, list):
            if self.old is not None:
                return list(dict.fromkeys(self._one(one) for one in value))
            return [self.new] if self.kind == "text" else value
        return self._one(value)

    def _one(self, value: object) -> object:
        match self.kind, value:
            case "text", str() if self.old is None or fold(value) == fold(str(self.old)):
                return self.new
            case "money", str() if (
                self.old in (None, value) and value.replace(".", "").isdigit() and "." in value
            ):
                return self.new
            case "number", int() | float() if not isinstance(value, bool) and self.old in (
                None,
                value,
            ):
                return self.new
            case _:
                return value
