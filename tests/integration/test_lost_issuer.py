"""Where people had accounts, a server that lost its issuer does not become a demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine import diagnosis
from engine.bootstrap import open_crm, serve
from engine.domain.permission import Role
from engine.domain.sign_in import SignInMode
from engine.domain.user import Identity, Origin
from engine.errors import SettingsError
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.diagnosis import Finding

ASHA = "asha@example.com"


@pytest.fixture
def settings(mongo_uri: str, db_name: str) -> dict[str, Any]:
    """The settings of a server on a database that somebody was in, with an account."""
    here = {"mongodb_uri": mongo_uri, "mongodb_database": db_name, "worker": False}
    with open_crm(Settings.model_validate(here)) as crm:
        crm.invite_person(ASHA, Role.ADMIN)
        identity = Identity(issuer="https://i.example", subject="1", email=ASHA, name="Asha")
        crm.known_people.admit(identity, origin=Origin())
    return here


def test_no_demo_starts_by_itself_where_somebody_signed_in_with_an_account(
    settings: dict[str, Any],
) -> None:
    lost = Settings.model_validate(settings)
    with (
        pytest.raises(SettingsError, match="people have signed in here with accounts, but") as told,
        serve(lost, mode=SignInMode.DEMO),
    ):
        pass
    assert "CRM_DEMO=true" in str(told.value)
    outright = Settings.model_validate({**settings, "demo": True})
    with serve(outright, mode=SignInMode.DEMO) as crm:
        assert [one.email for one in crm.people()] == [ASHA]


def test_a_demo_starts_by_itself_where_somebody_was_only_invited(
    mongo_uri: str, db_name: str
) -> None:
    here = {"mongodb_uri": mongo_uri, "mongodb_database": db_name, "worker": False}
    with serve(Settings.model_validate(here), mode=SignInMode.DEMO) as crm:
        crm.invite_person(ASHA, Role.ADMIN)
    with serve(Settings.model_validate(here), mode=SignInMode.DEMO) as crm:
        assert [one.email for one in crm.people()] == [ASHA]


def sign_in(given: dict[str, Any], *, has_accounts: bool = False) -> Finding:
    return diagnosis.sign_in(Settings.model_validate(given), has_accounts=has_accounts)


def test_the_doctor_says_so_and_what_else_there_is() -> None:
    for found in (sign_in({"admin_emails": ASHA}), sign_in({}, has_accounts=True)):
        assert not found.ok
        assert "set both; or set CRM_DEMO=true" in found.text
    assert sign_in({}).text.startswith("a demo")
    assert sign_in({"demo": True, "admin_emails": ASHA}, has_accounts=True).ok
    accounts = {"google_client_id": "id", "google_client_secret": "geheim"}
    assert (
        sign_in(accounts, has_accounts=True).text == "with accounts of https://accounts.google.com"
    )
    without = sign_in({"mongodb_uri": "mongodb://127.0.0.1:1/"})
    assert without.ok, "commands and the API need nobody to sign in"
    assert "nobody could sign in: MONGODB_URI is set" in without.text
