"""Whatever is typed, there is an answer, and every rule in it can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.ai.grammar import phrases
from engine.ai.grammar.interpret import interpret
from engine.domain.asking import MAX_WORDS
from engine.rules.validate import check

if TYPE_CHECKING:
    from datetime import datetime

    from engine.ai.vocabulary import Vocabulary
    from engine.domain.asking import Interpretation

_KNOWN = sorted({" ".join(entry.words) for some in phrases.own().values() for entry in some})
_NAMED = [
    *("Pune", "Footwear", "vip", "gold", "Hindi", "women", "5k", "₹500", "3", "2024", "90 days"),
    *("5/3/2025", "31/2/2025", "(", ")", ",", '"', "'", "$50", "10%", "once", "and", "or", "not"),
]
SALADS = st.lists(st.sampled_from([*_KNOWN, *_NAMED * 20]), max_size=40).map(" ".join)
TEXTS = st.one_of(st.text(max_size=MAX_WORDS), SALADS.map(lambda words: words[:MAX_WORDS]))
RUNS = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def usable(found: Interpretation, vocabulary: Vocabulary) -> bool:
    rules = [found.rule, *(one.rule for choice in found.choices for one in choice.options)]
    for rule in rules:
        if rule is not None:
            check(rule, vocabulary.catalogue, vocabulary.workspace)
    return found.rule is not None or bool(found.not_understood) or not found.words.strip()


@RUNS
@given(words=TEXTS)
def test_any_text_has_an_answer(words: str, vocabulary: Vocabulary, now: datetime) -> None:
    assert usable(interpret(words, vocabulary, now), vocabulary)


@RUNS
@given(words=TEXTS)
def test_any_text_edits_a_rule_or_says_that_it_cannot(
    words: str, vocabulary: Vocabulary, now: datetime
) -> None:
    base = interpret("women in Pune or Delhi who spent over 5000", vocabulary, now).rule
    assert usable(interpret(words, vocabulary, now, base=base), vocabulary)


@RUNS
@given(words=SALADS)
def test_the_same_words_have_the_same_answer(
    words: str, vocabulary: Vocabulary, now: datetime
) -> None:
    assert interpret(words, vocabulary, now) == interpret(words, vocabulary, now)
