"""What the rule editor sends from the browser, and what it is told about each part of a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict, cast


class Note(TypedDict, total=False):
    """What the server says about one node; nothing that is left out is shown."""

    problem: str
    """What is wrong with the node, as a sentence."""
    count: int
    """Customers that its group holds with the node and those before it."""
    removed: int
    """Customers that the node takes away from those before it; shown from 1."""
    added: int
    """Customers that the node brings in, where any part of its group suffices; shown from 1."""
    pending: bool
    """Whether the figures are those of an older rule, and new ones are on their way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """The rule as it stands in the browser.

    ``document`` is a rule's document (RULES.md) in which every node has an ``id``. It may hold
    nodes that are not finished: ``incomplete`` has their ids, and they do not decode. ``revision``
    is the one the edit was made on: an edit of an older revision than the page's own came too late
    and is to be ignored. ``serial`` counts edits from 1; 0 means that there was none.
    """

    serial: int
    revision: int
    document: Mapping[str, object]
    incomplete: frozenset[str]


def read_edit(sent: object) -> Edit | None:
    """Return the edit that a browser sent, or None where it has not the shape of one.

    Only the shape is looked at. The rule is for ``engine.decode`` to check, as any other input.
    """
    if not isinstance(sent, Mapping):
        return None
    serial, revision = sent.get("serial"), sent.get("revision")
    document, incomplete = sent.get("document"), sent.get("incomplete")
    if not isinstance(serial, int) or not isinstance(revision, int):
        return None
    if not isinstance(document, Mapping) or not isinstance(document.get("rule"), Mapping):
        return None
    if not isinstance(incomplete, list) or not all(isinstance(one, str) for one in incomplete):
        return None
    return Edit(
        serial=serial,
        revision=revision,
        document=cast("Mapping[str, object]", document),
        incomplete=frozenset(cast("list[str]", incomplete)),
    )
