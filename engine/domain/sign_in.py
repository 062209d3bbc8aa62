"""How people sign in: the ways there are, an attempt under way, and what came of it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.user import SignedIn

SESSION_COOKIE = "crm_session"
"""Holds a session's token, as pages see it; the browser may know it by a longer name."""
BROWSER_COOKIE = "crm_browser"
"""Tells one browser from another, as pages see it. It proves nothing by itself."""


class SignInMode(StrEnum):
    """How one gets in. A server has one way, from its start to its end."""

    GOOGLE = "google"
    """With an account of the issuer that is configured; Google's, unless told otherwise."""
    DEMO = "demo"
    """Anybody, by one click, in a role of their choice."""
    CLOSED = "closed"
    """Nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInAttempt:
    """One sign-in that was begun at the issuer. It stays with the server; the browser gets a URL.

    It holds for ten minutes and for one reply.
    """

    redirect_uri: str
    began_at: datetime
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)

    @property
    def code_challenge(self) -> str:
        """The S256 challenge of the code verifier (RFC 7636)."""
        digest = hashlib.sha256(self.code_verifier.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session that has just begun, and the secret that proves it."""

    signed_in: SignedIn
    token: str = field(repr=False)
