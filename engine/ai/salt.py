"""The salt of a random share that words ask for: the same words choose the same people."""

from __future__ import annotations

import hashlib

from engine.domain.text import fold


def salt_of(words: str) -> str:
    """Return a salt made from words; case and spaces make no difference.

    >>> salt_of("a random 10%") == salt_of(" A  random 10%")
    True
    """
    return hashlib.sha256(" ".join(fold(words).split()).encode()).hexdigest()[:12]
