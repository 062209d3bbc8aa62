"""Which way ambiguous words are taken, which ways there are, and what is assumed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from engine.ai.grammar.lexemes import Text
    from engine.ai.vocabulary import Vocabulary

MOST_CHOICES = 4

Document: TypeAlias = "dict[str, object]"


class Unsayable(Exception):
    """A condition that no rule holds; ``reason`` is a key of refusals.REASONS, or empty."""

    def __init__(self, first: int, end: int, reason: str = "") -> None:
        super().__init__(reason)
        self.first, self.end, self.reason = first, end, reason


@dataclass(slots=True)
class Picker:
    """Takes choices as they come up while a tree becomes a rule, and keeps notes."""

    text: Text
    vocabulary: Vocabulary
    today: date
    taken: Mapping[str, int]
    choices: dict[str, tuple[str, tuple[str, ...], int]] = field(default_factory=dict)
    """By phrase: the question, the labels, and the index taken."""
    notes: dict[str, None] = field(default_factory=dict)
    joins: set[str] = field(default_factory=set)
    """Phrases that are asked how they hang together."""

    def pick(
        self, phrase: str, question: str, labels: tuple[str, ...], *, joins: bool = False
    ) -> int:
        """Return the option taken for a phrase; the first where nobody chose.

        ``joins`` says that the question is how conditions hang together.
        """
        known = self.choices.get(phrase)
        if known is not None and known[0] == question:
            return known[2]
        while phrase in self.choices:
            phrase += " "  # another question about the same words
        if len(self.choices) >= MOST_CHOICES:
            self.note(f"“{phrase.strip()}” was taken as: {labels[0]}.")
            return 0
        index = self.taken.get(phrase, 0)
        index = index if 0 <= index < len(labels) else 0
        self.choices[phrase] = (question, labels, index)
        if joins:
            self.joins.add(phrase)
        return index

    def note(self, sentence: str) -> None:
        """Keep a sentence about what was assumed."""
        self.notes[sentence] = None

    def phrase(self, first: int, end: int) -> str:
        """Return tokens as they were typed."""
        return self.text.phrase(first, end)
