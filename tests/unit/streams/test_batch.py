"""A batch and a dead letter come back as they went out, and nothing else is taken for one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from faststream.redis.parser import BinaryMessageFormatV1

from engine.errors import InvalidInput
from engine.streams.batch import decode, encode, new_batch
from engine.streams.dead_letter import dead_letter, decode_letter, encode_letter
from engine.streams.kafka_client import kafka_config
from engine.streams.redis_consumers import FRAME

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
ROWS = [{"order_id": "Ö-1", "amount": "1.00", "n": 2**53, "none": None}, "not a record", []]


def test_a_batch_comes_back_as_it_was_with_an_id_of_its_own() -> None:
    batch = new_batch("orders", ROWS, accepted_at=1_795_654_039_229_000)
    assert decode(encode(batch)) == batch
    assert new_batch("orders", ROWS, accepted_at=1).batch_id != batch.batch_id


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b'"text"',
        b'{"v":2,"id":"x","kind":"orders","accepted_at":1,"rows":[]}',
        b'{"v":1,"id":"x","kind":"refunds","accepted_at":1,"rows":[]}',
        b'{"v":1,"id":"x","kind":"orders","accepted_at":1.5,"rows":[]}',
        b'{"v":1,"id":"x","kind":"orders","accepted_at":1,"rows":{}}',
        b'{"v":1,"kind":"orders","accepted_at":1,"rows":[]}',
    ],
)
def test_what_is_no_batch_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput, match="the message is no"):
        decode(body)


def test_rows_that_json_cannot_hold_are_refused() -> None:
    with pytest.raises(InvalidInput, match="cannot be written as JSON"):
        encode(new_batch("orders", [object()], accepted_at=1))


def test_a_dead_letter_comes_back_as_it_was_with_the_batch_in_it() -> None:
    batch = new_batch("customers", ROWS, accepted_at=7)
    letter = dead_letter(
        encode(batch), "it is brøken", attempts=5, since=NOW - timedelta(microseconds=1), now=NOW
    )
    again = decode_letter(encode_letter(letter))
    assert again == letter
    assert again.batch == batch
    assert again.letter_id == batch.batch_id


def test_what_is_no_batch_has_one_id_however_often_it_fails() -> None:
    first, second = (
        dead_letter(b"\xff\x00junk", "no", attempts=1, since=NOW, now=NOW + timedelta(days=n))
        for n in range(2)
    )
    assert first.letter_id == second.letter_id
    assert first.batch is None
    assert first.body == "\\xff\x00junk"


def test_faststream_finds_the_message_in_its_frame() -> None:
    assert BinaryMessageFormatV1.parse(FRAME + b'{"v":1}') == (b'{"v":1}', {})


def test_an_address_of_kafka_may_name_several_hosts_and_a_user() -> None:
    plain = kafka_config("kafka://a:9092,b:9092")
    assert plain == {"bootstrap.servers": "a:9092,b:9092", "client.id": "mini-crm"}
    config = kafka_config("kafka://us%40er:p%2Fw:d@a:9092/")
    assert config["bootstrap.servers"] == "a:9092"
    assert config["security.protocol"] == "sasl_ssl"
    assert (config["sasl.username"], config["sasl.password"]) == ("us@er", "p/w:d")
