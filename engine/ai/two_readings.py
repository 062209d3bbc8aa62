"""The model's reading of words beside the grammar's: which is taken, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.ai.doubts import joined, unread
from engine.domain.asking import Choice, Interpretation, Option
from engine.errors import CrmError
from engine.rules.words import words

if TYPE_CHECKING:
    from engine.ai.measured import Measure, Measured
    from engine.ai.vocabulary import Vocabulary
    from engine.domain.rules import Rule

NO_RULE = "The language model found no rule in these words."
UNCHECKED = (
    "The built-in grammar did not understand all of these words, so nothing has checked the "
    "language model's reading: look at the rule."
)
DIFFER = (
    "The language model and the built-in grammar read these words differently: they hold {} and {} "
    "customers."
)


def compared(
    proposed: Interpretation,
    read: Interpretation,
    vocabulary: Vocabulary,
    measure: Measure,
    base: Rule | None = None,
) -> Interpretation:
    """Return the answer made of both readings; ``read`` is the grammar's, ``base`` what is edited.

    Two rules are one reading where they have the same members. Two that hold nobody are so only
    where they read the same. What either did not understand stays in doubt, whoever's rule is
    taken; phrases that the grammar did not understand only where the model's do not hold them.
    """
    if proposed.rule is None:
        return _without_the_models(proposed, read)
    if read.rule is None or not read.certain:
        return replace(
            proposed,
            not_understood=joined(
                proposed.not_understood, unread(proposed, read, vocabulary, base)
            ),
            notes=(*read.notes, *proposed.notes),
            warnings=(UNCHECKED,),
        )
    theirs, ours = _measured(proposed.rule, measure), _measured(read.rule, measure)
    spoken = {
        words(one, vocabulary.catalogue, vocabulary.workspace) for one in (proposed.rule, read.rule)
    }
    if theirs == ours and (len(spoken) == 1 or (theirs is not None and theirs.count)):
        return replace(proposed, choices=read.choices, notes=(*read.notes, *proposed.notes))
    if (choices := _otherwise_taken(read, theirs, measure)) is not None:
        return replace(proposed, choices=choices)
    return _both(proposed, read, theirs, ours)


def _without_the_models(proposed: Interpretation, read: Interpretation) -> Interpretation:
    doubted = joined(proposed.not_understood, read.not_understood)
    if read.rule is None:
        notes = (*read.notes, NO_RULE, *proposed.notes)
        return replace(read, notes=notes, not_understood=doubted)
    return replace(
        read,
        not_understood=doubted or (read.words,),
        notes=(*read.notes, *proposed.notes),
        warnings=(NO_RULE,),
    )


def _measured(rule: Rule, measure: Measure) -> Measured | None:
    try:
        return measure(rule)
    except CrmError:  # the model's was measured before: this is the grammar's, or data that changed
        return None


def _otherwise_taken(
    read: Interpretation, theirs: Measured | None, measure: Measure
) -> tuple[Choice, ...] | None:
    """Return the grammar's choices with the option taken that the model took; None if none is."""
    if theirs is None or not theirs.count:
        return None
    for at, choice in enumerate(read.choices):
        for index, option in enumerate(choice.options):
            if index != choice.taken and _measured(option.rule, measure) == theirs:
                taken = replace(choice, taken=index)
                return (*read.choices[:at], taken, *read.choices[at + 1 :])
    return None


def _both(
    proposed: Interpretation, read: Interpretation, theirs: Measured | None, ours: Measured | None
) -> Interpretation:
    read = replace(read, not_understood=proposed.not_understood)
    assert proposed.rule is not None  # noqa: S101 - compared() has looked
    assert read.rule is not None  # noqa: S101 - as above
    first = proposed if proposed.certain else read
    choice = Choice(
        phrase=read.words,
        question="Two readings: which one is meant?",
        options=(
            Option(f"The language model's: {_customers(theirs)}", proposed.rule, proposed),
            Option(f"The built-in grammar's: {_customers(ours)}", read.rule, read),
        ),
        taken=0 if first is proposed else 1,
        joins=True,
    )
    note = DIFFER.format(_number(theirs), _number(ours))
    return replace(first, choices=(choice,), notes=(note, *first.notes))


def _number(found: Measured | None) -> str:
    return "an unknown number of" if found is None else f"{found.count:,}"


def _customers(found: Measured | None) -> str:
    return f"{_number(found)} customers"
