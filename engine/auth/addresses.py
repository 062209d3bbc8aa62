"""E-mail addresses as people are known by here."""

from __future__ import annotations

import idna
from email_validator import EmailNotValidError, validate_email

from engine.domain.refusal import shown
from engine.domain.text import nfc
from engine.errors import InvalidInput

DEMO_DOMAIN = "demo.invalid"
"""Of the demo users; no issuer vouches for an address that cannot be."""


def address_of(text: str) -> str:
    """Return an address as it is compared and stored.

    NFC, without case, no spaces around it, and an international domain as DNS knows it.
    """
    name, at, domain = nfc(text).strip().rpartition("@")
    return f"{name.lower()}@{domain_form(domain)}" if at else domain.lower()


def domain_form(domain: str) -> str:
    """Return the one form of a domain: in lower case, and as ``xn--…`` where it is international.

    It is IDNA 2008's with the mapping of UTS 46, as browsers and mail servers have it. What is no
    such domain stays as it is.
    """
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return domain.lower()


def checked_address(text: str) -> str:
    """Return an address that somebody typed, as it is stored; raises InvalidInput for a slip.

    Nothing is looked up: whether anybody reads its mail is not known.
    """
    try:
        found = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError as error:
        msg = f"{shown(text)} is no e-mail address such as asha@example.com: {error}"
        raise InvalidInput(msg) from None
    return address_of(found.normalized)


def domain_of(address: str) -> str:
    """Return what stands after the last @."""
    return address.rpartition("@")[2]


def is_demo(name: str) -> bool:
    """Tell whether an actor of this name is a demo user, which anybody may be in a demo."""
    return name.endswith(f"@{DEMO_DOMAIN}")
