"""How text compares: Unicode NFC, then case folding, then code points (accents count)."""

from __future__ import annotations

import unicodedata


def nfc(text: str) -> str:
    """Text as it is stored: in Unicode normal form C."""
    return unicodedata.normalize("NFC", text)


def trimmed(text: str) -> str:
    """Text as an id is stored: in NFC, without white space around it.

    >>> trimmed(" c-7 ")
    'c-7'
    """
    return nfc(text.strip()).strip()


def fold(text: str) -> str:
    """Text as rules compare it; stored beside the text, so that every evaluator sees one form.

    >>> fold("STRASSE") == fold("Straße")
    True
    """
    return nfc(text).casefold()
