"""Words to a rule."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.domain.asking import Interpretation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.ai.vocabulary import Vocabulary
    from engine.domain.rules import Rule

NOT_TAKEN: Mapping[str, int] = MappingProxyType({})


def interpret(
    words: str,
    vocabulary: Vocabulary,
    now: datetime,
    *,
    base: Rule | None = None,
    taken: Mapping[str, int] = NOT_TAKEN,
) -> Interpretation:
    """Return what the words mean, and what of them has no meaning here.

    Args:
        words: what somebody typed, up to MAX_WORDS characters.
        vocabulary: what can be named.
        now: the instant that relative dates count from (aware).
        base: a rule that the words edit ("only those in Pune"); None to begin anew.
        taken: the option taken for phrases that can be taken in several ways, by the phrase.
    """
    del vocabulary, now, base, taken
    return Interpretation(words=words, rule=None, not_understood=(words,))
