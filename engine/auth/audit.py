"""Writes the audit log: a change is announced before it is made, so none is without its line."""

from __future__ import annotations

import logging
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import count
from typing import TYPE_CHECKING
from unicodedata import category

from engine.auth.seldom import Seldom
from engine.domain.audit import (
    LONGEST_TEXT,
    Action,
    AuditEntry,
    AuditFilter,
    AuditPage,
    Outcome,
    Scalar,
)
from engine.errors import (
    Cancelled,
    Conflict,
    CrmError,
    Forbidden,
    InvalidInput,
    NotFound,
    SettingsError,
    StoreUnavailable,
    Unavailable,
)
from engine.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.domain.actor import Actor
    from engine.domain.clock import Clock
    from engine.store.audit import AuditStore

logger = logging.getLogger(__name__)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_LINES = 1_000
MOST_WHOLE = 2**63 - 1
_UNSHOWN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, lone surrogates, and what ends a line."""
_NOTHING: dict[str, tuple[object, object]] = {}
NO_SECRETS = Redactor()
"""Finds what a secret, an address or a phone number looks like, and knows no setting's own."""
PERSON = "person"
"""The kind of object that is known by an address: somebody who may sign in."""
MADE_BY = "made by"
"""The change that tells who of ours made what is gone; their address stands as it is."""
_REASONS: dict[type[CrmError], str] = {
    SettingsError: "a setting is missing or wrong",
    InvalidInput: "what was given cannot be taken",
    NotFound: "there is no such object",
    Conflict: "it was changed meanwhile, is in use, or is in a state that forbids this",
    Forbidden: "not permitted",
    Cancelled: "stopped on request",
    StoreUnavailable: "MongoDB did not answer in time; it may have been done",
    Unavailable: "a part that this needs is out of reach; some of it may have been done",
}
"""An error's own words may quote what was given, so they are not kept."""


@dataclass(slots=True)
class Line:
    """What is known of an object while something is done to it; filled in on the way."""

    about: tuple[str, str] | None = None
    name: str = ""
    changes: Mapping[str, tuple[object, object]] = field(default_factory=dict)


class AuditLog:
    """The log of one workspace. For use by any number of threads.

    Secrets, and customers' addresses and phone numbers, are taken out of what people called things.
    """

    def __init__(self, store: AuditStore, clock: Clock, redact: Redactor = NO_SECRETS) -> None:
        self._store = store
        self._clock = clock
        self._redact = redact
        self._seldom = Seldom()
        self._numbers = count()

    def record(
        self,
        actor: Actor,
        action: Action,
        *,
        about: tuple[str, str] | None = None,
        name: str = "",
        changes: Mapping[str, tuple[object, object]] = _NOTHING,
        outcome: Outcome | str = Outcome.DONE,
        reason: str = "",
        seldom: bool = False,
    ) -> None:
        """Write one line about what has happened; ``seldom``: the same one once a minute at most.

        Refusals always are (engine.auth.seldom).

        Raises StoreUnavailable, but for what was refused or failed: it is that anyway, so a line
        that cannot be written is told to the server's own log.
        """
        entry = self._entry(actor, action, Line(about, name, changes), Outcome(outcome), reason)
        if seldom or entry.outcome is Outcome.REFUSED:
            news = self._seldom.news(entry)
            if news is None:
                return
            entry = news
        if entry.outcome is Outcome.DONE:
            self._store.write(entry)
        else:
            self._write_if_possible(entry)

    @contextmanager
    def recording(
        self,
        actor: Actor,
        action: Action,
        *,
        about: tuple[str, str] | None = None,
        name: str = "",
        changes: Mapping[str, tuple[object, object]] = _NOTHING,
    ) -> Iterator[Line]:
        """Write that something begins, let it be done, and write how it ended.

        Where the first cannot be written nothing is done, and StoreUnavailable is raised. Where
        only the second cannot, what was done stays done, and the line reads as interrupted.
        """
        line = Line(about, name, changes)
        begun = self._entry(actor, action, line, Outcome.UNDER_WAY)
        self._store.begin(begun)
        outcome, reason = Outcome.INTERRUPTED, "stopped before it ended; it may have been done"
        try:
            yield line
            outcome, reason = Outcome.DONE, ""
        except Exception as error:
            outcome, reason = Outcome.FAILED, _reason(error)
            raise
        finally:
            ended = self._entry(actor, action, line, outcome, reason)
            self._write_if_possible(
                replace(ended, id=begun.id, at=begun.at, ended_at=self._clock.now())
            )

    def page(
        self,
        *,
        actor: str | None = None,
        action: Action | None = None,
        about: tuple[str, str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> AuditPage:
        """Return up to ``limit`` lines of those that AuditFilter describes, as :meth:`select`."""
        wanted = AuditFilter(actor=actor, action=action, about=about, since=since, until=until)
        return self.select(wanted, after=after, limit=limit)

    def select(
        self, wanted: AuditFilter, *, after: str | None = None, limit: int = 100
    ) -> AuditPage:
        """Return up to ``limit`` (1 to 1,000) lines, the latest first.

        ``after`` is that of the page before.
        """
        if not 1 <= limit <= MOST_LINES:
            msg = f"a page of the audit log has 1 to {MOST_LINES:,} lines, not {limit}"
            raise InvalidInput(msg)
        return self._store.page(wanted, after=after, limit=limit, now=self._clock.now())

    def lines(self, wanted: AuditFilter) -> Iterator[AuditEntry]:
        """Yield every line, the latest first; what is written meanwhile is left out."""
        page = self.select(wanted, limit=MOST_LINES)
        yield from page.entries
        while page.after is not None:
            page = self.select(wanted, after=page.after, limit=MOST_LINES)
            yield from page.entries

    def actors(self) -> tuple[str, ...]:
        """Return the name of everyone who is in the log, ascending."""
        return self._store.actors()

    def _write_if_possible(self, entry: AuditEntry) -> None:
        try:
            self._store.write(entry)
        except CrmError as error:
            logger.warning(
                "the audit log has no line that %s was %s: %s", entry.action, entry.outcome, error
            )

    def _entry(
        self, actor: Actor, action: Action, line: Line, outcome: Outcome, reason: str = ""
    ) -> AuditEntry:
        kind, its_id = line.about or ("", "")
        if kind != PERSON and action is not Action.WORKSPACE_SET:  # both tell of our own addresses
            line = Line(line.about, self._redact(line.name), self._redacted(line.changes))
            its_id = self._redact(its_id)
        at = self._clock.now()
        return AuditEntry(
            id=self._new_id(at),
            at=at,
            actor=_text(actor.name),
            kind=actor.kind,
            address=None if actor.address is None else _text(actor.address),
            action=action,
            about=(_text(kind), _text(its_id)) if line.about else None,
            name=_text(line.name),
            changes={
                _text(field): (_scalar(before), _scalar(after))
                for field, (before, after) in line.changes.items()
            },
            outcome=outcome,
            reason=_text(reason),
        )

    def _redacted(
        self, changes: Mapping[str, tuple[object, object]]
    ) -> dict[str, tuple[object, object]]:
        def text(value: object) -> object:
            return self._redact(value) if isinstance(value, str) else value

        return {
            field: pair if field == MADE_BY else (text(pair[0]), text(pair[1]))
            for field, pair in changes.items()
        }

    def _new_id(self, at: datetime) -> str:
        """Return an id that ascends within a process: MongoDB keeps instants to the millisecond."""
        microseconds = (at - EPOCH) // timedelta(microseconds=1)
        number = next(self._numbers) % 16**6
        return f"{microseconds:014x}{number:06x}{secrets.token_hex(6)}"


def _scalar(value: object) -> Scalar:
    """Return a value as a line holds it; what is not short is told by its type only.

    It raises nothing: what is to be told has been done by now.
    """
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, datetime):
        value = value.isoformat()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int) and abs(value) > MOST_WHOLE:
        return _text(f"{value}")
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return f"({type(value).__name__})"


def _text(value: str) -> str:
    """Return a text that MongoDB can hold, in one line and not too long."""
    short = value if len(value) <= LONGEST_TEXT else f"{value[: LONGEST_TEXT - 1]}…"
    return "".join("�" if category(c) in _UNSHOWN else c for c in short)


def _reason(error: Exception) -> str:
    found = (_REASONS[one] for one in type(error).__mro__ if one in _REASONS)
    return next(found, f"an error of the software ({type(error).__name__})")
