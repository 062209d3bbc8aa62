"""The workspace as admins choose it: at once, at the next start, or fixed by the settings."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from engine import workspace as current
from engine.bootstrap import open_crm
from engine.domain.audit import Action
from engine.domain.campaign import Channel, Message
from engine.domain.clock import FixedClock
from engine.domain.rule_codec import decode
from engine.errors import Conflict, InvalidInput
from engine.settings import Settings
from engine.store.workspace import WorkspaceStore
from tests.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from pymongo.database import Database

    from engine.crm import Crm

EVERYONE = decode({"version": 1, "rule": {"all": []}})


@pytest.fixture
def started(mongo_uri: str, db_name: str) -> Callable[..., Crm]:
    """Open the engine as another process does, with settings of its own."""

    def start(**settings: object) -> Crm:
        here = {"mongodb_uri": mongo_uri, "mongodb_database": db_name}
        return open_crm(Settings.model_validate({**here, **settings}), clock=FixedClock(NOW))

    return start


def choose(crm: Crm, **values: str) -> Any:  # noqa: ANN401 - what changed
    return crm.choose_workspace(values, version=crm.workspace_choices()[1])


def standing(crm: Crm) -> dict[str, tuple[str, str | None, bool]]:
    return {one.field: (one.in_force, one.chosen, one.waits) for one in crm.workspace_choices()[0]}


def test_without_a_choice_the_settings_stand(crm: Crm) -> None:
    assert standing(crm) == {
        "workspace_name": ("Mini CRM", None, False),
        "timezone": ("Asia/Kolkata", None, False),
        "currency": ("INR", None, False),
        "sender_name": ("", None, False),
        "sender_address": ("", None, False),
    }


def test_name_and_sender_hold_at_once_and_soon_in_other_processes(
    crm: Crm, started: Callable[..., Crm], monkeypatch: pytest.MonkeyPatch
) -> None:
    with started() as elsewhere:
        assert elsewhere.workspace.name == "Mini CRM"
        changed = choose(
            crm, workspace_name=" Shoe Box ", sender_name="Asha", sender_address="Hi@Example.com"
        )
        assert changed["workspace_name"] == ("", "Shoe Box")
        here = crm.workspace
        assert (here.name, here.sender_name, here.sender_address) == (
            *("Shoe Box", "Asha"),
            "hi@example.com",
        )
        assert elsewhere.workspace.name == "Mini CRM", "it remembers for 5 s"
        monkeypatch.setattr(current, "CACHED_SECONDS", 0.0)
        assert elsewhere.workspace == here


def test_messages_carry_the_name_that_was_chosen(crm: Crm) -> None:
    crm.take_customers([{"customer_id": "a", "name": "Ravi", "email": "ravi@example.com"}])
    everyone = crm.save_segment(name="All", description="", rule=EVERYONE)
    message = Message(channel=Channel.EMAIL, subject="x", body="From {{ workspace_name }}")
    choose(crm, workspace_name="Shoe Box")
    crm.refresh()
    [example] = crm.render_examples(everyone.segment_id, message)
    assert example.body == "From Shoe Box"
    campaign = crm.save_campaign(name="C", segment_id=everyone.segment_id, message=message)
    crm.launch_campaign(campaign.campaign_id, version=campaign.version)
    choose(crm, workspace_name="Shoe Shop")
    while crm.worker.step():
        pass
    [sent] = crm.delivery_log(campaign.campaign_id)
    assert sent.body == "From Shoe Shop"


def test_zone_and_currency_hold_from_the_next_start(crm: Crm, started: Callable[..., Crm]) -> None:
    choose(crm, timezone="Europe/London", currency="gbp")
    assert standing(crm)["timezone"] == ("Asia/Kolkata", "Europe/London", True)
    assert standing(crm)["currency"] == ("INR", "GBP", True)
    with started() as again:
        space = again.workspace
        assert (space.zone.key, space.currency.code, space.locale) == (
            *("Europe/London", "GBP"),
            "en_GB",
        )
        assert standing(again)["currency"] == ("GBP", "GBP", False)


def test_a_choice_is_taken_back_by_an_empty_text(crm: Crm, started: Callable[..., Crm]) -> None:
    choose(crm, workspace_name="Shoe Box", timezone="UTC")
    assert choose(crm, workspace_name="", timezone="") == {
        "workspace_name": ("Shoe Box", ""),
        "timezone": ("UTC", ""),
    }
    assert crm.workspace.name == "Mini CRM"
    with started() as again:
        assert again.workspace.zone.key == "Asia/Kolkata"


def test_what_the_settings_say_wins_and_is_shown_as_such(started: Callable[..., Crm]) -> None:
    with started() as before:
        choose(before, workspace_name="Chosen", timezone="UTC", currency="GBP")
    fixed = {"workspace_name": "Fixed", "timezone": "Asia/Tokyo", "currency": "JPY"}
    with started(**fixed, sources={"CRM_TIMEZONE": ".env"}) as crm:
        space = crm.workspace
        assert (space.name, space.zone.key, space.currency.code) == ("Fixed", "Asia/Tokyo", "JPY")
        by = {one.field: one.fixed_by for one in crm.workspace_choices()[0]}
        assert by["timezone"] == "CRM_TIMEZONE in .env"
        assert by["sender_name"] is None
        for field, text in (("workspace_name", "X"), ("timezone", "UTC+1"), ("currency", "EUR")):
            with pytest.raises((Conflict, InvalidInput)):
                choose(crm, **{field: text})
        with pytest.raises(Conflict, match="CRM_CURRENCY is set where the server runs, and wins"):
            choose(crm, currency="EUR")
        assert choose(crm, sender_name="Asha")


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("timezone", "Asia/Kolkatta", "did you mean Asia/Kolkata"),
        ("currency", "XXX", "an ISO 4217 currency code"),
        ("workspace_name", "x" * 81, "at most 80 characters"),
        ("workspace_name", "a\nb", "one line"),
        ("sender_address", "hi", "no e-mail address"),
        ("locale", "de_DE", "field of the workspace"),
    ],
)
def test_what_cannot_be_taken_is_told_and_nothing_kept(
    crm: Crm, field: str, text: str, told: str
) -> None:
    with pytest.raises(InvalidInput, match=told):
        choose(crm, **{field: text, "sender_name": "Asha"})
    assert crm.workspace_choices()[1] == 0


def test_a_choice_over_another_ones_is_refused(crm: Crm) -> None:
    choose(crm, sender_name="Asha")
    for version in (0, 7):
        with pytest.raises(Conflict):
            crm.choose_workspace({"sender_name": "Ravi"}, version=version)
    assert crm.workspace.sender_name == "Asha"


def test_the_currency_stays_while_there_are_orders_in_it(
    crm: Crm, started: Callable[..., Crm]
) -> None:
    choose(crm, currency="EUR")
    order = {"order_id": "1", "customer_id": "a", "ordered_at": "2026-01-01", "amount": "5.00"}
    assert crm.take_orders([order]).stored == 1
    with pytest.raises(Conflict, match="the orders here are in INR, so the currency stays INR"):
        choose(crm, currency="GBP")
    with started() as again:
        assert again.workspace.currency.code == "INR", "the choice came before the orders"


def test_a_choice_that_cannot_be_used_any_more_does_not_stop_the_start(
    database: Database[dict[str, Any]],
    started: Callable[..., Crm],
    caplog: pytest.LogCaptureFixture,
) -> None:
    values = {"timezone": "Atlantis/Capital", "workspace_name": "Shoe Box"}
    WorkspaceStore(database).put(values, version=0, now=NOW, by="asha")
    with caplog.at_level(logging.WARNING), started() as crm:
        assert crm.workspace.zone.key == "Asia/Kolkata"
        assert crm.workspace.name == "Shoe Box"
    assert "Atlantis/Capital" in caplog.text


def test_the_audit_log_says_what_was_chosen(crm: Crm) -> None:
    choose(crm, workspace_name="Shoe Box")
    choose(crm, workspace_name="Shoe Shop")
    entries = crm.audit.page(action=Action.WORKSPACE_SET).entries
    assert {"workspace_name": ("Shoe Box", "Shoe Shop")} in [one.changes for one in entries]
