"""The workspace: what every amount and every date is read against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from babel.core import Locale
from babel.numbers import get_territory_currencies

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

    @property
    def region(self) -> str | None:
        """The ISO 3166 country of a phone number without a country code; None if nothing tells.

        It is the locale's, or else the one that the currency's code begins with (GBP: GB); either
        pays in the currency.
        """
        candidates = (Locale.parse(self.locale).territory or "", self.currency.code[:2])
        return next((one for one in candidates if self._pays_in(one)), None)

    def _pays_in(self, territory: str) -> bool:
        return self.currency.code in get_territory_currencies(territory)
