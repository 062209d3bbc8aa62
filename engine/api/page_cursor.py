"""Where the next page of members begins, and what all pages of one walk have in common."""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import NamedTuple, Self

from engine.domain.calendar import EARLIEST, LATEST
from engine.domain.refusal import shown
from engine.domain.scalars import storable
from engine.errors import InvalidInput


class PageCursor(NamedTuple):
    """The version of the segment and the instant of the first page, and the last id so far."""

    version: int
    now: datetime
    after: str

    def __str__(self) -> str:
        """Return an opaque text of letters, digits, - and _."""
        parts = [self.version, self.now.isoformat(), self.after]
        return urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the cursor of a text that ``str`` gave; raises InvalidInput."""
        try:
            padded = text + "=" * (-len(text) % 4)
            version, now, after = json.loads(urlsafe_b64decode(padded))
            cursor = cls(int(version), datetime.fromisoformat(now), storable(after))
            known = EARLIEST <= cursor.now < LATEST
        except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
            known = False
        if not known:
            msg = f"after: {shown(text)} is no cursor; give `next` of the page before as it is"
            raise InvalidInput(msg)
        return cursor
