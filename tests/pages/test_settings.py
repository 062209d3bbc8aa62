from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from engine.domain.api_key import Scope
from engine.errors import NotAuthenticated
from tests.pages.conftest import texts, today

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from engine import Crm
    from tests.pages.conftest import Shell

TOKEN = re.compile(r"crm_[a-z0-9]{8}_[A-Za-z0-9_-]{43}")


def created(app: AppTest, name: str, *scopes: Scope, made: int = 0) -> AppTest:
    app.text_input(key=f"api_key_name_{made}").set_value(name)
    app.button_group(key=f"api_key_scopes_{made}").set_value(list(scopes))
    app.button(key="create_api_key").click().run()
    assert not app.exception
    return app


def codes(app: AppTest) -> str:
    return "\n".join(one.value for one in app.code)


def test_a_new_key_is_shown_once_and_works(crm: Crm, shell: Shell) -> None:
    app = created(shell("settings.py", section="API keys"), "Till *4*", Scope.INGEST, Scope.READ)
    found = TOKEN.search(codes(app))
    assert found
    key = crm.authenticate(found[0])
    assert key.name == "Till *4*"
    assert key.scopes == {Scope.INGEST, Scope.READ}
    app.button(key="api_key_kept").click().run()
    assert not TOKEN.search(codes(app) + texts(app) + str(app.session_state))
    assert r"**Till \*4\***" in texts(app)
    assert "Ingest, Read" in texts(app)
    assert app.text_input(key="api_key_name_1").value == ""


@pytest.mark.parametrize(
    ("name", "scopes", "told"),
    [("", [Scope.READ], "Give the key a name"), ("Till", [], "A key needs a scope")],
)
def test_a_key_without_a_name_or_scope_is_not_made(
    crm: Crm, shell: Shell, name: str, scopes: list[Scope], told: str
) -> None:
    app = created(shell("settings.py", section="API keys"), name, *scopes)
    assert told in app.error[0].value
    assert crm.api_keys() == ()
    assert "No key is active" in texts(app)


def test_a_key_is_revoked_once_that_was_confirmed(crm: Crm, shell: Shell) -> None:
    key, token = crm.create_api_key("Till", ["ingest"])
    crm.create_api_key("Other", ["read"])
    app = shell("settings.py", section="API keys")
    app.button(key=f"revoke_{key.id}").click().run()
    assert "Programs that use **Till** are turned away" in texts(app)
    assert crm.authenticate(token)
    app.button(key="confirm_action").click().run()
    assert not app.exception
    assert [one.value for one in app.toast] == ["Revoked Till"]
    with pytest.raises(NotAuthenticated):
        crm.authenticate(token)
    assert f"revoke_{key.id}" not in {one.key for one in app.button}
    [revoked] = [one.value for one in app.dataframe]
    assert revoked["name"].tolist() == ["Till"]


def test_the_example_calls_this_servers_api(shell: Shell) -> None:
    app = shell("settings.py", section="API keys")
    assert re.findall(r"curl http://[^/ ]+(/\S+)", codes(app)) == [
        "/api/v1/orders",
        "/api/v1/customers/c-7",
    ]


def test_a_person_is_erased_once_the_id_was_typed_twice(
    crm: Crm, shell: Shell, imported: Callable[..., None]
) -> None:
    imported(
        ("1", "a_1", today(), "5.00", "completed", "Asha"),
        ("2", "a_1", today(), "6.00", "completed", "Asha"),
        ("3", "b", today(), "6.00", "completed", "Ravi"),
    )
    app = shell("settings.py", section="Data")
    app.text_input(key="erase_id_0").set_value("a_1").run()
    assert "This is **Asha**. To go: 1 profile, the link of 2 orders" in texts(app)
    assert app.button(key="erase_person").disabled
    app.text_input(key="erase_again_0").set_value("a1").run()
    assert app.button(key="erase_person").disabled
    app.text_input(key="erase_again_0").set_value("a_1").run()
    app.button(key="erase_person").click().run()
    assert not app.exception
    assert "Erased\\: 1 profile, the link of 2 orders" in app.success[0].value
    assert app.text_input(key="erase_id_1").value == ""
    assert crm.customers_frame()["customer_id"].to_list() == ["b"]
    app.run()
    assert not app.success, "it is told once"


def test_an_id_that_nobody_has_is_told_before_it_is_kept_out(crm: Crm, shell: Shell) -> None:
    app = shell("settings.py", section="Data")
    app.text_input(key="erase_id_0").set_value("nobody").run()
    assert "Nobody is stored under this id" in texts(app)
    app.text_input(key="erase_again_0").set_value("nobody").run()
    app.button(key="erase_person").click().run()
    assert crm.eraser.turned_away(["nobody"]) == {"nobody"}


def test_what_cannot_be_an_id_is_told_and_nothing_more_asked(shell: Shell) -> None:
    app = shell("settings.py", section="Data")
    app.text_input(key="erase_id_0").set_value("a\x00b").run()
    assert "is no customer id" in app.error[0].value
    assert "erase_person" not in {one.key for one in app.button}
