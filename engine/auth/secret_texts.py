"""Secret texts, compared and hashed, whatever somebody sends in their place."""

from __future__ import annotations

import hashlib
import hmac


def same(one: str, other: str) -> bool:
    """Tell whether two texts are the same, in a time that says nothing of where they differ."""
    return hmac.compare_digest(_bytes(one), _bytes(other))


def hashed(secret: str) -> bytes:
    """Return the SHA-256 of a secret: enough for 256 random bits, which nobody can guess."""
    return hashlib.sha256(_bytes(secret)).digest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # JSON can bring lone surrogates
