"""Benchmarks."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from engine.bench import ingest, segments, sessions
from engine.bench.shop import THREADS
from engine.cli.terminal import AsJson, told

if TYPE_CHECKING:
    from collections.abc import Mapping

bench = typer.Typer(help="Measure the engine.", no_args_is_help=True)


Customers = Annotated[int, typer.Option(min=1, help="customers of the seeded shop")]
Orders = Annotated[int, typer.Option(min=1, help="their orders")]


@bench.command("segments")
def bench_segments(
    customers: Customers = 1_000_000,
    orders: Orders = 10_000_000,
    peers: Annotated[
        list[str] | None,
        typer.Option(help="frames, lazy, numpy, chdb, chdb_by_customer, mongo; else all but mongo"),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Time rules from an edit to the count, beside other engines on the same seeded data."""
    _limit_polars()
    if unknown := set(peers or ()) - segments.PEERS.keys():
        msg = f"no such peer: {', '.join(sorted(unknown))}; there are {', '.join(segments.PEERS)}"
        raise typer.BadParameter(msg)
    with told():
        found = segments.run(customers, orders, peers or (), say=_say)
    _print(found, as_json=as_json)


@bench.command("sessions")
def bench_sessions(
    customers: Customers = 1_000_000,
    orders: Orders = 10_000_000,
    seconds: Annotated[float, typer.Option(min=1, help="how long they go on")] = 30,
    *,
    as_json: AsJson = False,
) -> None:
    """Let one session edit a huge rule 20 times a second while ten others preview theirs."""
    _limit_polars()
    with told():
        found = sessions.run(customers, orders, seconds, say=_say)
    _print(found, as_json=as_json)


@bench.command("ingest")
def bench_ingest(
    customers: Customers = 200_000,
    orders: Annotated[int, typer.Option(min=1, help="their orders before it begins")] = 1_000_000,
    seconds: Annotated[float, typer.Option(min=1, help="how long each part goes on")] = 30,
    load_orders: Annotated[
        int, typer.Option(min=0, help="orders of the mirror's load; 0 leaves it out")
    ] = 10_000_000,
    *,
    redis: Annotated[bool, typer.Option(help="with Redis in between, too")] = True,
    as_json: AsJson = False,
) -> None:
    """Time orders through HTTP into MongoDB and the mirror, beside raw writes of the same."""
    size = ingest.Size(
        customers=customers,
        before=orders,
        seconds=seconds,
        load_orders=load_orders,
        with_redis=redis,
    )
    with told():
        found = ingest.run(size, say=_say)
    _print(found, as_json=as_json)


def _limit_polars() -> None:
    """Start again with Polars' threads limited, unless they are."""
    if "POLARS_MAX_THREADS" not in os.environ:
        # Polars reads it once, when it is loaded, which it is by now.
        again = [sys.executable, "-m", "engine", *sys.argv[1:]]
        os.execve(sys.executable, again, {**os.environ, "POLARS_MAX_THREADS": str(THREADS)})  # noqa: S606


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _print(found: Mapping[str, object], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found))
        return
    for name, figures in found.items():
        typer.echo(f"{name}: {json.dumps(figures, indent=2)}")
