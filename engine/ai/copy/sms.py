"""How many SMS a text takes: GSM 03.38 where its characters are in that alphabet, UCS-2 else."""

from __future__ import annotations

from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("\f^{}\\[~]|€")
"""Two units each: an escape, then the character."""
GSM, UCS = "GSM-7", "UCS-2"
_ROOM = {GSM: (160, 153), UCS: (70, 67)}
"""Units in an SMS by itself, and in each of several: the rest is taken by which one it is."""


@dataclass(frozen=True, slots=True)
class SmsSize:
    """``units`` are septets (GSM-7) or UTF-16 code units (UCS-2); ``parts`` is 0 for no text.

    ``beyond`` are the characters that GSM-7 lacks, each once, in the order of the text.
    """

    encoding: str
    units: int
    parts: int
    beyond: str

    @property
    def room(self) -> int:
        """Units that fit into one SMS by itself."""
        return _ROOM[self.encoding][0]


def sms_size(text: str) -> SmsSize:
    """Return what a text takes as SMS. A character of two units is never parted."""
    beyond = "".join(dict.fromkeys(one for one in text if one not in _BASIC | _ESCAPED))
    encoding = UCS if beyond else GSM
    widths = [_width(one, encoding) for one in text]
    alone, joined = _ROOM[encoding]
    units = sum(widths)
    if units <= alone:
        return SmsSize(encoding, units, 1 if units else 0, beyond)
    parts, left = 0, 0
    for width in widths:
        if width > left:
            parts, left = parts + 1, joined
        left -= width
    return SmsSize(encoding, units, parts, beyond)


def _width(character: str, encoding: str) -> int:
    if encoding == UCS:
        return 2 if ord(character) > 0xFFFF else 1  # noqa: PLR2004 - past it UTF-16 takes a pair
    return 2 if character in _ESCAPED else 1
