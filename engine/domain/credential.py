"""A vendor's credential: what is kept so that messages can be carried, known by vendor and name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import datetime

LONGEST_VALUE = 4_096
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """One credential without its value, which nobody is shown. Instants are in UTC."""

    vendor: str
    name: str
    set_at: datetime
    set_by: str
    readable: bool
    """It was encrypted under the present CRM_SECRETS_KEY."""


def checked_label(text: str, of: str) -> str:
    """Return the name of a vendor, or of a credential.

    Raises InvalidInput, which never quotes it: it may be a value that was pasted into this box.
    """
    label = text.strip().lower()
    if not _NAME.fullmatch(label):
        msg = (
            f"this cannot name a {of}: use 1 to 40 small letters, digits and _, a letter first, "
            "such as auth_token"
        )
        raise InvalidInput(msg)
    return label


def checked_value(text: str) -> str:
    """Return a value without white space around it; raises InvalidInput, which never quotes it."""
    value = text.strip()
    if not value:
        msg = "the value is empty; to take a credential away, remove it"
        raise InvalidInput(msg)
    if len(value) > LONGEST_VALUE:
        msg = f"the value has {len(value):,} characters; the limit is {LONGEST_VALUE:,}"
        raise InvalidInput(msg)
    if not value.isprintable():
        msg = "the value holds a line break or another character that cannot be shown"
        raise InvalidInput(msg)
    return value
