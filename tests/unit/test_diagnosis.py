"""What the doctor says, and what it never says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from engine import diagnosis
from engine.errors import CrmError
from engine.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from engine.crm import Crm


def test_the_model_is_named_with_its_address_and_never_its_key() -> None:
    settings = Settings.model_validate(
        {"gemini_api_key": "geheim", "gemini_endpoint": "https://gateway.example"}
    )
    found = diagnosis.model(settings)
    assert found.ok
    assert found.text.startswith("gemini-3.5-flash-lite at https://gateway.example")
    assert "geheim" not in found.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GEMINI_ENDPOINT", "https://x.example/?key=s3cr3tkey"),
        ("CRM_OIDC_ISSUER", "https://u:s3cr3tpw@x.example"),
        ("CRM_PUBLIC_URL", "https://u:s3cr3tpw@x.example"),
        ("MONGODB_URI", "mongodb://u:s3cr@t/pw@127.0.0.1:1/"),
        ("GEMINI_MODEL", "not a model: geheimer-schluessel"),
    ],
)
def test_no_part_of_a_secret_is_in_the_report_whatever_is_wrong(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GEMINI_API_KEY", "geheimer-schluessel")
    monkeypatch.setenv(name, value)
    found = diagnosis.diagnose()
    assert not found[-1].ok
    assert name in found[-1].text
    assert not re.search("s3cr|geheim|t/pw", repr(found))


def test_a_secret_that_an_error_quotes_is_taken_out_and_lists_of_people_are_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def quoting(_: Settings) -> Crm:
        msg = "cannot reach geheimer-schluessel, X-Api-Key: abcdefg123"
        raise CrmError(msg)

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GEMINI_API_KEY", "geheimer-schluessel")
    monkeypatch.setenv("CRM_ADMIN_EMAILS", "asha@example.com")
    monkeypatch.setattr(diagnosis, "open_crm", quoting)
    found = {one.name: one.text for one in diagnosis.diagnose()}
    assert found["mongodb"] == "cannot reach [secret], X-Api-Key: [secret]"
    assert found["CRM_ADMIN_EMAILS"].startswith("asha@example.com")
