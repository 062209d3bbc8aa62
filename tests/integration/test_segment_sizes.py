"""The size of each segment, once a local day."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from engine.audience.daily_sizes import DailySizes
from engine.bootstrap import serve
from engine.domain.customer import Customer
from engine.domain.rule_codec import decode
from engine.errors import NotEvaluatedYet
from engine.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.crm import Crm
    from engine.domain.rules import Rule
    from engine.domain.segment import Segment

EVERYONE: dict[str, object] = {"all": []}
PUNE = {"field": "city", "op": "equals", "value": "Pune"}

# The workspace is in Asia/Kolkata, 5½ hours before UTC.
LATE = datetime(2026, 3, 31, 18, 29, tzinfo=UTC)
AFTER = datetime(2026, 3, 31, 18, 30, tzinfo=UTC)


def made(crm: Crm, name: str, node: Mapping[str, object], over: Segment | None = None) -> Segment:
    return crm.save_segment(
        name=name,
        description="",
        rule=decode({"version": 1, "rule": node}),
        segment_id=over.segment_id if over else None,
        version=over.version if over else None,
    )


def sizes(crm: Crm, size_of: Callable[[Rule, datetime], tuple[int, int]]) -> DailySizes:
    return DailySizes(
        crm.stores.segments, crm.stores.segment_sizes, size_of, crm.workspace.zone, crm.clock
    )


def test_each_segment_has_one_size_a_local_day(crm: Crm) -> None:
    people = [Customer(customer_id=f"c{n}", city="Pune" if n else "Agra") for n in range(3)]
    crm.stores.customers.insert(people, source="import")
    everyone, pune = made(crm, "Everyone", EVERYONE), made(crm, "Pune", PUNE)
    assert crm.segment_sizes(pune.segment_id).is_empty()
    assert crm.daily_sizes.record_due(LATE) == 2
    assert crm.daily_sizes.record_due(LATE) == 0, "once a day"
    made(crm, "Pune", EVERYONE, over=pune)
    assert crm.daily_sizes.record_due(AFTER) == 2, "midnight in Kolkata"
    assert crm.segment_sizes(pune.segment_id).rows() == [
        (date(2026, 3, 31), 2, 3, 1, LATE),
        (date(2026, 4, 1), 3, 3, 2, AFTER),
    ]
    assert crm.segment_sizes(everyone.segment_id)["count"].to_list() == [3, 3]


def test_a_segment_that_is_saved_later_has_its_size_the_same_day(crm: Crm) -> None:
    made(crm, "First", EVERYONE)
    assert crm.daily_sizes.record_due(LATE) == 1
    later = made(crm, "Second", EVERYONE)
    assert crm.daily_sizes.record_due(LATE) == 1
    assert crm.segment_sizes(later.segment_id)["day"].to_list() == [date(2026, 3, 31)]


def test_however_many_record_at_once_a_day_has_one_size(crm: Crm) -> None:
    segments = [made(crm, f"S{n}", EVERYONE) for n in range(5)]
    together = threading.Barrier(4)
    recorded: list[int] = []

    def size_of(_rule: Rule, _now: datetime) -> tuple[int, int]:
        together.wait(timeout=30)  # all of them found that it is due
        return 1, 2

    def record() -> None:
        recorded.append(sizes(crm, size_of).record_due(LATE))

    threads = [threading.Thread(target=record) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (len(recorded), sum(recorded)) == (4, len(segments))
    assert [crm.segment_sizes(one.segment_id).height for one in segments] == [1] * 5


def test_a_rule_that_cannot_be_evaluated_has_no_size_and_it_is_said_once_why(
    crm: Crm, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "engine.audience.daily_sizes")
    ahead, pune = made(crm, "Ahead", EVERYONE), made(crm, "Pune", PUNE)

    def size_of(rule: Rule, _now: datetime) -> tuple[int, int]:
        if rule == ahead.rule:
            msg = "not by this version"
            raise NotEvaluatedYet(msg)
        return 1, 2

    recording = sizes(crm, size_of)
    assert recording.record_due(LATE) == 1
    recording.record_due(LATE)
    assert crm.segment_sizes(ahead.segment_id).is_empty()
    assert crm.segment_sizes(pune.segment_id).height == 1
    (record,) = caplog.records
    assert record.levelno == logging.INFO
    assert ahead.segment_id in record.getMessage()
    assert "not by this version" in record.getMessage()


def test_one_failure_keeps_no_other_segment_waiting(crm: Crm) -> None:
    broken, sound = made(crm, "A broken", PUNE), made(crm, "B sound", EVERYONE)

    def size_of(rule: Rule, _now: datetime) -> tuple[int, int]:
        if rule == broken.rule:
            msg = "no"
            raise OSError(msg)
        return 1, 2

    with pytest.raises(ExceptionGroup) as failed:
        sizes(crm, size_of).record_due(LATE)
    assert [type(one) for one in failed.value.exceptions] == [OSError]
    assert crm.segment_sizes(broken.segment_id).is_empty()
    assert crm.segment_sizes(sound.segment_id)["count"].to_list() == [1]


def test_it_records_by_itself_until_it_is_closed_whatever_it_meets(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("engine.audience.daily_sizes.EVERY_SECONDS", 0.01)
    segment = made(crm, "Everyone", EVERYONE)
    tries = []

    def size_of(_rule: Rule, _now: datetime) -> tuple[int, int]:
        tries.append(1)
        if len(tries) < 3:
            msg = "not yet"
            raise OSError(msg)
        return 1, 2

    recording = sizes(crm, size_of)
    recording.start()
    deadline = time.monotonic() + 30
    while crm.segment_sizes(segment.segment_id).is_empty():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    recording.close()
    assert len(tries) == 3
    assert "met an error and goes on" in caplog.text
    assert "sizes" not in [one.name for one in threading.enumerate()]


def test_the_server_records_sizes_until_it_ends(crm: Crm, mongo_uri: str, db_name: str) -> None:
    segment = made(crm, "Everyone", EVERYONE)
    settings = {"mongodb_uri": mongo_uri, "mongodb_database": db_name, "worker": False}
    with serve(Settings.model_validate(settings)) as served:
        deadline = time.monotonic() + 30
        while served.segment_sizes(segment.segment_id).is_empty():
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert "sizes" not in [one.name for one in threading.enumerate()]
