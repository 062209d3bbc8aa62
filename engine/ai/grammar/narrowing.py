"""Edits that say of something what the rule says otherwise: "only those in Mumbai" of Pune."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ai.grammar.choosing import Unsayable
from engine.ai.grammar.conflicts import disjoint
from engine.ai.grammar.documents import children, contrary
from engine.ai.grammar.editing import narrowed, widened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.choosing import Document, Picker
    from engine.ai.grammar.swaps import Edit

_ADDS = frozenset({"also", "too", "plus", "additionally"})
_LISTED = frozenset({"equals", "in"})


def joined(base: Document, more: Document, edit: Edit, picker: Picker) -> Document:
    """Return the rule as an edit changes it with what it describes.

    Where nobody would be left, what is described takes the place of what the rule says of the
    same, or stands beside it: a choice. Raises Unsayable for "instead" of what is not there.
    """
    if edit.takes_place:
        whole = _about_the_same(base, more)
        if whole is None:
            raise Unsayable(0, len(picker.text.tokens))
        return whole
    if edit.join is not narrowed:
        return edit.join(base, more) if edit.join else base
    words = [token.word for token in picker.text.tokens]
    adds = edit.start > 0 and words[edit.start - 1] == "add"
    if _conflicting(base, more):
        question = "The rule says otherwise. Does this take its place?"
        ways = [("it takes its place", _in_place), ("either of the two", _either_of)]
        if adds or not _ADDS.isdisjoint(words):
            ways.reverse()
    elif adds:
        question = "What is added?"
        ways = [("a condition", narrowed), ("customers", widened)]
    else:
        if edit.unsaid:
            picker.note("The words were taken as further conditions, beside those of the rule.")
        return narrowed(base, more)
    labels = tuple(label for label, _ in ways)
    return ways[picker.pick(picker.text.words.strip(), question, labels, joins=True)][1](base, more)


def _conflicting(base: Document, more: Document) -> bool:
    """Whether a condition of the rule, and one to go beside it, leave nobody together.

    Not where one is the mere contrary of the other, nor where somebody locked that of the rule.
    """
    pairs = _pairs(base, more)
    return bool(pairs) and not any(
        one.get("locked") or contrary(one) == other or contrary(other) == one
        for one, other in pairs
    )


def _in_place(base: Document, more: Document) -> Document:
    """Return the rule with what is said more in place of what it conflicts with."""
    return _with(base, more, {id(one): other for one, other in _pairs(base, more)})


def _either_of(base: Document, more: Document) -> Document:
    """Return the rule with a choice of what it says and what is said more."""
    return _with(base, more, {id(one): _either(one, other) for one, other in _pairs(base, more)})


def _about_the_same(base: Document, more: Document) -> Document | None:
    """Return the rule with what is said more in place of what it says of the same; None: nothing.

    As in "spent over 10k instead".
    """
    said = [_about(one) for one in _conjuncts(more)]
    if any(not one for one in said):
        return None
    old = {id(one): one for one in _conjuncts(base) if _about(one) in said}
    if not old or any(one.get("locked") for one in old.values()):
        return None
    first = next(iter(old))
    kept = [one for one in _conjuncts(base) if id(one) not in old or id(one) == first]
    whole: list[Document] = []
    for one in kept:
        whole += _conjuncts(more) if id(one) == first else [one]
    return {**base, "all": whole} if "all" in base else _one(whole)


def _about(leaf: Document) -> str:
    if "field" in leaf:
        return str({"total_spend": "sum"}.get(str(leaf["field"]), leaf["field"]))
    return str(leaf.get("orders", ""))


def _conjuncts(document: Document) -> Sequence[Document]:
    listed = children(document, "all")
    whole = listed is None or document.get("locked") or not document.get("enabled", True)
    return [document] if whole or listed is None else listed


def _pairs(base: Document, more: Document) -> list[tuple[Document, Document]]:
    """Return each condition of the rule in conflict, and all that is said more of the same."""
    return [
        (one, _one(related))
        for one in _conjuncts(base)
        if one.get("enabled", True) and (related := _related(one, _conjuncts(more)))
    ]


def _related(one: Document, more: Sequence[Document]) -> list[Document]:
    apart = [other for other in more if disjoint(one, other)]
    names = {_about(other) for other in apart}
    return [other for other in more if other in apart or _about(other) in names]


def _with(base: Document, more: Document, new: dict[int, Document]) -> Document:
    said = [leaf for _, other in _pairs(base, more) for leaf in _conjuncts(other)]
    changed: list[Document] = []
    for one in _conjuncts(base):
        changed += _conjuncts(new[id(one)]) if id(one) in new else [one]
    whole = {**base, "all": changed} if "all" in base else _one(changed)
    rest = [one for one in _conjuncts(more) if one not in said]
    return narrowed(whole, _one(rest)) if rest else whole


def _one(some: Sequence[Document]) -> Document:
    return some[0] if len(some) == 1 else {"all": list(some)}


def _either(one: Document, other: Document) -> Document:
    if one.get("op") in _LISTED and other.get("op") in _LISTED and "field" in one:
        values = [
            value
            for leaf in (one, other)
            for value in (leaf["value"] if isinstance(leaf["value"], list) else [leaf["value"]])
        ]
        return {"field": one["field"], "op": "in", "value": values}
    return {"any": [one, other]}
