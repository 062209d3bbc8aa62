"""The workspace: what every amount and every date is read against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from babel.core import Locale
from babel.numbers import get_territory_currencies

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from engine.domain.money import Currency


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceChoice:
    """One thing that an admin chooses for the workspace, and how it stands."""

    field: str
    in_force: str
    """What this process goes by; empty where there is nothing."""
    chosen: str | None
    """What the settings page keeps; None where nothing was chosen there."""
    options: tuple[str, ...] = ()
    """The values that may be chosen; empty where any text may."""
    fixed_by: str | None
    """Where the variable stands that wins over what is chosen; None where none does."""

    @property
    def waits(self) -> bool:
        """Whether what was chosen holds from the next start on."""
        return self.fixed_by is None and self.chosen not in (None, self.in_force)


@dataclass(frozen=True, slots=True)
class Workspace:
    """One company's settings: its currency, its one time zone, and how it writes numbers."""

    name: str
    currency: Currency
    zone: ZoneInfo
    locale: str
    sender_name: str = ""
    """Whom messages come from, as people read it; empty where nothing was chosen."""
    sender_address: str = ""
    """The e-mail address that messages come from; empty where nothing was chosen."""

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
