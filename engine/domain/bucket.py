"""Stable random shares: the same customer falls in the same bucket on every evaluator.

bucket = ((a * seed + b) mod (2**31 - 1)) mod 10_000, in hundredths of a percent; a universal
hash after Carter and Wegman (1979), so small that every product fits 64 bits.
"""

from __future__ import annotations

from hashlib import sha256

PRIME = 2**31 - 1
HUNDREDTHS = 10_000


def seed(customer_id: str) -> int:
    """Return the first 31 bits of SHA-256 of the id (UTF-8); stored with the customer."""
    return int.from_bytes(sha256(customer_id.encode()).digest()[:4]) >> 1


def multipliers(salt: str) -> tuple[int, int]:
    """Return ``(a, b)``: the first two 31-bit numbers of SHA-256 of the salt, ``a`` made odd.

    The numbers are bits 0 to 30 and bits 31 to 61 of the digest, most significant first.
    """
    top = int.from_bytes(sha256(salt.encode()).digest()[:8])
    return (top >> 33) | 1, (top >> 2) & (2**31 - 1)


def bucket(customer_seed: int, salt: str) -> int:
    """Hundredths of a percent, 0 to 9,999, for a customer's seed under this salt."""
    a, b = multipliers(salt)
    return (a * customer_seed + b) % PRIME % HUNDREDTHS
