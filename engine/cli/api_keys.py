"""API keys: made, listed, revoked."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.cli.terminal import iso, opened
from engine.domain.api_key import MEANINGS, Scope

api_key = typer.Typer(help="Keys for programs that call the HTTP API.", no_args_is_help=True)

_MEANT = "; ".join(f"{scope}: {meaning}" for scope, meaning in MEANINGS.items())


@api_key.command()
def create(
    name: Annotated[str, typer.Option(help="what the key is for, as lists show it")],
    scope: Annotated[list[Scope], typer.Option(help=f"what it may do ({_MEANT}); repeatable")],
) -> None:
    """Make a key and print it, this once: only a hash of it is kept."""
    with opened() as crm:
        key, token = crm.create_api_key(name, scope)
    typer.echo(f"key {key.id} ({key.name}) may: {', '.join(sorted(key.scopes))}", err=True)
    typer.echo("keep it now, it cannot be shown again:", err=True)
    typer.echo(token)


@api_key.command("list")
def list_keys() -> None:
    """Print one key a line, latest first: id, state, scopes, made, last use, by, name."""
    with opened() as crm:
        for key in crm.api_keys():
            state = "active" if key.revoked_at is None else f"revoked {iso(key.revoked_at)}"
            used = "never used" if key.last_used_at is None else f"used {iso(key.last_used_at)}"
            scopes = ",".join(sorted(key.scopes))
            made = f"made {iso(key.created_at)}"
            typer.echo(f"{key.id}\t{state}\t{scopes}\t{made}\t{used}\t{key.created_by}\t{key.name}")


@api_key.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="the eight characters after crm_")],
) -> None:
    """End a key; servers that run turn it away within seconds."""
    with opened() as crm:
        key = crm.revoke_api_key(key_id)
    typer.echo(f"revoked {key.id} ({key.name})")
