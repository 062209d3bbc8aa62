"""What a model proposes, judged like any input: what is wrong goes back to it, twice at most."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from engine.ai.model import LEAST_SECONDS
from engine.errors import ModelUnavailable, ModelUnusable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.ai.model import LanguageModel, Question
    from engine.domain.message_copy import Finding

T = TypeVar("T")
MOST_ASKS = 3
QUOTED = 600
"""Characters of what was wrong that are sent back."""


@dataclass(frozen=True, slots=True)
class Wanted(Generic[T]):
    """How many of something, how it is read, judged, and shown to the model that wrote it."""

    count: int
    read: Callable[[Mapping[str, object]], Sequence[T]]
    """Takes them out of an answer; raises ModelUnusable where they are not in there."""
    judge: Callable[[T], tuple[Finding, ...]]
    show: Callable[[T], object]


@dataclass(frozen=True, slots=True)
class Proposals(Generic[T]):
    """What can be used, each with its findings, and why there is not more of it."""

    kept: tuple[tuple[T, tuple[Finding, ...]], ...]
    left_out: tuple[str, ...] = ()
    """For each that was wrong to the end, what was."""
    problem: str | None = None
    """Why the model gave no answer; None where it gave one."""


def proposals(model: LanguageModel, question: Question, wanted: Wanted[T]) -> Proposals[T]:
    """Ask for something, and send back what cannot be used with the reasons.

    Until there is enough, :data:`MOST_ASKS` answers were given, or the question's seconds are over,
    which hold for all asking together.
    """
    kept: list[tuple[T, tuple[Finding, ...]]] = []
    wrong: list[tuple[T, str]] = []
    problem: str | None = None
    until = time.monotonic() + question.seconds
    for ask in range(MOST_ASKS):
        left = until - time.monotonic()
        if ask and left < LEAST_SECONDS:
            break
        sent_back = [{"was": wanted.show(one), "wrong": why[:QUOTED]} for one, why in wrong]
        material = {**question.material, "how_many": wanted.count - len(kept)}
        material |= {"sent_back": sent_back} if sent_back else {}
        try:
            answer = model.answer(replace(question, material=material, seconds=left))
            found = wanted.read(answer.value)
        except (ModelUnavailable, ModelUnusable) as error:
            problem = str(error)
            break
        wrong = []
        for one in found[: wanted.count - len(kept)]:
            if any(one == other for other, _ in kept):
                wrong.append((one, "it is the same as another one"))
                continue
            findings = wanted.judge(one)
            if blocking := [each.words for each in findings if each.blocks]:
                wrong.append((one, "; ".join(blocking)))
            else:
                kept.append((one, findings))
        if len(kept) == wanted.count:
            break
    return Proposals(tuple(kept), tuple(why for _, why in wrong), problem)
