"""Who is erased leaves what waits in a broker, and what was set aside there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine.bootstrap import open_crm
from engine.domain.erasure import Erasure
from engine.errors import StreamUnavailable
from engine.settings import Settings
from engine.streams.forgetting import REASON, forget
from engine.streams.stream import StreamFigures
from engine.streams.taking import Refused
from tests.integration.streams.consumers import (
    Recording,
    consuming,
    running,
    settled,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.crm import Crm
    from engine.streams.batch import Kind
    from engine.streams.dead_letter import DeadLetter
    from engine.streams.redis_stream import RedisStream
    from engine.streams.stream import Stream
    from tests.integration.streams.redis_server import RedisServer

PERSON = "asha-7"


def order(order_id: str, customer_id: str, amount: str = "1.001") -> dict[str, str]:
    """Return an order that is refused unless the amount is a whole number of paise."""
    at = "2026-03-01T12:00:00Z"
    return {"order_id": order_id, "customer_id": customer_id, "ordered_at": at, "amount": amount}


def set_aside(crm: Crm, *rows: object) -> None:
    """Publish a batch and wait until a consumer is done with it."""
    assert crm.stream is not None
    crm.stream.publish("orders", rows, accepted_at=1)
    with running(crm.consumer()):
        wait_until(lambda: crm.stream_figures().waiting == 0)


def test_rows_of_the_erased_leave_the_dead_letters_and_their_neighbours_stay(
    streamed: Crm,
) -> None:
    set_aside(streamed, order("o1", PERSON), order("o2", "ravi"))
    set_aside(streamed, order("o3", PERSON))
    set_aside(streamed, order("o4", "ravi"))
    mixed, _, others = streamed.dead_letters()
    streamed.erase_customer(PERSON)
    left, untouched = streamed.dead_letters()
    assert untouched == others
    assert left.batch is not None
    assert left.batch.rows == [order("o2", "ravi")]
    assert (left.letter_id, left.reason) == (mixed.letter_id, REASON)
    assert (left.first_failed_at, left.attempts) == (mixed.first_failed_at, mixed.attempts)
    streamed.erase_customer(PERSON)
    assert streamed.dead_letters() == (left, others)


def test_what_is_queued_when_somebody_is_erased_is_turned_away_and_kept_nowhere(
    streamed: Crm,
) -> None:
    assert streamed.stream is not None
    streamed.erase_customer("somebody else")
    good = [order("o1", PERSON, "1.00"), order("o2", "ravi", "2.00")]
    streamed.stream.publish("orders", good, accepted_at=1)
    streamed.stream.publish("customers", [{"customer_id": PERSON, "name": "Asha"}], accepted_at=2)
    streamed.erase_customer(PERSON)
    with running(streamed.consumer()):
        wait_until(lambda: streamed.stream_figures().waiting == 0)
    assert streamed.dead_letters() == ()
    assert streamed.erasure_preview(PERSON) == Erasure(customers=0, orders=0, deliveries=0)
    assert streamed.erasure_preview("ravi") == Erasure(customers=1, orders=1, deliveries=0)


def test_a_replay_brings_nobody_back(streamed: Crm) -> None:
    set_aside(streamed, order("o1", PERSON), order("o2", "ravi"))
    [before] = streamed.dead_letters()
    assert streamed.stream is not None
    streamed.stream.replay(before.letter_id)
    streamed.erase_customer(PERSON)
    with running(streamed.consumer()):
        wait_until(lambda: streamed.stream_figures().waiting == 0)
    [left] = streamed.dead_letters()
    assert left.batch is not None
    assert left.batch.rows == [order("o2", "ravi")]
    assert streamed.erasure_preview(PERSON).customers == 0


def test_a_broker_that_is_away_is_told_and_erasing_again_completes_it(
    own_redis: RedisServer, mongo_uri: str, db_name: str
) -> None:
    values = {"mongodb_uri": mongo_uri, "mongodb_database": db_name, "stream_url": own_redis.url}
    settings = Settings.model_validate(values)
    with open_crm(settings) as crm:
        set_aside(crm, order("o1", PERSON))
        crm.take_customers([{"customer_id": PERSON, "name": "Asha"}])
        assert PERSON in set(crm.customers_frame()["customer_id"])
        own_redis.kill()
        with pytest.raises(StreamUnavailable, match="erase again") as caught:
            crm.erase_customer(PERSON)
        assert caught.value.transient
        assert PERSON not in str(caught.value)
        assert crm.erasure_preview(PERSON) == Erasure(customers=0, orders=0, deliveries=0)
        assert PERSON not in set(crm.customers_frame()["customer_id"])
        assert crm.eraser.turned_away([PERSON]) == {PERSON}
        own_redis.start()
        assert len(crm.dead_letters()) == 1
        assert crm.erase_customer(PERSON) == Erasure(customers=1, orders=0, deliveries=0)
        assert crm.dead_letters() == ()
        assert crm.eraser.erasures.unfinished() == ()


def test_the_next_start_completes_what_a_broker_that_was_away_kept(
    own_redis: RedisServer, mongo_uri: str, db_name: str
) -> None:
    values = {"mongodb_uri": mongo_uri, "mongodb_database": db_name, "stream_url": own_redis.url}
    settings = Settings.model_validate(values)
    with open_crm(settings) as crm:
        set_aside(crm, order("o1", PERSON))
        own_redis.kill()
        with pytest.raises(StreamUnavailable):
            crm.erase_customer(PERSON)
    with open_crm(settings) as crm:
        assert crm.eraser.erasures.unfinished() == (PERSON,), "it opens without its broker, too"
    own_redis.start()
    with open_crm(settings) as crm:
        assert crm.dead_letters() == ()
        assert crm.eraser.erasures.unfinished() == ()


def test_a_batch_that_is_set_aside_while_somebody_is_erased_is_kept_without_them(
    stream: RedisStream,
) -> None:
    def fails(_: object) -> None:
        raise RuntimeError

    asked: list[Sequence[str]] = []

    def erased(ids: Sequence[str]) -> frozenset[str]:
        asked.append(ids)
        return frozenset({PERSON}.intersection(ids))

    rows = [order("o1", PERSON), order("o2", "ravi")]
    stream.publish("orders", rows, accepted_at=1)
    with consuming(stream, Recording(fails), erased=erased):
        wait_until(lambda: settled(stream))
    [left] = stream.dead_letters()
    assert left.batch is not None
    assert left.batch.rows == [rows[1]]
    assert asked[0] == [PERSON, "ravi"]


def refuse_all(_: Kind, rows: Sequence[object], *, revision: int) -> Sequence[Refused]:
    return [Refused(row, f"of revision {revision}") for row in range(len(rows))]


def test_either_broker_forgets_when_it_is_told_and_when_a_consumer_starts(
    any_stream: Stream,
) -> None:
    rows = [order(f"o{n}", who) for n, who in enumerate([PERSON, "ravi", "mira"])]
    any_stream.publish("orders", rows, accepted_at=1)
    any_stream.publish("orders", rows[:1], accepted_at=2)
    with consuming(any_stream, refuse_all):
        wait_until(lambda: settled(any_stream))
    assert any_stream.figures().dead == 2
    forget(any_stream, PERSON)
    [left] = any_stream.dead_letters()
    assert left.batch is not None
    assert left.batch.rows == rows[1:]
    with consuming(any_stream, refuse_all, erased=frozenset({"ravi"}).intersection):
        pass
    [left] = any_stream.dead_letters()
    assert left.batch is not None
    assert left.batch.rows == rows[2:]


def test_a_dead_letter_that_was_replayed_meanwhile_does_not_come_back(stream: RedisStream) -> None:
    stream.publish("orders", [order("o1", PERSON), order("o2", "ravi")], accepted_at=1)
    with consuming(stream, refuse_all):
        wait_until(lambda: settled(stream))

    def change(letter: DeadLetter) -> DeadLetter:
        stream.replay(letter.letter_id)
        return replace(letter, reason="changed")

    stream.revise(change)
    assert stream.figures() == StreamFigures(waiting=1, dead=0)
