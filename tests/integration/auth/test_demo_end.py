"""What demo users did lets nobody in once accounts are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.domain.actor import Actor
from engine.domain.audit import Action
from engine.domain.permission import OF_ROLE, Role
from engine.domain.user import Identity, Origin, UserStatus
from engine.errors import Conflict, NotAuthenticated, SignInRefused
from tests.integration.auth.issuer import CLIENT_ID, CLIENT_SECRET

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.crm import Crm
    from tests.integration.auth.conftest import Opening

EVE, RAVI = "eve@example.com", "ravi@example.com"
HERE = Origin(address="192.0.2.7", agent="a browser")
ACCOUNTS: dict[str, Any] = {
    "google_client_id": CLIENT_ID,
    "google_client_secret": CLIENT_SECRET,
    "admin_emails": ("asha@example.com",),
}
OVER = pytest.mark.parametrize("settings", [ACCOUNTS, {"demo": False}])


def identity(email: str) -> Identity:
    return Identity(issuer="https://issuer.example", subject=email, email=email, name="Name")


@pytest.fixture
def demo(opening: Opening) -> Crm:
    """An engine as a demo admin uses it, who came in by the button."""
    crm = opening()
    return crm.acting_as(crm.access.enter_demo(Role.ADMIN, origin=HERE).signed_in.actor())


@OVER
def test_whom_a_demo_admin_invited_is_removed_with_a_line_when_the_demo_is_over(
    opening: Opening, demo: Crm, settings: dict[str, Any]
) -> None:
    demo.invite_person(EVE, Role.ADMIN)
    opening().invite_person(RAVI, Role.ANALYST)  # as on the command line
    crm = opening(**settings)
    assert EVE not in {one.email for one in crm.people()}
    with pytest.raises(SignInRefused, match="is not invited here"):
        crm.known_people.admit(identity(EVE), origin=HERE)
    assert crm.known_people.admit(identity(RAVI), origin=HERE).role is Role.ANALYST
    [line] = crm.audit.page(action=Action.PERSON_REMOVE).entries
    assert (line.actor, line.about) == ("system", ("person", EVE))
    assert line.changes == {
        "role": ("admin", None),
        "invited by": ("admin@demo.invalid", None),
    }


def test_who_signed_in_meanwhile_goes_too_the_last_admin_as_well(
    opening: Opening, demo: Crm
) -> None:
    demo.invite_person(EVE, Role.ADMIN)
    demo.known_people.admit(identity(EVE), origin=HERE)
    crm = opening(**ACCOUNTS)
    assert [one.email for one in crm.people()] == ["asha@example.com"]


@OVER
def test_a_key_that_a_demo_admin_made_is_revoked_with_a_line_when_the_demo_is_over(
    opening: Opening, demo: Crm, settings: dict[str, Any]
) -> None:
    key, of_demo = demo.create_api_key("Back door", ["erase"])
    _, of_command_line = opening().create_api_key("Till", ["read"])
    assert opening().authenticate(of_demo), "it holds for as long as there may be a demo"
    crm = opening(**settings)
    with pytest.raises(NotAuthenticated):
        crm.authenticate(of_demo)
    assert crm.authenticate(of_command_line).name == "Till"
    [line] = crm.audit.page(action=Action.KEY_REVOKE).entries
    assert (line.actor, line.about, line.name) == ("system", ("API key", key.id), "Back door")
    assert line.changes == {"made by": ("admin@demo.invalid", None)}
    opening(**settings)
    assert len(crm.audit.page(action=Action.KEY_REVOKE).entries) == 1, "once"


def test_a_demo_that_runs_beside_lets_nobody_in_either(opening: Opening, demo: Crm) -> None:
    crm = opening(**ACCOUNTS)
    demo.invite_person(EVE, Role.ADMIN)
    _, of_demo = demo.create_api_key("Back door", ["erase"])
    with pytest.raises(SignInRefused, match="is not invited here"):
        crm.known_people.admit(identity(EVE), origin=HERE)
    with pytest.raises(NotAuthenticated):
        crm.authenticate(of_demo)


def test_a_demo_admin_decides_on_nobody_whom_the_demo_did_not_bring_in(
    opening: Opening, demo: Crm
) -> None:
    crm = opening(**ACCOUNTS)
    crm.invite_person(RAVI, Role.VIEWER)
    crm.disable_person(RAVI)
    decisions: tuple[Callable[[], object], ...] = (
        lambda: demo.set_role(RAVI, Role.ADMIN),
        lambda: demo.enable_person(RAVI),
        lambda: demo.disable_person(RAVI),
        lambda: demo.remove_person(RAVI),
    )
    for decide in decisions:
        with pytest.raises(Conflict, match="a demo user decides only on whom a demo user invited"):
            decide()
    [ravi] = (one for one in crm.people() if one.email == RAVI)
    assert (ravi.role, ravi.status) == (Role.VIEWER, UserStatus.DISABLED)
    demo.invite_person(EVE, Role.VIEWER)
    assert demo.set_role(EVE, Role.ADMIN).role is Role.ADMIN
    asha = crm.acting_as(Actor("asha@example.com", OF_ROLE[Role.ADMIN], "person"))
    assert asha.enable_person(RAVI).role is Role.VIEWER
