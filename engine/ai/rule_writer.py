"""Words to a rule: the grammar always reads them, and a language model too where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.ai.grammar.interpret import NOT_TAKEN, interpret
from engine.domain.asking import MAX_WORDS
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.ai.model import LanguageModel
    from engine.ai.vocabulary import Vocabulary
    from engine.domain.asking import Interpretation
    from engine.domain.rules import Rule


@dataclass(frozen=True, slots=True)
class RuleWriter:
    """What turns words into a rule that somebody looks at before anything is done with it."""

    model: LanguageModel | None = None

    def ask(
        self,
        words: str,
        vocabulary: Vocabulary,
        now: datetime,
        *,
        base: Rule | None = None,
        taken: Mapping[str, int] = NOT_TAKEN,
    ) -> Interpretation:
        """Return what the words mean (see :func:`engine.ai.grammar.interpret.interpret`).

        Raises InvalidInput where there are no words, or too many.
        """
        words = words.strip()
        if not words:
            msg = "say whom you look for, such as: customers in Pune who spent over 5000"
            raise InvalidInput(msg)
        if len(words) > MAX_WORDS:
            msg = f"the description has {len(words):,} characters; at most {MAX_WORDS:,} are read"
            raise InvalidInput(msg)
        return interpret(words, vocabulary, now, base=base, taken=taken)
