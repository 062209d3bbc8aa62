"""Everything that a workspace keeps, as one ZIP file of NDJSON, row by row from MongoDB.

Keys, sessions, credentials and other secrets are left out. The files are read one after the other
while others write, so each row holds as of when it was read: the manifest says between when. Who is
erased meanwhile may be in the file, as with any export that was taken before.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile

import orjson

from engine.domain.takeout import TakeoutProgress
from engine.errors import Cancelled, InvalidInput
from engine.takeout.rows import (
    campaign_row,
    customer_row,
    delivery_row,
    order_row,
    person_row,
    segment_row,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from engine.domain.clock import Clock
    from engine.domain.money import Currency
    from engine.domain.user import User
    from engine.store.campaigns import CampaignStore
    from engine.store.customers import CustomerStore
    from engine.store.deliveries import DeliveryStore
    from engine.store.orders import OrderStore
    from engine.store.segments import SegmentStore
    from engine.takeout.rows import Row

EVERY = 5_000
"""Rows between two looks at whether to go on, written at once."""
_FAST = 3
"""zlib's level: a third more bytes than the default and twice as fast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeout:
    """Writes the file of one workspace."""

    customers: CustomerStore
    orders: OrderStore
    segments: SegmentStore
    campaigns: CampaignStore
    deliveries: DeliveryStore
    people: Callable[[], Iterable[User]]
    currency: Currency
    clock: Clock

    def write(
        self,
        to: Path,
        *,
        progress: Callable[[TakeoutProgress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> TakeoutProgress:
        """Write the file, which only its owner may read; return how many rows each part has.

        Raises InvalidInput where it cannot be written, and Cancelled where ``cancelled`` returned
        true. A file of that name is replaced at the end; without an end nothing stays.
        """
        total = self.customers.count() + self.orders.count() + self.deliveries.count_all()
        written: dict[str, int] = {}
        began = self.clock.now()
        part = to.with_name(f"{to.name}.part")

        def told() -> TakeoutProgress:
            done = TakeoutProgress(dict(written), total)
            if progress:
                progress(done)
            if cancelled and cancelled():
                msg = "the export was stopped; nothing was kept of it"
                raise Cancelled(msg)
            return done

        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with (
                os.fdopen(descriptor, "wb") as file,
                ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_FAST) as archive,
            ):
                told()
                for name, rows in self._parts():
                    written[name] = 0
                    with archive.open(f"{name}.ndjson", "w", force_zip64=True) as entry:
                        for piece, count in _pieces(rows):
                            entry.write(piece)
                            written[name] += count
                            told()
                done = told()
                archive.writestr("manifest.json", self._manifest(began, written))
            part.replace(to)
        except OSError as error:
            msg = f"{to} cannot be written: {error.strerror or error}"
            raise InvalidInput(msg) from None
        finally:
            part.unlink(missing_ok=True)
        return done

    def _parts(self) -> Iterator[tuple[str, Iterator[Row]]]:
        yield "customers", map(customer_row, self.customers.stream())
        yield "orders", (order_row(one, self.currency) for one in self.orders.stream())
        yield (
            "segments",
            (
                segment_row(one, self.segments.history(one.segment_id))
                for one in self.segments.all()
            ),
        )
        yield "campaigns", map(campaign_row, self.campaigns.all())
        yield "deliveries", map(delivery_row, self.deliveries.stream_all())
        yield "people", map(person_row, self.people())

    def _manifest(self, began: datetime, written: Mapping[str, int]) -> bytes:
        found: dict[str, Any] = {
            "format": "one JSON object a line, UTF-8",
            "began_at": began,
            "ended_at": self.clock.now(),
            "currency": self.currency.code,
            "rows": written,
        }
        return _json(found, orjson.OPT_INDENT_2)


def _pieces(rows: Iterable[Row]) -> Iterator[tuple[bytes, int]]:
    lines: list[bytes] = []
    for row in rows:
        lines.append(_json(row, orjson.OPT_APPEND_NEWLINE))
        if len(lines) == EVERY:
            yield b"".join(lines), EVERY
            lines.clear()
    yield b"".join(lines), len(lines)


def _json(value: Mapping[str, Any], options: int) -> bytes:
    return orjson.dumps(value, option=options | orjson.OPT_UTC_Z)
