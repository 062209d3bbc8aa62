"""API keys: made, told apart, revoked. A token is ``crm_<public id>_<secret>``.

The secret is 256 random bits, so a plain SHA-256 of it is kept: a slow hash protects what can be
guessed, and would cost every request its time.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
import string
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.auth.addresses import is_demo
from engine.domain.api_key import ApiKey, checked_scopes
from engine.domain.naming import checked_name
from engine.errors import CrmError, InvalidInput, NotAuthenticated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.domain.clock import Clock
    from engine.store.api_keys import ApiKeyStore

logger = logging.getLogger(__name__)

CACHED_SECONDS = 5.0
"""A key that was revoked by another process is taken for so long at most."""
NOTED_SECONDS = 60.0
"""Between two notes of a key's use."""
_ID_LETTERS = string.ascii_lowercase + string.digits
_TOKEN = re.compile(r"crm_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")
_LIKE_A_TOKEN = re.compile(r"crm_[a-z0-9]{8}_[A-Za-z0-9_-]{8}")
"""The beginning of one is enough: names stand in logs."""
_NOBODY = bytes(32)
"""Compared with where there is no such key, so that the time taken says nothing. No secret that
anybody knows has this hash."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A key as it was found at ``at`` (monotonic seconds)."""

    key: ApiKey
    secret_hash: bytes
    at: float


def checked_key_name(name: str) -> str:
    """Return a key's name; raises InvalidInput, for a token too, which it never quotes."""
    name = checked_name(name, "key")
    if _LIKE_A_TOKEN.search(name):
        msg = "this is a key, and no name of one: call the key by what uses it, such as Till"
        raise InvalidInput(msg)
    return name


class ApiKeys:
    """The keys of one workspace, as one process knows them. For use by any number of threads."""

    def __init__(self, store: ApiKeyStore, clock: Clock, *, demo_is_over: bool = False) -> None:
        self._store = store
        self._clock = clock
        self._demo_is_over = demo_is_over
        """Accounts are asked for, so a key that a demo user made is none."""
        self._known: dict[str, _Known] = {}
        self._noted: dict[str, float] = {}
        self._revoked: set[str] = set()
        """Here, so that they end at once; a key does not come back."""
        self._notes = ThreadPoolExecutor(1, thread_name_prefix="key-use")

    def create(self, name: str, scopes: Iterable[str], *, by: str) -> tuple[ApiKey, str]:
        """Make a key; return it with its token, which is not kept and cannot be told again.

        Raises InvalidInput for a bad name or scope.
        """
        secret = secrets.token_urlsafe(32)
        key = ApiKey(
            id="".join(secrets.choice(_ID_LETTERS) for _ in range(8)),
            name=checked_key_name(name),
            scopes=checked_scopes(scopes),
            created_at=self._clock.now(),
            created_by=by,
        )
        self._store.create(key, _hash(secret))
        return key, f"crm_{key.id}_{secret}"

    def all(self) -> tuple[ApiKey, ...]:
        """Return every key, revoked ones too, latest first."""
        return self._store.all()

    def active_of(self, maker: str) -> tuple[ApiKey, ...]:
        """Return the keys that somebody made and that were not revoked, latest first."""
        return tuple(
            one for one in self.all() if one.created_by == maker and one.revoked_at is None
        )

    def revoke(self, key_id: str, *, by: str) -> ApiKey:
        """End a key: here at once, elsewhere within seconds. Raises NotFound."""
        revoked = self._store.revoke(key_id, now=self._clock.now(), by=by)
        self._revoked.add(key_id)
        return revoked

    def authenticate(self, token: str) -> ApiKey:
        """Return the key of a token; raises NotAuthenticated, which never quotes it."""
        parts = _TOKEN.fullmatch(token)
        known = self._look_up(parts[1]) if parts else None
        secret_hash = known.secret_hash if known else _NOBODY
        same = hmac.compare_digest(_hash(parts[2] if parts else ""), secret_hash)
        if known is None or not same or self._is_revoked(known.key):
            msg = "this is no key of this workspace, or it was revoked"
            raise NotAuthenticated(msg)
        self._note_use(known.key.id)
        return known.key

    def close(self) -> None:
        """Write the last notes of uses down."""
        self._notes.shutdown()

    def _look_up(self, key_id: str) -> _Known | None:
        now = time.monotonic()
        known = self._known.get(key_id)
        if known is not None and now - known.at < CACHED_SECONDS:
            return known
        found = self._store.find(key_id)
        if found is None:  # not remembered: anybody can ask for any number of ids
            return None
        # From before it was asked for, so that a revocation meanwhile is not missed for longer.
        known = self._known[key_id] = _Known(*found, now)
        return known

    def _is_revoked(self, key: ApiKey) -> bool:
        of_a_demo = self._demo_is_over and is_demo(key.created_by)
        return key.revoked_at is not None or key.id in self._revoked or of_a_demo

    def _note_use(self, key_id: str) -> None:
        """Record the use beside the request, which does not wait for it."""
        now = time.monotonic()
        if now - self._noted.get(key_id, -NOTED_SECONDS) < NOTED_SECONDS:
            return
        self._noted[key_id] = now
        self._notes.submit(self._write_use, key_id)

    def _write_use(self, key_id: str) -> None:
        try:
            self._store.used(key_id, now=self._clock.now())
        except CrmError as error:
            logger.warning("the use of API key %s was not recorded: %s", key_id, error)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("ascii")).digest()
