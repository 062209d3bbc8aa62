"""Who is at the door, and what they leave behind."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from streamlit.testing.v1 import AppTest

from engine import Crm
from engine.domain.permission import Role
from engine.domain.sign_in import BROWSER_COOKIE, SESSION_COOKIE, SignInMode
from engine.domain.user import Origin
from engine.errors import NotAuthenticated
from pages._ui import engine as handle
from pages._ui.places import Place
from pages._ui.state import ENTERING, SESSION, TAB_ONLY, Slot
from tests.pages.conftest import texts, today

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.domain.sign_in import Opened
    from tests.pages.conftest import Browser, Shell, SignedInApp


def value(app: AppTest, slot: Slot[Any]) -> Any:  # noqa: ANN401 - whatever is remembered
    with suppress(KeyError):
        return app.session_state[slot.key]
    return slot.initial


def is_at_the_door(app: AppTest) -> bool:
    return [one.value for one in app.title] == ["Sign in"] and not app.sidebar.button


def entered(crm: Crm, role: Role = Role.ANALYST) -> Opened:
    return crm.access.enter_demo(role, origin=Origin())


def no_page_may_run(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list of what was asked of the engine under a lock."""
    asked: list[str] = []
    for name in ("freshness", "overview", "segments", "campaigns", "search_customers", "imports"):

        def noted(_: Crm, *_args: object, name: str = name, **_named: object) -> None:
            asked.append(name)

        monkeypatch.setattr(Crm, name, noted)
    return asked


@pytest.mark.parametrize("place", list(Place))
def test_nobody_is_asked_to_sign_in_whatever_page_they_want(
    shell: Shell, imported: Callable[..., None], monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    imported(("1", "a_1", today(), "5.00", "completed", "Asha"))
    asked = no_page_may_run(monkeypatch)
    app = shell(place.value, role=None, customer="a_1")
    assert is_at_the_door(app)
    assert "Asha" not in texts(app)
    assert "Test shop" not in texts(app)
    assert asked == []


def test_a_cookie_that_nobody_gave_opens_nothing(shell: Shell, client: Browser) -> None:
    for forged in ("x", "A" * 43, "admin@demo.invalid", ""):
        client.cookies[SESSION_COOKIE] = forged
        assert is_at_the_door(shell(role=None))


def test_the_engine_of_the_pages_serves_nobody_by_itself(crm: Crm) -> None:
    assert crm
    with pytest.raises(NotAuthenticated):
        handle.crm()
    assert handle.provided().actor.permissions == frozenset()


def test_one_click_enters_a_demo_and_the_browser_fetches_its_cookie(
    crm: Crm, shell: Shell, client: Browser
) -> None:
    client.cookies[BROWSER_COOKIE] = "this-browser"
    app = shell(role=None)
    assert app.radio(key="demo_role").value is Role.ADMIN
    app.radio(key="demo_role").set_value(Role.MARKETER)
    app.button(key="enter_demo").click().run()
    assert [one.value for one in app.title] == ["Signing you in…"]
    assert value(app, SESSION) == "", "nobody is in before the cookie is there"
    entering = value(app, ENTERING)
    assert entering.ticket not in repr(entering)
    client.cookies[SESSION_COOKIE] = crm.access.redeem(entering.ticket, browser="this-browser")
    app = shell(role=None)
    assert "Demo marketer" in texts(app)
    assert "Anybody who reaches this address" in texts(app)
    assert "in this tab only" not in texts(app)


def test_a_browser_without_our_cookie_is_signed_in_for_the_tab(crm: Crm, shell: Shell) -> None:
    app = shell("segments.py", role=None)
    app.button(key="enter_demo").click().run()
    assert [one.value for one in app.title] == ["Segments"]
    assert "You are signed in in this tab only" in texts(app)
    assert value(app, TAB_ONLY)
    assert crm.access.tab_only == 1
    app.sidebar.button(key="sign_out").click().run()
    assert crm.access.tab_only == 0


def test_nobody_enters_where_no_way_of_signing_in_is_configured(
    crm: Crm, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crm.access, "mode", SignInMode.CLOSED)
    app = shell(role=None)
    assert is_at_the_door(app)
    assert "Nobody can sign in here" in texts(app)
    assert not app.button


def drafting(app: AppTest) -> AppTest:
    """Write something that only this person knows."""
    app.text_input(key="segment_name").set_value("A secret plan").run()
    assert "A secret plan" in str(app.session_state["segment_drafts"])
    return app


def test_signing_out_ends_the_session_and_forgets_what_was_done(
    crm: Crm, shell: Shell, client: Browser
) -> None:
    app = drafting(shell("segment_builder.py"))
    session_id = value(app, SESSION)
    app.sidebar.button(key="sign_out").click().run()
    assert [one.value for one in app.title] == ["Signing you out…"]
    assert not app.sidebar.button
    assert not app.button, "what is pressed now is lost when the page loads anew"
    with pytest.raises(NotAuthenticated):
        crm.access.still(session_id)
    with pytest.raises(NotAuthenticated):
        crm.access.recognise(client.cookies[SESSION_COOKIE])
    assert "A secret plan" not in str(app.session_state)
    assert value(app, SESSION) == ""
    assert not app.run().button
    client.cookies.clear()
    assert is_at_the_door(shell())


def test_signing_out_everywhere_of_a_demo_leaves_its_other_visitors_in(
    crm: Crm, shell: Shell, client: Browser
) -> None:
    other = entered(crm, Role.ADMIN)
    app = shell()
    app.sidebar.button(key="sign_out_everywhere").click().run()
    assert [one.value for one in app.title] == ["Signing you out…"]
    with pytest.raises(NotAuthenticated):
        crm.access.recognise(client.cookies[SESSION_COOKIE])
    assert crm.access.recognise(other.token)


def test_a_session_that_was_ended_elsewhere_shows_the_door_and_why(crm: Crm, shell: Shell) -> None:
    app = drafting(shell("segment_builder.py"))
    crm.access.sign_out(value(app, SESSION))
    app.run()
    assert is_at_the_door(app)
    assert "This session has ended" in texts(app)
    assert "A secret plan" not in str(app.session_state)


def test_another_persons_cookie_brings_nothing_of_the_one_before(
    crm: Crm, shell: Shell, client: Browser
) -> None:
    app = drafting(shell("segment_builder.py"))
    client.cookies[SESSION_COOKIE] = entered(crm, Role.ANALYST).token
    app.run()
    assert "Demo analyst" in texts(app)
    assert "A secret plan" not in str(app.session_state)
    assert app.text_input(key="segment_name").value == ""


def test_a_connection_without_the_sessions_cookie_is_asked_to_sign_in(
    shell: Shell, client: Browser
) -> None:
    app = drafting(shell("segment_builder.py"))
    del client.cookies[SESSION_COOKIE]
    app.run()
    assert is_at_the_door(app)
    assert "A secret plan" not in str(app.session_state)


def test_a_cookie_that_was_renewed_meanwhile_keeps_an_open_tab_in(
    crm: Crm, shell: Shell, client: Browser
) -> None:
    """The tab's connection still has the cookie of before, which is good for nothing else."""
    opened = entered(crm, Role.ADMIN)
    client.cookies[SESSION_COOKIE] = opened.token
    app = drafting(shell("segment_builder.py", role=None))
    crm.access.redeem(crm.access.ticket(opened, browser="b"), browser="b")
    with pytest.raises(NotAuthenticated):
        crm.access.recognise(opened.token)
    app.run()
    assert app.text_input(key="segment_name").value == "A secret plan"
    assert is_at_the_door(shell(role=None))


def left_out_page() -> None:
    import os  # noqa: PLC0415 - AppTest runs this function's own text
    from pathlib import Path  # noqa: PLC0415
    from types import SimpleNamespace  # noqa: PLC0415
    from typing import cast  # noqa: PLC0415

    import streamlit as st  # noqa: PLC0415

    from pages._ui.gate import who_is_there  # noqa: PLC0415
    from pages._ui.import_report import left_out  # noqa: PLC0415

    assert who_is_there()
    upload = SimpleNamespace(rejects_path=Path(os.environ["REJECTS_OF_TEST"]))
    st.session_state["later"] = left_out(cast("Any", SimpleNamespace(upload=upload)))


def test_rows_left_out_are_given_at_the_click_to_who_is_signed_in_then(
    crm: Crm, signed_in: SignedInApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rejected.csv"
    file.write_text("Asha")
    monkeypatch.setenv("REJECTS_OF_TEST", str(file))
    app = signed_in(AppTest.from_function(left_out_page, default_timeout=30)).run()
    assert not app.exception
    read = app.session_state["later"]
    assert read() == b"Asha"
    crm.access.sign_out(value(app, SESSION))
    with pytest.raises(NotAuthenticated):
        read()
