"""Everything is taken out whole, can be brought in again, and holds no secret."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

from engine.domain.actor import Actor
from engine.domain.audit import Action, Outcome
from engine.domain.campaign import Channel, Message
from engine.domain.permission import EVERYTHING, Permission, Role
from engine.domain.rule_codec import decode
from engine.errors import Cancelled, Forbidden, InvalidInput
from engine.takeout import everything

if TYPE_CHECKING:
    from pathlib import Path

    from engine.crm import Crm
    from engine.domain.takeout import TakeoutProgress

CUSTOMERS: list[dict[str, Any]] = [
    {
        "customer_id": "a/ä 1",
        "email": "asha@example.com",
        "phone": "+919820012345",
        "name": "Asha राव",
        "city": "Pune",
        "country": "India",
        "gender": "f",
        "birth_date": "1990-02-28",
        "signed_up_at": "2024-11-05T08:00:00Z",
        "tags": ["vip", "=1+1"],
        "attributes": {
            "points": 1200.5,
            "newsletter": True,
            "sizes": ["42"],
            "seen": "2026-01-01T00:00:00Z",
            "note": 'a "quoted"\nline',
        },
    },
    {"customer_id": "b"},
]
ORDERS: list[dict[str, Any]] = [
    {
        "order_id": "1",
        "customer_id": "a/ä 1",
        "ordered_at": "2026-03-01T09:30:00.125Z",
        "channel": "web",
        "items": [
            {"sku": "S", "name": "Shoe", "category": "c", "quantity": 3, "unit_price": "0.3333"},
            {"quantity": 1, "unit_price": "1299.00"},
        ],
    },
    {
        "order_id": "2",
        "customer_id": "b",
        "ordered_at": "2026-03-02T00:00:00Z",
        "status": "refunded",
        "amount": "-5.10",
    },
    {"order_id": "3", "customer_id": "b", "ordered_at": "2026-03-02T00:00:00Z", "amount": "7"},
]


@pytest.fixture
def filled(crm: Crm) -> Crm:
    """A workspace with one of everything."""
    crm.take_customers(CUSTOMERS)
    crm.take_orders(ORDERS)
    crm.refresh()
    rule = decode({"version": 1, "rule": {"field": "city", "op": "equals", "value": "Pune"}})
    segment = crm.save_segment(name="Pune", description="", rule=rule, tags=["x"])
    segment = crm.save_segment(
        name="In Pune",
        description="d",
        rule=rule,
        segment_id=segment.segment_id,
        version=segment.version,
    )
    message = Message(channel=Channel.EMAIL, subject="Hi", body="Hi {{ name }}")
    campaign = crm.save_campaign(name="Hello", segment_id=segment.segment_id, message=message)
    crm.launch_campaign(campaign.campaign_id, version=campaign.version)
    while crm.worker.step():
        pass
    crm.invite_person("ravi@example.com", Role.ANALYST)
    crm.create_api_key("till", ["read"])
    return crm


def read(file: Path) -> dict[str, list[dict[str, Any]]]:
    with ZipFile(file) as archive:
        assert archive.testzip() is None
        return {
            name.removesuffix(".ndjson"): [json.loads(line) for line in archive.open(name)]
            for name in archive.namelist()
            if name.endswith(".ndjson")
        }


def test_everything_is_in_the_file_and_counted(filled: Crm, tmp_path: Path) -> None:
    to = tmp_path / "all.zip"
    done = filled.export_everything(to)
    found = read(to)
    assert {name: len(rows) for name, rows in found.items()} == done.written
    assert done.written == {
        "customers": 2,
        "orders": 3,
        "segments": 1,
        "campaigns": 1,
        "deliveries": 1,
        "people": 1,
    }
    with ZipFile(to) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["rows"] == done.written
    assert manifest["currency"] == "INR"
    assert [one["version"] for one in found["segments"][0]["versions"]] == [2, 1]
    [campaign] = found["campaigns"]
    assert (campaign["launched_at"], campaign["sent"]) == ("2026-03-31T12:00:00Z", 1)
    assert campaign["rule"]["rule"]["field"] == "city"
    [delivery] = found["deliveries"]
    assert (delivery["customer_id"], delivery["body"]) == ("a/ä 1", "Hi Asha राव")
    assert found["people"][0]["role"] == "analyst"
    assert stat.S_IMODE(to.stat().st_mode) == 0o600


def test_what_was_taken_out_changes_nothing_where_it_is_brought_in_again(
    filled: Crm, tmp_path: Path
) -> None:
    filled.export_everything(tmp_path / "all.zip")
    found = read(tmp_path / "all.zip")
    customers = filled.take_customers(found["customers"])
    orders = filled.take_orders(found["orders"])
    assert (customers.refused, customers.unchanged) == (0, 2)
    assert (orders.refused, orders.unchanged) == (0, 3)
    with ZipFile(tmp_path / "all.zip") as archive:
        files = {name: [archive.read(name)] for name in ("customers.ndjson", "orders.ndjson")}
    streamed = filled.take_stream("customers", "ndjson", files["customers.ndjson"])
    assert (streamed.refused, streamed.unchanged) == (0, 2)
    streamed = filled.take_stream("orders", "ndjson", files["orders.ndjson"])
    assert (streamed.refused, streamed.unchanged) == (0, 3)


def test_orders_of_the_erased_come_back_for_the_books_and_make_nobody(
    filled: Crm, tmp_path: Path
) -> None:
    filled.erase_customer("b")
    filled.export_everything(tmp_path / "all.zip")
    with ZipFile(tmp_path / "all.zip") as archive:
        content = archive.read("orders.ndjson")
    elsewhere = content.replace(b'"order_id":"', b'"order_id":"again-')
    for body, created in ((content, 0), (elsewhere, 3)):
        taken = filled.take_stream("orders", "ndjson", [body])
        assert (taken.stored, taken.refused, taken.created) == (3, 0, created)
    assert filled.freshness().customers == 1
    assert [one.customer_id for one in filled.stores.customers.stream()] == ["a/ä 1"]
    filled.refresh()
    assert filled.freshness().customers == 1
    assert filled.stores.orders.count() == 6


def test_no_secret_is_in_the_file(filled: Crm, tmp_path: Path) -> None:
    [key] = filled.api_keys()
    filled.export_everything(tmp_path / "all.zip")
    with ZipFile(tmp_path / "all.zip") as archive:
        text = b"".join(archive.read(name) for name in archive.namelist()).decode()
    for secret in (key.id, "hash", "issuer", "subject_id", "sealed", "relied_on", "_folded"):
        assert secret not in text


@pytest.mark.parametrize("missing", [Permission.ADMIN, Permission.EXPORT])
def test_it_takes_both_permissions(filled: Crm, tmp_path: Path, missing: Permission) -> None:
    actor = Actor("ravi", EVERYTHING - {missing}, "person")
    with pytest.raises(Forbidden):
        filled.acting_as(actor).export_everything(tmp_path / "all.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_stop_leaves_nothing_and_an_older_file_as_it_was(
    filled: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(everything, "EVERY", 1)
    to = tmp_path / "all.zip"
    to.write_text("older")
    seen: list[TakeoutProgress] = []
    with pytest.raises(Cancelled, match="nothing was kept"):
        filled.export_everything(to, progress=seen.append, cancelled=lambda: len(seen) > 3)
    assert seen[-1].written["customers"] == 2
    assert 0 < seen[-1].share < 1
    assert [one.name for one in tmp_path.iterdir()] == ["all.zip"]
    assert to.read_text() == "older"
    entry = filled.audit.page(action=Action.EXPORT_EVERYTHING, limit=1).entries[0]
    assert entry.outcome is Outcome.FAILED


def test_progress_comes_in_batches_and_ends_at_the_whole(
    filled: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(everything, "EVERY", 1)
    seen: list[TakeoutProgress] = []
    filled.export_everything(tmp_path / "all.zip", progress=seen.append)
    shares = [one.share for one in seen]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert len(seen) > 6


def test_a_place_that_cannot_be_written_is_told(filled: Crm, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be written: No such file or directory"):
        filled.export_everything(tmp_path / "missing" / "all.zip")


def test_an_empty_workspace_gives_a_file_too(crm: Crm, tmp_path: Path) -> None:
    done = crm.export_everything(tmp_path / "all.zip")
    assert sum(done.written.values()) == 0
    assert read(tmp_path / "all.zip")["orders"] == []
