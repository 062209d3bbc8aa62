from __future__ import annotations

import gzip
import io
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.errors import Cancelled
from pages._ui import import_jobs
from pages._ui.mapping_form import attribute_name
from pages._ui.uploads import Upload, sweep
from tests.pages.conftest import texts, until

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from engine import Crm, ImportResult
    from pages._ui.import_jobs import ImportJob
    from tests.pages.conftest import Shell

KILLED_WITH_AN_UPLOAD = """
import io, os, signal
from pages._ui.uploads import Upload
upload = Upload(io.BytesIO(b"secret"), "a.csv")
print(upload.path.parent, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
PROJECT = Path(__file__).resolve().parents[2]
ORDERS = b"""order_id,customer_id,ordered_at,amount,status,name
1,a,2026-01-01T10:00:00Z,100.00,completed,Asha
2,a,2026-01-02T10:00:00Z,-40.00,refunded,Asha
3,b,2026-01-03T10:00:00Z,9.50,completed,Ravi
4,,2026-01-03T10:00:00Z,9.50,completed,=cmd()
5,c,not a day,9.50,completed,Meera
"""


def uploaded(shell: Shell, content: bytes, name: str = "orders.csv") -> AppTest:
    app = shell("imports.py")
    app.file_uploader[0].upload(name, content)
    app.run()
    assert not app.exception, texts(app)
    return app


def imported(app: AppTest) -> AppTest:
    app.button(key="start_import").click().run()
    return until(app, lambda app: any(b.key == "another_import" for b in app.button))


def metrics(app: AppTest) -> dict[str, str]:
    return {one.label: str(one.value) for one in app.metric}


def table(app: AppTest, column: str) -> dict[str, list[object]]:
    """Return the table that has a column of this name."""
    frame = next(one.value for one in app.dataframe if column in one.value.columns)
    return {str(name): list(values) for name, values in frame.to_dict("list").items()}


def job_of(app: AppTest) -> ImportJob:
    job = import_jobs.find(address(app))
    assert job
    return job


def address(app: AppTest) -> str:
    named = app.query_params["import"]
    return named if isinstance(named, str) else named[0]


def test_a_file_is_looked_at_before_anything_is_written(crm: Crm, shell: Shell) -> None:
    app = uploaded(shell, ORDERS)
    assert "CSV · 270 bytes · 6 columns" in texts(app).replace("\\", "")
    assert table(app, "0")["0"] == ["1", "2", "3", "4", "5"]
    assert app.selectbox(key="column_order_id").value == "order_id"
    assert app.selectbox(key="column_city").value == ""
    assert not app.button(key="start_import").disabled
    assert crm.imports() == ()


def test_an_import_shows_what_became_of_every_row(crm: Crm, shell: Shell) -> None:
    app = imported(uploaded(shell, ORDERS))
    assert not app.exception
    assert metrics(app) == {"Rows": "5", "Customers": "2", "Orders": "3", "Of these refunds": "1"}
    assert "₹69" in texts(app)
    assert table(app, "new")["new"] == [2, 3]
    assert table(app, "share") == {
        "reason": ["No customer id", "Not a date and time"],
        "rows": [1, 1],
        "share": [0.2, 0.2],
    }
    app.selectbox(key="rejected_reason").select("not a date and time").run()
    assert table(app, "detail")["line"] == [6]
    assert table(app, "detail")["value"] == ["not a day"]
    assert crm.freshness().orders == 3
    assert table(app, "started")["status"] == ["Finished"]


def test_importing_the_same_file_again_says_that_nothing_changed(shell: Shell) -> None:
    imported(uploaded(shell, ORDERS))
    app = imported(uploaded(shell, gzip.compress(ORDERS), "again.csv.gz"))
    assert [one.title for one in app.info] == ["Nothing changed: this file was imported already"]
    assert table(app, "unchanged")["unchanged"] == [2, 3]
    assert table(app, "started")["status"] == ["Finished, nothing changed", "Finished"]


def test_a_file_of_which_no_row_can_be_taken_is_not_called_imported(shell: Shell) -> None:
    app = imported(
        uploaded(shell, b"order_id,customer_id,ordered_at,amount\n1,,2026-01-01,5\n2,,x,6\n")
    )
    assert [one.title for one in app.warning] == ["Nothing was imported"]
    assert not app.info


def test_a_negative_amount_without_a_status_is_a_refund_here_as_everywhere(shell: Shell) -> None:
    app = imported(
        uploaded(
            shell, b"order_id,customer_id,ordered_at,amount\n1,a,2026-01-01,-5\n2,a,2026-01-01,9\n"
        )
    )
    assert metrics(app) == {"Rows": "2", "Customers": "1", "Orders": "2", "Of these refunds": "1"}


def test_the_rows_left_out_can_be_downloaded_and_run_no_formula(shell: Shell) -> None:
    app = imported(
        uploaded(shell, b"order_id,customer_id,ordered_at,amount\n1,a,=1+1,5\n2,a,@x,5\n")
    )
    job = job_of(app)
    lines = job.upload.rejects_path.read_text().splitlines()
    assert lines[0] == "line,reason,column,value,detail"
    assert [line.split(",")[3] for line in lines[1:]] == ["'=1+1", "'@x"]
    assert len(app.get("download_button")) == 1


def test_problems_are_told_before_the_start_and_keep_it_from_happening(shell: Shell) -> None:
    app = uploaded(shell, ORDERS)
    app.selectbox(key="column_order_id").select("").run()
    app.selectbox(key="column_name").select("status").run()
    assert app.button(key="start_import").disabled
    told = app.warning[0].value.replace("\\", "")
    assert "No column is chosen for Order id (order_id), which is required." in told
    assert "Column 'status' is chosen twice" in told


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"", "empty.csv", "the file is empty"),
        (b"a,b\n", "header.csv", "header only"),
        (b"%PDF-1.7 x", "orders.csv", "a PDF document"),
        (b"one\ntwo\n", "one.csv", "has only one column"),
        (b"PAR1 cut", "cut.parquet", "cut short"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_by_the_name_it_was_given(
    shell: Shell, content: bytes, name: str, told: str
) -> None:
    app = uploaded(shell, content, name)
    said = app.error[0].value.replace("\\", "")
    assert told in said
    assert name in said
    assert "start_import" not in [b.key for b in app.button]


def test_text_in_another_encoding_is_noticed_and_can_be_chosen(crm: Crm, shell: Shell) -> None:
    app = uploaded(shell, ORDERS.replace(b"Asha", "Zoë".encode("cp1252")))
    assert "cp1252" in app.warning[0].value
    app.selectbox(key="encoding").select("cp1252").run()
    assert not app.warning
    imported(app)
    assert crm.customer("a").customer.name == "Zoë"


def test_a_mapping_is_saved_by_name_and_offered_where_it_fits(crm: Crm, shell: Shell) -> None:
    file = ORDERS.replace(b"order_id,customer_id", b"vorgang,kunde")
    app = uploaded(shell, file)
    app.segmented_control(key="kind").select("orders").run()
    app.selectbox(key="column_order_id").select("vorgang").run()
    app.selectbox(key="column_customer_id").select("kunde").run()
    app.selectbox(key="column_ordered_at").select("ordered_at").run()
    app.selectbox(key="column_amount").select("amount").run()
    app.text_input(key="mapping_name").set_value("Kasse").run()
    app.button(key="save_mapping").click().run()
    assert not app.error
    assert crm.saved_mappings()["Kasse"].columns["order_id"] == "vorgang"
    again = uploaded(shell, file)
    assert again.selectbox(key="mapping").value == "Kasse"
    assert not again.button(key="start_import").disabled


def test_a_mapping_without_a_name_is_refused(crm: Crm, shell: Shell) -> None:
    app = uploaded(shell, ORDERS)
    app.text_input(key="mapping_name").set_value("   ").run()
    app.button(key="save_mapping").click().run()
    assert [one.value for one in app.error] == ["Give the mapping a name\\."]
    assert not crm.saved_mappings()


def test_the_shipped_preset_is_chosen_for_the_file_it_is_for(shell: Shell) -> None:
    head = b"InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    row = b"536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
    app = uploaded(shell, head + row)
    assert app.selectbox(key="mapping").value == "online-retail"
    assert app.toggle(key="whole_number_ids").value
    app = imported(app)
    assert metrics(app)["Orders"] == "1"


def test_other_columns_of_a_customer_file_become_attributes(crm: Crm, shell: Shell) -> None:
    app = uploaded(shell, b"Customer ID,Name,Loyalty points (web)\nx,Asha,12.5\n", "people.csv")
    assert app.segmented_control(key="kind").value == "customers"
    app.multiselect(key="attributes").select("Loyalty points (web)").run()
    app.selectbox(key="attribute_loyalty_points_web").select("number").run()
    imported(app)
    assert crm.customer("x").customer.attributes == {"loyalty_points_web": 12.5}


def test_another_kind_of_row_brings_its_own_guess_and_back_again(shell: Shell) -> None:
    app = uploaded(
        shell,
        b"Invoice No,Customer No,Date,Total,DOB,Created at\n"
        b"1,a,2026-01-01,5,1990-05-01,2026-01-01\n",
    )
    assert app.selectbox(key="column_ordered_at").value == "Date"
    app.text_input(key="refund_prefix").set_value("C").run()
    app.segmented_control(key="kind").select("customers").run()
    assert app.selectbox(key="column_customer_id").value == "Customer No"
    assert app.selectbox(key="column_birth_date").value == "DOB"
    assert app.selectbox(key="column_signed_up_at").value == "Created at"
    app.segmented_control(key="kind").select("orders").run()
    assert app.selectbox(key="column_order_id").value == "Invoice No"
    assert app.selectbox(key="column_ordered_at").value == "Date"
    assert app.selectbox(key="column_amount").value == "Total"
    assert not app.button(key="start_import").disabled
    assert not app.exception


@pytest.mark.parametrize(
    ("column", "name"),
    [("Größe", "größe"), ("2nd visit", "c_2nd_visit"), ("!!", "c"), ("x" * 70, "x" * 64)],
)
def test_a_columns_name_becomes_an_attributes_name(column: str, name: str) -> None:
    assert attribute_name(column) == name


class Gate:
    """Stands for a slow import: it waits until it is let through or asked to stop."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    def run_import(self, crm: Crm, *_: object, **options: object) -> ImportResult:
        assert crm
        while not self.opened.wait(0.01):
            if options["cancelled"]():  # type: ignore[operator]  # the page gives a function
                message = "stopped while reading the file; nothing was written"
                raise Cancelled(message)
        message = "let through"
        raise Cancelled(message)


@pytest.fixture
def gate(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate()
    monkeypatch.setattr(type(crm), "run_import", lambda *a, **k: gate.run_import(*a, **k))  # noqa: PLW0108 - so that self is passed
    return gate


def test_an_import_is_followed_after_a_reload_and_a_change_of_page(
    shell: Shell, gate: Gate
) -> None:
    app = uploaded(shell, ORDERS)
    app.button(key="start_import").click().run()
    job_id = address(app)
    reloaded = shell("imports.py", **{"import": job_id})
    assert [one.label for one in reloaded.button if one.key == "cancel_import"]
    reloaded.switch_page("overview.py").run()
    del reloaded.query_params["import"]
    reloaded.switch_page("imports.py").run()
    assert address(reloaded) == job_id
    gate.opened.set()


def test_cancel_stops_the_import_and_says_what_was_written(shell: Shell, gate: Gate) -> None:
    app = uploaded(shell, ORDERS)
    app.button(key="start_import").click().run()
    app.button(key="cancel_import").click().run()
    until(app, lambda app: bool(app.warning))
    assert not gate.opened.is_set()
    assert app.warning[0].title == "Import stopped"
    assert "nothing was written" in app.warning[0].value


def test_who_was_signed_out_elsewhere_does_not_cancel_an_import(
    crm: Crm, shell: Shell, gate: Gate
) -> None:
    app = uploaded(shell, ORDERS)
    app.button(key="start_import").click().run()
    job = import_jobs.find(address(app))
    crm.access.sign_out(app.session_state["session"])
    app.button(key="cancel_import").click().run()
    assert [one.value for one in app.title] == ["Sign in"]
    assert job is not None
    assert job.is_running
    assert not job.is_stopping
    gate.opened.set()


def test_two_people_import_at_once_without_seeing_each_other(shell: Shell, gate: Gate) -> None:
    one, other = uploaded(shell, ORDERS, "one.csv"), uploaded(shell, ORDERS, "other.csv")
    one.button(key="start_import").click().run()
    other.button(key="start_import").click().run()
    assert one.subheader[0].value == "one\\.csv"
    assert other.subheader[0].value == "other\\.csv"
    one.button(key="cancel_import").click().run()
    until(one, lambda app: bool(app.warning))
    other.run()
    assert [x.label for x in other.button if x.key == "cancel_import"]
    gate.opened.set()


def test_an_import_nobody_knows_leads_back_to_the_history(shell: Shell) -> None:
    app = shell("imports.py", **{"import": "nothing"})
    assert "no longer followed" in texts(app)
    assert app.file_uploader


def test_the_copy_of_a_file_is_private_and_goes_with_its_last_holder() -> None:
    upload = Upload(io.BytesIO(b"x"), "../../etc/passwd")
    folder = upload.path.parent
    assert upload.name == "passwd"
    assert folder.stat().st_mode & 0o077 == 0
    del upload
    assert not folder.exists()


def aged(folder: Path, seconds: float = 3_600) -> Path:
    then = time.time() - seconds
    os.utime(folder, (then, then))
    return folder


def test_what_a_killed_server_left_of_uploads_is_swept_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    killed = subprocess.run(  # noqa: S603 - our own interpreter
        [
            sys.executable,
            "-c",
            KILLED_WITH_AN_UPLOAD,
        ],
        cwd=PROJECT,
        env={"TMPDIR": str(tmp_path), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    left = aged(Path(killed.stdout.strip()))
    assert (left / "upload").read_bytes() == b"secret"
    held = Upload(io.BytesIO(b"a"), "a.csv")
    aged(held.path.parent, 200_000)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "crm-upload-link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "crm-upload-young").mkdir()
    (tmp_path / "crm-upload-young" / "owner").touch()
    unlocked = tmp_path / "crm-upload-unlocked"
    unlocked.mkdir()
    aged(unlocked)
    sweep()
    assert not left.exists()
    assert held.path.exists()
    assert (tmp_path / "elsewhere").exists()
    assert (tmp_path / "crm-upload-link").is_symlink()
    assert (tmp_path / "crm-upload-young").exists()
    assert unlocked.exists()
    aged(unlocked, 90_000)
    sweep()
    assert not unlocked.exists()
    held.delete()


def test_the_copy_goes_when_the_import_has_ended(shell: Shell) -> None:
    app = imported(uploaded(shell, ORDERS))
    job = job_of(app)
    job.wait(10)
    assert not job.upload.path.exists()
    folder = Path(job.upload.path.parent)
    import_jobs.stop_all()
    assert not folder.exists()
