"""Texts and numbers that MongoDB, DuckDB, JSON and UTF-8 can all hold without loss."""

from __future__ import annotations

import re
from typing import TypeVar

from engine.domain.refusal import shown
from engine.errors import InvalidInput

MAX_TEXT = 1_000
MAX_NUMBER = 2**53
"""Integers up to here are exact as doubles."""

Number = TypeVar("Number", int, float)

_UNSTORABLE = re.compile("[\\0\\ud800-\\udfff]")


def storable(text: str) -> str:
    """Return the text if it has at most 1,000 characters, no NUL and no half surrogate pair."""
    if len(text) > MAX_TEXT:
        msg = f"{shown(text)} has {len(text):,} characters; at most {MAX_TEXT:,} are taken"
        raise InvalidInput(msg)
    if _UNSTORABLE.search(text):
        msg = f"{shown(text)} holds a NUL or half a surrogate pair, which no text may"
        raise InvalidInput(msg)
    return text


def bounded(number: Number) -> Number:
    """Return the number if it is finite and within 2**53 either way."""
    if not abs(number) <= MAX_NUMBER:  # refuses NaN, too
        msg = f"needs a number between -(2**53) and 2**53, not {shown(number)}"
        raise InvalidInput(msg)
    return number
