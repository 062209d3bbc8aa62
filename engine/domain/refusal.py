"""How a refusal is worded: what was given, shortened and safe to print, and what is valid."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_SHOWN = 60
MOST_CHOICES = 40


def shown(value: object) -> str:  # noqa: PLR0911 - one return a kind of value
    """Return what was given, in at most about 60 characters that every terminal can print."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return _quoted(value)
        case int() if value.bit_length() > LONGEST_SHOWN:
            return "a number past 60 bits"
        case int() | float():
            return str(value)
        case Mapping():
            return "an object"
        case list() | tuple():
            return f"a list of {len(value)}"
        case _:
            return f"a {type(value).__name__}"


def unknown(given: str, valid: Iterable[str], kind: str) -> str:
    """Return ``'ctiy' is no field; did you mean 'city'? valid fields are city, email``."""
    return f"{_quoted(given)} is no {kind}; {valid_choices(given, valid, _plural(kind))}"


def valid_choices(given: str, valid: Iterable[str], plural: str) -> str:
    """Return the nearest valid name, if one is near, and the list of all (the first 40)."""
    names = list(valid)
    near = get_close_matches(given[:LONGEST_SHOWN], names, n=1, cutoff=0.7)
    hint = f"did you mean {near[0]!r}? " if near else ""
    rest = len(names) - MOST_CHOICES
    more = f" and {rest} more" if rest > 0 else ""
    return f"{hint}valid {plural} are {', '.join(names[:MOST_CHOICES])}{more}"


def _quoted(text: str) -> str:
    # repr escapes what no terminal can print: control characters and lone surrogates.
    return repr(text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…")


def _plural(noun: str) -> str:
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"
