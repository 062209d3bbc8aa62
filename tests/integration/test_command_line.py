"""``python -m engine`` as a script would call it: real processes, real files."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from engine.bootstrap import open_crm
from engine.ingest.mapping import load_mapping
from engine.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECT = Path(__file__).resolve().parents[2]
ORDERS = """order,customer,when,qty,price,product
1,17850.0,2026-01-05 10:00:00,2,10.00,Cup
1,17850.0,2026-01-05 10:00:00,1,5.50,Saucer
2,9,2026-03-20 09:30:00,3,2.00,Tea
3,,2026-03-21 09:30:00,3,2.00,Tea
"""
MAPPING = {
    "name": "shop",
    "kind": "orders",
    "columns": {
        "order_id": "order",
        "customer_id": "customer",
        "ordered_at": "when",
        "quantity": "qty",
        "unit_price": "price",
        "item_name": "product",
    },
    "options": {"whole_number_ids": True},
}
SPENT = {"field": "total_spend", "op": "greater_than", "value": "10.00"}

Engine: TypeAlias = "Callable[..., subprocess.CompletedProcess[str]]"


@pytest.fixture
def engine(mongo_uri: str, db_name: str, tmp_path: Path) -> Engine:
    def run(*words: str, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - the project itself
            [sys.executable, "-W", "error", "-m", "engine", *words],
            cwd=PROJECT,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "MONGODB_URI": mongo_uri,
                "MONGODB_DATABASE": db_name,
                "CRM_TIMEZONE": "UTC",
            },
            input=text,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def written(path: Path, content: object) -> str:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def rule(node: object) -> str:
    return json.dumps({"version": 1, "rule": node})


def test_import_then_preview_then_members(engine: Engine, tmp_path: Path) -> None:
    orders = written(tmp_path / "orders.csv", ORDERS)
    mapping = written(tmp_path / "mapping.json", MAPPING)
    rejects = tmp_path / "rejects.csv"
    first = engine("import", orders, "--mapping", mapping, "--rejects", str(rejects), "--json")
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout) == {
        "rows": 4,
        "customers": 2,
        "orders": 2,
        "rejected": {"no customer id": 1},
        "refunded": 0,
        "net_amount": 3_150,
        "inserted": 4,
        "updated": 0,
    }
    with rejects.open(newline="") as file:
        assert [row[0] for row in csv.reader(file)][1:] == ["5"]

    again = engine("import", orders, "--mapping", mapping)
    assert "Nothing changed" in again.stdout, again.stderr

    found = engine("preview", "-", "--now", "2026-03-31", "--json", text=rule(SPENT))
    figures = json.loads(found.stdout)
    assert (figures["count"], figures["total"]) == (1, 2)
    assert set(figures) == {"count", "total", "as_of", "elapsed_ms"}

    recent = {"field": "last_order_at", "op": "in_the_last", "value": {"n": 30, "unit": "day"}}
    path = written(tmp_path / "rule.json", rule(recent))
    assert engine("members", path, "--now", "2026-03-31T00:00:00Z").stdout == "9\n"
    assert engine("members", path, "--now", "2026-06-30T00:00:00Z").stdout == ""


def test_rows_left_out_are_told_by_line_and_reason(engine: Engine, tmp_path: Path) -> None:
    orders = written(tmp_path / "orders.csv", ORDERS + "4,8,soon,1,1.00,Jam\n" * 4)
    mapping = written(tmp_path / "mapping.json", MAPPING)
    said = engine("import", orders, "--mapping", mapping).stdout
    assert "Mapping: shop\n  order_id from order, customer_id from customer, " in said
    assert "not read" not in said
    assert "1 row left out: no customer id\n  line 5, customer: the cell" in said
    assert '4 rows left out: not a date and time\n  line 6, when "soon": expected' in said
    assert "line 8, " in said
    assert "line 9, " not in said
    assert said.count("--rejects FILE.csv writes every one") == 1


def saved(tmp_path: Path, mongo_uri: str, db_name: str, **mapping: object) -> None:
    """Save a mapping as the import page does."""
    settings = Settings.model_validate({"mongodb_uri": mongo_uri, "mongodb_database": db_name})
    with open_crm(settings) as crm:
        crm.save_mapping(load_mapping(Path(written(tmp_path / "saved.json", mapping))))


def test_a_mapping_of_another_kind_or_of_fewer_columns_takes_no_file_over(
    engine: Engine, tmp_path: Path, mongo_uri: str, db_name: str
) -> None:
    columns = {name: name for name in ("customer_id", "email")}
    saved(tmp_path, mongo_uri, db_name, name="people", kind="customers", columns=columns)
    columns |= {name: name for name in ("order_id", "ordered_at", "amount")}
    saved(tmp_path, mongo_uri, db_name, name="few", kind="orders", columns=columns)
    header = "order_id,customer_id,ordered_at,amount,email,city,note"
    orders = written(tmp_path / "o.csv", f"{header}\n1,a,2026-01-01,5,a@x.in,Goa,x\n")
    said = engine("import", orders).stdout
    assert "Mapping: guessed from the column names\n  order_id from order_id" in said
    assert "city from city\n  not read: note\n" in said
    assert "1 customer and 1 order" in said


def test_where_several_saved_mappings_fit_the_choice_is_asked_for(
    engine: Engine, tmp_path: Path, mongo_uri: str, db_name: str
) -> None:
    columns = {name: name for name in ("order_id", "customer_id", "ordered_at", "amount")}
    for name, form in (("eu", "day-first"), ("us", "month-first")):
        saved(
            tmp_path, mongo_uri, db_name,
            name=name, kind="orders", columns=columns, options={"time_format": form},
        )  # fmt: skip
    header = ",".join(columns)
    orders = written(tmp_path / "o.csv", f"{header}\n1,a,03/04/2026,5\n")
    refused = engine("import", orders)
    assert refused.returncode == 1
    assert "several saved mappings fit 'o.csv': 'eu', 'us'; say which" in refused.stderr
    assert "Mapping: us\n" in engine("import", orders, "--mapping", "us").stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_import_that_is_interrupted_says_how_far_it_came(
    mongo_uri: str, db_name: str, tmp_path: Path, number: int
) -> None:
    header = "order_id,customer_id,ordered_at,amount\n"
    rows = "".join(f"{n},{n},2026-01-01,5\n" for n in range(400_000))
    file = written(tmp_path / "orders.csv", header + rows)
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": db_name,
    }
    running = subprocess.Popen(  # noqa: S603 - the project itself
        [sys.executable, "-m", "engine", "import", file],
        cwd=PROJECT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    assert running.stderr.readline() == "importing\n"
    running.send_signal(number)
    assert "nothing was written" in running.stderr.read()
    assert running.wait(60) == 1
    running.stderr.close()


def test_a_file_that_a_preset_fits_is_read_by_it(engine: Engine, tmp_path: Path) -> None:
    header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    row = "C536,A,CUP,-2,2011-12-01 08:26:00,2.50,17850.0,France"
    orders = written(tmp_path / "orders.csv", f"{header}\n{row}\n")
    done = engine("import", orders)
    assert "Mapping: online-retail\n" in done.stdout
    assert "1 row: 1 customer and 1 order (1 refunded)" in done.stdout
    everyone = written(tmp_path / "rule.json", rule({"all": []}))
    assert engine("members", everyone).stdout == "17850\n"


@pytest.mark.parametrize(
    ("words", "text", "says"),
    [
        (["preview", "-"], "{", "the rule is not JSON"),
        (["preview", "-"], rule({"field": "spend", "op": "is_set"}), "'spend'"),
        (["preview", "-"], rule({"campaign": "x", "outcome": "opened"}), "cannot be evaluated"),
        (["preview", "nowhere.json"], "", "nowhere.json cannot be read"),
        (["preview", "-", "--now", "soon"], rule({"all": []}), "'soon' is not a date"),
        (["import", "README.md"], "", "README.md"),
        (["import", "README.md", "--preset", "x"], "", "online-retail"),
        (["import", "README.md", "--mapping", "nothing"], "", "no saved mapping 'nothing'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_1(
    engine: Engine, words: list[str], text: str, says: str
) -> None:
    refused = engine(*words, text=text)
    assert refused.returncode == 1
    assert says in refused.stderr
    assert "Traceback" not in refused.stderr
    assert refused.stdout == ""


def test_demo_data_comes_and_goes(engine: Engine) -> None:
    assert engine("demo").stdout == "5,000 customers and 40,000 orders of demo data\n"
    assert engine("demo").stdout == "5,000 customers and 40,000 orders of demo data\n"
    assert engine("demo", "--remove").stdout == "removed 5,000 customers and 40,000 orders\n"
    assert json.loads(engine("preview", "-", "--json", text=rule({"all": []})).stdout)["total"] == 0


def test_doctor_says_what_is_there_and_keeps_secrets(engine: Engine, mongo_uri: str) -> None:
    report = engine("doctor")
    assert report.returncode == 0, report.stdout
    assert "MONGODB_URI" in report.stdout
    assert mongo_uri not in report.stdout
    assert "none: the built-in grammar reads words alone (GEMINI_API_KEY)" in report.stdout
    assert "BAD" not in report.stdout


def test_a_wrong_setting_stops_every_command_with_its_name(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "CRM_CURRENCY": "RUPEES"}
    for words in (["preview", "-"], ["doctor"]):
        refused = subprocess.run(  # noqa: S603 - the project itself
            [sys.executable, "-m", "engine", *words],
            cwd=PROJECT,
            env=environment,
            input=rule({"all": []}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert refused.returncode == 1
        said = refused.stdout + refused.stderr
        assert "CRM_CURRENCY" in said
        assert "'RUPEES'" in said
        assert "Traceback" not in said
