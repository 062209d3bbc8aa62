"""Names that people give to things."""

from __future__ import annotations

from engine.domain.text import nfc
from engine.errors import InvalidInput

MAX_NAME = 120


def checked_name(name: str, of: str) -> str:
    """Return a name in NFC with single spaces; raises InvalidInput if empty or too long."""
    name = " ".join(nfc(name).split())
    if not name:
        msg = f"give the {of} a name"
        raise InvalidInput(msg)
    if len(name) > MAX_NAME:
        msg = f"the {of}'s name has {len(name)} characters; the limit is {MAX_NAME}"
        raise InvalidInput(msg)
    if not name.isprintable():
        msg = f"the {of}'s name holds a character that cannot be shown"
        raise InvalidInput(msg)
    return name
