"""Messages of our own, from ``built_in.toml``: what is written where no model writes."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from engine.ai.copy.links import links
from engine.domain.campaign import Channel, Message
from engine.domain.message_copy import Brief, Tone

SUBJECTS = 5
_NEXT_TONE = {
    Tone.FRIENDLY: Tone.PLAYFUL,
    Tone.FORMAL: Tone.FRIENDLY,
    Tone.PLAYFUL: Tone.FRIENDLY,
    Tone.URGENT: Tone.FRIENDLY,
}
"""Whose subjects fill the five up: a tone has three of its own."""


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("built_in.toml").read_text(encoding="utf-8"))


def messages(brief: Brief) -> tuple[Message, ...]:
    """Return three messages for a brief, with its details as plain text in each."""
    goal = _texts()["goal"][brief.goal]
    ideas = zip(goal[brief.tone], goal["more"], strict=True)
    return tuple(_message(brief, idea, more) for idea, more in ideas)


def subjects(brief: Brief) -> tuple[str, ...]:
    """Return five subjects for a brief's goal, those of its tone first."""
    goal = _texts()["goal"][brief.goal]
    ideas = (*goal[brief.tone], *goal[_NEXT_TONE[brief.tone]])
    return tuple(idea["subject"] for idea in ideas)[:SUBJECTS]


def shorter(message: Message) -> Message | None:
    """Return a message without the sentences of ours that may be left out; None if it has none."""
    extra = {more for goal in _texts()["goal"].values() for more in goal["more"]}
    paragraphs = message.body.split("\n\n")
    kept = [one for one in paragraphs if one.strip() not in extra]
    if len(kept) == len(paragraphs) or not kept:
        return None
    return Message(channel=message.channel, subject=message.subject, body="\n\n".join(kept))


def as_text(text: str) -> str:
    """Return a Liquid template that renders to a text as it stands, whatever is in it."""
    return text.replace("{", '{{ "{" }}')


def _message(brief: Brief, idea: dict[str, str], more: str) -> Message:
    tone = _texts()["tone"][brief.tone]
    details = as_text(_sentence(brief.details))
    leave = as_text(brief.unsubscribe.strip()) or _texts()["leave"][brief.channel]
    if brief.channel is Channel.SMS:
        said = ("{{ workspace_name }}: " + idea["sms"], details, leave)
        return Message(channel=brief.channel, subject="", body=" ".join(one for one in said if one))
    signed = f"{tone['close']}\n{{{{ workspace_name }}}}"
    parts = (tone["hello"], idea["text"], details, more, signed, leave)
    subject = idea["subject"] if brief.channel is Channel.EMAIL else ""
    body = "\n\n".join(one for one in parts if one)
    return Message(channel=brief.channel, subject=subject, body=body)


def _sentence(text: str) -> str:
    """Return a text with a full stop, unless it has an end or ends in a link."""
    text = text.strip()
    if not text or not text[-1].isalnum() or links(text.split()[-1]):
        return text
    return f"{text}."
