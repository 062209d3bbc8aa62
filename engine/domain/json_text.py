"""JSON text to values, without losing anything on the way."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from engine.domain.refusal import shown
from engine.errors import InvalidInput

MAX_DEPTH = 16
_KEY = re.compile(rb'"[ \t\n\r]*:')
"""Ends every key of an object; may stand in texts, too."""
_NESTING = (dict, list)


def parse(text: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Return what JSON in UTF-8 says; raises InvalidInput where it is none, or is ambiguous.

    Refused beside malformed text, with its place: NaN and infinities, invalid UTF-8, lone
    surrogates, a key twice in one object, and more than 16 levels. A whole number past 64 bits
    comes back as a float.
    """
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _refusal(str(error)) from None
    # As many ends of keys as keys means that none came twice. Only where there are more, because
    # a key did or because a text looks like one, it is parsed again, ten times as slowly.
    if len(_KEY.findall(text)) != _keys(found):
        json.loads(text, object_pairs_hook=_without_twins, parse_int=str)
    return found


def _keys(found: object) -> int:
    """Count the keys of all objects; raises InvalidInput past the depth that is taken."""
    keys = 0
    level = [found] if type(found) in _NESTING else []
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for one in level:
            if type(one) is dict:
                keys += len(one)
                inner += [each for each in one.values() if type(each) in _NESTING]
            elif type(one) is list:
                inner += [each for each in one if type(each) in _NESTING]
        if not inner:
            return keys
        level = inner
    why = f"it nests deeper than {MAX_DEPTH} levels"
    raise _refusal(why)


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        why = f"the key {shown(twin)} stands twice in one object"
        raise _refusal(why)
    return found


def _refusal(why: str) -> InvalidInput:
    return InvalidInput(f"this is not JSON as it is taken here: {why}")
