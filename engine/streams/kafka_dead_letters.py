"""Dead letters in a compacted topic; one that is dropped leaves a tombstone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from engine.errors import StreamUnavailable
from engine.streams.dead_letter import decode_letter, encode_letter, unknown_letter
from engine.streams.kafka_client import LOG, SECONDS, mapped_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from engine.streams.dead_letter import DeadLetter
    from engine.streams.kafka_client import KafkaSender


class KafkaDeadLetters:
    """The topic ``topic`` of one partition."""

    def __init__(self, config: dict[str, Any], topic: str, sender: KafkaSender) -> None:
        self._config = config
        self._topic = topic
        self._sender = sender

    def keep(self, letter: DeadLetter) -> None:
        """Add a letter, whatever else is there of its id."""
        # With the time in the key, a tombstone for one that is replayed cannot hit its successor.
        key = f"{letter.letter_id} {letter.last_failed_at.isoformat()}"
        self._sender.send(self._topic, encode_letter(letter), key=key)

    def of(self, letter_id: str) -> dict[str, DeadLetter]:
        """Return what there is of one id by key, the latest last; raises NotFound."""
        found = {key: one for key, one in self._read().items() if one.letter_id == letter_id}
        if not found:
            raise unknown_letter(letter_id)
        return dict(sorted(found.items(), key=lambda item: item[1].last_failed_at))

    def drop(self, keys: Iterable[str]) -> None:
        """Delete these for good."""
        for key in keys:
            self._sender.send(self._topic, None, key=key)

    def revise(self, change: Callable[[DeadLetter], DeadLetter | None]) -> None:
        """Put what ``change`` returns in the place of each letter; None deletes it.

        Kafka compares nothing, so a letter is looked for once more right before: one that is
        replayed, dropped or set aside anew in the moment between comes back as it is put here.
        """
        for key, letter in self._read().items():
            if (left := change(letter)) != letter and self._read().get(key) == letter:
                self._sender.send(self._topic, encode_letter(left) if left else None, key=key)

    def all(self) -> tuple[DeadLetter, ...]:
        """Return the latest of each id, the first that failed first."""
        found = sorted(self._read().values(), key=lambda one: one.last_failed_at)
        latest = {one.letter_id: one for one in found}.values()
        return tuple(sorted(latest, key=lambda one: (one.first_failed_at, one.letter_id)))

    def _read(self) -> dict[str, DeadLetter]:
        """Read the topic from its beginning to what is its end now."""
        reading = {
            "group.id": f"reader-{uuid4().hex}",
            "enable.auto.commit": False,
            "fetch.wait.max.ms": 10,  # nothing is waited for: what is to be read is there
        }
        with mapped_errors():
            consumer = Consumer(self._config | reading, logger=LOG)
            try:
                return self._read_with(consumer)
            finally:
                consumer.close()

    def _read_with(self, consumer: Consumer) -> dict[str, DeadLetter]:
        found: dict[str, DeadLetter] = {}
        topic = consumer.list_topics(self._topic, timeout=SECONDS).topics[self._topic]
        for partition in topic.partitions:
            place = TopicPartition(self._topic, partition, OFFSET_BEGINNING)
            low, high = consumer.get_watermark_offsets(place, timeout=SECONDS)
            if low == high:
                continue
            consumer.assign([place])
            end = time.monotonic() + SECONDS
            # Compaction leaves gaps, so the place counts and not how many there were.
            while consumer.position([place])[0].offset < high:
                message = consumer.poll(0.2)
                if message is None or message.error():
                    if time.monotonic() > end:
                        msg = "Kafka does not hand out the dead letters; try again"
                        raise StreamUnavailable(msg)
                    continue
                end = time.monotonic() + SECONDS
                key, body = message.key() or b"", message.value()
                name = key.decode() if isinstance(key, bytes) else key
                if body is None:
                    found.pop(name, None)
                else:
                    found[name] = decode_letter(body)
        return found
