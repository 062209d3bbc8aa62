"""The members of a rule as rows: those fields of theirs that are asked for, by customer id."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from engine.audience import member_files
from engine.audience.lifetime import in_utc
from engine.domain.refusal import unknown
from engine.errors import InvalidInput
from engine.rules.operators import FieldType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from engine.audience.member_files import MemberFile
    from engine.domain.money import Currency
    from engine.mirror.snapshot import Snapshot
    from engine.rules.catalogue import Catalogue, Field

MAX_FIELDS = 100
BATCH = 50_000
"""Rows that are in memory at a time when all members are read: some 20 MB of profiles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Those whom a rule holds at ``now`` (UTC) in one snapshot, and which fields to show of them.

    Nothing of it changes, however long the reading takes. A row is one member; rows ascend by
    ``customer_id``, by code point. Money is Decimal in major units, instants are in UTC, what is
    missing is null and a list without entries is empty.
    """

    snapshot: Snapshot
    bits: pl.Series
    """One Boolean a customer, in the order of the snapshot's rows."""
    now: datetime
    currency: Currency
    fields: Mapping[str, Field]
    """By name, in the order of the columns; ``customer_id`` is the first."""

    @property
    def count(self) -> int:
        """How many members there are."""
        return int(self.bits.sum())

    @property
    def total(self) -> int:
        """How many customers there are."""
        return self.snapshot.height

    @property
    def as_of(self) -> datetime:
        """What was acknowledged before this instant (UTC) is in the figures and rows."""
        return self.snapshot.as_of

    def page(
        self, *, after: str | None = None, limit: int
    ) -> tuple[list[dict[str, object]], str | None]:
        """Return up to ``limit`` members whose id is greater than ``after``, as JSON has them.

        With them the id to go on after; None where they are the last, or none were asked for.
        """
        found = member_files.spelled(self._rows(after, limit + 1))
        shown = found.head(limit)
        more = found.height > limit > 0
        return shown.to_dicts(), shown.get_column("customer_id")[-1] if more else None

    def _rows(self, after: str | None, limit: int) -> pl.DataFrame:
        columns = [field.column for field in self.fields.values()]
        places = self.snapshot.first(self.bits, limit, after=after)
        found = in_utc(self.snapshot.rows(places, columns))
        money = [one.column for one in self.fields.values() if one.type is FieldType.MONEY]
        return found.with_columns(_decimal(pl.col(name), self.currency) for name in money)

    def file(self, kind: MemberFile) -> Iterator[bytes]:
        """Yield all members as a file, piece by piece; memory is bounded by a batch."""
        return member_files.written(kind, self._rows(None, 0), self._batches())

    def _batches(self) -> Iterator[pl.DataFrame]:
        after: str | None = None
        while (batch := self._rows(after, BATCH)).height:
            yield batch
            after = batch.get_column("customer_id")[-1]


def member_fields(names: Sequence[str], catalogue: Catalogue) -> Mapping[str, Field]:
    """Return the fields to show, ``customer_id`` first; raises InvalidInput for one unknown.

    What a customer's orders add up to is shown as far as it is stored: neither an average nor a
    number of days, which depends on the instant.
    """
    derived = ("average_order_value", "days_since_last_order")
    valid = {name: one for name, one in catalogue.fields.items() if name not in derived}
    wanted = tuple(dict.fromkeys(("customer_id", *names)))
    if len(wanted) > MAX_FIELDS:
        msg = f"{len(wanted)} fields are asked for; at most {MAX_FIELDS} are shown"
        raise InvalidInput(msg)
    for name in wanted:
        if name not in valid:
            raise InvalidInput(unknown(name, valid, "field"))
    return MappingProxyType({name: valid[name] for name in wanted})


def _decimal(minor: pl.Expr, currency: Currency) -> pl.Expr:
    # 38 digits: a sum in int64 has 19, and a currency 4 decimals at most.
    kind = pl.Decimal(38, currency.decimals)
    return minor.cast(kind) / pl.lit(10**currency.decimals).cast(kind)
