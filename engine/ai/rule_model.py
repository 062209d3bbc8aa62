"""A language model's reading of words: asked, held to the same checks as any rule, asked again."""

from __future__ import annotations

import time
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.ai.doubts import left_out, standing
from engine.ai.model import LEAST_SECONDS, Question
from engine.ai.rule_grounds import ungrounded
from engine.ai.rule_instructions import INSTRUCTIONS
from engine.ai.rule_prompt import brief
from engine.ai.rule_reading import rule_of
from engine.ai.rule_schema import SCHEMA
from engine.domain.asking import Interpretation, Source, Understood
from engine.errors import CrmError, ModelUnusable, RuleError
from engine.rules import validate
from engine.rules.tree import walk
from engine.rules.words import reader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from engine.ai.model import LanguageModel
    from engine.ai.rule_prompt import Briefing
    from engine.ai.rule_reading import Written
    from engine.ai.vocabulary import Vocabulary
    from engine.domain.rules import Rule

CORRECTIONS = 2
"""How often what is wrong with a rule goes back to the model."""
PURPOSE = "rule"
MOST_PROBLEMS = 20
MOST_NOTES = 5
LONGEST_NOTE = 300
LEFT_OUT = "The language model's rule does not hold this:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of the model, and what its rule is held to.

    ``evaluated`` raises CrmError for a rule that cannot be evaluated.
    """

    words: str
    vocabulary: Vocabulary
    now: datetime
    base: Rule | None
    evaluated: Callable[[Rule], object]


def model_reading(model: LanguageModel, request: Request, *, seconds: float) -> Interpretation:
    """Return what a model makes of words; ``seconds`` are for all that is asked.

    What is wrong goes back while there are :data:`engine.ai.model.LEAST_SECONDS`.

    Raises:
        ModelUnavailable: no answer in time.
        ModelUnusable: no rule that means something, corrections included.
    """
    until = time.monotonic() + seconds
    told = brief(request.words, request.vocabulary, request.now, request.base)
    material = told.material
    for ask in range(1 + CORRECTIONS):
        left = until - time.monotonic()
        if ask and left < LEAST_SECONDS:
            break
        question = Question(
            purpose=PURPOSE,
            instructions=INSTRUCTIONS,
            material=material,
            words=request.words,
            schema=SCHEMA,
            seconds=left,
        )
        answer = model.answer(question).value
        try:
            written = _checked(answer, told, request)
        except RuleError as error:
            problems = [one[:500] for one in error.problems[:MOST_PROBLEMS]]
            material = {**told.material, "your_last_answer": answer, "its_problems": problems}
            continue
        return _interpretation(answer, written, request, told)
    msg = "the language model's rule still means nothing after it was told what is wrong with it"
    raise ModelUnusable(msg)


def _checked(answer: Mapping[str, object], told: Briefing, request: Request) -> Written | None:
    """Return the rule that was written; RuleError with all that is wrong with it."""
    vocabulary = request.vocabulary
    written = rule_of(answer, vocabulary.catalogue, told.refs, told.salt)
    if written is None:
        return None
    rule = written.rule
    validate.check(rule, vocabulary.catalogue, vocabulary.workspace)
    base = told.base
    if found := ungrounded(rule, request.words, vocabulary, None if base is None else base.rule):
        raise RuleError(found)
    if base is not None:
        written = replace(written, rule=base.restored(rule))
    try:
        request.evaluated(written.rule)
    except CrmError as error:
        problems = error.problems if isinstance(error, RuleError) else [str(error)]
        raise RuleError([base.silent(one) if base else one for one in problems]) from None
    return written


def _interpretation(
    answer: Mapping[str, object], written: Written | None, request: Request, told: Briefing
) -> Interpretation:
    given: Mapping[str, Sequence[str]] = answer  # type: ignore[assignment]  # as the schema says
    rule = None if written is None else written.rule
    spoken = str if told.base is None else told.base.spoken
    return Interpretation(
        words=request.words,
        rule=rule,
        understood=() if written is None else _understood(answer, written, request),
        not_understood=left_out(given["not_understood"], request.words),
        notes=(
            *_in_other_words(given["not_understood"], request.words),
            *filter(None, (one_line(spoken(one)) for one in given["notes"][:MOST_NOTES])),
        ),
        source=Source.MODEL,
    )


def _understood(
    answer: Mapping[str, object], written: Written, request: Request
) -> tuple[Understood, ...]:
    """Say what phrases became as our own rule reads out; what the model says of it is not asked."""
    vocabulary = request.vocabulary
    names = {**vocabulary.segments, **vocabulary.campaigns}
    read = reader(vocabulary.catalogue, vocabulary.workspace, names)
    nodes = dict(walk(written.rule.root))
    pairs: Sequence[Mapping[str, str]] = answer["understood"]  # type: ignore[assignment]  # as above
    found = []
    for one in pairs:
        path = written.paths.get(one["node"], "")
        phrase = standing(one["phrase"], request.words)
        if path in nodes and phrase:
            found.append(Understood(phrase, read(nodes[path])))
    return tuple(found)


def _in_other_words(phrases: Sequence[str], words: str) -> tuple[str, ...]:
    """Say what was not understood where it is not put as it was typed."""
    others = [one_line(one) for one in phrases if standing(one, words) is None]
    return tuple(f"{LEFT_OUT} “{one}”." for one in filter(None, others))[:MOST_NOTES]


def one_line(text: str) -> str:
    """Return a text of a model's as one line of text that can be seen, cut where it is long."""
    seen = "".join(
        " " if one.isspace() else one
        for one in text
        if one.isspace() or unicodedata.category(one)[0] != "C"
    )
    line = " ".join(seen.split())
    return line if len(line) <= LONGEST_NOTE else line[: LONGEST_NOTE - 1] + "…"
