"""A message that could not be taken, set aside with the reason."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from engine.domain.refusal import shown
from engine.errors import InvalidInput, NotFound
from engine.streams.batch import decode

if TYPE_CHECKING:
    from engine.streams.batch import Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One message, or the rows of one that were refused. Times are in UTC."""

    letter_id: str
    """The batch's id; of a message that is no batch, a hash of its bytes."""
    reason: str
    attempts: int
    """How often it was delivered or tried before it was set aside."""
    first_failed_at: datetime
    last_failed_at: datetime
    body: str
    """The message: what a replay publishes again."""

    @property
    def batch(self) -> Batch | None:
        """What the message holds; None where it is no batch."""
        try:
            return decode(self.body.encode())
        except InvalidInput:
            return None


def letter_id(body: bytes) -> str:
    """Return the id of a dead letter: the same for every delivery of one message."""
    try:
        return decode(body).batch_id
    except InvalidInput:
        return hashlib.sha256(body).hexdigest()[:32]


def dead_letter(
    body: bytes, reason: str, *, attempts: int, since: datetime, now: datetime
) -> DeadLetter:
    """Return a message as a dead letter that failed first ``since`` and last ``now``."""
    return DeadLetter(
        letter_id=letter_id(body),
        reason=reason,
        attempts=attempts,
        first_failed_at=since,
        last_failed_at=now,
        body=body.decode(errors="backslashreplace"),
    )


def encode_letter(letter: DeadLetter) -> bytes:
    """Return a dead letter as JSON."""
    return orjson.dumps(letter)


def decode_letter(stored: bytes | str) -> DeadLetter:
    """Return the dead letter that :func:`encode_letter` wrote."""
    document: dict[str, Any] = orjson.loads(stored)
    for name in ("first_failed_at", "last_failed_at"):
        document[name] = datetime.fromisoformat(document[name])
    return DeadLetter(**document)


def unknown_letter(letter_id: str) -> NotFound:
    """Return the error for an id that no dead letter has."""
    msg = f"there is no dead letter {shown(letter_id)}; python -m engine dead-letters list has all"
    return NotFound(msg)
