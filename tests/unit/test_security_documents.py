"""What SECURITY.md and SECURITY-ASVS.md say: complete, and of tests that exist."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("SECURITY.md", "SECURITY-ASVS.md")
# Level 1 of OWASP ASVS 5.0.0, as its list of requirements numbers them.
LEVEL_1 = (
    *("1.2.1", "1.2.2", "1.2.3", "1.2.4", "1.2.5", "1.3.1", "1.3.2", "1.5.1"),
    *("2.1.1", "2.2.1", "2.2.2", "2.3.1"),
    *("3.2.1", "3.2.2", "3.3.1", "3.4.1", "3.4.2", "3.5.1", "3.5.2", "3.5.3"),
    *("4.1.1", "4.4.1", "5.2.1", "5.2.2", "5.3.1", "5.3.2"),
    *("6.1.1", "6.2.1", "6.2.2", "6.2.3", "6.2.4", "6.2.5", "6.2.6", "6.2.7", "6.2.8"),
    *("6.3.1", "6.3.2", "6.4.1", "6.4.2"),
    *("7.2.1", "7.2.2", "7.2.3", "7.2.4", "7.4.1", "7.4.2"),
    *("8.1.1", "8.2.1", "8.2.2", "8.3.1", "9.1.1", "9.1.2", "9.1.3", "9.2.1"),
    *("10.4.1", "10.4.2", "10.4.3", "10.4.4", "10.4.5", "11.3.1", "11.3.2", "11.4.1"),
    *("12.1.1", "12.2.1", "12.2.2", "13.4.1", "14.2.1", "14.3.1", "15.1.1", "15.2.1", "15.3.1"),
)
ROW = re.compile(r"^\| ([\d.]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
STATUS = ("tested", "checked", "documented", "does not apply", "open")


def text(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


@cache
def functions_of(path: str) -> set[str]:
    tree = ast.parse(text(path))
    return {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}


def unknown(document: str) -> list[str]:
    """Name each test that a document names and nobody wrote."""
    return [
        f"{path}::{name}"
        for path, name in NAMED.findall(document)
        if not (PROJECT / path).is_file() or (name and name not in functions_of(path))
    ]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_that_is_named_exists(document: str) -> None:
    assert len(NAMED.findall(text(document))) > 20
    assert unknown(text(document)) == []
    assert set(re.findall(r"`(test_\w+)`", text(document))) <= functions_of(
        "tests/integration/web/test_routes.py"
    )


def test_a_test_that_nobody_wrote_is_noticed() -> None:
    here = "tests/unit/test_security_documents.py"
    assert unknown(f"`{here}::test_every_test_that_is_named_exists`") == []
    assert unknown(f"`{here}::test_of_nobody`") == [f"{here}::test_of_nobody"]
    assert unknown("`tests/unit/test_of_nobody.py`") == ["tests/unit/test_of_nobody.py::"]


def test_every_requirement_of_level_1_has_its_row_and_says_how_it_stands() -> None:
    rows = ROW.findall(text("SECURITY-ASVS.md"))
    assert tuple(number for number, *_ in rows) == LEVEL_1
    assert len(LEVEL_1) == 70
    for number, _, status, where in rows:
        assert status in STATUS, number
        assert (status == "tested") <= bool(NAMED.search(where)), f"{number} names no test"
        assert (status == "documented") <= ("](" in where), f"{number} names no document"


def test_the_counts_that_are_told_are_those_of_the_rows() -> None:
    counts = Counter(row[2] for row in ROW.findall(text("SECURITY-ASVS.md")))
    (told,) = re.findall(r"^Of the 70: (.*)\.$", text("SECURITY-ASVS.md"), re.MULTILINE)
    words = [("that do not apply" if one == "does not apply" else one) for one in STATUS]
    expected = [f"{counts[one]} {word}" for one, word in zip(STATUS, words, strict=True)]
    assert told == ", ".join(expected)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_somewhere(document: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", text(document)):
        path, _, anchor = target.partition("#")
        headings = re.findall(r"^#+ (.+)$", text(path), re.MULTILINE)
        assert not anchor or anchor in {one.lower().replace(" ", "-") for one in headings}, target
