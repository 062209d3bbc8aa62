from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.domain.actor import Actor
from engine.domain.permission import EVERYTHING, Role
from engine.domain.user import Identity, Origin, UserStatus
from tests.pages.conftest import texts

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from engine import Crm
    from tests.pages.conftest import Shell

RAVI = "ravi@example.com"


def invited(crm: Crm, email: str = RAVI, role: Role = Role.VIEWER, *, here: bool = False) -> None:
    # Demo users decide on whom demo users invited.
    crm.acting_as(Actor("admin@demo.invalid", EVERYTHING, "person")).invite_person(email, role)
    if here:
        identity = Identity(
            issuer="https://issuer.example", subject=email, email=email, name="Ravi *R*"
        )
        crm.known_people.admit(identity, origin=Origin())


def menu(app: AppTest, choice: str, email: str = RAVI) -> AppTest:
    app.menu_button(key=f"person_menu_{email}").click(choice).run()
    assert not app.exception
    return app


def options(app: AppTest, email: str = RAVI) -> list[str]:
    return list(app.menu_button(key=f"person_menu_{email}").options)


def test_somebody_is_invited_with_a_role(crm: Crm, shell: Shell) -> None:
    app = shell("settings.py")
    assert "Nobody has been invited yet" in texts(app)
    app.text_input(key="invite_email_0").set_value("Ravi@Example.com")
    app.selectbox(key="invite_role_0").set_value(Role.MARKETER)
    app.button(key="invite_person").click().run()
    assert [one.value for one in app.toast] == [r"Invited ravi@:small[]example\.com as marketer"]
    [ravi] = crm.people()
    assert (ravi.email, ravi.role, ravi.status) == (RAVI, Role.MARKETER, UserStatus.INVITED)
    assert "not here yet" in texts(app)
    assert app.text_input(key="invite_email_1").value == ""


def test_a_slip_in_an_address_is_told_and_what_was_typed_stays(crm: Crm, shell: Shell) -> None:
    app = shell("settings.py")
    app.text_input(key="invite_email_0").set_value("ravi@shop")
    app.button(key="invite_person").click().run()
    assert "no e\\-mail address" in app.error[0].value
    assert crm.people() == ()
    assert app.text_input(key="invite_email_0").value == "ravi@shop"


def test_a_role_is_changed_in_a_dialog(crm: Crm, shell: Shell) -> None:
    invited(crm, here=True)
    app = menu(shell("settings.py"), "Change role")
    app.radio(key=f"role_of_{RAVI}").set_value(Role.ADMIN)
    app.button(key="confirm_action").click().run()
    assert not app.exception
    assert crm.people()[0].role is Role.ADMIN
    assert [one.value for one in app.toast] == [r"ravi@:small[]example\.com is admin now"]


def test_a_role_that_somebody_else_changed_meanwhile_is_not_written_over(
    crm: Crm, shell: Shell
) -> None:
    invited(crm)
    app = menu(shell("settings.py"), "Change role")
    crm.set_role(RAVI, Role.MARKETER)
    app.radio(key=f"role_of_{RAVI}").set_value(Role.ADMIN)
    app.button(key="confirm_action").click().run()
    assert "Somebody made" in app.error[0].value
    assert crm.people()[0].role is Role.MARKETER


def test_a_person_is_disabled_once_that_was_confirmed_and_enabled_again(
    crm: Crm, shell: Shell
) -> None:
    invited(crm, here=True)
    app = menu(shell("settings.py"), "Disable")
    assert crm.people()[0].status is UserStatus.ACTIVE
    app.button(key="confirm_action").click().run()
    assert crm.people()[0].status is UserStatus.DISABLED
    assert "Disabled" in texts(app)
    menu(app, "Enable")
    assert crm.people()[0].status is UserStatus.ACTIVE


def test_a_person_is_removed_once_that_was_confirmed(crm: Crm, shell: Shell) -> None:
    invited(crm)
    app = menu(shell("settings.py"), "Remove")
    app.button(key="confirm_action").click().run()
    assert crm.people() == ()


def test_the_last_admin_stays_and_the_dialog_says_why(crm: Crm, shell: Shell) -> None:
    invited(crm, role=Role.ADMIN, here=True)
    app = menu(shell("settings.py"), "Disable")
    app.button(key="confirm_action").click().run()
    assert "This is the last active admin" in app.error[0].value
    assert crm.people()[0].status is UserStatus.ACTIVE


def test_sessions_are_listed_and_ended(crm: Crm, shell: Shell) -> None:
    invited(crm)
    app = menu(shell("settings.py"), "Sessions")
    assert "is not signed in anywhere" in texts(app)


def test_names_are_shown_as_they_stand(crm: Crm, shell: Shell) -> None:
    invited(crm, here=True)
    app = shell("settings.py")
    assert r"**Ravi \*R\*** ravi@:small[]example\.com" in texts(app)
    assert options(app) == ["Change role", "Sessions", "Disable", "Remove"]


def test_people_whose_addresses_look_like_our_names_are_shown(crm: Crm, shell: Shell) -> None:
    for email in ("a@example.com", "menu_a@example.com"):
        invited(crm, email)
    app = shell("settings.py")
    assert not app.error
    assert len(app.menu_button) == 2


def test_many_people_are_searched(crm: Crm, shell: Shell) -> None:
    for n in range(12):
        invited(crm, f"p{n}@example.com")
    app = shell("settings.py")
    assert len(app.menu_button) == 12
    app.text_input(key="find_person").set_value("P11").run()
    assert [one.key for one in app.menu_button] == ["person_menu_p11@example.com"]


@pytest.mark.parametrize(
    ("choice", "proposed", "button"), [("Disable", False, "Disabled"), ("Remove", True, "Removed")]
)
@pytest.mark.parametrize("other", [False, True])
def test_keys_that_a_person_made_are_named_and_end_if_the_box_says_so(
    crm: Crm, shell: Shell, choice: str, *, proposed: bool, button: str, other: bool
) -> None:
    invited(crm, role=Role.ADMIN)
    ravi = crm.acting_as(Actor(RAVI, EVERYTHING, "person"))
    ended, _ = ravi.create_api_key("Old", ["read"])
    crm.revoke_api_key(ended.id)
    key, _ = ravi.create_api_key("Till *4*", ["read"])
    mine, _ = crm.create_api_key("Mine", ["read"])
    app = menu(shell("settings.py"), choice)
    assert r"They made 1 API key that is active: **Till \*4\***." in texts(app)
    box = app.checkbox(key=f"revoke_keys_of_{RAVI}")
    assert box.value is proposed
    if other:
        box.set_value(not proposed)
    app.button(key="confirm_action").click().run()
    assert not app.exception
    assert [one.value.startswith(button) for one in app.toast] == [True]
    good = {mine.id} if proposed is not other else {mine.id, key.id}
    assert {one.id for one in crm.api_keys() if one.revoked_at is None} == good


def test_of_who_made_no_key_nothing_is_asked(crm: Crm, shell: Shell) -> None:
    invited(crm)
    app = menu(shell("settings.py"), "Remove")
    assert not app.checkbox
