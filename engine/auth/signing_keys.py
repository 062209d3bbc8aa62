"""The keys an issuer signs with, out of its JWKS document (RFC 7517)."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

MOST_KEYS = 100
ALGORITHM_OF = MappingProxyType({"RSA": "RS256", "EC": "ES256"})
"""The one algorithm that a type of key is taken for."""
_PUBLIC = MappingProxyType({"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y")})
_SHORTEST_MODULUS = 342
"""Characters of base64url that 2,048 bits take."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key, and the algorithm it is taken for."""

    kid: str | None
    algorithm: str
    key: RSAKey | ECKey


def signing_keys(entries: object) -> tuple[SigningKey, ...]:
    """Return the keys of a JWKS document that ID tokens may be signed with; others are left out.

    RSA keys have 2,048 bits at least, and curves are P-256.
    """
    listed = entries[:MOST_KEYS] if isinstance(entries, list) else []
    found = (_signing_key(entry) for entry in listed if isinstance(entry, dict))
    return tuple(key for key in found if key is not None)


def _signing_key(entry: dict[str, object]) -> SigningKey | None:
    kind = str(entry.get("kty"))
    algorithm = ALGORITHM_OF.get(kind)
    if algorithm is None or entry.get("use", "sig") != "sig":
        return None
    if entry.get("alg", algorithm) != algorithm:
        return None
    public: dict[str, str | list[str]] = {
        name: str(entry[name]) for name in _PUBLIC[kind] if name in entry
    }
    try:
        key: RSAKey | ECKey
        if kind == "RSA" and len(str(entry.get("n"))) >= _SHORTEST_MODULUS:
            key = RSAKey.import_key(public)
        elif kind == "EC" and public.get("crv") == "P-256":
            key = ECKey.import_key(public)
        else:
            return None
        key.public_key  # noqa: B018 - it is read when it is first asked for
    except (JoseError, ValueError, TypeError):
        return None
    kid = entry.get("kid")
    return SigningKey(kid if isinstance(kid, str) else None, algorithm, key)
