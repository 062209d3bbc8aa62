"""Undo and redo: the trees that were, the one that is, and those taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pages._ui.rule_builder import Tree

MOST = 100
"""Edits that can be taken back."""


@dataclass(frozen=True, slots=True)
class History:
    """The present tree between its past and its future."""

    present: Tree
    past: tuple[Tree, ...] = ()
    future: tuple[Tree, ...] = ()
    typing: tuple[str, str] | None = None
    """The condition and the text of the last edit, while that was typing."""

    def edited(self, tree: Tree) -> History:
        """Return the history after an edit; one that changed nothing leaves it as it is."""
        if tree.root == self.present.root:
            return self
        return History(tree, (*self.past, self.present)[-MOST:])

    def typed(self, tree: Tree, key: str, text: str) -> History:
        """Return the history after typing: letters added or taken at the end are one edit."""
        goes_on = (
            self.typing is not None
            and self.typing[0] == key
            and (text.startswith(self.typing[1]) or self.typing[1].startswith(text))
        )
        if goes_on:
            return replace(self, present=tree, future=(), typing=(key, text))
        return replace(self.edited(tree), typing=(key, text))

    def undone(self) -> History:
        """Return the history with the last edit taken back."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (self.present, *self.future))

    def redone(self) -> History:
        """Return the history with the last edit that was taken back made again."""
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.present), self.future[1:])
