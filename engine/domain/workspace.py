"""The workspace: what every amount and every date is read against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from engine.domain.money import Currency


@dataclass(frozen=True, slots=True)
class Workspace:
    """One company's settings: its currency, its one time zone, and how it writes numbers."""

    name: str
    currency: Currency
    zone: ZoneInfo
    locale: str

    def money(self, minor: int) -> str:
        """Minor units as a person reads them here."""
        return self.currency.format(minor, self.locale)
