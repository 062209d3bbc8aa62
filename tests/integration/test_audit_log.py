"""The audit log: announced before, ended after, never changed, without what it must not hold."""

from __future__ import annotations

import inspect
import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine.auth import seldom
from engine.auth.audit import AuditLog
from engine.domain.actor import NOBODY, Actor
from engine.domain.audit import Action, AuditEntry, Outcome
from engine.domain.campaign import Channel
from engine.errors import Conflict, InvalidInput, StoreUnavailable
from engine.store.audit import AuditStore
from tests.conftest import NOW

if TYPE_CHECKING:
    from pymongo.database import Database

ASHA = Actor("asha@example.com", kind="person", address="192.0.2.7")
RAVI = Actor("ravi@example.com", kind="person")
PROJECT = Path(__file__).parents[2]


@dataclass
class Watch:
    """A clock that the test sets."""

    instant: datetime = NOW

    def now(self) -> datetime:
        return self.instant

    def move(self, **by: float) -> None:
        self.instant += timedelta(**by)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def log(database: Database[dict[str, Any]], watch: Watch) -> AuditLog:
    return AuditLog(AuditStore(database), watch)


def only(log: AuditLog) -> AuditEntry:
    [entry] = log.page().entries
    return entry


def test_a_fact_is_one_line_with_who_what_where_and_when(log: AuditLog) -> None:
    changes: dict[str, tuple[str | None, str | int]] = {
        "role": ("viewer", "analyst"),
        "seats": (None, 3),
    }
    about = ("person", "ravi@example.com")
    log.record(ASHA, Action.PERSON_ROLE, about=about, name="Ravi", changes=changes)
    entry = only(log)
    assert entry == AuditEntry(
        id=entry.id,
        at=NOW,
        actor="asha@example.com",
        kind="person",
        address="192.0.2.7",
        action=Action.PERSON_ROLE,
        about=about,
        name="Ravi",
        changes=changes,
        outcome=Outcome.DONE,
    )


def test_what_is_begun_is_announced_before_and_ends_as_one_line(
    log: AuditLog, watch: Watch
) -> None:
    with log.recording(ASHA, Action.SEGMENT_SAVE, name="Loyal") as line:
        assert only(log).outcome is Outcome.UNDER_WAY
        begun = only(log).id
        line.about = ("segment", "s-1")
        line.changes = {"version": (1, 2)}
        watch.move(seconds=5)
    entry = only(log)
    assert (entry.id, entry.at, entry.ended_at) == (begun, NOW, NOW + timedelta(seconds=5))
    assert (entry.outcome, entry.name) == (Outcome.DONE, "Loyal")
    assert (entry.about, entry.changes) == (("segment", "s-1"), {"version": (1, 2)})


def test_what_cannot_be_announced_is_not_done(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        msg = "MongoDB does not answer"
        raise StoreUnavailable(msg)

    monkeypatch.setattr(AuditStore, "begin", away)
    done = []
    with pytest.raises(StoreUnavailable), log.recording(ASHA, Action.ERASE):
        done.append(1)
    assert not done


def test_what_was_done_stays_done_where_its_end_cannot_be_written(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, watch: Watch
) -> None:
    def away(*_: object) -> None:
        msg = "MongoDB does not answer"
        raise StoreUnavailable(msg)

    monkeypatch.setattr(AuditStore, "write", away)
    with log.recording(ASHA, Action.SEGMENT_DELETE):
        pass
    assert "the audit log has no line that segment_delete was done" in caplog.text
    watch.move(seconds=60)
    assert only(log).outcome is Outcome.UNDER_WAY
    watch.move(seconds=1)
    assert only(log).outcome is Outcome.INTERRUPTED


def test_what_lasts_is_not_called_interrupted_after_a_minute(log: AuditLog, watch: Watch) -> None:
    with log.recording(ASHA, Action.IMPORT):
        watch.move(minutes=59)
        assert only(log).outcome is Outcome.UNDER_WAY
        watch.move(minutes=2)
        assert only(log).outcome is Outcome.INTERRUPTED
    assert only(log).outcome is Outcome.DONE


def test_a_failure_is_told_without_the_words_that_quote_what_was_given(log: AuditLog) -> None:
    error = Conflict("asha's secret 4711")
    with pytest.raises(Conflict), log.recording(ASHA, Action.SEGMENT_SAVE):
        raise error
    entry = only(log)
    assert entry.outcome is Outcome.FAILED
    assert entry.reason.startswith("it was changed meanwhile")
    with pytest.raises(ZeroDivisionError), log.recording(ASHA, Action.SEGMENT_SAVE):
        raise ZeroDivisionError
    reasons = {one.reason for one in log.page().entries}
    assert reasons == {entry.reason, "an error of the software (ZeroDivisionError)"}


def test_what_is_stopped_on_the_way_reads_as_interrupted(log: AuditLog) -> None:
    with pytest.raises(KeyboardInterrupt), log.recording(ASHA, Action.EXPORT):
        raise KeyboardInterrupt
    assert only(log).outcome is Outcome.INTERRUPTED


def test_the_same_refusal_is_written_once_a_minute(log: AuditLog, watch: Watch) -> None:
    def refuse(actor: Actor, method: str) -> None:
        log.record(actor, Action.CALL, about=("method", method), outcome="refused")

    for _ in range(50):
        refuse(ASHA, "erase_customer")
    assert len(log.page().entries) == 1
    refuse(ASHA, "members")
    refuse(RAVI, "members")
    assert len(log.page().entries) == 3
    watch.move(seconds=60)
    refuse(ASHA, "members")
    assert len(log.page().entries) == 4


def test_refusals_cannot_fill_the_database(
    log: AuditLog, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seldom, "MOST_REFUSALS", 3)
    for n in range(10):
        log.record(NOBODY, Action.SIGN_IN, outcome="refused", reason=f"reason {n}")
    assert len(log.page().entries) == 3
    watch.move(seconds=61)
    for n in range(2):
        log.record(NOBODY, Action.SIGN_IN, outcome="refused", reason=f"reason {n}")
    after, told = log.page().entries[:2]
    assert told.changes == {"refusals left out": (None, 7)}
    assert after.changes == {}, "they are told of once"
    assert len(log.page().entries) == 5


def test_many_refusals_hide_nothing_that_was_done(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seldom, "MOST_REFUSALS", 3)
    monkeypatch.setattr(seldom, "MOST_REMEMBERED", 3)
    for n in range(10):
        log.record(NOBODY, Action.SIGN_IN, outcome="refused", reason=f"reason {n}")
    for n in range(5):
        log.record(ASHA, Action.EXPORT, about=("frame", f"{n}"), seldom=True)
    assert len(log.page(action=Action.EXPORT).entries) == 5


def test_refusals_from_other_networks_are_lines_of_their_own(log: AuditLog) -> None:
    addresses = ("192.0.2.7", "198.51.100.7", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")
    for address in (*addresses, *addresses):
        who = Actor("nobody", kind="person", address=address)
        log.record(who, Action.SIGN_IN, outcome="refused", reason="not invited")
    written = {one.address for one in log.page().entries}
    assert written == {"192.0.2.7", "198.51.100.7", "2001:db8::1", "2001:db8:0:1::1"}


def test_a_refusal_that_cannot_be_written_is_still_a_refusal(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object) -> None:
        msg = "MongoDB does not answer"
        raise StoreUnavailable(msg)

    monkeypatch.setattr(AuditStore, "write", away)
    with caplog.at_level(logging.WARNING):
        log.record(ASHA, Action.CALL, outcome=Outcome.REFUSED)
    assert "the audit log has no line that call was refused" in caplog.text
    with pytest.raises(StoreUnavailable):
        log.record(ASHA, Action.SIGN_IN)


def test_lines_hold_short_values_only(log: AuditLog) -> None:
    changes = {
        "channel": (None, Channel.EMAIL),
        "at": (None, NOW),
        "long": ("x" * 500, 2**70),
        "list": (["asha@example.com"], {"a": 1}),
        "a.b$": (True, 1.5),
    }
    log.record(RAVI, Action.CAMPAIGN_SAVE, name="two\nlines\x00 \ud800 क्‍ष", changes=changes)
    entry = only(log)
    assert entry.name == "two\ufffdlines\ufffd \ufffd क्‍ष"
    assert entry.changes == {
        "channel": (None, "email"),
        "at": (None, NOW.isoformat()),
        "long": ("x" * 199 + "…", str(2**70)),
        "list": ("(list)", "(dict)"),
        "a.b$": (True, 1.5),
    }


def test_pages_are_filtered_and_follow_each_other(log: AuditLog, watch: Watch) -> None:
    for n in range(25):
        watch.move(seconds=n % 2)  # two lines an instant
        actor = ASHA if n % 2 else RAVI
        with log.recording(actor, Action.SEGMENT_SAVE, about=("segment", f"s-{n % 5}")):
            pass
    log.record(ASHA, Action.SIGN_IN)
    everything = log.page(limit=1_000).entries
    assert len(everything) == 26
    read: list[AuditEntry] = []
    after = None
    while True:
        page = log.page(after=after, limit=4)
        read.extend(page.entries)
        after = page.after
        if after is None:
            break
    assert read == list(everything)
    assert [one.at for one in read] == sorted((one.at for one in read), reverse=True)
    assert len(log.page(actor=ASHA.name).entries) == 13
    assert len(log.page(action=Action.SIGN_IN).entries) == 1
    assert len(log.page(about=("segment", "s-1")).entries) == 5
    assert len(log.page(about=("segment", "")).entries) == 25
    assert log.page(about=("campaign", "")).entries == ()
    at = everything[9].at
    since = log.page(since=at, limit=1_000).entries
    until = log.page(until=at, limit=1_000).entries
    assert since + until == everything
    assert log.actors() == (ASHA.name, RAVI.name)


def test_lines_of_one_instant_stand_in_the_order_they_were_written_in(log: AuditLog) -> None:
    for n in range(20):
        log.record(ASHA, Action.SIGN_IN, name=f"{n}")
    assert [one.name for one in log.page().entries] == [f"{n}" for n in reversed(range(20))]


def test_an_object_that_is_known_only_afterwards_is_found_by_its_id(log: AuditLog) -> None:
    with log.recording(ASHA, Action.SEGMENT_SAVE) as line:
        line.about = ("segment", "new")
    assert log.page(about=("segment", "new")).entries == log.page().entries


@pytest.mark.parametrize("place", ["", "x", "99999999999999999999-a", "nan-b"])
def test_a_place_that_is_none_is_refused(log: AuditLog, place: str) -> None:
    with pytest.raises(InvalidInput, match="is no place in the audit log"):
        log.page(after=place)


@pytest.mark.parametrize("limit", [0, 1_001])
def test_a_page_has_bounds(log: AuditLog, limit: int) -> None:
    with pytest.raises(InvalidInput, match="1 to 1,000 lines"):
        log.page(limit=limit)


def test_what_another_version_wrote_is_read_all_the_same(
    log: AuditLog, database: Database[dict[str, Any]]
) -> None:
    log.record(ASHA, Action.SIGN_IN)
    document = database["audit"].find_one() or {}
    database["audit"].insert_one({**document, "_id": "x", "line": "x", "action": "teleport"})
    assert {one.action for one in log.page().entries} == {Action.SIGN_IN, Action.OTHER}


def test_a_line_ends_once(log: AuditLog, database: Database[dict[str, Any]]) -> None:
    log.record(ASHA, Action.SIGN_IN)
    with pytest.raises(Conflict):
        AuditStore(database).write(only(log))


def test_the_log_is_only_added_to() -> None:
    source = inspect.getsource(AuditStore)
    assert set(re.findall(r"self\._lines\.(\w+)", source)) == {
        *("insert_one", "aggregate", "distinct")
    }
    named = [
        path.relative_to(PROJECT).as_posix()
        for path in (PROJECT / "engine").rglob("*.py")
        if re.search(r"""\[["']audit["']\]""", path.read_text())
    ]
    assert named == ["engine/store/audit.py"]


def test_pages_read_an_index_and_sort_nothing_whole(database: Database[dict[str, Any]]) -> None:
    for wanted, index in (
        ({}, "at_-1_line_-1'"),
        ({"actor": "a"}, "actor_1_at_-1_line_-1"),
        ({"about_kind": "segment", "about_id": "s"}, "about_kind_1_about_id_1_at_-1_line_-1"),
    ):
        found = database["audit"].find(wanted).sort([("at", -1), ("line", -1)]).explain()
        plan = f"{found['queryPlanner']['winningPlan']}"
        assert index in plan
        assert "SORT" not in plan
