"""Sessions of people: begun, recognised by their token, given new tokens, ended.

A token and a ticket are 256 random bits each, so a plain SHA-256 of them is kept. A session ends
eight hours after it was last seen and seven days after it began, whatever comes first.
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.auth.secret_texts import hashed
from engine.domain.user import Origin, Session
from engine.errors import NotAuthenticated
from engine.store.sessions import StoredSession
from engine.store.tickets import Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.clock import Clock
    from engine.domain.permission import Role
    from engine.store.sessions import SessionStore
    from engine.store.tickets import TicketStore

IDLE = timedelta(hours=8)
LONGEST = timedelta(days=7)
ROTATED_AFTER = timedelta(hours=1)
OLD_TOKEN_HOLDS = timedelta(seconds=60)
"""A page that was loading when the token changed still comes with the old one."""
TICKET_HOLDS = timedelta(seconds=60)
CACHED_SECONDS = 5.0
"""A session that another process ended is taken for so long at most."""
MOST_CACHED = 10_000
ENDED = "this session has ended; sign in again"


@dataclass(frozen=True, slots=True)
class _Known:
    """A session as it was found at ``at`` (monotonic seconds)."""

    stored: StoredSession
    at: float


class Sessions:
    """The sessions of one workspace, as one process knows them. For any number of threads."""

    def __init__(self, store: SessionStore, tickets: TicketStore, clock: Clock) -> None:
        self._store = store
        self._tickets = tickets
        self._clock = clock
        self._known: dict[str, _Known] = {}

    def begin(
        self, email: str, origin: Origin, *, demo_role: Role | None = None
    ) -> tuple[StoredSession, str]:
        """Begin a session; return it with its token, which is not kept."""
        now = self._clock.now()
        token = secrets.token_urlsafe(32)
        session = Session(
            session_id=secrets.token_hex(16),
            email=email,
            began_at=now,
            last_seen_at=_minute(now),
            ends_at=now + LONGEST,
            origin=Origin(address=origin.address, agent=_shown(origin.agent)),
        )
        stored = StoredSession(
            session=session, token_hash=hashed(token), token_made_at=now, demo_role=demo_role
        )
        self._store.begin(stored)
        return stored, token

    def of_token(self, token: str) -> StoredSession:
        """Return the session that a token proves; raises NotAuthenticated, never quoting it."""
        now = self._clock.now()
        found = self._store.of_token(hashed(token), now=now) if token else None
        return self._holding(found)

    def get(self, session_id: str) -> StoredSession:
        """Return a session that holds, as it was at most five seconds ago.

        Raises NotAuthenticated where it has ended.
        """
        known = self._known.get(session_id)
        at = time.monotonic()
        if known is None or at - known.at >= CACHED_SECONDS:
            found = self._store.find(session_id)
            if found is None:
                self._known.pop(session_id, None)
                raise NotAuthenticated(ENDED)
            if len(self._known) >= MOST_CACHED:
                self._known.clear()
            # From before it was asked for, so that an end meanwhile is not missed for longer.
            known = self._known[session_id] = _Known(found, at)
        return self._holding(known.stored)

    def seen(self, session_id: str) -> None:
        """Record that its person does something now, to the minute."""
        stored = self.get(session_id)
        minute = _minute(self._clock.now())
        if minute > stored.session.last_seen_at:
            self._store.seen(session_id, at=minute)
            self._known.pop(session_id, None)

    def rotated(self, token: str) -> str | None:
        """Return a new token where this one is an hour old, and None where it may stay.

        The old one holds for a minute more. Raises NotAuthenticated.
        """
        stored = self.of_token(token)
        now = self._clock.now()
        if now - stored.token_made_at < ROTATED_AFTER:
            return None
        fresh = secrets.token_urlsafe(32)
        replaced = self._store.replace_token(
            stored.session.session_id,
            hashed(fresh),
            now=now,
            instead_of=hashed(token),
            old_until=now + OLD_TOKEN_HOLDS,
        )
        return None if replaced is None else fresh

    def ticket(self, session_id: str, browser: str) -> str:
        """Return a ticket that gets one browser the cookie of a session, once, for a minute."""
        if not browser:
            msg = "this browser keeps no cookie of this server, so the session cannot outlast a tab"
            raise NotAuthenticated(msg)
        ticket = secrets.token_urlsafe(32)
        self._tickets.keep(
            hashed(ticket),
            Ticket(session_id=session_id, browser_hash=hashed(browser)),
            expires_at=self._clock.now() + TICKET_HOLDS,
        )
        return ticket

    def redeem(self, ticket: str, browser: str) -> tuple[StoredSession, str]:
        """Return the session of a ticket with a new token; the one until now ends.

        Whoever comes with a ticket uses it up, the wrong browser too. Raises NotAuthenticated.
        """
        now = self._clock.now()
        found = self._tickets.take(hashed(ticket), now=now)
        if found is None or not hmac.compare_digest(found.browser_hash, hashed(browser)):
            msg = "this sign-in was used already, is too old, or began in another browser"
            raise NotAuthenticated(msg)
        token = secrets.token_urlsafe(32)
        replaced = self._store.replace_token(found.session_id, hashed(token), now=now)
        return self._holding(replaced), token

    def end(self, session_id: str) -> bool:
        """End a session: here at once, elsewhere within seconds. Tell whether there was one."""
        ended = self._store.end(session_id)
        self._known.pop(session_id, None)
        return ended

    def end_all(self, email: str) -> int:
        """End every session of a person; return how many there were."""
        count = self._store.end_all(email)
        for session_id, known in list(self._known.items()):
            if known.stored.session.email == email:
                self._known.pop(session_id, None)
        return count

    def of_person(self, email: str) -> tuple[Session, ...]:
        """Return a person's sessions that hold, the latest begun first."""
        now = self._clock.now()
        return tuple(one for one in self._store.of_person(email) if _holds(one, now))

    def _holding(self, stored: StoredSession | None) -> StoredSession:
        if stored is None or not _holds(stored.session, self._clock.now()):
            raise NotAuthenticated(ENDED)
        return stored


def _holds(session: Session, now: datetime) -> bool:
    return now < session.ends_at and now - session.last_seen_at < IDLE


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


def _shown(agent: str) -> str:
    return "".join(sign for sign in agent if sign.isprintable())[:200]
