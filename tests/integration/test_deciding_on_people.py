"""Admins decide on people through the engine: what holds at once, and what is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.auth.sessions import Sessions
from engine.bootstrap import open_crm
from engine.domain.actor import Actor
from engine.domain.audit import Action, Outcome
from engine.domain.clock import FixedClock
from engine.domain.permission import OF_ROLE, Role
from engine.domain.sign_in import SignInMode
from engine.domain.user import Identity, Origin, UserStatus
from engine.errors import Conflict, Forbidden, InvalidInput, SettingsError
from engine.settings import Settings
from engine.store.sessions import SessionStore
from engine.store.tickets import TicketStore
from tests.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pymongo.database import Database

    from engine.crm import Crm
    from engine.domain.audit import AuditEntry

ASHA, RAVI = "asha@example.com", "ravi@example.com"
HERE = Origin(address="192.0.2.7", agent="a browser")
KEY = "k" * 32


@pytest.fixture
def crm(mongo_uri: str, db_name: str) -> Iterator[Crm]:
    """The engine as Asha, an admin of the settings, uses it."""
    settings = Settings.model_validate(
        {
            "mongodb_uri": mongo_uri,
            "mongodb_database": db_name,
            "admin_emails": ASHA,
            "secrets_key": KEY,
        }
    )
    with open_crm(settings, clock=FixedClock(NOW), mode=SignInMode.GOOGLE) as crm:
        crm.known_people.admit(identity(ASHA), origin=HERE)
        yield crm.acting_as(Actor(ASHA, OF_ROLE[Role.ADMIN], "person", "192.0.2.7"))


def identity(email: str) -> Identity:
    return Identity(issuer="https://issuer.example", subject=email, email=email, name="Name")


def lines(crm: Crm, action: Action) -> tuple[AuditEntry, ...]:
    return crm.audit.page(action=action).entries


def test_every_decision_is_in_the_audit_log(crm: Crm) -> None:
    crm.invite_person(RAVI, Role.VIEWER)
    crm.set_role("Ravi@example.com", Role.ANALYST, was=Role.VIEWER)
    crm.disable_person(RAVI)
    crm.enable_person(RAVI)
    crm.remove_person(RAVI)
    expected = {
        Action.PERSON_INVITE: {"role": (None, "viewer")},
        Action.PERSON_ROLE: {"role": ("viewer", "analyst")},
        Action.PERSON_DISABLE: {},
        Action.PERSON_ENABLE: {},
        Action.PERSON_REMOVE: {"role": ("analyst", None)},
    }
    for action, changes in expected.items():
        [entry] = lines(crm, action)
        assert (entry.actor, entry.address) == (ASHA, "192.0.2.7")
        assert (entry.about, entry.changes) == (("person", RAVI), changes)
        assert entry.outcome is Outcome.DONE


def test_a_decision_that_is_refused_is_in_the_log_too(crm: Crm) -> None:
    with pytest.raises(Conflict, match="nobody decides on themselves"):
        crm.disable_person(ASHA)
    [entry] = lines(crm, Action.PERSON_DISABLE)
    assert entry.outcome is Outcome.FAILED
    with pytest.raises(InvalidInput):
        crm.invite_person("no address", Role.ADMIN)
    assert lines(crm, Action.PERSON_INVITE) == ()


@pytest.fixture
def begin(database: Database[dict[str, Any]]) -> Callable[[str], object]:
    """Begin a session of a person, as a sign-in does."""
    sessions = Sessions(SessionStore(database), TicketStore(database), FixedClock(NOW))
    return lambda email: sessions.begin(email, HERE)


@pytest.mark.parametrize("put_out", ["disable_person", "remove_person"])
def test_who_is_put_out_loses_every_session_for_good(
    crm: Crm, begin: Callable[[str], object], put_out: str
) -> None:
    crm.invite_person(RAVI, Role.VIEWER)
    crm.known_people.admit(identity(RAVI), origin=HERE)
    begin(RAVI)
    assert len(crm.sessions_of(RAVI)) == 1
    getattr(crm, put_out)(RAVI)
    assert crm.sessions_of(RAVI) == ()


@pytest.mark.parametrize("put_out", ["disable_person", "remove_person"])
def test_keys_of_who_is_put_out_end_with_a_line_each_if_that_is_wanted(
    crm: Crm, put_out: str
) -> None:
    for name in ("ravi", "mira"):
        crm.invite_person(f"{name}@example.com", Role.ADMIN)
    ravi = crm.acting_as(Actor(RAVI, OF_ROLE[Role.ADMIN], "person"))
    made = {ravi.create_api_key(name, ["read"])[0].id for name in ("Till", "Shop")}
    mine, _ = crm.create_api_key("Mine", ["read"])
    getattr(crm, put_out)("mira@example.com", revoke_keys=True)
    assert {one.id for one in crm.api_keys_of("Ravi@example.com")} == made
    getattr(crm, put_out)(RAVI, revoke_keys=True)
    assert crm.api_keys_of(RAVI) == ()
    ended = [one.about for one in lines(crm, Action.KEY_REVOKE)]
    assert sorted(str(one) for one in ended) == sorted(str(("API key", one)) for one in made)
    assert [one.id for one in crm.api_keys() if one.revoked_at is None] == [mine.id]


def test_keys_of_who_is_put_out_stay_good_otherwise(crm: Crm) -> None:
    crm.invite_person(RAVI, Role.ADMIN)
    ravi = crm.acting_as(Actor(RAVI, OF_ROLE[Role.ADMIN], "person"))
    _, token = ravi.create_api_key("Till", ["read"])
    crm.disable_person(RAVI)
    crm.remove_person(RAVI)
    assert crm.authenticate(token).name == "Till"


def test_all_sessions_of_a_person_are_ended_by_an_admin(
    crm: Crm, begin: Callable[[str], object]
) -> None:
    crm.invite_person(RAVI, Role.VIEWER)
    crm.known_people.admit(identity(RAVI), origin=HERE)
    for _ in range(3):
        begin(RAVI)
    assert len(crm.sessions_of("Ravi@Example.com")) == 3
    assert crm.sign_person_out("Ravi@Example.com") == 3
    assert crm.sessions_of(RAVI) == ()
    assert [one.status for one in crm.people()] == [UserStatus.ACTIVE] * 2


def test_credentials_are_set_and_removed_with_a_line_and_without_their_value(crm: Crm) -> None:
    crm.set_vendor_credential("twilio", "auth_token", "the-secret-value")
    [kept] = crm.vendor_credentials()
    assert (kept.vendor, kept.name, kept.set_by, kept.readable) == (
        *("twilio", "auth_token", ASHA),
        True,
    )
    assert crm.credentials.reveal("twilio", "auth_token") == "the-secret-value"
    crm.remove_vendor_credential("twilio", "auth_token")
    assert crm.vendor_credentials() == ()
    for action in (Action.CREDENTIAL_SET, Action.CREDENTIAL_REMOVE):
        [entry] = lines(crm, action)
        assert entry.about == ("credential", "twilio/auth_token")
        assert "the-secret-value" not in repr(entry)


def test_without_the_key_a_sentence_says_what_to_set(mongo_uri: str, db_name: str) -> None:
    here = {"mongodb_uri": mongo_uri, "mongodb_database": db_name}
    with open_crm(Settings.model_validate(here)) as crm:
        assert not crm.can_keep_credentials()
        with pytest.raises(SettingsError, match="CRM_SECRETS_KEY is not set"):
            crm.set_vendor_credential("twilio", "auth_token", "x")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST, Role.MARKETER])
def test_only_admins_decide(crm: Crm, role: Role) -> None:
    other = crm.acting_as(Actor(RAVI, OF_ROLE[role], "person"))
    decisions: tuple[Callable[[], object], ...] = (
        other.people,
        lambda: other.invite_person("new@example.com", Role.ADMIN),
        lambda: other.set_role(ASHA, Role.VIEWER),
        lambda: other.disable_person(ASHA),
        lambda: other.enable_person(RAVI),
        lambda: other.remove_person(ASHA),
        lambda: other.sessions_of(ASHA),
        lambda: other.api_keys_of(ASHA),
        lambda: other.sign_person_out(ASHA),
        other.vendor_credentials,
        other.can_keep_credentials,
        lambda: other.set_vendor_credential("twilio", "auth_token", "x"),
        lambda: other.remove_vendor_credential("twilio", "auth_token"),
        other.workspace_choices,
        lambda: other.choose_workspace({"sender_name": "Ravi"}, version=0),
    )
    for decide in decisions:
        with pytest.raises(Forbidden):
            decide()
    assert [one.email for one in crm.people()] == [ASHA]
