"""What words became in a draft, as it is kept beside it: the answer, and what was there before."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.asking import Interpretation
    from engine.domain.rules import Rule
    from pages._ui.rule_document import Document
    from pages._ui.segment_draft import SegmentDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer to words, which stands beside the draft until it is put away."""

    found: Interpretation
    base: Rule | None
    """The rule that the words edit; None where they began anew."""
    taken: Mapping[str, int]
    """The options that were taken, by phrase."""
    before: SegmentDraft
    """The draft as it stood before the words, with the answer that stood beside it then."""
    put: Document | None
    """The bare rule that the draft was given; None where no rule came of the words."""
    serial: int
    """Names the answer's choices on the page. A choice that is taken leaves it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Words of one draft that are to be read."""

    draft_id: str
    words: str
    edits: bool
    """Whether they change the rule that is there, rather than begin anew."""
    again: Answer | None = None
    """The answer that another option was taken of: the same words, on the same rule."""
    taken: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the words; ``understood`` is None where it is neither in the rule nor missed."""

    text: str
    understood: bool | None = None


def parts(found: Interpretation) -> tuple[Part, ...]:
    """Return the words in pieces: which are in the rule, which are not, and what is between.

    A phrase that stands in the words several times is marked where it is free; the longest first,
    for a short one may be a part of it.
    """
    phrases = [(one.phrase, True) for one in found.understood]
    phrases += [(one, False) for one in found.not_understood]
    marks: list[tuple[int, int, bool]] = []
    for phrase, understood in sorted(phrases, key=lambda one: -len(one[0])):
        if not phrase.strip():
            continue
        for hit in re.finditer(rf"(?<!\w){re.escape(phrase)}(?!\w)", found.words):
            if all(hit.end() <= start or end <= hit.start() for start, end, _ in marks):
                marks.append((hit.start(), hit.end(), understood))
                break
    pieces: list[Part] = []
    at = 0
    for start, end, understood in sorted(marks):
        pieces.append(Part(found.words[at:start]))
        pieces.append(Part(found.words[start:end], understood))
        at = end
    return tuple(one for one in (*pieces, Part(found.words[at:])) if one.text)
