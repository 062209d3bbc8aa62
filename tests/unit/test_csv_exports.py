"""Every place that writes a CSV, by a walk over the code. A new one has to escape, and be listed.

Formulas in exports are the matter: see ``engine.domain.spreadsheet``.
"""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
WRITERS = {
    "engine/audience/member_files.py": "members, for the API",
    "engine/ingest/rejects.py": "rows that an import left out, for pages and command line",
    "pages/_ui/csv_file.py": "the delivery log, and the audit log",
}
NAMED_ONLY = {
    "engine/api/member_formats.py": "names the media type",
    "engine/api/imports.py": "takes a CSV in",
    "pages/_ui/audit_log.py": "offers what audit_csv writes",
    "pages/_ui/delivery_log.py": "offers what delivery_csv writes",
    "pages/_ui/import_report.py": "offers what rejects writes",
}
CALLS = {"writer", "DictWriter", "write_csv", "sink_csv", "to_csv", "savetxt"}


def signs(source: str) -> set[str]:
    """What in a module says that it writes a CSV, or offers one."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.alias(name=name):
                if name in CALLS:
                    found.add("writes")
            case ast.Constant(value=str(text)):
                if "text/csv" in text:
                    found.add("offers")
                if "COPY " in text and "CSV" in text.upper():
                    found.add("writes")
    return found


def modules() -> dict[str, str]:
    folders = (PROJECT / "engine", PROJECT / "pages")
    paths = [*(p for folder in folders for p in folder.rglob("*.py")), PROJECT / "streamlit_app.py"]
    texts = {path.relative_to(PROJECT).as_posix(): path.read_text() for path in paths}
    return {path: text for path, text in texts.items() if not path.startswith("engine/bench/")}


def test_every_place_that_writes_a_csv_is_listed_and_escapes_formulas() -> None:
    found = {path for path, text in modules().items() if "writes" in signs(text)}
    assert found == set(WRITERS)
    assert [p for p in WRITERS if "engine.domain.spreadsheet import" not in modules()[p]] == []


def test_every_place_that_offers_a_csv_gives_what_a_listed_one_wrote() -> None:
    found = {path for path, text in modules().items() if "offers" in signs(text)}
    assert found - set(WRITERS) == set(NAMED_ONLY)


@pytest.mark.parametrize(
    "source",
    [
        "import csv\nwrite = csv.writer(file)",
        "from csv import DictWriter",
        "frame.write_csv()",
        "frame.to_pandas().to_csv()",
        "sql = \"COPY (SELECT 1) TO 'x' (FORMAT csv)\"",
    ],
)
def test_a_new_writer_is_noticed(source: str) -> None:
    assert signs(source) == {"writes"}


def test_tables_of_the_pages_have_no_download_of_their_own() -> None:
    """Streamlit's writes cells as they are, whoever asks."""
    config = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text())
    assert config["client"]["disableDataExport"] is True
