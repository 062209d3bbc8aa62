"""What a rule is compiled for: an instant, a workspace and its catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.calendar import local_date

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from engine.domain.workspace import Workspace
    from engine.rules.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Context:
    """``now`` is aware; the catalogue is the only source of names."""

    now: datetime
    workspace: Workspace
    catalogue: Catalogue

    @property
    def zone(self) -> ZoneInfo:
        """The workspace's one time zone."""
        return self.workspace.zone

    @property
    def today(self) -> date:
        """The local day of ``now``."""
        return local_date(self.now, self.zone)
