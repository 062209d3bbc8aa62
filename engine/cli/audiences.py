"""Rules: counted, listed, explained."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.terminal import (
    AsJson,
    Now,
    RuleFile,
    count,
    instant,
    iso,
    opened,
    print_json,
    read_rule,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.audience.explanation import Explanation


class Engine(StrEnum):
    """What evaluates a rule."""

    DUCKDB = "duckdb"
    MONGO = "mongo"


def preview(
    rule: RuleFile,
    now: Now = None,
    engine: Annotated[
        Engine, typer.Option(help="evaluate on the mirror in DuckDB, or in MongoDB itself")
    ] = Engine.DUCKDB,
    *,
    as_json: AsJson = False,
) -> None:
    """Count the customers that a rule holds."""
    parsed = read_rule(rule)
    with opened() as crm:
        if engine is Engine.MONGO:
            counted = crm.count_in_mongodb(parsed, now=instant(now, crm))
            if as_json:
                print_json(
                    count=counted.count,
                    now=iso(counted.now),
                    elapsed_ms=round(counted.elapsed_ms, 3),
                )
                return
            typer.echo(
                f"{count(counted.count, 'customer')} at {iso(counted.now)}, counted by MongoDB "
                f"({counted.elapsed_ms:.1f} ms)"
            )
            return
        found = crm.preview(parsed, now=instant(now, crm))
        if as_json:
            print_json(
                count=found.count,
                total=found.total,
                as_of=iso(found.as_of),
                elapsed_ms=round(found.elapsed_ms, 3),
            )
            return
        for depth, line in crm.words(parsed):
            typer.echo(f"{'  ' * depth}{line}")
        typer.echo(
            f"{found.count:,} of {found.total:,} customers at {iso(found.now)}, "
            f"on data as of {iso(found.as_of)} ({found.elapsed_ms:.1f} ms)"
        )


def explain(
    rule: RuleFile,
    now: Now = None,
    customer: Annotated[
        str | None, typer.Option(metavar="ID", help="say for each condition if this one meets it")
    ] = None,
    *,
    sql: Annotated[bool, typer.Option("--sql", help="print the query of each condition")] = False,
    pipeline: Annotated[
        bool, typer.Option("--pipeline", help="print the MongoDB aggregation as JSON")
    ] = False,
) -> None:
    """Say how many remain after each condition of a rule, and who would come in without it."""
    parsed = read_rule(rule)
    with opened() as crm:
        found = crm.explain(parsed, now=instant(now, crm))
        if pipeline:
            typer.echo(json.dumps(found.pipeline(), ensure_ascii=False, indent=2, default=str))
        elif sql:
            for query in found.sql():
                typer.echo(f"-- {query.words}\n{query.sql}\n-- {list(query.parameters)}\n")
        elif customer is not None:
            for verdict in found.why(customer):
                holds = "yes" if verdict.holds else "no "
                typer.echo(f"{holds}  {'  ' * verdict.depth}{verdict.words}")
        else:
            _print_steps(found, crm.workspace.money)


def _print_steps(found: Explanation, money: Callable[[int], str]) -> None:
    typer.echo(f"{found.preview().total:>12,}  everyone")
    for step in found.waterfall():
        typer.echo(f"{step.after:>12,}  {step.after - step.before:+,}  {step.words}")
    for one in found.without():
        more = f"{one.more:,} more ({money(one.more_spend)} of spend)"
        fewer = f"{one.fewer:,} fewer ({money(one.fewer_spend)})"
        typer.echo(f"without {one.words}: {more}, {fewer}")


def members(rule: RuleFile, now: Now = None) -> None:
    """Print the ids of the customers that a rule holds, one a line, ascending."""
    parsed = read_rule(rule)
    with opened() as crm:
        ids = crm.members(parsed, now=instant(now, crm))
    sys.stdout.writelines(f"{one}\n" for one in ids)
