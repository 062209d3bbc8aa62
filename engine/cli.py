"""``python -m engine``: what the pages do, from a terminal or a script.

Results go to standard output, progress and messages to standard error. Exit codes: 0 done,
1 refused or failed (one sentence says why), 2 called wrongly.
"""

from __future__ import annotations

import json
import logging
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.bootstrap import open_crm
from engine.diagnosis import diagnose
from engine.domain.actor import Actor
from engine.domain.calendar import parse_instant
from engine.domain.rule_codec import decode_text
from engine.errors import CrmError, ImportFileError, InvalidInput
from engine.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from engine import ColumnMapping, ImportResult
    from engine.crm import Crm
    from engine.domain.rules import Rule

app = typer.Typer(
    help="The engine of the mini CRM, from the command line.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

RuleFile = Annotated[str, typer.Argument(metavar="RULE.json", help="a rule; - reads it from stdin")]
Now = Annotated[
    str | None, typer.Option(metavar="INSTANT", help="evaluate at this instant, not at the present")
]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object")]
CLI = Actor("command line")
EXAMPLES = 3
"""Rows shown of each reason why rows were left out."""


@app.command("import")
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
    with _crm() as crm:
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
            _print_json(
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
            f"{_count(result.rows, 'row')}: {_count(result.customers, 'customer')} and "
            f"{_count(result.orders, 'order')} ({result.refunded:,} refunded), "
            f"net {crm.workspace.money(result.net_amount)}"
        )
        _print_rejects(result)
        if result.changed_nothing:
            typer.echo("Nothing changed: all of this was there already.")
        else:
            typer.echo(f"{changed['inserted']:,} added, {changed['updated']:,} changed")


@app.command()
def preview(rule: RuleFile, now: Now = None, *, as_json: AsJson = False) -> None:
    """Count the customers that a rule holds."""
    parsed = _rule(rule)
    with _crm() as crm:
        found = crm.preview(parsed, now=_instant(now, crm))
        if as_json:
            _print_json(
                count=found.count,
                total=found.total,
                as_of=_iso(found.as_of),
                elapsed_ms=round(found.elapsed_ms, 3),
            )
            return
        for depth, line in crm.words(parsed):
            typer.echo(f"{'  ' * depth}{line}")
        typer.echo(
            f"{found.count:,} of {found.total:,} customers at {_iso(found.now)}, "
            f"on data as of {_iso(found.as_of)} ({found.elapsed_ms:.1f} ms)"
        )


@app.command()
def members(rule: RuleFile, now: Now = None) -> None:
    """Print the ids of the customers that a rule holds, one a line, ascending."""
    parsed = _rule(rule)
    with _crm() as crm:
        ids = crm.members(parsed, now=_instant(now, crm))
    sys.stdout.writelines(f"{one}\n" for one in ids)


@app.command()
def demo(
    *, remove: Annotated[bool, typer.Option(help="delete the demo data, and nothing else")] = False
) -> None:
    """Fill the workspace with a made-up retailer, marked as demo data."""
    with _crm() as crm:
        if remove:
            gone = crm.remove_demo()
            typer.echo(f"removed {gone.customers:,} customers and {gone.orders:,} orders")
            return
        there = crm.load_demo()
        typer.echo(f"{there.customers:,} customers and {there.orders:,} orders of demo data")


@app.command()
def worker() -> None:
    """Freeze and send what is launched, until stopped. As many may run as are wanted."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with _crm(level=logging.INFO) as crm:
        crm.mirror.start()
        crm.worker.start()
        typer.echo("worker is running; stop it with Ctrl-C", err=True)
        stopped.wait()


@app.command()
def doctor() -> None:
    """Say what runs here, what is configured, and what is wrong (then the exit code is 1)."""
    findings = diagnose()
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        mark = "ok " if finding.ok else "BAD"
        typer.echo(f"{mark}  {finding.name:<{width}}  {finding.text}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@contextmanager
def _crm(level: int = logging.WARNING) -> Iterator[Crm]:
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    with _told(), open_crm(load()) as crm:
        yield crm.acting_as(CLI)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except CrmError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


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
        typer.echo(f"{_count(rows, 'row')} left out: {reason}")
        first = result.samples[reason][:EXAMPLES]
        for one in first:
            column = f", {one.column}" if one.column else ""
            value = f' "{one.value}"' if one.column and one.value else ""
            typer.echo(f"  line {one.line:,}{column}{value}: {one.detail}")
        if rows > len(first) and result.rejects_file is None:
            typer.echo("  and more; --rejects FILE.csv writes every one of them")


def _rule(name: str) -> Rule:
    with _told():
        try:
            text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            msg = f"{name} cannot be read: {error}"
            raise InvalidInput(msg) from None
        return decode_text(text)


def _instant(text: str | None, crm: Crm) -> datetime | None:
    return None if text is None else parse_instant(text, crm.workspace.zone)


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _print_json(**values: object) -> None:
    typer.echo(json.dumps(values, ensure_ascii=False))
