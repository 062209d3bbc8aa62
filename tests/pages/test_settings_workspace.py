from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
import streamlit as st

from engine import Crm, load, open_crm
from engine.domain.sign_in import SignInMode
from pages._ui import engine as handle
from pages._ui import takeout
from tests.pages.conftest import texts, today

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from tests.pages.conftest import Shell

VALUE = "a-secret-value"


@pytest.fixture
def crm(mongo_uri: str, db_name: str, tmp_path: Path) -> Iterator[Crm]:
    """An engine whose settings fix the time zone, and have a key for credentials."""
    environment = {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": db_name,
        "CRM_DATA_DIR": str(tmp_path),
        "CRM_TIMEZONE": "UTC",
        "CRM_SECRETS_KEY": "k" * 32,
    }
    settings = load(root=tmp_path, environment=environment)
    with open_crm(settings, mode=SignInMode.DEMO) as opened:
        handle.provide(opened)
        yield opened
        handle.withdraw()


def test_the_name_that_is_saved_stands_above_the_pages(crm: Crm, shell: Shell) -> None:
    app = shell("settings.py", section="Workspace")
    assert app.button(key="save_workspace").disabled
    app.text_input(key="workspace_name_0").set_value("Shoe *Box*").run()
    app.text_input(key="sender_address_0").set_value("hi@example.com").run()
    app.button(key="save_workspace").click().run()
    assert not app.exception
    assert [one.value for one in app.toast] == ["Saved the workspace's settings"]
    assert crm.workspace.name == "Shoe *Box*"
    assert r"**Shoe \*Box\***" in texts(app)
    assert app.text_input(key="sender_address_1").value == "hi@example.com"


def test_what_the_settings_fix_is_shown_and_cannot_be_changed(shell: Shell) -> None:
    app = shell("settings.py", section="Workspace")
    assert app.selectbox(key="timezone_0").disabled
    assert app.selectbox(key="timezone_0").value == "UTC"
    assert "CRM\\_TIMEZONE in the environment says so" in texts(app)


def test_a_currency_waits_for_the_next_start(crm: Crm, shell: Shell) -> None:
    app = shell("settings.py", section="Workspace")
    app.selectbox(key="currency_0").set_value("GBP").run()
    app.button(key="save_workspace").click().run()
    assert "INR until the next start" in texts(app)
    assert crm.workspace.currency.code == "INR"
    assert app.button(key="save_workspace").disabled


def test_what_is_wrong_is_told_and_stays_to_be_mended(crm: Crm, shell: Shell) -> None:
    app = shell("settings.py", section="Workspace")
    app.text_input(key="sender_address_0").set_value("hi").run()
    app.button(key="save_workspace").click().run()
    assert "no e\\-mail address" in app.error[0].value
    assert app.text_input(key="sender_address_0").value == "hi"
    assert crm.workspace.sender_address == ""


def test_a_change_by_somebody_else_is_not_written_over(crm: Crm, shell: Shell) -> None:
    app = shell("settings.py", section="Workspace")
    crm.choose_workspace({"sender_name": "Asha"}, version=0)
    app.text_input(key="workspace_name_0").set_value("Shoe Box").run()
    assert "Somebody changed these settings after you opened them" in texts(app)
    app.button(key="save_workspace").click().run()
    assert len(app.error) == 1
    assert crm.workspace.name == "Mini CRM"
    app.button(key="reload_workspace").click().run()
    assert app.text_input(key="sender_name_1").value == "Asha"
    assert not app.warning


def test_a_credential_is_kept_and_never_shown(crm: Crm, shell: Shell) -> None:
    app = shell("settings.py", section="Vendors")
    app.text_input(key="credential_vendor_0").set_value("Twilio")
    app.text_input(key="credential_name_0").set_value("auth_token")
    app.text_input(key="credential_value_0").set_value(VALUE)
    app.button(key="set_credential").click().run()
    assert not app.exception
    assert [one.vendor for one in crm.vendor_credentials()] == ["twilio"]
    assert crm.credentials.reveal("twilio", "auth_token") == VALUE
    assert "**twilio** auth\\_token" in texts(app)
    app.run()
    assert VALUE not in texts(app) + str(app.session_state)
    app.button(key="remove_credential_twilio/auth_token").click().run()
    app.button(key="confirm_action").click().run()
    assert crm.vendor_credentials() == ()


def test_credentials_whose_names_run_together_alike_are_told_apart(crm: Crm, shell: Shell) -> None:
    crm.set_vendor_credential("a_b", "c", VALUE)
    crm.set_vendor_credential("a", "b_c", VALUE)
    app = shell("settings.py", section="Vendors")
    assert not app.exception
    assert not app.error
    assert {"**a\\_b** c", "**a** b\\_c"} <= {one.value for one in app.markdown}


def test_a_credential_that_cannot_be_kept_is_told_without_its_value(shell: Shell) -> None:
    app = shell("settings.py", section="Vendors")
    app.text_input(key="credential_vendor_0").set_value("twi lio")
    app.text_input(key="credential_name_0").set_value("auth_token")
    app.text_input(key="credential_value_0").set_value(VALUE)
    app.button(key="set_credential").click().run()
    assert "cannot name a vendor" in app.error[0].value
    assert VALUE not in texts(app)


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What download buttons are given."""
    given: list[Any] = []
    button = st.download_button

    def kept(label: str, data: Any, *rest: Any, **options: Any) -> bool:  # noqa: ANN401 - passed on
        given.append(data)
        return bool(button(label, data, *rest, **options))

    monkeypatch.setattr(st, "download_button", kept)
    return given


def made(shell: Shell) -> AppTest:
    app = shell("settings.py", section="Data")
    app.button(key="make_takeout").click().run()
    assert not app.exception
    return app


def test_everything_is_offered_as_a_file(
    shell: Shell, imported: Callable[..., None], offered: list[Any]
) -> None:
    imported(("1", "a", today(), "5.00", "completed", "Asha"))
    app = made(shell)
    [content] = offered
    with ZipFile(io.BytesIO(content)) as archive:
        assert json.loads(archive.read("customers.ndjson"))["name"] == "Asha"
    assert "1 customers · 1 orders" in texts(app)
    assert "stop_takeout" not in {one.key for one in app.button}


def test_a_file_that_is_too_much_for_a_browser_is_not_offered(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, offered: list[Any]
) -> None:
    monkeypatch.setattr(takeout, "MOST_BYTES", 10)
    app = made(shell)
    assert "python -m engine export FILE.zip" in texts(app)
    assert offered == []


def test_demo_data_is_removed_here_as_well(crm: Crm, shell: Shell) -> None:
    assert "holds no demo data" in texts(shell("settings.py", section="Data"))
    crm.load_demo()
    app = shell("settings.py", section="Data")
    app.button(key="remove_demo").click().run()
    app.button(key="confirm_action").click().run()
    assert crm.demo_counts().customers == 0
