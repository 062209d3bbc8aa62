"""Taking everything out."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.terminal import opened

if TYPE_CHECKING:
    from engine.domain.takeout import TakeoutProgress


def export(
    to: Annotated[Path, typer.Argument(metavar="FILE.zip", dir_okay=False)],
    *,
    force: Annotated[bool, typer.Option("--force", help="replace a file of that name")] = False,
) -> None:
    """Write everything that the workspace keeps to a ZIP file of NDJSON, without any secret."""
    if to.exists() and not force:
        typer.echo(f"{to} exists; give another name, or --force", err=True)
        raise typer.Exit(1)
    shows = sys.stderr.isatty()

    def tell(done: TakeoutProgress) -> None:
        if shows:
            typer.echo(f"\r{done.share:6.1%}", err=True, nl=False)

    with opened() as crm:
        done = crm.export_everything(to, progress=tell)
    if shows:
        typer.echo("\r", err=True, nl=False)
    held = ", ".join(f"{rows:,} {name}" for name, rows in done.written.items())
    typer.echo(f"{to}: {held}")
