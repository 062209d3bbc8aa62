"""What the commands share: opening the engine, telling errors, reading rules, printing."""

from __future__ import annotations

import json
import logging
import sys
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine import logs
from engine.bootstrap import open_crm
from engine.domain.actor import Actor
from engine.domain.calendar import parse_instant
from engine.domain.permission import EVERYTHING
from engine.domain.rule_codec import decode_text
from engine.errors import CrmError, InvalidInput
from engine.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from engine.crm import Crm
    from engine.domain.rules import Rule

RuleFile = Annotated[str, typer.Argument(metavar="RULE.json", help="a rule; - reads it from stdin")]
Now = Annotated[
    str | None, typer.Option(metavar="INSTANT", help="evaluate at this instant, not at the present")
]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object")]
Offline = Annotated[
    bool, typer.Option("--offline", help="ask no language model, even where there is a key")
]
CLI = Actor("command line", EVERYTHING)
"""Whoever reaches the command line reaches the settings, and so the database."""


@contextmanager
def opened(level: int = logging.WARNING) -> Iterator[Crm]:
    """Open the engine as the command line uses it; an error is told and ends the command."""
    logs.configure(level)
    with told():
        settings = load()
        logs.configure(level, settings.secrets())
        with open_crm(settings) as crm:
            yield crm.acting_as(CLI)


@contextmanager
def told() -> Iterator[None]:
    """Tell an error in one sentence and end with exit code 1."""
    try:
        yield
    except CrmError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def count(n: int, noun: str) -> str:
    """Return a number of things: ``1 row``, ``2 rows``."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def read_rule(name: str) -> Rule:
    """Return the rule of a file, or of standard input where the name is ``-``."""
    with told():
        try:
            text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            msg = f"{name} cannot be read: {error}"
            raise InvalidInput(msg) from None
        return decode_text(text)


def instant(text: str | None, crm: Crm) -> datetime | None:
    """Return the instant that was asked for, in the workspace's zone where it has none."""
    return None if text is None else parse_instant(text, crm.workspace.zone)


def iso(instant: datetime) -> str:
    """Return an instant in UTC, to the millisecond."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def print_json(**values: object) -> None:
    """Print one JSON object on one line."""
    typer.echo(json.dumps(values, ensure_ascii=False))
