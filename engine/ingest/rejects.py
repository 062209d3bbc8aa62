"""Rows that cannot be taken: returned with line and reason, counted, and never lost silently."""

from __future__ import annotations

import csv
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.domain.spreadsheet import cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from types import TracebackType
    from typing import Self

SAMPLES_PER_REASON = 100
VALUE_SHOWN = 80
"""Characters of a rejected value that are kept."""


class Reason(StrEnum):
    """Why a row is left out; the text is what people read. A row has one: the first found."""

    CELLS = "wrong number of cells"
    ENCODING = "text not in the file's encoding"
    QUOTES = "quotes do not match"
    TOO_LONG = "text too long"
    CONTROL = "control character"
    NO_CUSTOMER = "no customer id"
    NO_ORDER = "no order id"
    RESERVED = "customer id is reserved"
    MISSING = "required cell is empty"
    TIME = "not a date and time"
    DATE = "not a date"
    NUMBER = "not a number"
    BOOLEAN = "neither true nor false"
    RANGE = "number out of range"
    STATUS = "unknown status"
    CURRENCY = "another currency"
    EMAIL = "not an e-mail address"
    PHONE = "not a phone number"
    TWO_CUSTOMERS = "order names two customers"
    TWO_STATUSES = "order has two statuses"
    REPEATED_ORDER = "order id repeated"
    CONTRADICTION = "rows of the order contradict each other"
    REPEATED_CUSTOMER = "customer id repeated"
    AMOUNT = "amount out of range"
    DECIMALS = "too many decimals"
    LARGE_ORDER = "order too large"
    ERASED = "customer was erased on request"
    INCOMPLETE_ORDER = "another row of the order cannot be taken"
    RECORD = "not a record"
    ABSENT = "required field is missing"
    UNKNOWN_FIELD = "unknown field"
    TYPE = "value of another type"
    NEGATIVE = "negative outside a refund"
    ATTRIBUTE = "attribute's name cannot be taken"
    TAKEN_AWAY = "field both given and taken away"


class BadValue(ValueError):
    """A cell that cannot be taken; the row is rejected with its reason."""

    valid: tuple[str, ...] = ()
    """The valid choices, where they can be listed."""

    def __init__(self, reason: Reason, value: str, detail: str, column: str = "") -> None:
        self.reason = reason
        self.value = value[: VALUE_SHOWN + 1]  # no more is ever shown, and lines may be 1 MB
        self.detail = detail
        self.column = column
        super().__init__(detail)

    def in_column(self, column: str) -> BadValue:
        """Return the same complaint with the file's column named."""
        return BadValue(self.reason, self.value, self.detail, self.column or column)

    def among(self, valid: Iterable[str]) -> BadValue:
        """Return the complaint with the valid choices listed."""
        self.valid = tuple(valid)
        return self


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that was left out.

    ``line`` is the physical line of a CSV on which the row begins (the header is line 1), or the
    row of a Parquet file (the first is 1). ``column`` is empty where the whole row is meant.
    """

    line: int
    reason: Reason
    column: str
    value: str
    detail: str


class RejectLog:
    """Counts rejects by reason, keeps the first samples of each, and can write them all out."""

    def __init__(self, path: Path | None = None) -> None:
        self._counts: Counter[Reason] = Counter()
        self._samples: dict[Reason, list[Reject]] = {}
        self._stack = ExitStack()
        self._write: Callable[[Iterable[object]], object] = _nothing
        if path is not None:
            file = self._stack.enter_context(
                path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
            )
            self._write = csv.writer(file).writerow
            self._write(("line", "reason", "column", "value", "detail"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def counts(self) -> Mapping[str, int]:
        """Rows left out by reason, most frequent first."""
        return {reason.value: rows for reason, rows in self._counts.most_common()}

    @property
    def samples(self) -> Mapping[str, tuple[Reject, ...]]:
        """The first rejects of each reason, at most :data:`SAMPLES_PER_REASON`."""
        return {reason.value: tuple(kept) for reason, kept in self._samples.items()}

    def add(self, line: int, bad: BadValue) -> None:
        """Count one row."""
        self._counts[bad.reason] += 1
        kept = self._samples.setdefault(bad.reason, [])
        if len(kept) < SAMPLES_PER_REASON:
            kept.append(
                Reject(line, bad.reason, bad.column, shortened(bad.value), shown(bad.detail))
            )
        self._write(
            (line, bad.reason.value, *map(cell, (bad.column, shortened(bad.value), bad.detail)))
        )


def shortened(value: str) -> str:
    """Return a value fit to show: printable, at most :data:`VALUE_SHOWN` characters."""
    text = shown(value[: VALUE_SHOWN + 1])
    return text if len(text) <= VALUE_SHOWN else text[: VALUE_SHOWN - 1] + "…"


def shown(text: str) -> str:
    r"""Text that any screen and any encoding takes: other characters as ``\x00``, ``\udcff``."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def _nothing(_row: Iterable[object]) -> object:
    return None
