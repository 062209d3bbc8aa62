"""A table as a CSV file, for a spreadsheet; no cell of it is run as a formula."""

from __future__ import annotations

import csv
import io
import tempfile
from typing import TYPE_CHECKING

from engine.domain.spreadsheet import cell

if TYPE_CHECKING:
    from collections.abc import Iterable


def csv_file(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> io.BufferedReader:
    """Write rows to a file of its own that is gone once it is closed; UTF-8 with a BOM."""
    # What Streamlit sends on a click is a BufferedReader; a file that can be written, too, it
    # refuses, and the click then does nothing.
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        writer = csv.writer(text)
        writer.writerow(columns)
        writer.writerows(map(cell, row) for row in rows)
    except BaseException:
        text.close()
        raise
    text.detach()
    file.seek(0)
    return io.BufferedReader(file.detach())
