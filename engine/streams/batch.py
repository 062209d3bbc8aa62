"""A batch of records as it lies in a broker: one JSON object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args
from uuid import uuid4

import orjson

from engine.domain.refusal import shown
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind: TypeAlias = Literal["orders", "customers"]
KINDS: tuple[Kind, ...] = get_args(Kind)
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Records of one kind that were accepted together."""

    batch_id: str
    """What the API answered with; the same in every delivery, and in the dead letters."""
    kind: Kind
    accepted_at: int
    """Microseconds since 1970: the revision of what the batch writes."""
    rows: Sequence[object]
    """JSON values, as they were sent."""


def new_batch(kind: Kind, rows: Sequence[object], *, accepted_at: int) -> Batch:
    """Return a batch with an id of its own."""
    return Batch(batch_id=uuid4().hex, kind=kind, accepted_at=accepted_at, rows=rows)


def encode(batch: Batch) -> bytes:
    """Return a batch as bytes; raises InvalidInput for rows that JSON cannot hold."""
    document = {
        "v": VERSION,
        "id": batch.batch_id,
        "kind": batch.kind,
        "accepted_at": batch.accepted_at,
        "rows": batch.rows,
    }
    try:
        return orjson.dumps(document)
    except orjson.JSONEncodeError as error:
        msg = f"the rows cannot be written as JSON: {error}"
        raise InvalidInput(msg) from error


def decode(body: bytes) -> Batch:
    """Return the batch that :func:`encode` wrote; raises InvalidInput for anything else."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        msg = f"the message is not JSON: {error}"
        raise InvalidInput(msg) from error
    match document:
        case {
            "v": 1,
            "id": str(batch_id),
            "kind": "orders" | "customers" as kind,
            "accepted_at": int(accepted_at),
            "rows": list(rows),
        }:
            return Batch(batch_id=batch_id, kind=kind, accepted_at=accepted_at, rows=rows)
    given: Any = document.get("v") if isinstance(document, dict) else document
    msg = (
        f"the message is no batch of version {VERSION} (its v is {shown(given)}): a batch is an "
        f"object of v, id, kind ({' or '.join(KINDS)}), accepted_at and rows"
    )
    raise InvalidInput(msg)
