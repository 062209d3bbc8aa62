"""What became of records that were sent."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.domain.cluster_time import ClusterTime
    from engine.domain.customer import AttributeType


class Problem(NamedTuple):
    """One thing that is wrong with a row."""

    field: str
    """Its path, such as ``items/0/quantity``; empty where the whole row is meant."""
    given: str
    """What was given, shortened and printable."""
    reason: str
    """A sentence for the person who sent it."""
    kind: str
    """What it is in a few words that never vary, by which refusals are counted."""
    valid: tuple[str, ...] = ()
    """The valid choices, where they can be listed."""


class RowOutcome(NamedTuple):
    """What became of one row of a batch."""

    row: int
    """Its place in the batch; the first is 0."""
    id: str | None
    """The order's or customer's id; None where it cannot be told."""
    status: Literal["stored", "refused"]
    problems: tuple[Problem, ...] = ()


class Taken(NamedTuple):
    """What became of a batch.

    ``created``, ``updated`` and ``unchanged`` count orders or customers, so that they add up to
    less than the stored rows where one id came twice.
    """

    received: int
    refused: int
    created: int
    updated: int
    unchanged: int
    rows: tuple[RowOutcome, ...]
    cluster_time: ClusterTime | None
    """Of the last write; None where nothing was written."""
    learnt: Mapping[str, AttributeType] = MappingProxyType({})
    """Attributes that were new, and what each holds from now on."""

    @property
    def stored(self) -> int:
        """Rows that were taken."""
        return self.received - self.refused


class LineRefused(NamedTuple):
    """One record of a stream that was left out."""

    line: int
    """The physical line on which it begins; the first is 1."""
    id: str | None
    problem: Problem


class StreamTaken(NamedTuple):
    """What became of a stream of records; counts as in :class:`Taken`, over its batches."""

    received: int = 0
    refused: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    cluster_time: ClusterTime | None = None
    reasons: Mapping[str, int] = MappingProxyType({})
    """Records refused by the kind of their first problem."""
    samples: Mapping[str, Sequence[LineRefused]] = MappingProxyType({})
    """The first 100 of each kind."""
    learnt: Mapping[str, AttributeType] = MappingProxyType({})
    next_line: int = 1
    """The physical line after the last record that was read."""

    @property
    def stored(self) -> int:
        """Records that were taken."""
        return self.received - self.refused

    @property
    def stayed(self) -> str:
        """What to tell where the stream broke off, to go behind the reason; may be empty."""
        if not self.received:
            return ""
        return (
            f"; {self.stored:,} records before line {self.next_line:,} are stored, and sending all "
            "of them again changes nothing twice"
        )
