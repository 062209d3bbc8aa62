"""The audit log on the settings page: filters, pages, one line, and the download."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.domain.actor import Actor
from engine.domain.audit import Action, AuditEntry, Outcome
from engine.domain.permission import EVERYTHING
from pages._ui import audit_log as page
from pages._ui import pager
from pages._ui.audit_csv import COLUMNS, audit_file
from pages._ui.audit_words import ACTIONS, OUTCOMES
from tests.pages.conftest import texts

if TYPE_CHECKING:
    import pytest
    from streamlit.testing.v1 import AppTest

    from engine import Crm
    from tests.pages.conftest import Shell

ASHA = Actor("asha@example.com", EVERYTHING, "person", "192.0.2.7")


def opened(shell: Shell) -> AppTest:
    app = shell("settings.py", section="Audit log")
    assert not app.exception
    return app


def shown(app: AppTest, column: str) -> list[object]:
    [lines] = [one.value for one in app.dataframe]
    found: list[object] = lines[column].tolist()
    return found


def test_every_action_and_outcome_has_its_words() -> None:
    assert ACTIONS.keys() == set(Action)
    assert OUTCOMES.keys() == set(Outcome)


def test_lines_tell_who_did_what_to_what_and_from_where(crm: Crm, shell: Shell) -> None:
    crm.acting_as(ASHA).create_api_key("Till *4*", ["read"])
    app = opened(shell)
    assert ACTIONS[Action.SIGN_IN] in shown(app, "action"), "the demo user's"
    row = shown(app, "who").index(ASHA.name)
    assert shown(app, "about")[row] == "Till *4*"
    assert shown(app, "outcome")[row] == "Done"
    assert shown(app, "address")[row] == "192.0.2.0/24", "who looks is a demo user"


def test_lines_are_filtered_by_person_action_and_object(crm: Crm, shell: Shell) -> None:
    asha = crm.acting_as(ASHA)
    key, _ = asha.create_api_key("Till", ["read"])
    asha.create_api_key("Other", ["read"])
    asha.revoke_api_key(key.id)
    app = opened(shell)
    app.selectbox(key="audit_who").set_value(ASHA.name).run()
    assert len(shown(app, "who")) == 3
    app.selectbox(key="audit_what").set_value(Action.KEY_REVOKE).run()
    assert shown(app, "about") == ["Till"]
    app.selectbox(key="audit_what").set_value(None).run()
    app.selectbox(key="audit_kind").set_value("API key").run()
    assert len(shown(app, "who")) == 3
    app.text_input(key="audit_id").set_value(key.id).run()
    assert shown(app, "about") == ["Till", "Till"]
    app.text_input(key="audit_id").set_value("nothing").run()
    assert not app.dataframe
    assert "No line is like this." in texts(app)


def test_lines_are_filtered_by_days_of_the_workspace(crm: Crm, shell: Shell) -> None:
    crm.acting_as(ASHA).create_api_key("Till", ["read"])
    app = opened(shell)
    today = datetime.now(crm.workspace.zone).date()
    app.date_input(key="audit_days").set_value((today, today)).run()
    assert ASHA.name in shown(app, "who")
    earlier = today - timedelta(days=2)
    app.date_input(key="audit_days").set_value((earlier, earlier)).run()
    assert "No line is like this." in texts(app)


def test_a_day_begins_and_ends_in_the_workspaces_zone(
    monkeypatch: pytest.MonkeyPatch, crm: Crm
) -> None:
    monkeypatch.setattr(page, "workspace", lambda: crm.workspace)
    assert crm.workspace.zone == ZoneInfo("Asia/Kolkata")
    days = (date(2026, 3, 31), date(2026, 3, 31))
    begin = datetime(2026, 3, 30, 18, 30, tzinfo=UTC)
    assert page._bounds(days) == (begin, begin + timedelta(days=1))  # noqa: SLF001
    assert page._bounds(days[:1]) == (begin, None)  # noqa: SLF001
    assert page._bounds(()) == (None, None)  # noqa: SLF001


def test_pages_follow_each_other_and_start_anew_with_another_filter(
    crm: Crm, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (page, pager):
        monkeypatch.setattr(module, "PAGE", 3)
    for n in range(7):
        crm.audit.record(ASHA, Action.SEGMENT_SAVE, about=("segment", f"s-{n}"))
    app = opened(shell)
    app.selectbox(key="audit_who").set_value(ASHA.name).run()
    read = []
    assert app.button(key="audit_back").disabled
    for lines in ("Lines 1 to 3", "Lines 4 to 6", "Lines 7 to 7"):
        assert lines in texts(app)
        read += shown(app, "about")
        if not app.button(key="audit_on").disabled:
            app.button(key="audit_on").click().run()
    assert read == [f"segment s-{n}" for n in reversed(range(7))]
    app.button(key="audit_back").click().run()
    assert "Lines 4 to 6" in texts(app)
    app.selectbox(key="audit_what").set_value(Action.SEGMENT_SAVE).run()
    assert "Lines 1 to 3" in texts(app)


def test_the_file_runs_no_formula_and_holds_every_column() -> None:
    entry = AuditEntry(
        id="x",
        at=datetime(2026, 3, 31, 12, tzinfo=UTC),
        actor="=cmd()",
        kind="person",
        address="@somewhere",
        action=Action.SEGMENT_SAVE,
        about=("segment", "-1+1"),
        name="+sum(A1)",
        changes={"=name": ("a", "b"), "tags": (None, "x")},
        outcome=Outcome.FAILED,
        reason="=why",
    )
    with audit_file([entry]) as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        header, row = csv.reader(text)
    assert tuple(header) == COLUMNS
    told = dict(zip(header, row, strict=True))
    assert told["changes"] == "'=name: a \N{RIGHTWARDS ARROW} b; tags: x"
    assert told["at_utc"] == "2026-03-31T12:00:00.000+00:00"
    for column in ("who", "address", "object_id", "object_name", "reason"):
        assert told[column].startswith("'"), column
