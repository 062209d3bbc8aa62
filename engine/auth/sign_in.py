"""Signing in at an issuer: the authorization code flow with PKCE, ``state`` and ``nonce``.

The code is exchanged here and not by a library of the pages, so that nothing of a reply is used
before its ``state`` was compared.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from engine.auth.id_token import verified
from engine.auth.secret_texts import same
from engine.domain.sign_in import SignInAttempt
from engine.errors import SignInRefused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.auth.provider import Provider
    from engine.domain.clock import Clock
    from engine.domain.user import Identity

HOLDS = timedelta(minutes=10)
SCOPE = "openid email profile"
LONGEST_CODE = 4_096
_DENIED = frozenset({"access_denied", "consent_required", "interaction_required"})


class SignIn:
    """Sign-ins at one issuer. For use by any number of threads."""

    def __init__(self, provider: Provider, clock: Clock) -> None:
        self._provider = provider
        self._clock = clock
        self._lock = Lock()
        self._used: dict[str, datetime] = {}
        """When each attempt began that had its reply; kept for as long as it would hold."""

    def start(self, redirect_uri: str) -> SignInAttempt:
        """Begin a sign-in; nothing is asked of the issuer yet."""
        return SignInAttempt(
            redirect_uri=redirect_uri,
            began_at=self._clock.now(),
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            code_verifier=secrets.token_urlsafe(64),
        )

    def authorization_url(self, attempt: SignInAttempt) -> str:
        """Return where the browser goes to; raises Unavailable."""
        asked = {
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": attempt.redirect_uri,
            "scope": SCOPE,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.code_challenge,
            "code_challenge_method": "S256",
            "prompt": "select_account",  # who signed out may come back as somebody else
        }
        address = self._provider.endpoints().authorization
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def identity(self, attempt: SignInAttempt, reply: Mapping[str, object]) -> Identity:
        """Return who came back; raises SignInRefused and Unavailable."""
        now = self._clock.now()
        if now - attempt.began_at >= HOLDS:
            msg = "this sign-in took longer than ten minutes; start again"
            raise SignInRefused(msg)
        state = reply.get("state")
        if not isinstance(state, str) or not same(state, attempt.state):
            msg = "the answer does not belong to the sign-in that began here; start again"
            raise SignInRefused(msg)
        self._use(attempt, now)
        if (error := reply.get("error")) is not None:
            raise _told(error, self._provider.issuer)
        # RFC 9207: where an issuer names itself in a reply, a code of another's is not sent to it.
        if reply.get("iss", self._provider.issuer) != self._provider.issuer:
            msg = "the answer comes from another issuer than it was asked of; start again"
            raise SignInRefused(msg)
        code = reply.get("code")
        if not isinstance(code, str) or not 1 <= len(code) <= LONGEST_CODE:
            msg = "the answer holds no code; start again"
            raise SignInRefused(msg)
        token = self._provider.exchanged(code, attempt)
        return verified(token, self._provider, nonce=attempt.nonce, now=self._clock.now())

    def _use(self, attempt: SignInAttempt, now: datetime) -> None:
        """Raise SignInRefused where the attempt has had its reply."""
        with self._lock:
            self._used = {s: at for s, at in self._used.items() if now - at < HOLDS}
            if attempt.state in self._used:
                msg = "this sign-in was used already; start again"
                raise SignInRefused(msg)
            self._used[attempt.state] = attempt.began_at


def _told(error: object, issuer: str) -> SignInRefused:
    if isinstance(error, str) and error in _DENIED:
        return SignInRefused(f"you did not let {issuer} tell who you are; start again to do so")
    known = isinstance(error, str) and re.fullmatch(r"[a-z_]{1,40}", error)
    named = error if known else "an unknown error"
    return SignInRefused(f"{issuer} did not complete the sign-in ({named}); start again")
