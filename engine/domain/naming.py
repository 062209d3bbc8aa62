"""Names and tags that people give to things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.text import fold, nfc
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_NAME = 120
MAX_TAG = 40
MAX_TAGS = 20


def checked_name(name: str, of: str) -> str:
    """Return a name in NFC with single spaces; raises InvalidInput if empty or too long."""
    name = _spaced(name)
    if not name:
        msg = f"give the {of} a name"
        raise InvalidInput(msg)
    return _bounded(name, f"the {of}'s name", MAX_NAME)


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return tags in NFC with single spaces, each once without regard to case, in their order.

    Raises InvalidInput for a tag that is empty or longer than 40 characters, and for more than 20.
    """
    kept: dict[str, str] = {}
    for tag in map(_spaced, tags):
        if not tag:
            msg = "a tag is empty; give it a text or leave it out"
            raise InvalidInput(msg)
        kept.setdefault(fold(tag), _bounded(tag, f"the tag {tag[:MAX_TAG]!r}", MAX_TAG))
    if len(kept) > MAX_TAGS:
        msg = f"there are {len(kept)} tags; the limit is {MAX_TAGS}"
        raise InvalidInput(msg)
    return tuple(kept.values())


def _spaced(text: str) -> str:
    return " ".join(nfc(text).split())


def _bounded(text: str, what: str, most: int) -> str:
    if len(text) > most:
        msg = f"{what} has {len(text)} characters; the limit is {most}"
        raise InvalidInput(msg)
    if not text.isprintable():
        msg = f"{what} holds a character that cannot be shown"
        raise InvalidInput(msg)
    return text
