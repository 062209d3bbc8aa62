"""What the audit log tells of what was changed: names and versions, never a rule or a message."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, TypeVar

from engine.domain.network import coarse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import ExitStack

    from engine.auth.audit import Line
    from engine.domain.audit import AuditEntry
    from engine.domain.campaign import Campaign
    from engine.domain.segment import Segment

T = TypeVar("T")

_HEX = re.compile(r"[0-9a-f]{32}")
_FORMS = MappingProxyType(
    {
        **dict.fromkeys(("segment", "campaign", "dead letter"), _HEX),
        "API key": re.compile(r"[a-z0-9]{8}"),
        "person": re.compile(r"[^\s@]+@[^\s@]+"),
    }
)
"""What an id looks like, by the kind of object, where callers give it."""
NO_ID = "(no id)"


class _Versioned(Protocol):
    @property
    def version(self) -> int: ...


V = TypeVar("V", bound=_Versioned)


def its_id(kind: str, given: str) -> str:
    """Return an id as the log keeps it: what is none may be a secret, or tell of a customer."""
    form = _FORMS.get(kind)
    return given if form is None or form.fullmatch(given) else NO_ID


def segment(line: Line, before: Segment | None, after: Segment) -> None:
    """Tell of a segment that was saved. A rule may name a person, so it is told by its version."""
    line.about, line.name = ("segment", after.segment_id), after.name
    line.changes = _differences(
        before,
        after,
        {
            "version": lambda one: one.version,
            "name": lambda one: one.name,
            "tags": lambda one: ", ".join(one.tags),
        },
        {"description": lambda one: one.description, "rule": lambda one: one.document},
    )


def campaign(line: Line, before: Campaign | None, after: Campaign) -> None:
    """Tell of a draft that was saved; its message is told by its version."""
    line.about, line.name = ("campaign", after.campaign_id), after.name
    line.changes = _differences(
        before,
        after,
        {
            "version": lambda one: one.version,
            "name": lambda one: one.name,
            "segment": lambda one: one.segment_id,
            "channel": lambda one: one.message.channel,
        },
        {"message": lambda one: one.message},
    )


def launch(line: Line, before: Campaign, after: Campaign) -> None:
    """Tell of a launch; nothing changes where the campaign had been launched before."""
    line.name = after.name
    if before.launch is None and after.launch is not None:
        line.changes = {
            "status": (before.status, after.status),
            "segment": (None, after.segment_id),
            "segment version": (None, after.launch.segment_version),
        }


def without_address(entry: AuditEntry) -> AuditEntry:
    """Return a line as visitors of a demo see each other: with a network that many people share."""
    return replace(entry, address=coarse(entry.address))


def until_read(opened: ExitStack, rows: Iterator[T]) -> Iterator[T]:
    """Yield the rows; when they end, or nobody wants the rest, ``opened`` is closed."""
    with opened:
        yield from rows


def _differences(
    before: V | None,
    after: V,
    shown: Mapping[str, Callable[[V], object]],
    named: Mapping[str, Callable[[V], object]],
) -> dict[str, tuple[object, object]]:
    """Return what differs: what is ``shown`` as it is, what is ``named`` by its version only."""

    def told(field: str, one: V | None) -> object:
        if one is None:
            return None
        return f"as in version {one.version}" if field in named else shown[field](one)

    return {
        field: (told(field, before), told(field, after))
        for field, value in (*shown.items(), *named.items())
        if before is None or value(before) != value(after)
    }
