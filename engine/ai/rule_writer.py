"""Words to a rule: the grammar always reads them, and a language model too where there is one.

The model's reading is taken where it is a rule that means something. Where the grammar is certain,
it is the check on it: two rules that hold other members are two readings, and both are shown. The
grammar's reading is taken where the model is out of reach, or its answer cannot be used. The model
is not asked

- about words that the grammar refuses: they ask to do something, or are meant for a machine;
- where options are taken (``taken``): those are the grammar's, so the answer is;
- to change a rule with locked or switched-off parts, which its form cannot hold.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.ai.grammar.interpret import NOT_TAKEN, interpret
from engine.ai.model import DEADLINE
from engine.ai.rule_model import Request, model_reading
from engine.ai.two_readings import compared
from engine.domain.asking import MAX_WORDS
from engine.errors import InvalidInput, ModelUnavailable, ModelUnusable
from engine.rules.tree import takes_part, whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.ai.measured import Measure
    from engine.ai.model import LanguageModel
    from engine.ai.vocabulary import Vocabulary
    from engine.domain.asking import Interpretation
    from engine.domain.rules import Rule

LOCKED = (
    "The language model was not asked: the rule has locked or switched-off parts, which it would "
    "lose."
)


@dataclass(frozen=True, slots=True)
class RuleWriter:
    """What turns words into a rule that somebody looks at before anything is done with it."""

    model: LanguageModel | None = None
    seconds: float = DEADLINE
    """For all that the model is asked about one text."""

    def ask(
        self,
        words: str,
        vocabulary: Vocabulary,
        now: datetime,
        *,
        measure: Measure,
        base: Rule | None = None,
        taken: Mapping[str, int] = NOT_TAKEN,
        offline: bool = False,
    ) -> Interpretation:
        """Return what the words mean (see :func:`engine.ai.grammar.interpret.interpret`).

        ``measure`` says whom a rule holds at ``now``. With ``offline`` the grammar reads alone.
        Raises InvalidInput where there are no words, or too many.
        """
        words = words.strip()
        if not words:
            msg = "say whom you look for, such as: customers in Pune who spent over 5000"
            raise InvalidInput(msg)
        if len(words) > MAX_WORDS:
            msg = f"the description has {len(words):,} characters; at most {MAX_WORDS:,} are read"
            raise InvalidInput(msg)
        read = interpret(words, vocabulary, now, base=base, taken=taken)
        if self.model is None or offline or taken or read.refused:
            return read
        if base is not None and _holds_more_than_a_model_can_write(base):
            return replace(read, notes=(*read.notes, LOCKED))
        request = Request(words=words, vocabulary=vocabulary, now=now, base=base, evaluated=measure)
        try:
            proposed = model_reading(self.model, request, seconds=self.seconds)
        except (ModelUnavailable, ModelUnusable) as error:
            note = f"Read by the built-in grammar alone: {error}."
            return replace(read, notes=(*read.notes, note))
        return compared(proposed, read, vocabulary, measure, base)


def _holds_more_than_a_model_can_write(base: Rule) -> bool:
    return any(node.locked or not takes_part(node) for node in whole(base.root))
