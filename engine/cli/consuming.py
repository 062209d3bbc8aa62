"""Batches from the stream into MongoDB, and those that could not be taken."""

from __future__ import annotations

import json
import logging
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from engine.bootstrap import collect_rarely
from engine.cli.terminal import AsJson, count, iso, opened
from engine.errors import NotFound

if TYPE_CHECKING:
    from engine.crm import Crm

dead_letters = typer.Typer(help="Batches that could not be taken.", no_args_is_help=True)

LetterId = Annotated[str, typer.Argument(metavar="ID", help="as dead-letters list shows it")]
SHORT = 100
"""Characters of a reason in a list."""


def consume(
    concurrency: Annotated[int, typer.Option(help="batches that are written at once")] = 4,
) -> None:
    """Write what comes through the stream, until stopped. As many may run as are wanted."""
    with opened(level=logging.INFO) as crm:
        collect_rarely()
        consumer = crm.consumer(concurrency=concurrency)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: consumer.stop())
        waiting = f"{crm.stream_figures().waiting:,} batches"
        typer.echo(f"consumer is running, {waiting} to go; stop it with Ctrl-C", err=True)
        consumer.run()
        typer.echo("consumer has finished what it held", err=True)


@dead_letters.command("list")
def list_dead_letters(*, as_json: AsJson = False) -> None:
    """List the batches that were set aside, the first that failed first."""
    with opened() as crm:
        found = crm.dead_letters()
    for one in found:
        batch = one.batch
        rows = 0 if batch is None else len(batch.rows)
        kind = None if batch is None else batch.kind
        if as_json:
            typer.echo(
                json.dumps(
                    {
                        "id": one.letter_id,
                        "kind": kind,
                        "rows": rows,
                        "attempts": one.attempts,
                        "first_failed_at": iso(one.first_failed_at),
                        "last_failed_at": iso(one.last_failed_at),
                        "reason": one.reason,
                    },
                    ensure_ascii=False,
                )
            )
        else:
            what = "no batch" if kind is None else f"{rows:,} {kind}"
            tries = count(one.attempts, "attempt")
            typer.echo(f"{one.letter_id}  {what}, {tries} until {iso(one.last_failed_at)}")
            typer.echo(f"    {one.reason[:SHORT]}{'…' if len(one.reason) > SHORT else ''}")
    if not as_json:
        typer.echo(count(len(found), "dead letter"))


@dead_letters.command("show")
def show_dead_letter(letter_id: LetterId) -> None:
    """Print why a batch was set aside, to standard error, and the batch as JSON."""
    with opened() as crm:
        found = crm.dead_letter(letter_id)
    since, until = iso(found.first_failed_at), iso(found.last_failed_at)
    typer.echo(f"{found.reason}\n{count(found.attempts, 'attempt')}, {since} to {until}", err=True)
    typer.echo(found.body)


@dead_letters.command("replay")
def replay_dead_letters(
    letter_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="one of them")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="every one there is")] = False,
) -> None:
    """Publish dead letters again. What was written since by later batches stays."""
    if (letter_id is None) is not everything:
        msg = "give the ID of one dead letter, or --all"
        raise typer.BadParameter(msg)
    with opened() as crm:
        if letter_id is not None:
            crm.replay_dead_letter(letter_id)
            published = 1
        else:
            published = sum(_replayed(crm, one.letter_id) for one in crm.dead_letters())
    typer.echo(f"{count(published, 'dead letter')} published again")


@dead_letters.command("drop")
def drop_dead_letter(letter_id: LetterId) -> None:
    """Delete a dead letter for good."""
    with opened() as crm:
        crm.drop_dead_letter(letter_id)
    typer.echo("1 dead letter deleted")


def _replayed(crm: Crm, letter_id: str) -> bool:
    """Publish one of all again, unless somebody else took it since they were listed."""
    try:
        crm.replay_dead_letter(letter_id)
    except NotFound:
        return False
    return True
