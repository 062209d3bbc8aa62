"""Message copy: written and rewritten by a model where there is one, and from texts of our own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.ai.copy import built_in, by_model
from engine.ai.copy.check import check, check_subject
from engine.domain.campaign import Channel
from engine.domain.message_copy import (
    ENGLISH,
    MAX_DETAILS,
    MAX_HOW,
    MAX_LANGUAGE,
    MAX_UNSUBSCRIBE,
    Brief,
    Copy,
    CopySource,
    Goal,
    Rewriting,
    SubjectLine,
    SubjectLines,
    Variant,
)
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.ai.model import LanguageModel
    from engine.domain.campaign import Message
    from engine.domain.message_copy import Readers
    from engine.domain.workspace import Workspace

NEED_DETAILS = frozenset({Goal.ANNOUNCE, Goal.OFFER, Goal.CUSTOM})
INSTEAD = "These are built-in texts instead."
NEEDS_KEY = "Rewriting needs a key for Gemini, and none is set."
NOTHING_TO_DROP = "There is nothing built in to leave out; any other way needs a key for Gemini."


@dataclass(frozen=True, slots=True)
class CopyWriter:
    """What writes messages for a person to choose from. It saves and sends nothing."""

    model: LanguageModel | None = None

    def write(self, brief: Brief, workspace: Workspace, readers: Readers | None = None) -> Copy:
        """Return three variants, or fewer with the reason; raises InvalidInput for a bad brief."""
        _checked(brief)
        problem: tuple[str, ...] = ()
        if self.model is not None:
            found = by_model.written(self.model, brief, workspace, readers)
            if found.variants:
                return found
            problem = (*found.notes, INSTEAD)
        return Copy(
            variants=tuple(
                Variant(
                    subject=one.subject,
                    body=one.body,
                    findings=check(one, workspace, opt_out=brief.unsubscribe),
                )
                for one in built_in.messages(brief)
            ),
            source=CopySource.TEMPLATES,
            notes=(*problem, *_in_english_only(brief)),
        )

    def rewrite(self, message: Message, how: str, workspace: Workspace) -> Copy:
        """Return one variant of a message: shorter, warmer, clearer, or as ``how`` says.

        Without a model only what is built in can be made shorter; the notes say so.
        Raises InvalidInput where there is nothing to rewrite, or no word on how.
        """
        how = how.strip()
        if not message.body.strip() or not how:
            msg = "write a message first, and say how to rewrite it, such as: shorter"
            raise InvalidInput(msg)
        _at_most("how to rewrite it", how, MAX_HOW)
        problem: tuple[str, ...] = ()
        if self.model is not None:
            found = by_model.rewritten(self.model, message, how, workspace)
            if found.variants:
                return found
            problem = found.notes
        variants: tuple[Variant, ...] = ()
        notes = problem or (NOTHING_TO_DROP if how == Rewriting.SHORTER else NEEDS_KEY,)
        if how == Rewriting.SHORTER and (short := built_in.shorter(message)) is not None:
            findings = check(short, workspace)
            variants = (Variant(subject=short.subject, body=short.body, findings=findings),)
            notes = problem
        return Copy(variants=variants, source=CopySource.TEMPLATES, notes=notes)

    def subject_lines(
        self, brief: Brief, workspace: Workspace, message: Message | None = None
    ) -> SubjectLines:
        """Return five subjects for an e-mail: for a brief, and for the message if there is one.

        Raises InvalidInput for a bad brief.
        """
        brief = replace(brief, channel=Channel.EMAIL)
        body = "" if message is None else message.body.strip()
        _checked(brief, needs_details=not body)
        problem: tuple[str, ...] = ()
        if self.model is not None:
            found = by_model.subject_lines(self.model, brief, workspace, body)
            if found.lines:
                return found
            problem = (*found.notes, INSTEAD)
        return SubjectLines(
            lines=tuple(
                SubjectLine(text=one, findings=check_subject(one, workspace))
                for one in built_in.subjects(brief)
            ),
            source=CopySource.TEMPLATES,
            notes=(*problem, *_in_english_only(brief)),
        )


def _checked(brief: Brief, *, needs_details: bool = True) -> None:
    _at_most("what it is about", brief.details, MAX_DETAILS)
    _at_most("the language", brief.language, MAX_LANGUAGE)
    _at_most("how to get no more of them", brief.unsubscribe, MAX_UNSUBSCRIBE)
    if needs_details and brief.goal in NEED_DETAILS and not brief.details.strip():
        msg = "say what it is about, such as: 20% off all shoes until Sunday"
        raise InvalidInput(msg)


def _at_most(what: str, text: str, limit: int) -> None:
    if len(text) > limit:
        msg = f"{what} has {len(text):,} characters; {limit:,} are the limit"
        raise InvalidInput(msg)


def _in_english_only(brief: Brief) -> tuple[str, ...]:
    if brief.language.strip().casefold() in {"", ENGLISH.casefold()}:
        return ()
    return (f"The built-in texts are in English; {brief.language.strip()} needs a key for Gemini.",)
