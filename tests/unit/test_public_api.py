"""The names a notebook may rely on: adding one is a decision, losing one breaks somebody."""

from __future__ import annotations

import subprocess
import sys

import pytest

import engine

PUBLIC = {
    *("Crm", "open_crm", "serve", "load", "create_app"),
    *("RequestIds", "SecurityHeaders", "redacted", "continue_request"),
    *("Access", "Doorkeeper", "Hosts", "base_path", "session_route", "sign_in_mode"),
    *("decode", "decode_text", "encode"),
    *("ColumnMapping", "FileKind", "MappingOptions", "NumberFormat", "TimeFormat"),
    *("FileInspection", "ImportCounts", "ImportRecord", "ImportResult", "ImportStatus"),
    *("CustomerRecord", "Explanation", "Progress", "Step"),
}


def test_the_public_names_are_these() -> None:
    assert set(engine.__all__) == PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_each_public_name_leads_somewhere(name: str) -> None:
    assert getattr(engine, name).__name__ == name


def test_a_name_that_is_not_public_is_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'open_crn'"):
        _ = engine.open_crn


def test_importing_the_engine_loads_none_of_its_libraries() -> None:
    heavy = "{'pymongo', 'polars', 'duckdb', 'pyarrow', 'streamlit', 'babel'}"
    code = f"import engine, sys; assert not {heavy} & set(sys.modules), 'something was loaded'"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - the project itself
