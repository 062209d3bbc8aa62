"""Which fields and values may say who somebody is, or what is nobody else's business.

Told by how they are called and shaped: it errs on the side of keeping them.
"""

from __future__ import annotations

import re
import unicodedata

from engine.domain.text import fold

_PARTS = (
    *("name", "mail", "phone", "mobile", "whatsapp", "telegram", "contact", "fax", "address"),
    *("street", "landmark", "pincode", "postcode", "postal", "latitude", "longitude", "location"),
    *("birth", "spouse", "husband", "wife", "father", "mother", "parent", "nominee", "guardian"),
    *("marital", "married", "child", "famil", "manager", "owner", "advisor", "adviser", "agent"),
    *("assigned", "salesperson", "salesman", "referrer", "referred_by", "employer", "employee"),
    *("health", "medic", "diagnos", "disease", "illness", "disab", "blood", "allerg", "pregnan"),
    *("patient", "doctor", "hospital", "insurance", "religi", "faith", "caste", "ethnic", "tribe"),
    *("nationality", "sexual", "orientation", "politic", "voter", "criminal", "income", "salary"),
    *("aadhaar", "aadhar", "passport", "licence", "license", "account", "iban", "credit", "debit"),
    *("password", "secret", "token", "note", "comment", "remark", "message", "feedback"),
    *("instagram", "facebook", "twitter", "linkedin", "website", "username", "handle"),
)
"""Of names of fields: a name that holds one of these, anywhere in it."""
_WORDS = frozenset(
    (
        *("pan", "gst", "gstin", "upi", "vpa", "tax", "ssn", "dob", "tel", "cell", "zip", "pin"),
        *("lat", "lng", "lon", "geo", "ip", "url", "link", "kid", "kids", "son", "rm", "csr"),
        *("rep", "race", "sect", "creed", "gotra", "jati", "id", "uid", "uuid", "key", "device"),
        *("card", "sex"),
    )
)
"""Of names of fields: a name that has one of these as a word."""
_NAME_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_]+")
_ADDRESS = re.compile(r"@|//|\bwww\b|\w\.[^\W\d_]{2}", re.IGNORECASE)
"""An e-mail address, a link, a host; "anil.kapoor", too."""
_NUMBER = re.compile(r"\d(?:\W{0,3}\d){6}")
"""Seven digits and more, as phone numbers have them, however they are parted."""
_LABELLED = re.compile(r"\s*([^:=]+?)\s*[:=]")


def is_personal_name(name: str) -> bool:
    """Return whether a field of this name, or a label before a value, says that it is personal.

    >>> is_personal_name("relationshipManager"), is_personal_name("loyalty_tier")
    (True, False)
    """
    plain = fold(name)
    if any(part in plain for part in _PARTS):
        return True
    return not _WORDS.isdisjoint(fold(one) for one in _NAME_WORDS.findall(name))


def is_personal_text(text: str) -> bool:
    """Return whether a value looks like an address, a number to call, a link, or "owner: Anil"."""
    plain = unicodedata.normalize("NFKC", text)
    if _ADDRESS.search(plain) or _NUMBER.search(plain):
        return True
    labelled = _LABELLED.match(plain)
    return labelled is not None and is_personal_name(labelled[1])
