"""What became of words that describe an audience: a rule to look at, and what is in doubt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.domain.rules import Rule

MAX_WORDS = 1_000
"""Characters that may be asked at once."""


class Source(StrEnum):
    """What read the words."""

    GRAMMAR = "grammar"
    MODEL = "gemini"


@dataclass(frozen=True, slots=True)
class Understood:
    """A phrase of the words as it was typed, and what it became, as the rule reads out."""

    phrase: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Option:
    """One way to take a phrase, and the whole rule where it is taken so.

    ``reading`` is the answer that the rule comes with, where the option is another reading of all
    the words: asking again with the option taken does not give that.
    """

    label: str
    rule: Rule
    reading: Interpretation | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A phrase that can be taken in several ways; ``taken`` is the index of how it was."""

    phrase: str
    question: str
    options: tuple[Option, ...]
    taken: int = 0
    joins: bool = False
    """It asks how conditions hang together: another option is quite another rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpretation:
    """An answer to words. Nothing of it is saved or sent: a person looks at it first.

    ``rule`` is None where nothing was understood, or where no rule may or can answer. Words that
    the rule does not hold stand in ``not_understood`` as they were typed; ``notes`` are sentences
    about what was assumed, or why there is no rule; ``warnings`` are sentences about a rule that
    nothing has confirmed, to be read before it is used.
    """

    words: str
    rule: Rule | None
    understood: tuple[Understood, ...] = ()
    not_understood: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    source: Source = Source.GRAMMAR
    refused: bool = False
    """The words ask to do something, or are meant for a machine: no model is asked about them."""

    @property
    def doubted(self) -> tuple[str, ...]:
        """Phrases that the rule does not hold, and those that may join its parts otherwise."""
        joins = (one.phrase for one in self.choices if one.joins)
        return tuple(dict.fromkeys((*self.not_understood, *joins)))

    def doubting(self, before: Interpretation) -> Interpretation:
        """Return the answer with what was in doubt in one before it, of another option.

        Options are the grammar's; what a language model did not understand, it does not know.
        """
        missed = dict.fromkeys((*self.not_understood, *before.not_understood))
        return replace(self, not_understood=tuple(missed), warnings=before.warnings)

    @property
    def certain(self) -> bool:
        """Whether all words are in the rule."""
        return self.rule is not None and not self.not_understood
