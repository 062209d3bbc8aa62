"""The server refuses to start with one sentence that says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({"CRM_CURRENCY": "RUPEES"}, "CRM_CURRENCY (from environment) is 'RUPEES', but must be"),
        ({"MONGODB_URI": "secret-stuff"}, "MONGODB_URI (from environment) is (hidden), but must"),
        (
            {"MONGODB_URI": "mongodb://127.0.0.1:1/", "CRM_DEMO": "true"},
            "MongoDB does not answer (127.0.0.1:1",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, setting: dict[str, str], says: str) -> None:
    server = subprocess.run(  # noqa: S603 - the project itself
        [
            *(sys.executable, "-m", "streamlit", "run", "streamlit_app.py"),
            *("--server.headless=true", "--server.address=127.0.0.1", "--server.port=0"),
        ],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **setting},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert server.returncode == 1
    assert says in server.stderr
    assert "Traceback" not in server.stderr + server.stdout
    assert "secret-stuff" not in server.stderr + server.stdout


def test_an_error_nobody_foresaw_ends_the_server_with_its_traceback(tmp_path: Path) -> None:
    broken = """
import threading, time
from contextlib import ExitStack
import streamlit_app

def serve(_settings, **_how):
    raise RuntimeError("nobody foresaw this")

streamlit_app.serve = serve
threading.Thread(target=streamlit_app.open_engine, args=(ExitStack(),)).start()
time.sleep(30)
print("it went on")
"""
    server = subprocess.run(  # noqa: S603 - the project itself
        [sys.executable, "-c", broken],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "CRM_DEMO": "true"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert server.returncode == 1
    assert "RuntimeError: nobody foresaw this" in server.stderr
    assert "it went on" not in server.stdout
