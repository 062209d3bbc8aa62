"""What the server makes of Streamlit's own options."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
CODE = "import json, streamlit_app; print(json.dumps(streamlit_app.listed_origins()))"


@pytest.mark.parametrize(
    ("options", "origins"),
    [
        ("", []),
        (
            "server.corsAllowedOrigins = ['https://a.example', ' http://b.example:81']",
            ["https://a.example", "http://b.example:81"],
        ),
        (
            "browser.serverAddress = 'crm.example'\nbrowser.serverPort = 8080",
            ["crm.example", "crm.example:8080"],
        ),
    ],
)
def test_pages_of_origins_that_options_name_may_connect(
    tmp_path: Path, options: str, origins: list[str]
) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text(options)
    done = subprocess.run(  # noqa: S603 - the project itself
        [sys.executable, "-c", CODE],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == origins
