"""E-mail addresses and phone numbers as they are stored. Nothing is looked up in the network."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from engine.ingest.rejects import BadValue, Reason
from engine.ingest.values import line_of_text

_REMEMBERED = 1 << 12


@lru_cache(_REMEMBERED)
def email(text: str) -> str:
    """Return an address in its normal form: NFC, the domain in lower case.

    Raises BadValue where RFC 5321 and 6531 do not allow it, and for a domain that no mail reaches
    (``localhost``, ``.invalid``, …).
    """
    text = line_of_text(text)
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as error:
        detail = f"expected an address such as asha@example.com: {error}"
        raise BadValue(Reason.EMAIL, text, detail) from None


@lru_cache(_REMEMBERED)
def phone(text: str, region: str | None) -> str:
    """Return a number as E.164 (``+919820012345``).

    ``region`` is the ISO 3166 country of a number without a country code; where it is None, such a
    number is refused.
    """
    text = line_of_text(text)
    if region not in phonenumbers.SUPPORTED_REGIONS:  # the euro's "EU" is no country
        region = None
    try:
        number = phonenumbers.parse(text, region)
        if number.extension:
            why = f"the extension {number.extension} would not be kept; leave it out"
        elif phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        else:
            why = "no number of that form is in use"
    except phonenumbers.NumberParseException as error:
        why = str(error)
    or_local = f", or one of {region} without a country code" if region else ""
    detail = f"expected a number such as +919820012345{or_local}: {why}"
    raise BadValue(Reason.PHONE, text, detail)
