from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.errors import ImportFileError
from engine.ingest import csv_rows as module
from engine.ingest.csv_rows import csv_rows, decoder, physical_lines
from engine.ingest.rejects import Reason

if TYPE_CHECKING:
    from engine.ingest.rejects import BadValue


def read(
    text: bytes, *, block: int = 7
) -> tuple[list[tuple[int, list[str]]], list[tuple[int, Reason]]]:
    blocks = [text[at : at + block] for at in range(0, len(text), block)]
    rejected: list[tuple[int, Reason]] = []

    def reject(line: int, bad: BadValue) -> None:
        rejected.append((line, bad.reason))

    lines = physical_lines(blocks, decoder("utf-8"), "\n")
    return list(csv_rows(lines, ",", reject)), rejected


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    rows, rejected = read(b'a,b\n\n"two\nlines",x\r\nlast,row')
    assert rows == [(1, ["a", "b"]), (3, ["two\nlines", "x"]), (5, ["last", "row"])]
    assert rejected == []


def test_a_letter_cut_in_two_by_a_block_is_whole() -> None:
    assert read("प्रिया,₹5\n".encode(), block=1)[0] == [(1, ["प्रिया", "₹5"])]


def test_a_quote_that_nobody_closes_costs_its_own_line_only() -> None:
    rows, rejected = read(b'a,b\n"open,b\nc,d\ne,f\n')
    assert rows == [(1, ["a", "b"]), (3, ["c", "d"]), (4, ["e", "f"])]
    assert rejected == [(2, Reason.QUOTES)]


def test_an_open_quote_closed_by_a_later_row_costs_its_own_line_only() -> None:
    rows, rejected = read(b'a,b\n"open,b\nc,"d"\ne,f\n')
    assert rows == [(1, ["a", "b"]), (3, ["c", "d"]), (4, ["e", "f"])]
    assert rejected == [(2, Reason.QUOTES)]


def test_text_after_a_closing_quote_is_rejected() -> None:
    rows, rejected = read(b'a,b\n"5" tape,b\nc,d\n')
    assert [line for line, _ in rows] == [1, 3]
    assert rejected == [(2, Reason.QUOTES)]


def test_a_quote_inside_an_unquoted_cell_is_a_character() -> None:
    assert read(b'a,12" ruler\n')[0] == [(1, ["a", '12" ruler'])]


def test_a_carriage_return_inside_a_row_is_rejected() -> None:
    assert read(b"a,b\nc\rd,e\n")[1] == [(2, Reason.CONTROL)]


def test_a_cell_too_long_is_rejected_and_the_next_row_is_read() -> None:
    rows, rejected = read(b"a,b\n" + b"x" * 140_000 + b",y\nc,d\n", block=1 << 16)
    assert [line for line, _ in rows] == [1, 3]
    assert rejected == [(2, Reason.TOO_LONG)]


@pytest.mark.parametrize("end", [b"\nc,d\n", b""])
def test_a_line_without_end_is_rejected_without_being_held(
    monkeypatch: pytest.MonkeyPatch, end: bytes
) -> None:
    monkeypatch.setattr(module, "MAX_LINE", 1_000)
    longest = 0

    def blocks() -> list[bytes]:
        return [b"a,b\n", *[b"x," * 500] * 50, end]

    lines = []
    for line in physical_lines(blocks(), decoder("utf-8"), "\n"):
        longest = max(longest, len(line))
        lines.append(line)
    rejected: list[int] = []
    rows = list(csv_rows(iter(lines), ",", lambda line, _: rejected.append(line)))
    assert rejected == [2]
    assert [line for line, _ in rows] == ([1, 3] if end else [1])
    assert longest < 140_000


def test_a_file_of_broken_quotes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_QUOTE_FAULTS", 5)
    with pytest.raises(ImportFileError, match=r"more than 5 rows.*line 6"):
        read(b'"a"b,c\n' * 10)


def test_a_row_that_goes_on_over_too_many_lines_ends_the_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_ROW", 20)
    assert len(read(b"a,b\n" * 10 + b'"c\n","d"\n' * 3)[0]) == 13
    with pytest.raises(ImportFileError, match="begins in line 3 has more than 20 characters"):
        read(b"a,b\n" * 2 + b'"\n",' * 10)
