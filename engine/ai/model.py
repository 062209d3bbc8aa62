"""The one port to language models: instructions and a JSON schema in, a validated object out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


DEADLINE = 20.0
"""Seconds that an answer may take, whatever is tried again meanwhile."""
LEAST_SECONDS = 2.0
"""With less than these left of the time for all, an answer is not sent back to be put right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a model is asked.

    ``instructions`` are ours. ``material`` is what it may know (names, types, aggregates; never a
    row about a person) and ``words`` is what somebody typed: both are data to it, not orders.
    ``purpose`` names the kind of question in logs and figures, such as "rule".
    """

    purpose: str
    instructions: str
    material: Mapping[str, object]
    words: str
    schema: Mapping[str, object]
    """JSON schema of the answer: an object, each of its properties typed, with ``required``."""
    seconds: float = DEADLINE
    """How long the answer may take in all; there is none later than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model answered: an object that meets the schema, and what it took to make."""

    value: Mapping[str, object]
    model: str
    input_tokens: int
    output_tokens: int


class LanguageModel(Protocol):
    """Whatever answers questions within a deadline, or says that it cannot."""

    def answer(self, question: Question) -> Answer:
        """Return an answer that meets the question's schema.

        Raises:
            ModelUnavailable: no answer in time, or not now; ``transient``.
            ModelUnusable: an answer that does not meet the schema, or none for reasons that asking
                again does not change.
        """
        ...
