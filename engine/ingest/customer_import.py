"""A customer file: read and stage, then write in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ingest.batches import batches
from engine.ingest.eraser import erased_customer
from engine.ingest.rejects import BadValue, Reason
from engine.ingest.result import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.ingest.customer_rows import CustomerRows
    from engine.ingest.eraser import TurnedAway
    from engine.ingest.rows import RowSource
    from engine.ingest.run import Run
    from engine.ingest.staging import Staging
    from engine.store.customers import CustomerStore


def read_customer_rows(source: RowSource, reader: CustomerRows, staged: Staging, run: Run) -> None:
    """Stage the first row of each customer that can be taken; leave the others out by reason."""

    def reject(line: int, bad: BadValue, _cells: list[str]) -> None:
        run.reject(line, bad)
        run.read_one(source.bytes_done)

    for line, cells in source.rows(reject):
        try:
            customer_id = reader.read(cells).customer_id
            earlier = staged.add_customer(customer_id, line, cells)
            if earlier is not None:
                detail = f"line {earlier} has this customer already"
                raise BadValue(Reason.REPEATED_CUSTOMER, customer_id, detail)  # noqa: TRY301 - a row has one way out
        except BadValue as bad:
            reject(line, bad, cells)
            continue
        run.figures["customers"] += 1
        run.read_one(source.bytes_done)


def write_customers(
    reader: CustomerRows,
    staged: Staging,
    run: Run,
    customers: CustomerStore,
    *,
    turned_away: TurnedAway,
    source: str,
    revision: Callable[[], int | None],
) -> None:
    """Write the customers that were staged, less those that were erased."""
    for line in staged.refuse_erased_customers(turned_away):
        run.reject(line, erased_customer())
        run.figures["customers"] -= 1
    run.enter(Phase.WRITING_CUSTOMERS, to_write=run.figures["customers"])
    for batch in batches(reader.read(cells) for cells in staged.customers()):
        run.look()
        run.customers_written += customers.upsert(batch, source=source, revision=revision())
        turned_away([one.customer_id for one in batch])
