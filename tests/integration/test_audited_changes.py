"""Every change through the engine has its line in the audit log, and is not made without it."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from engine.api import segments
from engine.auth import audited
from engine.auth.audit import AuditLog
from engine.auth.credentials import Credentials
from engine.auth.permitted import NEEDS
from engine.crm import Crm
from engine.domain.actor import Actor
from engine.domain.audit import Action, AuditEntry, AuditFilter, Outcome
from engine.domain.campaign import Channel, Message
from engine.domain.clock import FixedClock, SystemClock
from engine.domain.customer import Customer
from engine.domain.permission import EVERYTHING, Permission, Role
from engine.domain.rule_codec import decode
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound, StoreUnavailable
from engine.store.audit import AuditStore
from engine.store.credentials import CredentialStore
from engine.store.deliveries import DeliveryStore
from tests.integration.small_api import serving, small_api

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pymongo.database import Database

    from engine.streams.stream import Stream

PROJECT = Path(__file__).parents[2]
ASHA = Actor("asha@example.com", EVERYTHING, "person", "192.0.2.7")
HIDDEN = "zqx-hidden"
"""Stands in all that no line may hold: rules, messages, descriptions, people."""
RULE = decode({"version": 1, "rule": {"field": "name", "op": "equals", "value": HIDDEN}})
OTHER = decode({"version": 1, "rule": {"any": []}})
MESSAGE = Message(channel=Channel.SMS, subject="", body=f"Hi {HIDDEN}")

NOT_AUDITED = {
    # What reads, and takes nothing out of here.
    **dict.fromkeys(
        (
            *("segment_conflict", "inspect_file", "import_presets", "saved_mappings", "imports"),
            *("guess_mapping", "fitting_mappings", "import_fields", "mapping_problems"),
            *("write_copy", "rewrite_copy", "subject_lines", "check_copy"),
            *(
                "choose_mapping",
                "render_examples",
                "api_keys",
                "api_keys_of",
                "audit_page",
                "audit_actors",
            ),
            *("verify_mirror", "stream_figures", "dead_letters", "dead_letter"),
            *("people", "sessions_of", "vendor_credentials", "can_keep_credentials"),
            *(
                "workspace_choices",
                "erasure_preview",
                "revision",
                "check_orders",
                "check_customers",
            ),
        ),
        "reads",
    ),
    # Programs write thousands of records a second: the batches are counted by the API's metrics,
    # each record names its source, and a line a batch would be the largest collection of all.
    **dict.fromkeys(("take_orders", "take_customers", "take_stream", "consumer"), "ingestion"),
    "give_demo_when_new": "does nothing at nearly every start; what it did is told afterwards",
    "sign_person_out": "has its line from the front door, as every sign-out",
}
"""Methods that may change or take out something, and have no line, each with its reason."""


LETTER = "1" * 32


class Letters:
    """A broker with one dead letter."""

    def replay(self, letter_id: str) -> None:
        if letter_id != LETTER:
            raise NotFound(letter_id)

    drop = replay


def change(
    action: Action, kind: str | None, act: Callable[[Crm, dict[str, Any]], object]
) -> tuple[Action, str | None, Callable[[Crm, dict[str, Any]], object]]:
    return action, kind, act


AUDITED = {
    "save_segment": change(
        Action.SEGMENT_SAVE,
        "segment",
        lambda crm, _: crm.save_segment(name="New", description=HIDDEN, rule=RULE),
    ),
    "restore_segment": change(
        Action.SEGMENT_RESTORE,
        "segment",
        lambda crm, on: crm.restore_segment(on["segment"], version=2, to=1),
    ),
    "delete_segment": change(
        Action.SEGMENT_DELETE,
        "segment",
        lambda crm, on: crm.delete_segment(on["unused"], version=1),
    ),
    "save_campaign": change(
        Action.CAMPAIGN_SAVE,
        "campaign",
        lambda crm, on: crm.save_campaign(name="C", segment_id=on["segment"], message=MESSAGE),
    ),
    "delete_campaign_draft": change(
        Action.CAMPAIGN_DELETE,
        "campaign",
        lambda crm, on: crm.delete_campaign_draft(on["draft"], version=1),
    ),
    "launch_campaign": change(
        Action.CAMPAIGN_LAUNCH,
        "campaign",
        lambda crm, on: crm.launch_campaign(on["draft"], version=1),
    ),
    "create_api_key": change(
        Action.KEY_CREATE, "API key", lambda crm, _: crm.create_api_key("Till", ["read"])
    ),
    "revoke_api_key": change(
        Action.KEY_REVOKE, "API key", lambda crm, on: crm.revoke_api_key(on["key"])
    ),
    "save_mapping": change(
        Action.MAPPING_SAVE,
        "mapping",
        lambda crm, on: crm.save_mapping(replace(on["mapping"], name="Mine")),
    ),
    "run_import": change(
        Action.IMPORT, "import", lambda crm, on: crm.run_import(on["file"], on["mapping"])
    ),
    "load_demo": change(Action.DEMO_LOAD, None, lambda crm, _: crm.load_demo()),
    "remove_demo": change(Action.DEMO_REMOVE, None, lambda crm, _: crm.remove_demo()),
    "erase_customer": change(
        Action.ERASE, "customer", lambda crm, _: crm.erase_customer(f"{HIDDEN}-1")
    ),
    "invite_person": change(
        Action.PERSON_INVITE,
        "person",
        lambda crm, _: crm.invite_person("new@example.com", Role.VIEWER),
    ),
    "set_role": change(
        Action.PERSON_ROLE,
        "person",
        lambda crm, _: crm.set_role("ravi@example.com", Role.MARKETER),
    ),
    "disable_person": change(
        Action.PERSON_DISABLE, "person", lambda crm, _: crm.disable_person("ravi@example.com")
    ),
    "enable_person": change(
        Action.PERSON_ENABLE, "person", lambda crm, _: crm.enable_person("mira@example.com")
    ),
    "remove_person": change(
        Action.PERSON_REMOVE, "person", lambda crm, _: crm.remove_person("ravi@example.com")
    ),
    "set_vendor_credential": change(
        Action.CREDENTIAL_SET,
        "credential",
        lambda crm, _: crm.set_vendor_credential("smtp", "password", HIDDEN),
    ),
    "remove_vendor_credential": change(
        Action.CREDENTIAL_REMOVE,
        "credential",
        lambda crm, _: crm.remove_vendor_credential("smtp", "user"),
    ),
    "choose_workspace": change(
        Action.WORKSPACE_SET,
        None,
        lambda crm, _: crm.choose_workspace({"workspace_name": "Chosen"}, version=0),
    ),
    "export_everything": change(
        Action.EXPORT_EVERYTHING, None, lambda crm, on: crm.export_everything(on["zip"])
    ),
    "replay_dead_letter": change(
        Action.LETTER_REPLAY, "dead letter", lambda crm, _: crm.replay_dead_letter(LETTER)
    ),
    "drop_dead_letter": change(
        Action.LETTER_DROP, "dead letter", lambda crm, _: crm.drop_dead_letter(LETTER)
    ),
    "members": change(Action.EXPORT, "rule", lambda crm, _: crm.members(RULE)),
    "member_page": change(
        Action.EXPORT,
        "segment",
        lambda crm, on: crm.member_page(
            crm.segment(on["segment"]), crm.explain(RULE).members(["name"]), limit=10
        ),
    ),
    "member_file": change(
        Action.EXPORT,
        "segment",
        lambda crm, on: list(
            crm.member_file(crm.segment(on["segment"]), crm.explain(RULE).members(["name"]), "csv")
        ),
    ),
    "delivery_log": change(
        Action.EXPORT, "campaign", lambda crm, on: list(crm.delivery_log(on["draft"]))
    ),
    "customers_frame": change(Action.EXPORT, "frame", lambda crm, _: crm.customers_frame()),
    "orders_frame": change(Action.EXPORT, "frame", lambda crm, _: crm.orders_frame()),
    "audit_lines": change(
        Action.EXPORT, "audit log", lambda crm, _: list(crm.audit_lines(AuditFilter()))
    ),
}
"""What writes a line, or takes something out: the action, the object's kind, and a call."""
READING = {Permission.FIGURES, Permission.PEOPLE}


@pytest.fixture
def shop(
    crm: Crm, tmp_path: Path, database: Database[dict[str, Any]]
) -> tuple[Crm, dict[str, Any]]:
    """A shop in which all of that can be done, as Asha uses it, and what is in it."""
    crm.stores.customers.upsert(
        [Customer(customer_id=f"{HIDDEN}-{n}", name=HIDDEN) for n in range(3)], source="import"
    )
    crm.refresh()
    asha = replace(
        crm.acting_as(ASHA),
        stream=cast("Stream", Letters()),
        credentials=Credentials(CredentialStore(database), "k" * 32, crm.clock),
    )
    segment = asha.save_segment(name="Used", description="", rule=RULE)
    asha.save_segment(
        name="Renamed", description=HIDDEN, rule=OTHER, segment_id=segment.segment_id, version=1
    )
    file = tmp_path / "orders.csv"
    file.write_text("order_id,customer_id,ordered_at,amount\n1,zqx,2026-01-01T00:00:00Z,5\nx,,,\n")
    key, _ = asha.create_api_key("Old till", ["ingest", "read"])
    for name in ("ravi", "mira"):
        asha.invite_person(f"{name}@example.com", Role.VIEWER)
    asha.disable_person("mira@example.com")
    asha.set_vendor_credential("smtp", "user", HIDDEN)
    on = {
        "segment": segment.segment_id,
        "unused": asha.save_segment(name="Unused", description="", rule=RULE).segment_id,
        "draft": asha.save_campaign(
            name="Spring", segment_id=segment.segment_id, message=MESSAGE
        ).campaign_id,
        "key": key.id,
        "file": file,
        "zip": tmp_path / "everything.zip",
        "mapping": asha.guess_mapping(asha.inspect_file(file)),
    }
    return asha, on


def latest(crm: Crm, action: Action) -> AuditEntry:
    return max(crm.audit.page(action=action).entries, key=lambda one: (one.at, one.name))


def state(database: Database[dict[str, Any]]) -> dict[str, list[Any]]:
    return {
        name: sorted(map(repr, database[name].find()))
        for name in database.list_collection_names()
        if name != "audit"
    }


def test_every_method_that_changes_something_has_a_line_or_a_reason() -> None:
    locked = {
        name: getattr(method, NEEDS) for name, method in vars(Crm).items() if hasattr(method, NEEDS)
    }
    changing = {name for name, permission in locked.items() if permission not in READING}
    assert changing == AUDITED.keys() | NOT_AUDITED.keys()
    assert AUDITED.keys().isdisjoint(NOT_AUDITED)


@pytest.mark.parametrize("method", AUDITED)
def test_what_is_done_has_a_line(shop: tuple[Crm, dict[str, Any]], method: str) -> None:
    crm, on = shop
    action, kind, act = AUDITED[method]
    before = {one.id for one in crm.audit.page(limit=1_000).entries}
    act(crm, on)
    new = [one for one in crm.audit.page(limit=1_000).entries if one.id not in before]
    [line] = [one for one in new if one.action is action]
    # Who is put out is signed out as well.
    assert {one.action for one in new} <= {action, Action.SIGN_OUT_EVERYWHERE}
    assert (line.about and line.about[0]) == kind
    assert line.outcome is Outcome.DONE
    assert (line.actor, line.kind, line.address) == (ASHA.name, ASHA.kind, ASHA.address)


@pytest.mark.parametrize("method", AUDITED)
def test_nothing_is_done_without_its_line(
    shop: tuple[Crm, dict[str, Any]],
    method: str,
    database: Database[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crm, on = shop
    before = state(database)

    def away(*_: object) -> None:
        msg = "MongoDB does not answer"
        raise StoreUnavailable(msg)

    monkeypatch.setattr(AuditStore, "begin", away)
    monkeypatch.setattr(AuditStore, "write", away)
    with pytest.raises(StoreUnavailable):
        AUDITED[method][2](crm, on)
    assert state(database) == before


def test_no_line_holds_a_secret_a_message_a_rule_or_a_customer(
    shop: tuple[Crm, dict[str, Any]], database: Database[dict[str, Any]]
) -> None:
    crm, on = shop
    _, token = crm.create_api_key("Till", ["read"])
    for method, (_, _, act) in AUDITED.items():
        if method not in {"delete_campaign_draft", "load_demo", "remove_demo"}:
            act(crm, on)
    with pytest.raises(NotFound):
        crm.customer(f"{HIDDEN}-1")
    lines = "\n".join(map(repr, database["audit"].find()))
    assert "Renamed" in lines
    assert HIDDEN not in lines
    assert token[13:] not in lines


@pytest.mark.parametrize(
    "pasted",
    [
        "SG.s3cr3t-VALUE-0123456789",
        "crm_abcdefgh_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0U1v",
        "rahul.sharma@example.com +91 98765 43210",
    ],
)
def test_what_is_pasted_into_the_wrong_box_is_not_written_down(
    shop: tuple[Crm, dict[str, Any]], database: Database[dict[str, Any]], pasted: str
) -> None:
    crm, on = shop
    is_token = pasted.startswith("crm_")
    calls: list[Callable[[], object]] = [
        lambda: crm.set_vendor_credential("sendgrid", pasted, "x"),
        lambda: crm.set_vendor_credential(pasted, "key", "x"),
        lambda: crm.remove_vendor_credential("sendgrid", pasted),
        lambda: crm.create_api_key(pasted if is_token else " ", ["read"]),
        lambda: crm.revoke_api_key(pasted),
        lambda: crm.delete_segment(pasted, version=1),
        lambda: crm.restore_segment(pasted, version=2, to=1),
        lambda: crm.save_segment(name="N", description="", rule=RULE, segment_id=pasted, version=1),
        lambda: crm.save_segment(name=f"{pasted} {'x' * 120}", description="", rule=RULE),
        lambda: crm.save_campaign(
            name=f"{pasted} {'x' * 120}", segment_id=on["segment"], message=MESSAGE
        ),
        lambda: crm.delete_campaign_draft(pasted, version=1),
        lambda: crm.launch_campaign(pasted, version=1),
        lambda: crm.replay_dead_letter(pasted),
        lambda: crm.drop_dead_letter(pasted),
        lambda: crm.invite_person(pasted, Role.VIEWER),
        lambda: crm.set_role(pasted, Role.VIEWER),
    ]
    for call in calls:
        with pytest.raises((InvalidInput, NotFound)):
            call()
    crm.sign_person_out(pasted)
    list(crm.delivery_log(pasted))
    lines = "\n".join(map(repr, database["audit"].find())).casefold()
    assert audited.NO_ID in lines
    assert Outcome.FAILED not in {
        one.outcome for one in crm.audit.page(action=Action.KEY_CREATE).entries
    }, "what is no name begins no line"
    for part in (pasted, pasted[:40], *pasted.split()):
        assert part.casefold() not in lines


def test_names_are_written_down_without_addresses_and_numbers(
    shop: tuple[Crm, dict[str, Any]], database: Database[dict[str, Any]]
) -> None:
    crm, on = shop
    address, number = "rahul.sharma@example.net", "+91 98765 43210"
    name = f"Complaint by {address}, {number}"
    saved = crm.save_segment(name="Plain", description="", rule=RULE, tags=["plain"])
    crm.save_segment(
        name=name,
        description="",
        rule=RULE,
        tags=[address],
        segment_id=saved.segment_id,
        version=1,
    )
    crm.save_campaign(name=name, segment_id=saved.segment_id, message=MESSAGE)
    crm.save_mapping(replace(on["mapping"], name=name))
    crm.run_import(on["file"], replace(on["mapping"], name=name), file_name=f"{name}.csv")
    crm.create_api_key(name, ["read"])
    lines = "\n".join(map(repr, database["audit"].find()))
    assert address not in lines
    assert number not in lines
    [line] = [
        one
        for one in crm.audit.page(about=("segment", saved.segment_id)).entries
        if one.changes["version"] == (1, 2)
    ]
    assert line.name == "Complaint by [e-mail], [phone]"
    assert line.changes["name"] == ("Plain", "Complaint by [e-mail], [phone]")
    assert line.changes["tags"] == ("plain", "[e-mail]")
    # The workspace's own address, and those of its people, are what such a line is read for.
    crm.choose_workspace({"sender_address": "shop@example.com"}, version=0)
    assert latest(crm, Action.WORKSPACE_SET).changes["sender_address"] == ("", "shop@example.com")
    crm.set_role("ravi@example.com", Role.ANALYST)
    assert latest(crm, Action.PERSON_ROLE).about == ("person", "ravi@example.com")


def test_what_changed_is_told(shop: tuple[Crm, dict[str, Any]]) -> None:
    crm, on = shop
    saves = {
        one.changes["version"]: one.changes
        for one in crm.audit.page(about=("segment", on["segment"])).entries
    }
    told = (None, "as in version 1")
    assert saves[None, 1] == {
        "version": (None, 1),
        "name": (None, "Used"),
        "tags": (None, ""),
        "description": told,
        "rule": told,
    }
    later = ("as in version 1", "as in version 2")
    assert saves[1, 2] == {
        "version": (1, 2),
        "name": ("Used", "Renamed"),
        "description": later,
        "rule": later,
    }
    crm.restore_segment(on["segment"], version=2, to=1)
    assert latest(crm, Action.SEGMENT_RESTORE).changes["restored"] == (None, 1)
    [spring] = crm.audit.page(action=Action.CAMPAIGN_SAVE).entries
    assert spring.changes["message"] == (None, "as in version 1")
    assert spring.changes["channel"] == (None, "sms")
    crm.launch_campaign(on["draft"], version=1)
    assert crm.audit.page(action=Action.CAMPAIGN_LAUNCH).entries[0].changes == {
        "status": ("draft", "launching"),
        "segment": (None, on["segment"]),
        "segment version": (None, 3),
    }
    result = crm.run_import(on["file"], on["mapping"])
    line = latest(crm, Action.IMPORT)
    assert (line.about, line.name) == (("import", result.import_id), "orders.csv")
    assert line.changes["orders"] == (None, 1)
    assert line.changes["rows left out"] == (None, 1)


def test_an_erasure_is_found_by_whoever_knows_the_id(shop: tuple[Crm, dict[str, Any]]) -> None:
    crm, _ = shop
    crm.erase_customer(f"{HIDDEN}-1")
    mark = crm.eraser.mark(f"{HIDDEN}-1")
    [line] = crm.audit.page(about=("customer", mark)).entries
    assert line.changes == {"customers": (1, 0), "orders": (0, 0), "deliveries": (0, 0)}


def test_what_fails_has_a_line_that_says_so(shop: tuple[Crm, dict[str, Any]]) -> None:
    crm, on = shop
    with pytest.raises(Conflict):
        crm.delete_segment(on["segment"], version=2)
    line = latest(crm, Action.SEGMENT_DELETE)
    assert (line.outcome, line.name) == (Outcome.FAILED, "Renamed")
    with pytest.raises(InvalidInput):
        crm.create_api_key("Till", ["everything"])
    [line] = [
        one
        for one in crm.audit.page(action=Action.KEY_CREATE).entries
        if one.outcome is Outcome.FAILED
    ]
    assert line.reason == "what was given cannot be taken"


def test_a_launch_that_was_made_before_changes_nothing(shop: tuple[Crm, dict[str, Any]]) -> None:
    crm, on = shop
    crm.launch_campaign(on["draft"], version=1)
    crm.launch_campaign(on["draft"], version=1)
    lines = crm.audit.page(action=Action.CAMPAIGN_LAUNCH).entries
    assert sorted(len(one.changes) for one in lines) == [0, 3]


def test_an_export_that_is_broken_off_reads_as_interrupted(
    shop: tuple[Crm, dict[str, Any]],
) -> None:
    crm, on = shop
    rows = crm.member_file(crm.segment(on["segment"]), crm.explain(RULE).members([]), "csv")
    assert latest(crm, Action.EXPORT).outcome is Outcome.UNDER_WAY
    next(rows)
    cast("Any", rows).close()
    line = latest(crm, Action.EXPORT)
    assert line.outcome is Outcome.INTERRUPTED
    assert line.changes == {
        "as": (None, "csv"),
        "members": (None, 3),
        "fields": (None, "customer_id"),
    }


def test_an_export_that_fails_on_the_way_says_so(
    shop: tuple[Crm, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[object]:
        yield 1
        msg = "MongoDB does not answer"
        raise StoreUnavailable(msg)

    crm, on = shop
    monkeypatch.setattr(DeliveryStore, "stream", broken)
    with pytest.raises(StoreUnavailable):
        list(crm.delivery_log(on["draft"]))
    line = latest(crm, Action.EXPORT)
    assert (line.outcome, line.about) == (Outcome.FAILED, ("campaign", on["draft"]))


@pytest.mark.parametrize("form", ["csv", "json"])
def test_members_that_the_api_gives_away_have_a_line(
    shop: tuple[Crm, dict[str, Any]], form: str
) -> None:
    crm, on = shop
    key, token = crm.create_api_key("Reports", ["read"])
    app = small_api(crm)
    app.include_router(segments.router, prefix="/v1")
    with serving(app) as address:
        given = httpx.get(
            f"{address}/v1/segments/{on['segment']}/members",
            params={"format": form, "fields": "name"},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
    assert given.status_code == 200
    [line] = crm.audit.page(action=Action.EXPORT).entries
    assert (line.actor, line.outcome) == (f"API key Reports ({key.id})", Outcome.DONE)
    assert line.about == ("segment", on["segment"])
    assert line.changes["fields"] == (None, "customer_id, name")


def test_pages_of_members_are_one_line_a_minute(shop: tuple[Crm, dict[str, Any]]) -> None:
    crm, on = shop
    members = crm.explain(RULE).members([])
    segment = crm.segment(on["segment"])
    for _ in range(5):
        crm.member_page(segment, members, limit=1)
    assert len(crm.audit.page(action=Action.EXPORT).entries) == 1


def test_a_refused_call_is_written_down_once_a_minute(crm: Crm) -> None:
    viewer = crm.acting_as(Actor("viewer@example.com", frozenset(), "person"))
    for _ in range(3):
        with pytest.raises(Forbidden):
            viewer.erase_customer(HIDDEN)
    [line] = crm.audit.page().entries
    assert (line.action, line.outcome) == (Action.CALL, Outcome.REFUSED)
    assert (line.about, line.reason) == (("call", "erase_customer"), "it needs erase")


def test_the_api_writes_down_whom_it_turns_away_and_whom_it_lets_erase(crm: Crm) -> None:
    reader, reads = crm.create_api_key("Reports", ["read"])
    eraser, erases = crm.create_api_key("Privacy", ["erase"])
    with serving(small_api(crm)) as address:
        for token in ("", "crm_wrong", reads, erases):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            httpx.delete(f"{address}/v1/customers/{HIDDEN}", headers=headers, timeout=30)
    lines = {one.actor: one for one in crm.audit.page(action=Action.CALL).entries}
    route = ("call", "DELETE /customers/{customer_id:path}")
    assert lines.keys() == {"nobody", f"API key Reports ({reader.id})"}
    assert {one.about for one in lines.values()} == {route}
    assert lines["nobody"].address == "127.0.0.1"
    assert lines["nobody"].reason == "it needs an API key"
    assert lines[f"API key Reports ({reader.id})"].reason == "it needs the scope erase"
    [erased] = crm.audit.page(action=Action.ERASE).entries
    assert (erased.actor, erased.kind) == (f"API key Privacy ({eraser.id})", "program")


def test_what_a_killed_process_was_doing_reads_as_interrupted(
    shop: tuple[Crm, dict[str, Any]], database: Database[dict[str, Any]], mongo_uri: str
) -> None:
    crm, on = shop
    killed = subprocess.run(  # noqa: S603 - our own module
        [
            *(sys.executable, "-m", "tests.integration.audited_death"),
            *(mongo_uri, database.name, on["unused"]),
        ],
        cwd=PROJECT,
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    with pytest.raises(NotFound):
        crm.segment(on["unused"])
    now = SystemClock().now()
    found = {}
    for seconds in (0, 61):
        log = AuditLog(AuditStore(database), FixedClock(now + timedelta(seconds=seconds)))
        [line] = log.page(action=Action.SEGMENT_DELETE, about=("segment", on["unused"])).entries
        found[seconds] = line.outcome
    assert found == {0: Outcome.UNDER_WAY, 61: Outcome.INTERRUPTED}
