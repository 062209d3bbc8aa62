"""An order file, in three passes: read and stage, check order by order, write in batches."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from engine.domain.order import OrderStatus
from engine.ingest.batches import batches
from engine.ingest.eraser import erased_customer
from engine.ingest.order_rows import OrderRows, StagedLine, from_milliseconds
from engine.ingest.rejects import BadValue, Reason
from engine.ingest.result import Phase
from engine.ingest.run import TICK_ROWS, Run
from engine.ingest.staging import MAX_LINES, MAX_TEXT
from engine.store.customers import OrderProfile, Said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.ingest.eraser import TurnedAway
    from engine.ingest.rows import RowSource
    from engine.ingest.staging import Staging
    from engine.store.customers import CustomerStore
    from engine.store.orders import OrderStore


def read_order_rows(source: RowSource, reader: OrderRows, staged: Staging, run: Run) -> None:
    """Stage every row that can be taken; leave the others out by reason."""
    lines: list[StagedLine] = []
    incomplete: list[tuple[str, int]] = []

    def reject(line: int, bad: BadValue, cells: list[str]) -> None:
        run.reject(line, bad)
        order_id = reader.order_id_of(cells)
        if order_id is not None:
            incomplete.append((order_id, line))
        if len(incomplete) >= TICK_ROWS:
            staged.add_incomplete(incomplete)
            incomplete.clear()
        run.read_one(source.bytes_done)

    for line, cells in source.rows(reject):
        try:
            lines.append(reader.read(line, cells))
        except BadValue as bad:
            reject(line, bad, cells)
            continue
        if len(lines) >= TICK_ROWS:
            staged.add_lines(lines)
            lines.clear()
        run.read_one(source.bytes_done)
    staged.add_lines(lines)
    staged.add_incomplete(incomplete)


def check_orders(
    reader: OrderRows, staged: Staging, run: Run, *, turned_away: TurnedAway, has_lines: bool
) -> None:
    """Refuse orders that contradict themselves or lost a row; count and profile the others."""
    staged.sort_orders()
    for line, order_id in staged.refuse_large():
        detail = f"more than {MAX_LINES:,} rows or {MAX_TEXT:,} characters of item texts"
        run.reject(line, BadValue(Reason.LARGE_ORDER, order_id, detail))
    for line in staged.refuse_erased(turned_away):
        run.reject(line, erased_customer())
    for count, (rows, lost) in enumerate(staged.orders(), 1):
        kept = rows if has_lines else _whole(rows, run)
        try:
            _check_agreement(kept, lost, has_lines=has_lines)
            figures = reader.figures(kept)
        except BadValue as bad:
            staged.refuse(kept[0].order_id)
            for row in kept:
                run.reject(row.line, bad)
        else:
            first = kept[0]
            run.figures["orders"] += 1
            run.figures["refunded"] += figures.status is OrderStatus.REFUNDED
            run.figures["net_amount"] += figures.amount
            at = min(row.at for row in kept)
            staged.keep_profile(first.customer_id, first.order_id, at, _profile(kept))
        if count % TICK_ROWS == 0:
            run.look()
    run.figures["customers"] = staged.count("profiles")


def write_orders(
    reader: OrderRows,
    staged: Staging,
    run: Run,
    customers: CustomerStore,
    orders: OrderStore,
    *,
    turned_away: TurnedAway,
    has_lines: bool,
    source: str,
    revision: Callable[[], int | None],
) -> None:
    """Write customers, then their orders, so that no order is seen without its customer."""
    run.enter(Phase.WRITING_CUSTOMERS, to_write=run.figures["customers"] + run.figures["orders"])
    profiles = (
        OrderProfile(
            customer_id=customer_id,
            fields={
                field: Said(value=value, ordered_at=from_milliseconds(at), order_id=order_id)
                for field, at, order_id, value in said
            },
        )
        for customer_id, said in staged.profiles()
    )
    for profile_batch in batches(profiles):
        run.look()
        run.customers_written += customers.upsert_from_orders(
            profile_batch, source=source, revision=revision()
        )
        turned_away([one.customer_id for one in profile_batch])
    run.enter(Phase.WRITING_ORDERS)
    made = (reader.order(rows if has_lines else rows[:1]) for rows in staged.accepted_orders())
    for order_batch in batches(made):
        run.look()
        run.orders_written += orders.upsert(order_batch, source=source, revision=revision())
        turned_away([one.customer_id for one in order_batch])


def _whole(rows: list[StagedLine], run: Run) -> list[StagedLine]:
    """Leave out the rows that say again what the first one said, where a row is a whole order."""
    first, kept = rows[0], rows[:1]
    for row in rows[1:]:
        if row._replace(line=first.line) == first:
            detail = f"line {first.line} has this order already, and a row is a whole order"
            run.reject(row.line, BadValue(Reason.REPEATED_ORDER, row.order_id, detail))
        else:
            kept.append(row)
    return kept


def _check_agreement(rows: Sequence[StagedLine], lost: int | None, *, has_lines: bool) -> None:
    customers = dict.fromkeys(row.customer_id for row in rows)
    statuses = dict.fromkeys(row.status for row in rows if row.status)
    order_id = rows[0].order_id
    if len(customers) > 1:
        detail = f"its rows name {' and '.join(map(repr, list(customers)[:3]))}"
        raise BadValue(Reason.TWO_CUSTOMERS, order_id, detail)
    if len(statuses) > 1:
        detail = f"its rows say {' and '.join(statuses)}"
        raise BadValue(Reason.TWO_STATUSES, order_id, detail)
    if len(rows) > 1 and not has_lines:
        lines = " and ".join(str(row.line) for row in rows[:3])
        detail = f"a row is a whole order, and lines {lines} differ: which of them holds?"
        raise BadValue(Reason.CONTRADICTION, order_id, detail)
    if lost is not None:
        detail = f"line {lost} is left out, and without it the order's amount would be wrong"
        raise BadValue(Reason.INCOMPLETE_ORDER, order_id, detail)


def _profile(rows: Sequence[StagedLine]) -> dict[str, str]:
    """Return what an order says of its customer: for each field the first row that fills it."""
    merged: dict[str, str] = {}
    for one in dict.fromkeys(row.profile for row in rows if row.profile):
        merged = {**json.loads(one), **merged}
    return merged
