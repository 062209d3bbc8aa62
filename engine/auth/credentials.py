"""Vendors' credentials: taken, encrypted, handed to the code that carries messages, never shown.

AES-256-GCM under a key that HKDF-SHA256 (RFC 5869) makes of ``CRM_SECRETS_KEY``, with a random
96-bit nonce. Vendor and name are authenticated with the value, so that one that is put in another's
place in the database is not opened.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine.domain.credential import Credential, checked_label, checked_value
from engine.errors import SettingsError
from engine.store.credentials import Sealed

if TYPE_CHECKING:
    from engine.domain.clock import Clock
    from engine.store.credentials import CredentialStore

NO_KEY = (
    "credentials are kept encrypted, and CRM_SECRETS_KEY is not set: set it to a secret of 32 "
    "characters or more and start the server again (python -c 'import secrets; "
    "print(secrets.token_urlsafe(32))' prints one)"
)
_KEY_INFO = b"mini-crm: vendors' credentials, version 1"
_PRINT_INFO = b"mini-crm: fingerprint of the secrets key, version 1"
_NONCE_BYTES = 12


class Credentials:
    """The credentials of one workspace. Only :meth:`reveal` returns a value."""

    def __init__(self, store: CredentialStore, secret: str | None, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._cipher = None if secret is None else AESGCM(_derived(secret, _KEY_INFO, 32))
        self._print = b"" if secret is None else _derived(secret, _PRINT_INFO, 8)

    @property
    def has_key(self) -> bool:
        """Whether CRM_SECRETS_KEY is set, so that credentials can be kept."""
        return self._cipher is not None

    def all(self) -> tuple[Credential, ...]:
        """Return every credential, without its value, by vendor and name."""
        return tuple(map(self._told, self._store.all()))

    def set(self, vendor: str, name: str, value: str, *, by: str) -> Credential:
        """Keep a value, over an older one.

        Raises InvalidInput for what cannot be taken, and SettingsError without CRM_SECRETS_KEY.
        """
        vendor, name = checked_label(vendor, "vendor"), checked_label(name, "credential")
        nonce = secrets.token_bytes(_NONCE_BYTES)
        plain = checked_value(value).encode()
        one = Sealed(
            vendor=vendor,
            name=name,
            key_print=self._print,
            nonce=nonce,
            sealed=self._opened().encrypt(nonce, plain, _bound_to(vendor, name)),
            set_at=self._clock.now(),
            set_by=by,
        )
        self._store.put(one)
        return self._told(one)

    def remove(self, vendor: str, name: str) -> None:
        """Delete a credential; raises NotFound."""
        self._store.remove(vendor, name)

    def reveal(self, vendor: str, name: str) -> str:
        """Return a value, for the code that carries messages and for nobody else.

        Raises NotFound, and SettingsError where it cannot be opened with the present key.
        """
        one = self._store.get(vendor, name)
        cipher = self._opened()
        if one.key_print != self._print:
            msg = (
                f"the credential {name!r} of {vendor!r} was kept under another CRM_SECRETS_KEY: "
                "set that key again, or enter the credential anew"
            )
            raise SettingsError(msg)
        try:
            return cipher.decrypt(one.nonce, one.sealed, _bound_to(vendor, name)).decode()
        except InvalidTag:
            msg = (
                f"the credential {name!r} of {vendor!r} is not what was kept here: somebody "
                "changed it in the database; enter it anew"
            )
            raise SettingsError(msg) from None

    def _opened(self) -> AESGCM:
        if self._cipher is None:
            raise SettingsError(NO_KEY)
        return self._cipher

    def _told(self, one: Sealed) -> Credential:
        return Credential(
            vendor=one.vendor,
            name=one.name,
            set_at=one.set_at,
            set_by=one.set_by,
            readable=self.has_key and one.key_print == self._print,
        )


def _derived(secret: str, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=info).derive(secret.encode())


def _bound_to(vendor: str, name: str) -> bytes:
    return f"{vendor}/{name}".encode()  # neither holds a slash
