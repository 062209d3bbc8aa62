"""Which words are in doubt where two read them: phrases that a rule leaves out are given back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from engine.ai.grammar.refusals import REASONS
from engine.domain.rules import All, Any, Not
from engine.domain.text import fold
from engine.rules.tree import walk
from engine.rules.words import reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.ai.vocabulary import Vocabulary
    from engine.domain.asking import Interpretation, Understood
    from engine.domain.rules import Rule

_RUN = re.compile(r"\w+")
ALIKE = 70
"""Of 100: "keeping" is 73 like "keep"."""
SHORTEST = 3
"""Letters of a word that says what a phrase is about."""
_UNSAYABLE = frozenset(text for name, text in REASONS.items() if name != "language")
"""Why the grammar knows that no rule can answer; that it reads English only is no such reason."""


def standing(phrase: str, words: str) -> str | None:
    """Return a phrase as it stands in the words, case aside; None where it does not stand there."""
    folded, sought = fold(words), fold(phrase.strip())
    at = folded.find(sought)
    if not sought or at < 0:
        return None
    # Folding may change a text's length; then the phrase stands as it was written.
    return words[at : at + len(phrase.strip())] if len(folded) == len(words) else phrase.strip()


def meant(phrase: str, words: str) -> str | None:
    """Return the stretch of words that a phrase in other words is about; None where none is.

    >>> meant("keeping pigeons", "in Pune who keep pigeons")
    'keep pigeons'
    """
    sought = [one for one in _RUN.findall(fold(phrase)) if len(one) >= SHORTEST]
    hits = [
        one
        for one in _RUN.finditer(words)
        if len(one[0]) >= SHORTEST
        and any(fuzz.ratio(fold(one[0]), other) >= ALIKE for other in sought)
    ]
    return words[hits[0].start() : hits[-1].end()] if hits else None


def left_out(phrases: Sequence[str], words: str) -> tuple[str, ...]:
    """Return what a model did not understand, as it stands in the words.

    Phrases in other words are found again by what they are about. Where none of them can be found
    all the words are in doubt: a doubt never gets lost for how it was put.
    """
    given = [one for one in dict.fromkeys(map(str.strip, phrases)) if one]
    exact = [standing(one, words) for one in given]
    about = [found or meant(one, words) for one, found in zip(given, exact, strict=True)]
    kept = joined((), filter(None, about))
    return kept or ((words,) if given else ())


def joined(first: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    """Return phrases once each, without those of ``more`` that a phrase before them holds."""
    found = list(dict.fromkeys(first))
    for phrase in more:
        if not any(fold(phrase) in fold(one) for one in found):
            found.append(phrase)
    return tuple(found)


def unread(
    proposed: Interpretation, read: Interpretation, vocabulary: Vocabulary, base: Rule | None
) -> Iterable[str]:
    """Return the phrases that the grammar did not understand and the model does not account for.

    It accounts for those within phrases that became a condition which is neither in ``base``, the
    rule that is edited, nor read by the grammar elsewhere in the words. Where the grammar knows
    that no rule can answer, nothing accounts for them.
    """
    if proposed.rule is None or _UNSAYABLE.intersection(read.notes):
        return read.not_understood
    had = {one.meaning for one in read.understood}
    had |= set() if base is None else _conditions(base, vocabulary)
    new = _conditions(proposed.rule, vocabulary) - had
    spans = [
        span
        for one in proposed.understood
        if any(condition in one.meaning for condition in new) and not _says_too_much(one, read)
        for span in _places(one.phrase, read.words)
    ]
    return [one for one in read.not_understood if not _within(one, read.words, spans)]


def _says_too_much(one: Understood, read: Interpretation) -> bool:
    """Whether a phrase goes over words that cannot all have become what it says.

    It goes over one that the grammar understood, and does not hold what that became; or it is all
    of the words where the grammar has no rule, and knows which of them it is that stand against it.
    """
    phrase = fold(one.phrase)
    if read.rule is None and phrase == fold(read.words):
        return read.words not in read.not_understood
    return any(
        fold(other.phrase) in phrase and other.meaning not in one.meaning
        for other in read.understood
    )


def _conditions(rule: Rule, vocabulary: Vocabulary) -> set[str]:
    """Return how each condition reads by itself."""
    names = {**vocabulary.segments, **vocabulary.campaigns}
    read = reader(vocabulary.catalogue, vocabulary.workspace, names)
    return {read(node) for _, node in walk(rule.root) if not isinstance(node, (All, Any, Not))}


def _places(phrase: str, words: str) -> list[tuple[int, int]]:
    return [one.span() for one in re.finditer(re.escape(phrase), words, re.IGNORECASE)]


def _within(phrase: str, words: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether each word of a phrase lies in one of the spans, wherever the phrase stands."""
    places = _places(phrase, words)
    return bool(places) and all(
        any(start <= at + one.start() and at + one.end() <= end for start, end in spans)
        for at, _ in places
        for one in _RUN.finditer(phrase)
    )
