"""How far the making of a file of everything came."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class TakeoutProgress:
    """How far it came: rows by file so far, and about how many there will be in all."""

    written: Mapping[str, int] = field(default_factory=dict)
    total: int = 0

    @property
    def share(self) -> float:
        """The part that is written, 0 to 1."""
        return min(1.0, sum(self.written.values()) / self.total) if self.total else 0.0
