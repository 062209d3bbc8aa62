"""The mirror: whether it holds what MongoDB holds."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from engine.cli.terminal import AsJson, opened, print_json

mirror = typer.Typer(help="The copy of customers and orders that rules are evaluated on.")
TRIES = 3


@mirror.callback()
def group() -> None:
    """Make it a group, though there is one command so far."""


@mirror.command()
def verify(
    seconds: Annotated[
        float, typer.Option(min=0, help="follow changes for so long before comparing")
    ] = 0.0,
    *,
    as_json: AsJson = False,
) -> None:
    """Compare the mirror with MongoDB, value by value; the exit code is 1 where they differ.

    The mirror begins from what an earlier process kept on disk, if it did, and follows from there.
    Somebody who writes meanwhile makes them differ, so it is tried three times.
    """
    with opened() as crm:
        crm.mirror.start()
        crm.refresh()
        time.sleep(seconds)
        for _ in range(TRIES):
            here, there = crm.verify_mirror()
            if here == there:
                break
        if as_json:
            print_json(
                equal=here == there,
                customers=here.customers,
                orders=here.orders,
                items=here.items,
                mirror=f"{here.number:016x}",
                mongodb=f"{there.number:016x}",
            )
        else:
            typer.echo(f"mirror   {here}")
            typer.echo(f"MongoDB  {there}")
            typer.echo("equal" if here == there else "they differ")
        if here != there:
            raise typer.Exit(1)
