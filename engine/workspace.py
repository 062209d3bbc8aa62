"""The workspace as it stands: what the settings say, and what admins chose where they say nothing.

Name and sender hold at once here, and within seconds in every other process. Amounts and days are
read against the zone and the currency everywhere, so these are taken when a process starts.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from engine.auth.addresses import checked_address
from engine.domain.money import currencies
from engine.domain.naming import checked_name
from engine.domain.refusal import unknown
from engine.domain.workspace import WorkspaceChoice
from engine.errors import Conflict, CrmError, InvalidInput, SettingsError
from engine.settings import checked, time_zones, variables, with_chosen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from engine.domain.workspace import Workspace
    from engine.settings import Settings
    from engine.store.workspace import Chosen, WorkspaceStore

logger = logging.getLogger(__name__)

CACHED_SECONDS = 5.0
NAME, ZONE, CURRENCY = "workspace_name", "timezone", "currency"
SENDER_NAME, SENDER_ADDRESS = "sender_name", "sender_address"
FIELDS = (NAME, ZONE, CURRENCY, SENDER_NAME, SENDER_ADDRESS)
_OF_SETTINGS = (NAME, ZONE, CURRENCY)


class CurrentWorkspace:
    """The workspace of one process. For use by any number of threads."""

    def __init__(
        self,
        store: WorkspaceStore,
        settings: Settings,
        currency_of_orders: Callable[[], str | None],
    ) -> None:
        """Start with the settings as they were read, and what is chosen now.

        Raises SettingsError where the orders are in another currency.
        """
        chosen = store.get()
        self._store = store
        self._settings = settings
        self._currency_of_orders = currency_of_orders
        self.started = _effective(settings, chosen.values, currency_of_orders()).workspace()
        """What amounts and days are read against until this process ends."""
        self._take(chosen)
        self._looked = time.monotonic()
        self._looking = Lock()

    def __call__(self) -> Workspace:
        """Return the workspace as it stood a few seconds ago at most.

        Where MongoDB does not answer it stands as it last did.
        """
        if time.monotonic() - self._looked >= CACHED_SECONDS and self._looking.acquire(
            blocking=False
        ):
            try:
                self._take(self._store.get())
            except CrmError as error:
                logger.warning("the workspace stays as it was: %s", error)
            finally:
                self._looked = time.monotonic()
                self._looking.release()
        return self._now

    def choices(self) -> tuple[tuple[WorkspaceChoice, ...], int]:
        """Return how each field stands, and the version that a change names."""
        chosen = self._store.get()
        self._take(chosen)
        now = self._now
        in_force = (now.name, now.zone.key, now.currency.code, now.sender_name, now.sender_address)
        found = tuple(
            WorkspaceChoice(
                field=field,
                in_force=value,
                chosen=chosen.values.get(field),
                options=_options(field),
                fixed_by=self._fixed_by(field),
            )
            for field, value in zip(FIELDS, in_force, strict=True)
        )
        return found, chosen.version

    def choose(
        self, values: Mapping[str, str], *, version: int, now: datetime, by: str
    ) -> Mapping[str, tuple[str, str]]:
        """Keep values, by field, over ``version``; return what changed: before and after.

        An empty text takes a choice back. Raises InvalidInput for what cannot be taken, Conflict
        for what the settings fix, for a currency that orders are not in, and where somebody else
        was faster.
        """
        before = self._store.get().values
        wanted = {field: self._checked(field, text.strip()) for field, text in values.items()}
        changed = {
            field: (before.get(field, ""), text)
            for field, text in wanted.items()
            if text != before.get(field, "")
        }
        if not changed:
            return {}
        self._refuse_fixed(changed)
        after = {field: text for field, text in {**before, **wanted}.items() if text}
        self._take(self._store.put(after, version=version, now=now, by=by))
        return changed

    def _fixed_by(self, field: str) -> str | None:
        if field not in _OF_SETTINGS or not self._is_fixed(field):
            return None
        name = next(name for name, one in variables().items() if one == field)
        source = self._settings.sources.get(name, "the settings")
        return f"{name} in {'the environment' if source == 'environment' else source}"

    def _is_fixed(self, field: str) -> bool:
        return field in self._settings.model_fields_set

    def _refuse_fixed(self, changed: Mapping[str, tuple[str, str]]) -> None:
        names = {field: name for name, field in variables().items()}
        for field, (_, text) in changed.items():
            if self._is_fixed(field):
                msg = f"{names[field]} is set where the server runs, and wins: change it there"
                raise Conflict(msg)
            there = self._currency_of_orders() if field == CURRENCY and text else None
            if there not in (None, text):
                msg = f"the orders here are in {there}, so the currency stays {there}"
                raise Conflict(msg)

    def _take(self, chosen: Chosen) -> None:
        values = chosen.values
        name = self.started.name if self._is_fixed(NAME) else values.get(NAME)
        self._now = replace(
            self.started,
            name=name or self._settings.workspace_name,
            sender_name=values.get(SENDER_NAME, ""),
            sender_address=values.get(SENDER_ADDRESS, ""),
        )

    @staticmethod
    def _checked(field: str, text: str) -> str:
        if field not in FIELDS:
            raise InvalidInput(unknown(field, FIELDS, "field of the workspace"))
        if not text:
            return ""
        if field == SENDER_NAME:
            return checked_name(text, "sender")
        if field == SENDER_ADDRESS:
            return checked_address(text)
        return checked(field, text)


def _options(field: str) -> tuple[str, ...]:
    match field:
        case "timezone":
            return time_zones()
        case "currency":
            return currencies()
        case _:
            return ()


def _effective(
    settings: Settings, values: Mapping[str, str], currency_of_orders: str | None
) -> Settings:
    """Return the settings that a process starts with.

    What was chosen and cannot be used any more is left out, so that the server starts and somebody
    can choose again: a zone that is gone, or a currency while orders have come in another. Raises
    SettingsError where the orders are in another currency all the same.
    """
    for field in _OF_SETTINGS:
        text = values.get(field)
        if text is None or field in settings.model_fields_set:
            continue
        if field == CURRENCY and currency_of_orders not in (None, text):
            logger.warning("the currency that was chosen is not that of the orders: left out")
            continue
        try:
            settings = with_chosen(settings, {field: text})
        except SettingsError as error:
            logger.warning("what was chosen on the settings page is left out: %s", error)
    if currency_of_orders not in (None, settings.currency):
        msg = (
            f"CRM_CURRENCY is {settings.currency}, but the orders here are in "
            f"{currency_of_orders}: set CRM_CURRENCY={currency_of_orders}, or keep orders in "
            "another currency in another database (MONGODB_DATABASE or CRM_DATA_DIR)"
        )
        raise SettingsError(msg)
    return settings
