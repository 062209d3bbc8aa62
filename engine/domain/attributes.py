"""Attributes whose columns can be told apart."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeVar

from engine.domain.customer import AttributeType

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T", bound=str)

MOST_ATTRIBUTES = 500
"""Names in a workspace: each is two columns of the mirror for good, and of every change to it."""


def told_apart(types: Mapping[str, T]) -> dict[str, T]:
    """Return the attributes, by name, whose columns DuckDB can tell apart.

    It takes ``Size`` and ``size`` for one, and the folded form of ``city`` stands where an
    attribute ``city_folded`` would. Such are left out, so that a rule on them is refused rather
    than answered from the wrong column.
    """
    claims = Counter(column for name, kind in types.items() for column in _columns(name, kind))
    return {
        name: kind
        for name, kind in types.items()
        if all(claims[column] == 1 for column in _columns(name, kind))
    }


def no_room(known: int) -> str:
    """Say that no attribute can be added to so many."""
    return (
        f"the workspace has {known} attributes, at most {MOST_ATTRIBUTES} are kept; a name that "
        "changes from record to record belongs into a list of texts under one name"
    )


def _columns(name: str, kind: str) -> tuple[str, ...]:
    folded = kind in {AttributeType.TEXT.value, AttributeType.LIST.value}
    return (name.lower(), f"{name}_folded".lower()) if folded else (name.lower(),)
