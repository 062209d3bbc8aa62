"""Words to a rule.

What is read, roughly; ``|`` parts alternatives, ``?`` may be left out, ``*`` may repeat::

    sentence    = part ((BUT | EXCEPT) part)*          EXCEPT leaves out, BUT narrows
    part        = phrase ((AND | OR | COMMA) phrase)*
    phrase      = clause* NOUN clause* (WHO clause*)?  vip WOMEN in Pune WHO ordered twice
    clause      = EITHER? condition* joined by AND, OR, COMMA
    condition   = NOT? (behaviour | values | field | moment | age | share | "(" sentence ")")
    behaviour   = HEAD and, in any order, quantity*, values*, time?, flag*
    quantity    = comparison? NUMBER what? | NUMBER what? "or more" | BETWEEN NUMBER AND NUMBER
    values      = VALUE ((AND | OR | COMMA) VALUE)*    of one field
    time        = day | period | LAST NUMBER UNIT | NUMBER UNIT AGO | (SINCE | BEFORE ...) time

A text goes through these steps, each in its module: tokens with their places (``tokens``); words
mended (``spelling``), where that is a likely slip (``slips``) and fits (``mending``); the longest
phrases that are known, of the grammar (``phrases``) and of the data (``values``), and numbers
(``lexer``); times, comparisons and lists made one (``spans``, ``quantities``, ``number_lists``,
``lists``); clauses (``runs``, ``clause_reader``), which take what they leave out from those before
(a denial too: ``denials``), or from the next (``completing``, ``sharing``); what joins them
(``sentence``, ``placing``, ``noun_phrases``, ``joining``) or hangs too loosely to be read
(``hanging``); and the rule (``lowering``), where every doubt is a choice (``choosing``). "And"
binds tighter than "or", a comma joins more loosely than a word. What leaves nobody (``conflicts``)
is doubted, or takes the place of what the rule that is edited says (``edits``, ``narrowing``).

Every word is used by a condition, is known to say nothing, or is given back. There is no rule
where what is not understood stands beside an "or" or under a "not", and where words ask for what
no rule may or can hold (``refusals``). A condition on orders with a word unread goes with it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.ai.grammar.answering import Answering
from engine.ai.grammar.lexer import lex

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.ai.vocabulary import Vocabulary
    from engine.domain.asking import Interpretation
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
    """Return what the words mean, and what of them has no meaning here; raises nothing.

    Args:
        words: what somebody typed, up to MAX_WORDS characters.
        vocabulary: what can be named.
        now: the instant that relative dates count from (aware).
        base: a rule that the words edit ("only those in Pune"); None to begin anew.
        taken: the option taken for phrases that can be taken in several ways, by the phrase.
    """
    return Answering(words, lex(words, vocabulary), vocabulary, now, taken).answer(base)
