"""A server that nobody could sign in to safely does not start, and says what would help."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import PROJECT, environment, free_port

if TYPE_CHECKING:
    from pathlib import Path

GOOGLE = {"GOOGLE_CLIENT_ID": "x", "GOOGLE_CLIENT_SECRET": "x-secret-of-the-tests"}
ELSEWHERE = {"MONGODB_URI": "mongodb://127.0.0.1:9/?replicaSet=none"}


def start(folder: Path, more: dict[str, str], *address: str) -> tuple[int, str]:
    """Start a server that is to end by itself; return its exit code and what it said."""
    ended = subprocess.run(  # noqa: S603 - the project itself
        [
            *(sys.executable, "-m", "streamlit", "run", "streamlit_app.py"),
            *("--server.headless=true", f"--server.port={free_port()}", *address),
        ],
        cwd=PROJECT,
        env={**environment(folder), **more},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.returncode, ended.stderr


@pytest.mark.parametrize(
    ("more", "address", "why"),
    [
        ({}, (), "other machines can reach the server"),
        ({}, ("--server.address=0.0.0.0",), "other machines can reach the server"),
        (ELSEWHERE, ("--server.address=127.0.0.1",), "MONGODB_URI is set"),
        ({"CRM_DEMO": "false"}, ("--server.address=localhost",), "CRM_DEMO is false"),
    ],
)
def test_a_server_without_a_safe_way_in_does_not_start(
    tmp_path: Path, more: dict[str, str], address: tuple[str, ...], why: str
) -> None:
    code, said = start(tmp_path, more, *address)
    assert code == 1
    assert f"nobody could sign in: {why}" in said
    assert "CRM_DEMO=true" in said
    assert "GOOGLE_CLIENT_ID" in said
    assert "Traceback" not in said


def test_a_demo_and_accounts_at_once_are_refused(tmp_path: Path) -> None:
    code, said = start(tmp_path, {**GOOGLE, "CRM_DEMO": "true"}, "--server.address=127.0.0.1")
    assert code == 1
    assert "CRM_DEMO is true" in said
    assert GOOGLE["GOOGLE_CLIENT_SECRET"] not in said
