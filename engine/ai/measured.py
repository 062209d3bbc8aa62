"""How many a rule holds, and who, so far that two rules can be told apart."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    import polars as pl

    from engine.domain.rules import Rule

    Measure: TypeAlias = Callable[[Rule], "Measured"]
    """Evaluates a rule; raises CrmError where it cannot be."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Two that are equal are of rules with the same members, on one snapshot at one instant."""

    count: int
    fingerprint: bytes

    @classmethod
    def of(cls, members: pl.Series) -> Measured:
        """Return the measure of a bitmap: one Boolean a customer, never null."""
        bits = members.to_numpy().tobytes()
        return cls(int(members.sum()), hashlib.sha256(bits).digest())
