from __future__ import annotations

import csv
import io
import tempfile
from datetime import UTC, datetime
from io import BufferedReader
from typing import TYPE_CHECKING

import pytest

from engine.domain.delivery import Delivery, DeliveryStatus
from engine.errors import StoreUnavailable
from pages._ui.delivery_csv import COLUMNS, log_file
from tests.pages.campaign_shop import draft, finish, launch, spenders, stock
from tests.pages.conftest import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from engine import Crm
    from tests.pages.conftest import Shell


def metrics(app: AppTest) -> dict[str, str]:
    return {one.label: str(one.value) for one in app.metric}


def test_without_a_campaign_the_report_leads_to_the_list(shell: Shell) -> None:
    app = shell("campaign_report.py")
    assert not app.exception
    app.button(key="see_campaigns").click().run()
    assert [one.value for one in app.title] == ["Campaigns"]


def test_a_campaign_that_is_gone_is_named(shell: Shell) -> None:
    app = shell("campaign_report.py", campaign="nope")
    assert not app.exception
    assert "There is no campaign" in app.error[0].value
    assert [one.value for one in app.title] == ["Campaign report"]


def test_a_draft_leads_to_the_editor(shell: Shell, crm: Crm) -> None:
    campaign = draft(crm, spenders(crm))
    app = shell("campaign_report.py", campaign=campaign.campaign_id)
    app.button(key="open_draft").click().run()
    assert not app.exception
    assert app.text_input(key="campaign_name").value == "Spring"


def test_a_report_is_followed_from_the_launch_to_the_end(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported, 120)
    campaign = launch(crm, draft(crm, spenders(crm)))
    app = shell("campaign_report.py", campaign=campaign.campaign_id)
    assert not app.exception
    assert "Fixing the audience" in texts(app)
    assert "total spend is greater than ₹1,000.00" in [one.value for one in app.text]
    assert crm.worker.freezer.freeze_one()
    app.run()
    assert metrics(app)["Audience"] == "119"
    assert metrics(app)["Pending"] == "119"
    assert "0 of 119 customers done" in str(app.progress[0].text)
    finish(crm)
    app.run()
    assert not app.exception
    figures = crm.delivery_figures(campaign.campaign_id)
    assert metrics(app)["Sent"] == str(figures.sent)
    assert metrics(app)["Failed"] == str(figures.failed)
    assert metrics(app)["Pending"] == "0"
    assert f"of {figures.sent + figures.failed} ended" in [one.delta for one in app.metric]
    assert app.dataframe[0].value["customers"].sum() == figures.failed > 0
    assert "total spend is greater than ₹1,000.00" in texts(app)
    assert " by system; sent by e\\-mail, simulated\\." in texts(app)


def test_the_log_is_paged_and_filtered(
    shell: Shell, crm: Crm, imported: Callable[..., None]
) -> None:
    stock(imported, 120)
    campaign = launch(crm, draft(crm, spenders(crm)))
    finish(crm)
    app = shell("campaign_report.py", campaign=campaign.campaign_id)
    first = app.dataframe[-1].value["customer_id"].to_list()
    app.button(key="log_on").click().run()
    second = app.dataframe[-1].value["customer_id"].to_list()
    app.button(key="log_on").click().run()
    third = app.dataframe[-1].value["customer_id"].to_list()
    assert [len(first), len(second), len(third)] == [50, 50, 19]
    assert len({*first, *second, *third}) == 119
    assert app.button(key="log_on").disabled
    app.button(key="log_back").click().run()
    assert app.dataframe[-1].value["customer_id"].to_list() == second
    app.segmented_control(key="delivery_status").set_value(DeliveryStatus.FAILED).run()
    assert not app.exception
    failed = app.dataframe[-1].value
    assert set(failed["status"]) == {"Failed"}
    assert len(failed) == crm.delivery_figures(campaign.campaign_id).failed
    app.segmented_control(key="delivery_status").set_value(DeliveryStatus.PENDING).run()
    assert "No delivery has this status" in texts(app)


def delivery(customer_id: str, body: str) -> Delivery:
    return Delivery(
        delivery_id="d",
        campaign_id="c",
        customer_id=customer_id,
        status=DeliveryStatus.SENT,
        attempts=1,
        subject="Hé",
        body=body,
        ended_at=datetime(2026, 3, 31, 9, 30, tzinfo=UTC),
    )


def test_the_csv_has_a_row_for_each_delivery_and_reads_back() -> None:
    with log_file([]) as empty:
        assert isinstance(empty, BufferedReader), "Streamlit sends no other file on a click"
    with log_file([delivery("a", 'two\nlines, "quoted"'), delivery("b", "x")]) as file:
        text = file.read().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert rows[1] == [
        *("a", "sent", "", "1", "2026-03-31T09:30:00+00:00", "Hé"),
        'two\nlines, "quoted"',
        "",
    ]
    assert len(rows) == 3


def test_a_log_that_breaks_off_leaves_no_message_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Iterator[Delivery]:
        yield delivery("a", "for her eyes only")
        msg = "MongoDB went away"
        raise StoreUnavailable(msg)

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(StoreUnavailable):
        log_file(broken())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["=1+1", "+1-1", "-1 ", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_of_the_csv_is_a_formula(text: str) -> None:
    with log_file([delivery(text, text)]) as file:
        rows = list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"), newline="")))
    assert rows[1][0] == rows[1][6] == f"'{text}"
