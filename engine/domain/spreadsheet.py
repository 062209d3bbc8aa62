"""Cells of a CSV that a spreadsheet shows, and never runs (OWASP, "CSV injection")."""

from __future__ import annotations

import re

FORMULA = r"^(?:[\t\r\n\x00]|\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])"
"""What a spreadsheet takes for the start of a formula, full-width forms included.

White space before one is skipped: some spreadsheets skip it when they read a CSV.
"""
NUMBER = r"^[+-][0-9]+(?:\.[0-9]+)?$"
"""Text that begins like a formula and computes nothing; a phone in E.164 is one."""
_FORMULA, _NUMBER = re.compile(FORMULA), re.compile(NUMBER)


def cell(text: str) -> str:
    """Return a text as a CSV may hold it: an apostrophe goes before what would be a formula."""
    # "$" stands before a last line break, too: "-1\n" is not a number as a whole.
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text
