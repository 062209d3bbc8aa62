"""How well words become rules: equal members are equal meaning."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import RuleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from engine.ai.evaluation.utterances import Utterance
    from engine.domain.asking import Interpretation
    from engine.domain.rules import Rule

DECIMALS = 4
REFUSED_RIGHTLY = "refused_rightly"
SILENTLY_WRONG = "silently_wrong"
SILENTLY_WRONG_WITHOUT_CHOICE = "silently_wrong_without_choice"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer was worth.

    ``right``: its rule holds whom a right rule holds; for words that cannot be answered, there is
    no rule, or words are said not to be understood. ``silently_wrong``: there is a rule that is
    not right, and no word is said not to be understood; notes and choices are no such doubt.
    """

    utterance: Utterance
    answer: Interpretation
    right: bool

    @property
    def silently_wrong(self) -> bool:
        """Whether somebody who trusts the answer is misled."""
        return not self.right and self.answer.certain


def judge(
    utterances: Iterable[Utterance],
    ask: Callable[[str], Interpretation],
    members: Callable[[Rule], bytes],
) -> Iterator[Verdict]:
    """Ask each utterance, and compare whom the answer's rule holds with whom the right one does.

    ``members`` returns the same bytes for the same customers. A rule of the answer that means
    nothing is wrong.
    """
    for utterance in utterances:
        answer = ask(utterance.words)
        if utterance.rules:
            right = answer.rule is not None and _right(answer.rule, utterance.rules, members)
        else:
            right = not answer.certain
        yield Verdict(utterance, answer, right)


def _right(rule: Rule, keys: Sequence[Rule], members: Callable[[Rule], bytes]) -> bool:
    try:
        given = members(rule)
    except RuleError:
        return False
    return any(members(key) == given for key in keys)


def figures(verdicts: Sequence[Verdict]) -> dict[str, float | int | str]:
    """Return the share right of each group, and what was refused rightly and silently wrong.

    Groups are those of utterances that have an answer. The shares of what is silently wrong are of
    all utterances; in the second of them a choice that the answer offers counts as doubt, too.
    """
    found: dict[str, float | int | str] = {}
    answerable = [one for one in verdicts if one.utterance.rules]
    for group in dict.fromkeys(one.utterance.group for one in answerable):
        found[group] = _share(one.right for one in answerable if one.utterance.group == group)
    if refusals := [one.right for one in verdicts if not one.utterance.rules]:
        found[REFUSED_RIGHTLY] = _share(refusals)
    found[SILENTLY_WRONG] = _share(one.silently_wrong for one in verdicts)
    found[SILENTLY_WRONG_WITHOUT_CHOICE] = _share(
        one.silently_wrong and not one.answer.choices for one in verdicts
    )
    found["utterances"] = len(verdicts)
    sources = Counter(one.answer.source.value for one in verdicts)
    found["source"] = ", ".join(source for source, _ in sources.most_common())
    return found


def _share(truths: Iterable[bool]) -> float:
    listed = list(truths)
    return round(sum(listed) / len(listed), DECIMALS) if listed else 0.0
