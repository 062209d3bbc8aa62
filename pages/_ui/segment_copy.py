"""Copies of segments under names that are free."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from engine.domain.naming import MAX_NAME
from engine.domain.text import fold
from pages._ui.engine import crm

if TYPE_CHECKING:
    from engine.domain.segment import Segment


def free_name(name: str) -> str:
    """Return the name, or the first of ``name (2)``, ``name (3)``, … that no segment has."""
    taken = {fold(one.name) for one in crm().segments()}
    name = " ".join(name.split())
    if fold(name) not in taken:
        return name
    numbered = (_numbered(name, f" ({n})") for n in count(2))
    return next(one for one in numbered if fold(one) not in taken)


def duplicate(segment: Segment) -> Segment:
    """Save a segment once more, under a name that is free."""
    return crm().save_segment(
        name=free_name(segment.name),
        description=segment.description,
        tags=segment.tags,
        rule=segment.rule,
    )


def _numbered(name: str, number: str) -> str:
    return name[: MAX_NAME - len(number)].rstrip() + number
