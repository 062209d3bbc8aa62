"""Demo data, the worker, and what is wrong."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Annotated

import typer

from engine.cli.terminal import opened
from engine.diagnosis import diagnose


def demo(
    *, remove: Annotated[bool, typer.Option(help="delete the demo data, and nothing else")] = False
) -> None:
    """Fill the workspace with a made-up retailer, marked as demo data."""
    with opened() as crm:
        if remove:
            gone = crm.remove_demo()
            typer.echo(f"removed {gone.customers:,} customers and {gone.orders:,} orders")
            return
        there = crm.load_demo()
        typer.echo(f"{there.customers:,} customers and {there.orders:,} orders of demo data")


def worker() -> None:
    """Freeze and send what is launched, until stopped. As many may run as are wanted."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with opened(level=logging.INFO) as crm:
        crm.mirror.start()
        crm.worker.start()
        typer.echo("worker is running; stop it with Ctrl-C", err=True)
        stopped.wait()


def doctor() -> None:
    """Say what runs here, what is configured, and what is wrong (then the exit code is 1)."""
    findings = diagnose()
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        mark = "ok " if finding.ok else "BAD"
        typer.echo(f"{mark}  {finding.name:<{width}}  {finding.text}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)
