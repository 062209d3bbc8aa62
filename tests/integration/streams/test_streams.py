"""What holds whichever broker there is."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.errors import StoreUnavailable
from engine.streams.taking import MAX_ATTEMPTS, Refused
from tests.integration.streams.consumers import (
    PATIENCE,
    Recording,
    consuming,
    settled,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.streams.batch import Kind
    from engine.streams.stream import Stream


def test_a_message_that_always_fails_is_set_aside_and_its_neighbours_are_taken(
    any_stream: Stream,
) -> None:
    def fails(row: object) -> None:
        if row == "poison":
            msg = f"cannot bear {row}"
            raise RuntimeError(msg)

    before = datetime.now(UTC)
    take = Recording(fails)
    ids = {
        row: any_stream.publish("orders", [row], accepted_at=n)
        for n, row in enumerate(["before", "poison", "after"])
    }
    with consuming(any_stream, take, concurrency=1):
        wait_until(lambda: settled(any_stream))
        [dead] = any_stream.dead_letters()
        assert dead.letter_id == ids["poison"]
        assert (dead.attempts, take.count("poison")) == (MAX_ATTEMPTS, MAX_ATTEMPTS)
        assert dead.reason == "RuntimeError: cannot bear poison"
        assert before < dead.first_failed_at < dead.last_failed_at < datetime.now(UTC)
        assert (take.count("before"), take.count("after")) == (1, 1)
        take.fails = lambda _: None
        any_stream.replay(dead.letter_id)
        wait_until(lambda: settled(any_stream))
    assert any_stream.dead_letters() == ()
    assert take.tried[-1] == ("orders", "poison", 1)


def test_a_consumer_that_is_stopped_finishes_what_it_holds(any_stream: Stream) -> None:
    begun = threading.Event()

    def fails(_: object) -> None:
        begun.set()
        threading.Event().wait(0.5)

    take = Recording(fails)
    any_stream.publish("orders", ["held"], accepted_at=1)
    with consuming(any_stream, take):
        assert begun.wait(PATIENCE)
    assert settled(any_stream)
    assert take.count("held") == 1


def test_a_consumer_that_is_stopped_while_mongodb_is_away_leaves_what_it_held(
    any_stream: Stream,
) -> None:
    begun = threading.Event()

    def fails(_: object) -> None:
        begun.set()
        raise StoreUnavailable

    any_stream.publish("orders", ["held"], accepted_at=1)
    with consuming(any_stream, Recording(fails)):
        assert begun.wait(PATIENCE)
    assert (any_stream.figures().waiting, any_stream.figures().dead) == (1, 0)


def test_a_transient_error_is_waited_out_and_sets_nothing_aside(any_stream: Stream) -> None:
    def fails(_: object) -> None:
        if len(take.tried) <= MAX_ATTEMPTS:
            raise StoreUnavailable

    take = Recording(fails)
    any_stream.publish("orders", ["late"], accepted_at=1)
    with consuming(any_stream, take):
        wait_until(lambda: settled(any_stream))
    assert take.count("late") == MAX_ATTEMPTS + 1
    assert any_stream.dead_letters() == ()


def test_refusals_are_kept_with_the_rows_they_are_of(any_stream: Stream) -> None:
    def take(_: Kind, rows: Sequence[object], *, revision: int) -> Sequence[Refused]:
        assert revision == 7
        return [Refused(row, f"{rows[row]} is odd") for row in range(1, len(rows), 2)]

    any_stream.publish("customers", list(range(20)), accepted_at=7)
    with consuming(any_stream, take):
        wait_until(lambda: settled(any_stream))
    [dead] = any_stream.dead_letters()
    assert dead.batch is not None
    assert (dead.batch.kind, dead.batch.accepted_at) == ("customers", 7)
    assert dead.batch.rows == list(range(1, 20, 2))
    assert dead.reason.startswith("10 of 20 rows were refused: row 1: 1 is odd; row 3: 3 is odd;")
    assert dead.reason.endswith("; and 5 more")
