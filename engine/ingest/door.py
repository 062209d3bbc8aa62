"""The door: rows that nobody has looked at yet come in; orders and customers go on, or refusals.

Whatever BSON, Polars or DuckDB would trip over stops here, with the row, the field, what was given
and what is valid: values of another type, integers past 64 bits, lone surrogates, NUL and other
control characters, deep nesting, amounts and instants out of range.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import orjson

from engine.domain.outcomes import RowOutcome
from engine.domain.records import MAX_RECORD_BYTES
from engine.ingest.complaints import Complaints, problem
from engine.ingest.record_values import fields
from engine.ingest.rejects import BadValue, Reason, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.domain.customer import AttributeType
    from engine.domain.outcomes import Problem

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Reader(Protocol[T_co]):
    """Reads one record; orders and customers have one each."""

    def read(self, record: Mapping[str, object], complaints: Complaints) -> T_co | None:
        """Return what the record says, or None where there are complaints."""


@dataclass(frozen=True, slots=True)
class Admitted(Generic[T]):
    """What came through the door: what each good row says, by its place, and the refusals."""

    good: dict[int, T] = field(default_factory=dict)
    refused: dict[int, RowOutcome] = field(default_factory=dict)
    learnt: dict[str, AttributeType] = field(default_factory=dict)
    """Attributes that nobody had met, and what each holds from now on."""

    def refuse(self, row: int, id_: str | None, problems: tuple[Problem, ...]) -> None:
        """Turn one row away."""
        self.good.pop(row, None)
        self.refused[row] = RowOutcome(row, id_, "refused", problems)


def admit(rows: Sequence[object], reader: Reader[T], id_field: str) -> Admitted[T]:
    """Read each row; one that is refused does not touch its neighbours."""
    admitted: Admitted[T] = Admitted()
    for place, row in enumerate(rows):
        complaints = Complaints()
        try:
            record = fields(row, "a record")
            _refuse_large(record)
            thing = reader.read(record, complaints)
        except BadValue as bad:
            admitted.refuse(place, _id_of(row, id_field), (problem("", bad),))
            continue
        if thing is None:
            admitted.refuse(place, _id_of(row, id_field), complaints.problems)
        else:
            admitted.good[place] = thing
    return admitted


def _refuse_large(record: Mapping[str, object]) -> None:
    try:
        size = len(orjson.dumps(record))
    except (TypeError, ValueError) as error:  # orjson's own is a TypeError
        raise BadValue(Reason.RECORD, "", f"it cannot be written as JSON: {error}") from None
    if size > MAX_RECORD_BYTES:
        detail = f"{size:,} bytes as JSON, at most {MAX_RECORD_BYTES:,} are taken"
        raise BadValue(Reason.TOO_LONG, "", detail)


def _id_of(row: object, id_field: str) -> str | None:
    found = row.get(id_field) if isinstance(row, dict) else None
    return shortened(found) if isinstance(found, str) and found else None
