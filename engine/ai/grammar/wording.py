"""What an answer says in words: what was read otherwise, what was not understood, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ai.grammar import refusals
from engine.domain.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.ai.grammar.clauses import Problem
    from engine.ai.grammar.lexemes import Text
    from engine.ai.grammar.lexer import Lexed
    from engine.ai.vocabulary import Vocabulary

_ALL = (
    "all every everyone everybody each the of our my your customers customer users user people "
    "shoppers clients consumers members show me list find get give please select want i we need "
    "entire whole base complete full audience database in a to see us any anyone who are is have "
    "and display"
)
_EVERYONE = frozenset(_ALL.split())
_GUYS = frozenset({"guys", "guy", "dudes"})


def asks_for_everyone(text: Text) -> bool:
    """Whether words ask for everyone, rather than hold nothing that was understood."""
    return all(token.word in _EVERYONE for token in text.tokens if token.word.isalnum())


def readings(lexed: Lexed, vocabulary: Vocabulary, unread: Sequence[Problem] = ()) -> list[str]:
    """Return a sentence for each word that was not taken as it was typed.

    What a word was taken as says nothing where it stands in what is ``unread`` for no reason.
    """
    tokens = lexed.text.tokens
    guys = [token.text for token in tokens if token.word in _GUYS]
    found = [f"“{one}” was taken as people of any gender." for one in guys[:1]]
    if lexed.mended:
        known = {fold(one): one for values in vocabulary.values.values() for one in values}
        found += [
            f"“{tokens[at].text}” was read as {known.get(word, word)}."
            for at, word in lexed.mended.items()
            if not any(one.first <= at < one.end and not one.reason for one in unread)
        ]
    return found


def reasons(problems: Sequence[Problem]) -> list[str]:
    """Return why words have no meaning here, each reason once."""
    found = [refusals.REASONS[one.reason] for one in problems if one.reason in refusals.REASONS]
    return list(dict.fromkeys(found))


def phrases(text: Text, problems: Sequence[Problem]) -> tuple[str, ...]:
    """Return what was not understood as it was typed, neighbours together."""
    spans: list[list[int]] = []
    for one in sorted(problems, key=lambda one: (one.first, one.end)):
        if spans and one.first <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], one.end)
        else:
            spans.append([one.first, one.end])
    found = (text.phrase(first, end) for first, end in spans)
    return tuple(dict.fromkeys(phrase for phrase in found if phrase))
