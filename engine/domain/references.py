"""Which other segments a rule's document names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def references(document: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield each reference to a segment with its path, such as ``rule.all[1].segment``.

    Parts that are switched off count. The document is read as it is stored, so that a rule which
    only a later version of the engine can read still says what it is made from.
    """
    yield from _within(document.get("rule"), "rule")


def _within(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            if key == "segment" and isinstance(one, str):
                yield f"{path}.segment", one
            else:
                yield from _within(one, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, one in enumerate(value):
            yield from _within(one, f"{path}[{index}]")
