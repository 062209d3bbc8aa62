"""People: who may sign in, and as what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.terminal import iso, opened
from engine.domain.permission import ROLE_MEANINGS, Role

if TYPE_CHECKING:
    from engine.domain.api_key import ApiKey
    from engine.domain.user import User

person = typer.Typer(help="People who may sign in, and their roles.", no_args_is_help=True)

_MEANT = "; ".join(f"{role}: {meaning}" for role, meaning in ROLE_MEANINGS.items())
Email = Annotated[str, typer.Argument(metavar="EMAIL")]
_KEYS = "whether the API keys that the person made end, too"
GivenRole = Annotated[Role, typer.Argument(help=_MEANT)]


@person.command("list")
def list_people() -> None:
    """Print one person a line, by address: role, status, added, by, last sign-in, name."""
    with opened() as crm:
        for one in crm.people():
            seen = one.last_sign_in_at
            last = "never here" if seen is None else f"signed in {iso(seen)}"
            status = f"{one.status.value}, fixed" if one.fixed else one.status.value
            added = f"added {iso(one.created_at)}"
            typer.echo(
                f"{one.email}\t{one.role.value}\t{status}\t{added}\t{one.created_by}\t{last}\t"
                f"{one.name}"
            )


@person.command()
def invite(email: Email, role: GivenRole) -> None:
    """Let an address sign in. No message is sent: tell the person."""
    with opened() as crm:
        _tell(crm.invite_person(email, role))


@person.command()
def role(email: Email, role: GivenRole) -> None:
    """Give a person another role; open pages follow within seconds."""
    with opened() as crm:
        _tell(crm.set_role(email, role))


@person.command()
def disable(
    email: Email,
    *,
    revoke_keys: Annotated[bool, typer.Option("--revoke-keys/--keep-keys", help=_KEYS)] = False,
) -> None:
    """Put a person out until they are enabled; their sessions end within seconds."""
    with opened() as crm:
        theirs = crm.api_keys_of(email)
        _tell(crm.disable_person(email, revoke_keys=revoke_keys))
    _tell_of_keys(theirs, revoked=revoke_keys)


@person.command()
def enable(email: Email) -> None:
    """Let a person sign in again, with the role they had."""
    with opened() as crm:
        _tell(crm.enable_person(email))


@person.command()
def remove(
    email: Email,
    *,
    revoke_keys: Annotated[bool, typer.Option("--revoke-keys/--keep-keys", help=_KEYS)] = True,
) -> None:
    """Forget a person and the account they signed in with; their sessions end."""
    with opened() as crm:
        theirs = crm.api_keys_of(email)
        gone = crm.remove_person(email, revoke_keys=revoke_keys)
    typer.echo(f"removed {gone.email} ({gone.role.value})")
    _tell_of_keys(theirs, revoked=revoke_keys)


@person.command("sign-out")
def sign_out(email: Email) -> None:
    """End every session of a person, within seconds."""
    with opened() as crm:
        ended = crm.sign_person_out(email)
    typer.echo(f"ended {ended:,} session{'' if ended == 1 else 's'} of {email}")


def _tell_of_keys(keys: tuple[ApiKey, ...], *, revoked: bool) -> None:
    for key in keys:
        told = "revoked" if revoked else "stays good:"
        typer.echo(f"{told} API key {key.id} ({key.name}), which they made", err=not revoked)


def _tell(one: User) -> None:
    typer.echo(f"{one.email} is {one.role.value}, {one.status.value}")
