"""Importing a file."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.terminal import AsJson, count, opened, print_json
from engine.errors import ImportFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine import ColumnMapping, ImportResult
    from engine.crm import Crm

EXAMPLES = 3
"""Rows shown of each reason why rows were left out."""


def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, CSV.gz, Parquet")],
    preset: Annotated[
        str | None, typer.Option(help="a mapping that comes with the product")
    ] = None,
    mapping: Annotated[
        str | None, typer.Option(help="a mapping as a JSON file, or the name of a saved one")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="write every row left out, with its reason, to this CSV")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Import customers or orders from a file. Importing it again changes nothing."""
    if preset and mapping:
        msg = "give either --preset or --mapping"
        raise typer.BadParameter(msg)
    with opened() as crm:
        chosen = crm.choose_mapping(file, preset=preset, mapping=mapping)
        with (
            _interruptible() as interrupted,
            typer.progressbar(length=1_000, label="importing", file=sys.stderr) as bar,
        ):
            result = crm.run_import(
                file,
                chosen,
                progress=lambda now: bar.update(max(0, int(now.fraction * 1_000) - bar.pos)),
                cancelled=interrupted.is_set,
                rejects_to=rejects,
            )
        changed = {
            "inserted": result.customers_written.inserted + result.orders_written.inserted,
            "updated": result.customers_written.updated + result.orders_written.updated,
        }
        if as_json:
            print_json(
                rows=result.rows,
                customers=result.customers,
                orders=result.orders,
                rejected=dict(result.rejected),
                refunded=result.refunded,
                net_amount=result.net_amount,
                **changed,
            )
            return
        _print_mapping(crm, file, chosen, mapping or "guessed from the column names")
        typer.echo(
            f"{count(result.rows, 'row')}: {count(result.customers, 'customer')} and "
            f"{count(result.orders, 'order')} ({result.refunded:,} refunded), "
            f"net {crm.workspace.money(result.net_amount)}"
        )
        _print_rejects(result)
        if result.changed_nothing:
            typer.echo("Nothing changed: all of this was there already.")
        else:
            typer.echo(f"{changed['inserted']:,} added, {changed['updated']:,} changed")


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Let the first Ctrl-C, or TERM, ask for an end in good order; the next ends at once."""
    asked = threading.Event()
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, _frame: object) -> None:
        asked.set()
        signal.signal(number, before[signal.Signals(number)])

    for one in before:
        signal.signal(one, ask)
    try:
        yield asked
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _print_mapping(crm: Crm, file: Path, chosen: ColumnMapping, otherwise: str) -> None:
    typer.echo(f"Mapping: {chosen.name or otherwise}")
    filled = ", ".join(f"{field} from {column}" for field, column in chosen.columns.items())
    typer.echo(f"  {filled}")
    options = chosen.options
    with suppress(ImportFileError):  # it is imported, and may be gone by now
        look = crm.inspect_file(file, encoding=options.encoding, delimiter=options.delimiter)
        if unread := [one for one in look.columns if one not in chosen.columns.values()]:
            typer.echo(f"  not read: {', '.join(unread)}")


def _print_rejects(result: ImportResult) -> None:
    for reason, rows in result.rejected.items():
        typer.echo(f"{count(rows, 'row')} left out: {reason}")
        first = result.samples[reason][:EXAMPLES]
        for one in first:
            column = f", {one.column}" if one.column else ""
            value = f' "{one.value}"' if one.column and one.value else ""
            typer.echo(f"  line {one.line:,}{column}{value}: {one.detail}")
        if rows > len(first) and result.rejects_file is None:
            typer.echo("  and more; --rejects FILE.csv writes every one of them")
