"""A person who may sign in, and the browser sessions they have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.domain.actor import Actor
from engine.domain.permission import OF_ROLE

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.permission import Role


class UserStatus(StrEnum):
    """Where a person stands: invited until the first sign-in."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One person, by e-mail address. Instants are in UTC."""

    email: str
    """In lower case: the person's key."""
    name: str
    role: Role
    status: UserStatus
    created_at: datetime
    created_by: str
    last_sign_in_at: datetime | None = None
    fixed: bool = False
    """CRM_ADMIN_EMAILS names the address: always an admin, and cannot be disabled here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who an issuer says somebody is, once its token has been verified."""

    issuer: str
    subject: str
    """The issuer's own, lasting id of the account."""
    email: str
    name: str
    organisation: str | None = None
    """The domain of the organisation that keeps the account, where the issuer says so (Google's
    claim ``hd``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a request comes from, as far as it is known."""

    address: str | None = None
    agent: str = ""
    """The browser, as it calls itself; at most 200 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser that somebody is signed in with. Instants are in UTC."""

    session_id: str
    """Public: names the session on the settings page; the token that proves it is another."""
    email: str
    began_at: datetime
    last_seen_at: datetime
    """To the minute."""
    ends_at: datetime
    """At the latest, whatever is done meanwhile."""
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session that holds, and whose it is."""

    session: Session
    user: User

    def actor(self) -> Actor:
        """Return who asks, with what their role may do."""
        return Actor(
            self.user.email,
            OF_ROLE[self.user.role],
            "person",
            self.session.origin.address,
            self.session.session_id,
        )
