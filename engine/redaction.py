"""What a log may not hold, taken out of any text: secrets, and who customers are.

The settings' own secrets are known and found wherever they stand. The rest is found by its form:
keys, tokens, cookies, passwords in addresses, whatever a driver quotes of a document, e-mail
addresses and phone numbers. A name has no form; the engine's own messages quote none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

SECRET, EMAIL, PHONE, DOCUMENT = "[secret]", "[e-mail]", "[phone]", "[document]"
SHORTEST = 6
"""Characters; a setting that is shorter would blank out ordinary words."""

_NAMED = "(?:token|ticket|secret|password|passwd|api[_-]?key|verifier)"
_QUOTE = r"['\"]?"
_AT = r"(?:@|%40|&#64;|\\u0040)"
_UNIT = r"(?:bytes|B|rows|records|orders|customers|ns|us|µs|ms|s)\b"
_PART = r"[^\s@<>\"'(){}\[\],;:=/\\]"
_FORMS: tuple[tuple[str, str], ...] = (
    # A header's value, to the end of its line: "Cookie: …", {'authorization': '…'}, (b'cookie', …).
    (r"(?i)\b((?:authorization|cookie)(?:['\"]?\s*[:=]|['\"],)\s*)[^\r\n]*", rf"\1{SECRET}"),
    (r"(?i)\b(bearer)\s+[\w.~+/=-]{8,}", rf"\1 {SECRET}"),
    (r"(?i)\b(basic)\s+(?=[\w+/=]*[\d=])[\w+/=]{8,}", rf"\1 {SECRET}"),
    (r"\b(crm_[a-z0-9]{8})_[\w-]{16,}", rf"\1_{SECRET}"),  # the public id stays
    (r"\beyJ[\w-]{5,}\.[\w-]+(\.[\w-]*)?", SECRET),  # a JSON web token
    (r"\b((?:__Host-)?(?:crm|_streamlit)_\w+)=[^;,\s'\"]+", rf"\1={SECRET}"),
    (r"([?&](?:code|state|nonce)=)[^&\s'\"]+", rf"\1{SECRET}"),
    (
        rf"(?i)\b((?:[\w-]{{0,40}}[_-])?{_NAMED}{_QUOTE}\s*[=:]\s*{_QUOTE})[^\s&\"',;}})\[]+",
        rf"\1{SECRET}",
    ),
    (r"(?i)(\bapi-key['\"],\s*b?['\"])[^'\"\[]+", rf"\1{SECRET}"),  # (b'x-api-key', b'…')
    # Keys by what their makers begin them with: Stripe, SendGrid, Google's client secrets, access
    # tokens and API keys.
    (r"\b[spr]k_(?:live|test)_\w{6,}", SECRET),
    (r"\bSG\.[\w-]{3,}\.[\w-]{3,}", SECRET),
    (r"\bGOCSPX-[\w-]+", SECRET),
    (r"\bya29\.[\w.-]+", SECRET),
    (r"\bAIza[\w-]{20,}", SECRET),
    (r"://[^\s/@'\"]+@", f"://{SECRET}@"),
    # 240 random bits or more as base64: letters of both cases and a digit.
    (r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{40,}", SECRET),
    (r"dup key: \{.*\}", f"dup key: {DOCUMENT}"),
    (r"full error: [^\r\n]*", f"full error: {DOCUMENT}"),
    (r"input_value=.*?, input_type=", f"input_value={DOCUMENT}, input_type="),
    # Parts are bounded, so that a long text without a sign takes no quadratic time.
    (rf"{_PART}{{1,64}}{_AT}{_PART}{{1,255}}\.[^\W\d_]{{2,}}", EMAIL),
    (r"(?<![\w+])\+\d(?:[ ().-]{0,2}\d){7,14}(?!\d)", PHONE),
    # Indian mobile numbers without a plus: with a prefix, or as ten digits that are no part of a
    # longer number or id, and no amount of something.
    (r"(?<![\w.#-])(?:(?:00)?91|0)[ -]?[6-9]\d{4}[ -]?\d{5}(?![\w-]|[.,]\d)", PHONE),
    (rf"(?<![\w.#-])[6-9]\d{{9}}(?![\w-]|[.,]\d|\s?{_UNIT})", PHONE),
)
_COMPILED = tuple((re.compile(form), instead) for form, instead in _FORMS)


class Redactor:
    """Takes out of a text what no log may hold; a text that went through once stays the same."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        spellings = {
            spelt
            for secret in secrets
            if len(secret) >= SHORTEST
            for spelt in (secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1])
        }
        longest_first = sorted(spellings, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if spellings else None

    def __call__(self, text: str) -> str:
        """Return the text without them."""
        text = self.known(text)
        for form, instead in _COMPILED:
            text = form.sub(instead, text)
        return text

    def known(self, text: str) -> str:
        """Return the text without the secrets of the settings; what only looks like one stays."""
        return text if self._known is None else self._known.sub(SECRET, text)
