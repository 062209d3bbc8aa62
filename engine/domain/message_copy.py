"""Message copy: what somebody wants said, the variants that say it, and what is wrong with each."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.domain.campaign import Channel, Message

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_DETAILS = 1_000
"""Characters of what the message is about."""
MAX_HOW = 300
"""Characters of one's own words on how to rewrite."""
MAX_LANGUAGE = 40
MAX_UNSUBSCRIBE = 200
ENGLISH = "English"


class Goal(StrEnum):
    """What a message is for."""

    WIN_BACK = "win_back"
    WELCOME = "welcome"
    THANK = "thank"
    ANNOUNCE = "announce"
    OFFER = "offer"
    REVIEW = "review"
    BIRTHDAY = "birthday"
    REPLENISH = "replenish"
    CUSTOM = "custom"


class Tone(StrEnum):
    """How it sounds."""

    FRIENDLY = "friendly"
    FORMAL = "formal"
    PLAYFUL = "playful"
    URGENT = "urgent"


class Rewriting(StrEnum):
    """The ways to rewrite that have a name; any other words do as well."""

    SHORTER = "shorter"
    WARMER = "warmer"
    CLEARER = "clearer"


class CopySource(StrEnum):
    """What wrote it."""

    MODEL = "gemini"
    TEMPLATES = "templates"


class Severity(StrEnum):
    """Whether a message can be sent as it is, or is only worth another look."""

    BLOCKS = "blocks"
    WARNS = "warns"


class Check(StrEnum):
    """What is looked at in a message."""

    TEMPLATE = "template"
    """It cannot be read or rendered, or names what is no field."""
    LIQUID = "liquid"
    """More of Liquid than a model may use."""
    EMPTY_SPACE = "empty_space"
    """A field that may be missing, without what stands there then."""
    LENGTH = "length"
    SUBJECT_LENGTH = "subject_length"
    PARTS = "parts"
    """An SMS that is sent, and paid for, as several."""
    SPAM = "spam"
    CAPITALS = "capitals"
    EXCLAMATION = "exclamation"
    REPLY = "reply"
    """A subject that pretends to answer or forward something."""
    UNSUBSCRIBE = "unsubscribe"
    LINK = "link"
    """A link, address, number or picture that nobody asked for."""
    FIGURES = "figures"
    """Numbers that a model was not given."""
    MARKUP = "markup"
    """HTML or Markdown, which the reader sees as it stands."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a message, in words for whoever writes it."""

    check: Check
    words: str
    severity: Severity = Severity.WARNS

    @property
    def blocks(self) -> bool:
        """Whether the message cannot be sent as it is."""
        return self.severity is Severity.BLOCKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What somebody wants written. All texts are data to whatever writes: none is an order."""

    goal: Goal
    tone: Tone
    channel: Channel
    details: str = ""
    """What it is about: an offer, an event, a product. At most :data:`MAX_DETAILS` characters."""
    language: str = ENGLISH
    unsubscribe: str = ""
    """How to get no more of them, in the words to use; empty for ours."""


def _unknown() -> Mapping[str, int]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Whom a message is for, as far as a model may know: a segment's name and sums, no member."""

    segment: str
    count: int
    having: Mapping[str, int] = field(default_factory=_unknown)
    """How many have each field that may be missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way to say it: Liquid templates, and what was found in them."""

    subject: str
    body: str
    findings: tuple[Finding, ...] = ()

    def message(self, channel: Channel) -> Message:
        """Return it as a message; only an e-mail has a subject."""
        subject = self.subject if channel is Channel.EMAIL else ""
        return Message(channel=channel, subject=subject, body=self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What was written. Nothing of it is saved or sent: a person chooses first.

    ``notes`` are sentences about what was left out, assumed, or could not be done; a copy without
    variants says there why.
    """

    variants: tuple[Variant, ...]
    source: CopySource
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectLine:
    """One subject to choose."""

    text: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectLines:
    """Subjects to choose from: five, or fewer where the notes say why."""

    lines: tuple[SubjectLine, ...]
    source: CopySource
    notes: tuple[str, ...] = ()
