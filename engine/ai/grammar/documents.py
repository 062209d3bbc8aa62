"""Documents of rules as they come out of a tree, made as small as they can be."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from engine.ai.grammar.conflicts import disjoint
from engine.domain.text import fold

if TYPE_CHECKING:
    from engine.ai.grammar.choosing import Document

_CONTRARY = {
    "equals": "not_equals",
    "in": "not_in",
    "contains_any": "contains_none",
    "in_the_last": "not_in_the_last",
    "is_set": "is_not_set",
    "contains": "not_contains",
    "starts_with": "not_starts_with",
    "ends_with": "not_ends_with",
}


def tidy(document: Document) -> Document:
    """Take groups of one child apart, and put groups of one kind into each other."""
    for kind in ("all", "any"):
        if (listed := children(document, kind)) is None:
            continue
        found: list[Document] = []
        for child in map(tidy, listed):
            inside = children(child, kind)
            found += [one for one in ([child] if inside is None else inside) if one not in found]
        return found[0] if len(found) == 1 else {kind: found}
    inner = document.get("not")
    return {"not": tidy(inner)} if isinstance(inner, dict) else document


def children(document: Document, kind: str) -> list[Document] | None:
    """Return the children of a group of one kind; None where it is none."""
    listed = document.get(kind)
    return listed if isinstance(listed, list) else None


def contradicts(document: Document) -> bool:
    """Whether a rule asks for a condition and for its contrary at once: nobody means that."""
    asked = _asked(document)
    if any(contrary(child) in asked for child in asked) or _two_values(asked):
        return True
    if any(disjoint(*two) for two in combinations(asked, 2)):
        return True
    inner = document.get("not")
    below = [*asked, *(children(document, "any") or [])]
    return any(map(contradicts, [*below, inner] if isinstance(inner, dict) else below))


def _asked(document: Document) -> list[Document]:
    """Return what is asked at once, through groups in groups, without what is skipped."""
    listed = [one for one in children(document, "all") or [] if one.get("enabled", True)]
    inside = [(child, _asked(child)) for child in listed]
    return [one for child, some in inside for one in (some or [child])]


def _two_values(listed: list[Document]) -> bool:
    """Whether one field is asked to have two values that no customer has at once."""
    asked: dict[str, set[str]] = {}
    for child in listed:
        value = child.get("value")
        if "field" not in child or child.get("op") not in {"equals", "in"}:
            continue
        values = {fold(str(one)) for one in (value if isinstance(value, list) else [value])}
        kept = asked.setdefault(str(child["field"]), values) & values
        if not kept:
            return True
        asked[str(child["field"])] = kept
    return False


def contrary(document: Document) -> Document:
    """Return the condition that holds for whoever does not meet one."""
    op = document.get("op")
    if "field" in document and op in _CONTRARY:
        return {**document, "op": _CONTRARY[str(op)]}
    return {"not": document}
