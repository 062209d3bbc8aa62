from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from engine.ingest.rejects import SAMPLES_PER_REASON, BadValue, Reason, RejectLog, shortened

if TYPE_CHECKING:
    from pathlib import Path


def test_every_reject_is_counted_and_the_first_hundred_are_kept() -> None:
    with RejectLog() as log:
        for line in range(250):
            log.add(line, BadValue(Reason.TIME, "x", "no time", "When"))
    assert log.counts == {"not a date and time": 250}
    kept = log.samples["not a date and time"]
    assert len(kept) == SAMPLES_PER_REASON
    assert (kept[0].line, kept[0].column, kept[0].value) == (0, "When", "x")


def test_every_reject_is_written_and_no_cell_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    with RejectLog(path) as log:
        for line in range(150):
            log.add(line, BadValue(Reason.NUMBER, "=1+1", "no number", "Price"))
        log.add(7, BadValue(Reason.NUMBER, "1", "=2 is no number", "@Price"))
        log.add(7, BadValue(Reason.ENCODING, "caf\udce9", "bytes that are not utf-8"))
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 153
    assert rows[1] == ["0", "not a number", "Price", "'=1+1", "no number"]
    assert rows[-2] == ["7", "not a number", "'@Price", "1", "'=2 is no number"]
    assert rows[-1][3] == "caf\\udce9"


def test_values_are_shown_short_and_printable() -> None:
    assert shortened("x" * 200) == "x" * 79 + "…"
    assert shortened("a\0b\udcff") == "a\\x00b\\udcff"
    assert len(shortened("\0" * 200)) == 80
