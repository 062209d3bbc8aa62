from __future__ import annotations

import csv
import io

import polars as pl
import pytest

from engine.audience.member_files import written
from engine.domain.spreadsheet import cell

FORMULAS = [
    *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\tx", "\rx", "\nx", "\0x", "=", "-", "+cmd|' /C x'!A0"),
    *("\uff1d1", "\uff0b1", "\uff0d1", "\uff20x", " =1+1", "\u00a0 @x", "-1\n", "+1 2", "-1,5"),
]
PLAIN = ["", "x", "1-1", "a=b", "-1", "+919812345678", "-12.50", "x\n=1", "'=1", " x", "é", "1e5"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_text_and_a_number_with_a_sign_stay_as_they_are(text: str) -> None:
    assert cell(text) == text


def test_the_files_of_members_escape_the_same_cells() -> None:
    frame = pl.DataFrame({"name": [*FORMULAS, *PLAIN]})
    text = b"".join(written("csv", frame.clear(), [frame])).decode()
    assert [row[0] if row else "" for row in csv.reader(io.StringIO(text, newline=""))] == [
        "name",
        *map(cell, [*FORMULAS, *PLAIN]),
    ]
