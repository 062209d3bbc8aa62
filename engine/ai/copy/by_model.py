"""Message copy by a language model, every piece of it checked before anybody sees it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from engine.ai.copy import instructions
from engine.ai.copy.check import check, check_subject, sentence
from engine.ai.copy.links import cleaned
from engine.ai.copy.proposals import Wanted, proposals
from engine.ai.model import Question
from engine.domain.campaign import Channel, Message
from engine.domain.message_copy import (
    Brief,
    Copy,
    CopySource,
    Rewriting,
    SubjectLine,
    SubjectLines,
    Variant,
)
from engine.errors import ModelUnusable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.ai.copy.proposals import Proposals, T
    from engine.ai.model import LanguageModel
    from engine.domain.message_copy import Finding, Readers
    from engine.domain.workspace import Workspace

VARIANTS = 3
SUBJECTS = 5
HOW = {
    Rewriting.SHORTER: "make it shorter: keep what the reader has to know and leave out the rest",
    Rewriting.WARMER: "make it warmer and more personal",
    Rewriting.CLEARER: "make it clearer: plain words, one thought a sentence, the point first",
}
_WAYS = {way.value: said for way, said in HOW.items()}


def written(
    model: LanguageModel, brief: Brief, workspace: Workspace, readers: Readers | None
) -> Copy:
    """Return up to three variants for a brief, and why there are fewer."""
    question = Question(
        purpose="copy",
        instructions=instructions.WRITE,
        material=instructions.material(brief.channel, workspace, brief, readers),
        words=brief.details,
        schema=instructions.messages_schema(),
    )
    given = f"{brief.details}\n{brief.unsubscribe}"
    judge = partial(
        check, workspace=workspace, given=given, opt_out=brief.unsubscribe, readers=readers
    )
    return _asked(model, question, VARIANTS, brief.channel, judge)


def rewritten(model: LanguageModel, message: Message, how: str, workspace: Workspace) -> Copy:
    """Return a message written anew, or none and why; links of its own it may keep."""
    told = instructions.material(message.channel, workspace, None, None)
    question = Question(
        purpose="copy",
        instructions=instructions.REWRITE,
        material={**told, "message": {"subject": message.subject, "body": message.body}},
        words=_WAYS.get(how, how),
        schema=instructions.messages_schema(),
    )
    given = f"{message.subject}\n{message.body}\n{how}"
    judge = partial(check, workspace=workspace, given=given)
    return _asked(model, question, 1, message.channel, judge)


def subject_lines(
    model: LanguageModel, brief: Brief, workspace: Workspace, body: str
) -> SubjectLines:
    """Return up to five subjects for a brief, and for the body if there is one."""
    told = instructions.material(Channel.EMAIL, workspace, brief, None)
    question = Question(
        purpose="subject",
        instructions=instructions.SUBJECTS,
        material={**told, "message": {"body": body}} if body else told,
        words=brief.details,
        schema=instructions.subjects_schema(),
    )
    judge = partial(check_subject, workspace=workspace, given=f"{brief.details}\n{body}")
    found = proposals(model, question, Wanted(SUBJECTS, _subjects, judge, str))
    return SubjectLines(
        lines=tuple(SubjectLine(text=one, findings=said) for one, said in found.kept),
        source=CopySource.MODEL,
        notes=_why_fewer(found, SUBJECTS, "subject"),
    )


def _asked(
    model: LanguageModel,
    question: Question,
    count: int,
    channel: Channel,
    judge: Callable[[Message], tuple[Finding, ...]],
) -> Copy:
    def read(answer: Mapping[str, object]) -> list[Message]:
        return [_message(one, channel) for one in _listed(answer, "messages")]

    found = proposals(model, question, Wanted(count, read, judge, _shown))
    return Copy(
        variants=tuple(
            Variant(subject=one.subject, body=one.body, findings=said) for one, said in found.kept
        ),
        source=CopySource.MODEL,
        notes=_why_fewer(found, count, "variant"),
    )


def _shown(message: Message) -> dict[str, str]:
    return {"subject": message.subject, "body": message.body}


def _message(item: object, channel: Channel) -> Message:
    match item:
        case {"subject": str(subject), "body": str(body)}:
            subject = " ".join(cleaned(subject).split()) if channel is Channel.EMAIL else ""
            return Message(channel=channel, subject=subject, body=cleaned(body))
    msg = "the language model answered something that is no message"
    raise ModelUnusable(msg)


def _subjects(answer: Mapping[str, object]) -> list[str]:
    found = _listed(answer, "subjects")
    if not all(isinstance(one, str) for one in found):
        msg = "the language model answered something that is no subject"
        raise ModelUnusable(msg)
    return [" ".join(cleaned(str(one)).split()) for one in found]


def _listed(answer: Mapping[str, object], name: str) -> list[object]:
    found = answer.get(name)
    if not isinstance(found, list):
        msg = f"the language model's answer has no list of {name}"
        raise ModelUnusable(msg)
    return found


def _why_fewer(found: Proposals[T], wanted: int, noun: str) -> tuple[str, ...]:
    """Say what is missing and why; nothing where there is enough."""
    if len(found.kept) >= wanted:
        return ()
    notes = [f"A {noun} is left out. {sentence(why)}." for why in found.left_out]
    if found.problem is not None:
        notes.append(f"Gemini gave no answer: {found.problem}.")
    return tuple(notes or [f"Gemini wrote {len(found.kept)} of {wanted} {noun}s."])
