"""The tree of a sentence to the document of a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ai.grammar import behaviours, moments, profile
from engine.ai.grammar.tree import (
    Aged,
    Birthday,
    Fork,
    Group,
    Moment,
    Named,
    Negation,
    Purchase,
    Share,
    Test,
)

if TYPE_CHECKING:
    from engine.ai.grammar.choosing import Document, Picker
    from engine.ai.grammar.tree import Tree


def lower(tree: Tree, picker: Picker) -> Document:  # noqa: C901, PLR0911 - one return a kind of node
    """Return the document of a tree, as choices are taken; raises Unsayable."""
    match tree:
        case Group(kind=kind, children=children):
            return {kind: [lower(child, picker) for child in children]}
        case Negation(child=child):
            return _denied(lower(child, picker))
        case Fork(phrase=phrase, question=question, options=options):
            labels = tuple(label for label, _ in options)
            index = picker.pick(phrase, question, labels, joins=True)
            return lower(options[index][1], picker)
        case Purchase():
            return behaviours.lowered(tree, picker)
        case Moment():
            return moments.tested(tree, picker)
        case Named():
            return profile.named(tree, picker)
        case Test():
            return profile.tested(tree, picker)
        case Aged():
            return profile.aged(tree, picker)
        case Birthday():
            return profile.birthday(tree, picker)
        case Share():
            return profile.share(tree, picker)


def _denied(document: Document) -> Document:
    inner = document.get("not")
    if isinstance(inner, dict):
        return inner
    return {"not": document}
