"""Erasing a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.terminal import count, opened

if TYPE_CHECKING:
    from engine.domain.erasure import Erasure


def erase(
    customer_id: Annotated[str, typer.Argument(metavar="CUSTOMER_ID")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Erase a person for good: nothing brings them back, later imports included."""
    with opened() as crm:
        if not yes:
            typer.echo(f"to go: {_counted(crm.erasure_preview(customer_id))}", err=True)
            typer.confirm(f"Erase {customer_id!r} for good?", abort=True, err=True)
        gone = crm.erase_customer(customer_id)
    typer.echo(f"erased: {_counted(gone)}")


def _counted(found: Erasure) -> str:
    return (
        f"{count(found.customers, 'customer')}, the name on {count(found.orders, 'order')}, "
        f"the content of {count(found.deliveries, 'message')}"
    )
