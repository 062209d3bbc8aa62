"""The value of a condition while it is being written: text as typed, until a rule needs it.

What a draft looks like hangs on what the operator takes: ``one`` and ``day`` a text, ``range`` two
texts, ``many`` any number of texts, ``span`` and ``days`` a :class:`SpanDraft`, ``nothing`` None.
A draft that is complete may still be wrong (``"12,5"`` for a number): the engine says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast


@dataclass(frozen=True, slots=True)
class SpanDraft:
    """A length of time as typed; ``n`` is None while its box is empty."""

    n: int | None
    unit: str


Draft: TypeAlias = "str | tuple[str, ...] | SpanDraft | None"

_WHOLE = re.compile(r"-?[0-9]{1,16}")
_DECIMAL = re.compile(r"-?[0-9]{1,16}(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_START = SpanDraft(30, "day")


def fresh(takes: str) -> Draft:
    """Return the draft that a fresh condition starts with."""
    match takes:
        case "nothing":
            return None
        case "range":
            return ("", "")
        case "many":
            return ()
        case "span" | "days":
            return _START
        case _:
            return ""


def complete(takes: str, draft: Draft) -> bool:
    """Whether nothing of the value is missing."""
    match draft:
        case None:
            return takes == "nothing"
        case str():
            return bool(draft.strip())
        case SpanDraft(n=n):
            return n is not None
        case _:
            return bool(draft) and all(one.strip() for one in draft)


def carried(old: str, new: str, draft: Draft) -> Draft:
    """Return what is left of a draft when the operator changes to one that takes ``new``."""
    if old == new:
        return draft
    if isinstance(draft, SpanDraft):
        return SpanDraft(draft.n, "day") if new in {"span", "days"} else fresh(new)
    first = draft if isinstance(draft, str) else next(iter(draft or ()), "")
    match new:
        case "one" | "day":
            return first[:10] if new == "day" else first
        case "range":
            return (first, "")
        case "many":
            return (first,) if first.strip() else ()
        case _:
            return fresh(new)


def to_json(kind: str, draft: Draft) -> object:
    """Return the JSON value of a complete draft; what is no number stays text, to be refused."""
    match draft:
        case None:
            return None
        case SpanDraft(n=n, unit=unit):
            return {"n": n, "unit": unit}
        case str():
            return _one(kind, draft)
        case _:
            return [_one(kind, one) for one in draft]


def from_json(kind: str, takes: str, value: object) -> Draft:
    """Return the draft of a rule's value; raises ValueError where no widget can hold it."""
    draft = _draft(takes, value)
    if draft != fresh("nothing") and to_json(kind, draft) != _plain(value):
        msg = "the value is not one that the builder's boxes can hold"
        raise ValueError(msg)
    return draft


def _draft(takes: str, value: object) -> Draft:
    match takes, value:
        case "nothing", None:
            return None
        case "span" | "days", {"n": int() as n, "unit": str() as unit}:
            return SpanDraft(n, unit)
        case "range", [low, high]:
            return (_text(low), _text(high))
        case "many", list() | tuple():
            return tuple(_text(one) for one in cast("list[object]", value))
        case "one" | "day", str() | int() | float():
            return _text(value)
        case _:
            msg = "the value does not fit its operator"
            raise ValueError(msg)


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return value if isinstance(value, str) else str(value)


def _one(kind: str, text: str) -> object:
    # Text keeps its spaces: they count when it is compared.
    if kind in {"text", "list"}:
        return text
    text = text.strip()
    if kind == "number" and _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if kind == "number" and _DECIMAL.fullmatch(text) else text


def _plain(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value
