"""The audit log's lines: who did what to which object, from where, when, and what changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Scalar: TypeAlias = "str | int | float | bool | None"
"""A value short enough to be read in a line."""
LONGEST_TEXT = 200
"""Characters of a text in a line; a longer one is cut."""


class Action(StrEnum):
    """What was done, or tried."""

    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    SIGN_OUT_EVERYWHERE = "sign_out_everywhere"
    CALL = "call"
    """A call of the engine that was refused; the object is the method."""

    SEGMENT_SAVE = "segment_save"
    SEGMENT_RESTORE = "segment_restore"
    SEGMENT_DELETE = "segment_delete"
    CAMPAIGN_SAVE = "campaign_save"
    CAMPAIGN_DELETE = "campaign_delete"
    CAMPAIGN_LAUNCH = "campaign_launch"

    IMPORT = "import"
    MAPPING_SAVE = "mapping_save"
    DEMO_LOAD = "demo_load"
    DEMO_REMOVE = "demo_remove"
    LETTER_REPLAY = "letter_replay"
    LETTER_DROP = "letter_drop"
    ERASE = "erase"

    EXPORT = "export"
    """Rows about people were taken out; the object says which."""
    EXPORT_EVERYTHING = "export_everything"

    KEY_CREATE = "key_create"
    KEY_REVOKE = "key_revoke"
    PERSON_INVITE = "person_invite"
    PERSON_ROLE = "person_role"
    PERSON_DISABLE = "person_disable"
    PERSON_ENABLE = "person_enable"
    PERSON_REMOVE = "person_remove"
    CREDENTIAL_SET = "credential_set"
    CREDENTIAL_REMOVE = "credential_remove"
    WORKSPACE_SET = "workspace_set"

    OTHER = "other"
    """What another version of this software wrote down."""


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    """Begun, and no end was written: the process ended meanwhile. It may have been done."""
    UNDER_WAY = "under_way"


LASTS = MappingProxyType(
    dict.fromkeys(
        (
            *(Action.IMPORT, Action.DEMO_LOAD, Action.DEMO_REMOVE, Action.ERASE),
            *(Action.EXPORT, Action.EXPORT_EVERYTHING),
        ),
        timedelta(hours=1),
    )
)
"""What may be under way for longer than ``AT_MOST``."""
AT_MOST = timedelta(seconds=60)
"""What was begun longer ago, and has no end, reads as interrupted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line. Instants are in UTC.

    It holds no message, no rule and no record of a customer. Names that people gave to things stand
    in it, less what looks like a secret, an address or a phone number.
    """

    id: str
    at: datetime
    """When it began."""
    actor: str
    kind: Literal["person", "program", "process"]
    address: str | None
    """Where the request came from, as far as it is known."""
    action: Action
    about: tuple[str, str] | None = None
    """The kind and the id of the object."""
    name: str = ""
    """The object's name at that time."""
    changes: Mapping[str, tuple[Scalar, Scalar]] = field(default_factory=dict)
    """By field: what it was, and what it became."""
    outcome: Outcome
    reason: str = ""
    """Why it was refused, or failed."""
    ended_at: datetime | None = None
    """When it ended; None for what took no time, and for what has no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Some lines, the latest first."""

    entries: tuple[AuditEntry, ...]
    after: str | None
    """Where the next page begins; None after the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which lines are wanted; None takes all."""

    actor: str | None = None
    action: Action | None = None
    about: tuple[str, str] | None = None
    """The kind and the id of an object; an empty id takes every object of the kind."""
    since: datetime | None = None
    """Inclusive."""
    until: datetime | None = None
    """Exclusive."""
