"""What runs here, what is configured, and what is wrong: the command ``doctor``."""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from engine.auth.way_in import SIGNED_IN, issuer_lost
from engine.bootstrap import open_crm, sign_in_mode
from engine.domain.sign_in import SignInMode
from engine.errors import CrmError, SettingsError
from engine.redaction import Redactor
from engine.settings import load, secrets_given, shown_address
from engine.store.binary import find_mongod

if TYPE_CHECKING:
    from engine.settings import Settings

PACKAGES = (
    *("streamlit", "pymongo", "pymongoarrow", "polars", "duckdb", "pyarrow", "python-liquid"),
    "google-generativeai",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. ``ok`` is false where something has to be done."""

    name: str
    text: str
    ok: bool = True


def diagnose() -> tuple[Finding, ...]:
    """Look at versions, settings, the MongoDB in use and the data; never shows a secret."""
    redact = Redactor(secrets_given())
    versions = [
        Finding("python", f"{platform.python_version()} on {platform.platform()}"),
        *map(_package, PACKAGES),
    ]
    try:
        settings = load()
    except SettingsError as error:
        return (*versions, Finding("settings", redact(str(error)), ok=False))
    found = [model(settings), *_mongodb(settings)]
    return (
        *versions,
        # By name and not by form: whose addresses they let in is no secret of the settings.
        *(
            Finding(name, f"{redact.known(shown)}  ({source})")
            for name, shown, source in settings.described()
        ),
        *(replace(one, text=redact(one.text)) for one in found),
    )


def model(settings: Settings) -> Finding:
    """Say which language model would be asked; it is not asked now."""
    if settings.gemini_api_key is None:
        return Finding("model", "none: the built-in grammar reads words alone (GEMINI_API_KEY)")
    place = shown_address(settings.gemini_endpoint) if settings.gemini_endpoint else "Google"
    return Finding("model", f"{settings.gemini_model} at {place} (not asked now)")


def sign_in(settings: Settings, *, has_accounts: bool) -> Finding:
    """Say how people would sign in to a server that is bound to this machine.

    Without a way in the commands and the API work all the same; an issuer that is missing where
    there were accounts is wrong.
    """
    lost = bool(settings.meant_for_accounts()) or has_accounts
    try:
        mode = sign_in_mode(settings, bound_here=True)
        if mode is SignInMode.DEMO and settings.demo is None and has_accounts:
            raise issuer_lost(SIGNED_IN)
    except SettingsError as error:
        return Finding("sign-in", str(error), ok=not lost)
    if mode is SignInMode.GOOGLE:
        return Finding("sign-in", f"with accounts of {shown_address(settings.oidc_issuer)}")
    return Finding("sign-in", "a demo: anybody who reaches the server, as a demo user")


def _package(name: str) -> Finding:
    try:
        return Finding(name, version(name))
    except PackageNotFoundError:
        return Finding(name, "not installed; run make setup", ok=False)


def _mongodb(settings: Settings) -> list[Finding]:
    try:
        if settings.mongodb_uri is None:
            binary = find_mongod()
            source = f"embedded {binary.version} from {binary.source} ({binary.path})"
        else:
            source = "as MONGODB_URI says"
        with open_crm(settings) as crm:
            accounts = crm.known_people.has_accounts()
            fresh, demo, space = crm.freshness(), crm.demo_counts(), crm.workspace
    except CrmError as error:
        return [
            Finding("mongodb", str(error), ok=False),
            sign_in(settings, has_accounts=False),
        ]
    held = (
        f"{fresh.customers:,} customers and {fresh.orders:,} orders, "
        f"of which demo data {demo.customers:,} and {demo.orders:,}"
    )
    stands = f"{space.name!r}, {space.zone.key}, {space.currency.code}, {space.locale}"
    return [
        Finding("mongodb", source),
        Finding("workspace", f"{stands}  (the settings, and what was chosen on the page)"),
        Finding("data", held),
        sign_in(settings, has_accounts=accounts),
    ]
