"""The front door: who signs in, who is signed in, and how one leaves.

Pages and the server's own routes call this; what is behind the door is ``Crm``, which checks each
call by the role that is read here.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from engine.auth import audited
from engine.auth.addresses import is_demo
from engine.domain.actor import NOBODY, Actor
from engine.domain.audit import Action, Outcome
from engine.domain.permission import Permission, Role
from engine.domain.sign_in import Opened, SignInAttempt, SignInMode
from engine.domain.user import Origin, SignedIn, UserStatus
from engine.errors import Forbidden, NotAuthenticated, NotFound, SignInRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from engine.auth.audit import AuditLog
    from engine.auth.sessions import Sessions
    from engine.domain.user import Identity, Session, User
    from engine.store.sessions import StoredSession

CACHED_SECONDS = 5.0
"""A person who was disabled, or given another role, is taken as before for so long at most."""
MOST_CACHED = 10_000
_UNKNOWN = Origin()
_LEFT = "you may no longer sign in here; ask an admin of this workspace"


class Admission(Protocol):
    """Decides who comes in, and as what."""

    def admit(self, identity: Identity, *, origin: Origin) -> User:
        """Return the user that a verified identity is; raises SignInRefused."""

    def get(self, email: str) -> User:
        """Return a person as they stand now; raises NotFound."""

    def demo_user(self, role: Role) -> User:
        """Return the demo user of a role."""


class Issuer(Protocol):
    """Says who somebody is."""

    def start(self, redirect_uri: str) -> SignInAttempt:
        """Begin a sign-in."""

    def authorization_url(self, attempt: SignInAttempt) -> str:
        """Return where the browser goes to; raises Unavailable."""

    def identity(self, attempt: SignInAttempt, reply: Mapping[str, object]) -> Identity:
        """Return who came back; raises SignInRefused and Unavailable."""


class Access:
    """Sign-in and sessions of one workspace. For use by any number of threads."""

    def __init__(
        self,
        mode: SignInMode,
        sessions: Sessions,
        people: Admission,
        audit: AuditLog,
        issuer: Issuer | None = None,
        *,
        public_url: str | None = None,
        only_here: bool = False,
    ) -> None:
        self.public_url = public_url
        self.only_here = only_here
        """Whether this machine alone may come in: by a demo that nobody asked for outright."""
        self.mode = mode if mode is not SignInMode.GOOGLE or issuer else SignInMode.CLOSED
        self._sessions = sessions
        self._people = people
        self._audit = audit
        self._issuer = issuer
        self._users: dict[str, tuple[User, float]] = {}
        self._in_tabs: set[str] = set()

    # --- coming in -------------------------------------------------------------------------

    def start(self, redirect_uri: str) -> SignInAttempt:
        """Begin a sign-in at the issuer; raises SignInRefused in another mode."""
        return self._asked().start(redirect_uri)

    def authorization_url(self, attempt: SignInAttempt) -> str:
        """Return the issuer's address for a pop-up, with everything in it that it asks for.

        Raises Unavailable where the issuer does not answer, or not as one does.
        """
        return self._asked().authorization_url(attempt)

    def finish(
        self, attempt: SignInAttempt, reply: Mapping[str, object], *, origin: Origin
    ) -> Opened:
        """Begin the session of who came back from the issuer.

        ``reply`` holds the parameters of the redirect, as they came. Raises SignInRefused with a
        sentence for the person, and Unavailable where the issuer does not answer.
        """
        who = Actor("nobody", kind="person", address=origin.address)
        with self._noted(lambda: who):
            identity = self._asked().identity(attempt, reply)
            who = Actor(identity.email, kind="person", address=origin.address)
            user = self._people.admit(identity, origin=origin)
        return self._opened(user, origin)

    def enter_demo(self, role: Role, *, origin: Origin) -> Opened:
        """Begin a session as the demo user of a role; raises SignInRefused in another mode."""
        who = Actor("nobody", kind="person", address=origin.address)
        with self._noted(lambda: who):
            if self.mode is not SignInMode.DEMO:
                msg = "there is no demo here; sign in with your account"
                raise SignInRefused(msg)
            user = self._people.demo_user(Role(role))
        return self._opened(user, origin, demo_role=user.role)

    def ticket(self, opened: Opened, *, browser: str) -> str:
        """Return a ticket that gets ``browser`` the cookie of a session: once, for a minute.

        ``browser`` is the value of that browser's own cookie. Raises NotAuthenticated without one.
        """
        return self._sessions.ticket(opened.signed_in.session.session_id, browser)

    def redeem(self, ticket: str, *, browser: str, origin: Origin = _UNKNOWN) -> str:
        """Return a new token for the cookie of a ticket's session; raises NotAuthenticated."""
        who = Actor("nobody", kind="person", address=origin.address)
        with self._noted(lambda: who):
            stored, token = self._sessions.redeem(ticket, browser)
            self._signed_in(stored)
        self._in_tabs.discard(stored.session.session_id)
        return token

    # --- being in --------------------------------------------------------------------------

    def recognise(self, token: str) -> SignedIn:
        """Return whose cookie this is; raises NotAuthenticated, which never quotes it."""
        return self._signed_in(self._sessions.of_token(token))

    def still(self, session_id: str, *, used: bool = False) -> SignedIn:
        """Return who is signed in with a session, as it stood five seconds ago at most.

        ``used`` says that the person does something now: a page that only shows itself anew does
        not keep a session from ending after eight idle hours. Raises NotAuthenticated.
        """
        signed_in = self._signed_in(self._sessions.get(session_id))
        if used:
            self._sessions.seen(session_id)
        return signed_in

    def rotated(self, token: str) -> str | None:
        """Return a new token for a cookie that is an hour old; None where it may stay.

        Raises NotAuthenticated.
        """
        return self._sessions.rotated(token)

    def sessions_of(self, email: str, *, by: Actor) -> tuple[Session, ...]:
        """Return a person's sessions, the latest first; others' only for admins (Forbidden).

        All visitors of a demo with one role are one person, so a demo user is told only of the
        session that they ask in.
        """
        _own_or_admin(email, by)
        found = self._sessions.of_person(email)
        if not is_demo(by.name):
            return found
        return tuple(one for one in found if one.session_id == by.session_id)

    # --- leaving ---------------------------------------------------------------------------

    def sign_out(self, session_id: str) -> None:
        """End a session; one that has ended stays so."""
        try:
            stored = self._sessions.get(session_id)
        except NotAuthenticated:
            return
        session = stored.session
        actor = Actor(session.email, kind="person", address=session.origin.address)
        with self._audit.recording(actor, Action.SIGN_OUT, about=("session", session_id)):
            self._sessions.end(session_id)
        self._in_tabs.discard(session_id)

    def sign_out_everywhere(self, email: str, *, by: Actor) -> int:
        """End all sessions of a person, and return how many; others' only for admins (Forbidden).

        They end in this process at once, and elsewhere within five seconds. A demo user ends only
        the session that they ask in.
        """
        _own_or_admin(email, by)
        about = ("person", audited.its_id("person", email))
        with self._audit.recording(by, Action.SIGN_OUT_EVERYWHERE, about=about) as line:
            if is_demo(by.name):
                visits = self.sessions_of(email, by=by)
                count = sum(self._sessions.end(one.session_id) for one in visits)
            else:
                count = self._sessions.end_all(email)
            line.changes = {"sessions": (count, 0)}
        self._users.pop(email, None)
        return count

    # --- sessions without a cookie ---------------------------------------------------------

    def hold_in_tab(self, session_id: str) -> None:
        """Note that a session has no cookie, because the browser cannot reach our routes."""
        self._in_tabs.add(session_id)

    @property
    def tab_only(self) -> int:
        """How many sessions of this process hold, and have no cookie."""
        return len(self._of_tabs())

    def some_tab_may(self, permission: Permission) -> bool:
        """Tell whether who holds a session of this process without a cookie may do something."""
        return any(one.actor().may(permission) for one in self._of_tabs())

    # --- what stands behind them -----------------------------------------------------------

    def _asked(self) -> Issuer:
        if self.mode is not SignInMode.GOOGLE or self._issuer is None:
            msg = "nobody can sign in here with an account: no issuer is configured"
            raise SignInRefused(msg)
        return self._issuer

    def _of_tabs(self) -> list[SignedIn]:
        found = []
        for session_id in tuple(self._in_tabs):
            try:
                found.append(self._signed_in(self._sessions.get(session_id)))
            except NotAuthenticated:
                self._in_tabs.discard(session_id)
        return found

    def _opened(self, user: User, origin: Origin, *, demo_role: Role | None = None) -> Opened:
        # Before the session begins, so that none is without its line.
        actor = Actor(user.email, kind="person", address=origin.address)
        self._audit.record(actor, Action.SIGN_IN)
        stored, token = self._sessions.begin(user.email, origin, demo_role=demo_role)
        return Opened(signed_in=SignedIn(session=stored.session, user=user), token=token)

    def _signed_in(self, stored: StoredSession) -> SignedIn:
        """Return whose session this is, if they may still be here."""
        began_in = SignInMode.GOOGLE if stored.demo_role is None else SignInMode.DEMO
        if self.mode is not began_in:
            msg = "this session began under another way of signing in; sign in again"
            raise NotAuthenticated(msg)
        if stored.demo_role is not None:
            user = self._people.demo_user(stored.demo_role)
        else:
            user = self._user(stored.session.email)
        return SignedIn(session=stored.session, user=user)

    def _user(self, email: str) -> User:
        at = time.monotonic()
        user, since = self._users.get(email, (None, 0.0))
        if user is None or at - since >= CACHED_SECONDS:
            try:
                user = self._people.get(email)
            except NotFound:
                raise NotAuthenticated(_LEFT) from None
            if len(self._users) >= MOST_CACHED:
                self._users.clear()
            self._users[email] = (user, at)
        if user.status is not UserStatus.ACTIVE:
            raise NotAuthenticated(_LEFT)
        return user

    @contextmanager
    def _noted(self, who: Callable[[], Actor]) -> Iterator[None]:
        try:
            yield
        except NotAuthenticated as refusal:
            outcome, reason = Outcome.REFUSED, str(refusal)
            self._audit.record(who(), Action.SIGN_IN, outcome=outcome, reason=reason)
            raise


def _own_or_admin(email: str, by: Actor) -> None:
    own = by.kind == "person" and by.name == email and by != NOBODY
    if not own and not by.may(Permission.ADMIN):
        msg = f"{by.name} may not do this to the sessions of others; an admin of this workspace can"
        raise Forbidden(msg)
