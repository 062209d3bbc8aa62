"""What stays of a dead letter once somebody it names was erased.

A batch that still waits needs nothing: whoever writes it turns rows of the erased away. A dead
letter is gone through twice: by the erasure, and by the consumer that has just kept it, whose batch
may have been on its way meanwhile.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import orjson

from engine.domain.text import trimmed
from engine.streams.batch import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.streams.dead_letter import DeadLetter
    from engine.streams.stream import Stream

    Erased: TypeAlias = Callable[[Sequence[str]], frozenset[str]]
    """Returns those of the ids whose customers were erased."""

REASON = "rows of it named somebody who was erased since; the reason may have quoted them and went"
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def without(letter: DeadLetter, erased: Erased) -> DeadLetter | None:
    """Return a letter without the rows of erased customers; None where nothing is left.

    It is returned as it is where it names none of them. What is no batch goes whole where any text
    in it is such an id.
    """
    batch = letter.batch
    if batch is None:
        return None if erased(_texts(letter.body)) else letter
    named = [_ids(row) for row in batch.rows]
    gone = erased(list(dict.fromkeys(one for ids in named for one in ids)))
    if not gone:
        return letter
    rows = [row for row, ids in zip(batch.rows, named, strict=True) if gone.isdisjoint(ids)]
    if not rows:
        return None
    return replace(letter, reason=REASON, body=encode(replace(batch, rows=rows)).decode())


def forget(stream: Stream, customer_id: str) -> None:
    """Take the rows of a customer out of a stream's dead letters; raises StreamUnavailable."""
    stream.revise(partial(without, erased=frozenset((customer_id,)).intersection))


def _ids(row: object) -> Sequence[str]:
    if isinstance(row, dict) and isinstance(given := row.get("customer_id"), str):
        return (trimmed(given),)
    return _texts(orjson.dumps(row).decode())


def _texts(body: str) -> Sequence[str]:
    """Return every text of a JSON document, also of a broken one."""
    return tuple(dict.fromkeys(trimmed(_unquoted(one)) for one in _QUOTED.findall(body)))


def _unquoted(text: str) -> str:
    try:
        return str(orjson.loads(text))
    except orjson.JSONDecodeError:
        return text[1:-1]
