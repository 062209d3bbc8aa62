"""How text compares: Unicode NFC, then case folding, then code points (accents count)."""

from __future__ import annotations

import unicodedata


def nfc(text: str) -> str:
    """Text as it is stored: in Unicode normal form C."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Text as rules compare it; stored beside the text, so that every evaluator sees one form.

    >>> fold("STRASSE") == fold("Straße")
    True
    """
    return nfc(text).casefold()
