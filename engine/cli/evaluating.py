"""How well words become rules, asked of an engine of its own that holds the demo data."""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.ai.evaluation.scoring import figures, judge
from engine.ai.evaluation.utterances import NOW, UTTERANCES, read
from engine.bootstrap import open_crm
from engine.cli.terminal import CLI, AsJson, Offline, print_json, told
from engine.domain.clock import FixedClock
from engine.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.ai.evaluation.scoring import Verdict
    from engine.crm import Crm
    from engine.domain.asking import Interpretation
    from engine.domain.rules import Rule
    from engine.settings import Settings

STOPS_WITHIN = 15.0
"""Seconds in which the embedded server stops when nobody uses it any more."""

evaluation = typer.Typer(help="Measure what the engine makes of words.", no_args_is_help=True)


@evaluation.callback()
def _several() -> None:
    """Keep ``rules`` a word of the command, though it is the only one."""


@evaluation.command("rules")
def eval_rules(
    place: Annotated[
        Path,
        typer.Option(
            "--set",
            metavar="FILE|FOLDER",
            help="other utterances than those that are kept here (JSON lines)",
            show_default=False,
        ),
    ] = UTTERANCES,
    *,
    offline: Offline = False,
    failures: Annotated[
        bool, typer.Option("--failures", help="print what went wrong, with the rules' readings")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask utterances whose meaning is known, and print the shares right and silently wrong."""
    with told():
        utterances = read(place)
        with demo_shop(load()) as crm:
            verdicts = list(
                judge(
                    utterances,
                    lambda words: crm.ask(words, now=NOW, offline=offline),
                    lambda rule: members(crm, rule),
                )
            )
            if failures:
                for one in verdicts:
                    if not one.right:
                        _print_failure(crm, one)
    found = figures(verdicts)
    if as_json:
        print_json(**found)
        return
    for name, figure in found.items():
        shown = f"{figure:.1%}" if isinstance(figure, float) else figure
        typer.echo(f"{name:<30} {shown}")


@contextmanager
def demo_shop(settings: Settings) -> Iterator[Crm]:
    """Open an engine of its own, in a temporary folder, with the demo data as it is at NOW.

    It is a shop in India however this one is set up; what settings say about a language model
    holds here, too.
    """
    folder = Path(tempfile.mkdtemp(prefix="crm-evaluation-"))
    shop = settings.model_copy(
        update={
            "data_dir": folder,
            "mongodb_uri": None,
            "stream_url": None,
            "currency": "INR",
            "timezone": "Asia/Kolkata",
            "locale": "en_IN",
        }
    )
    try:
        with open_crm(shop, clock=FixedClock(NOW)) as crm:
            crm.load_demo()
            yield crm.acting_as(CLI)
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a data folder whose server may still be stopping, and writes until it has stopped."""
    deadline = time.monotonic() + STOPS_WITHIN
    while folder.exists() and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.1)


def members(crm: Crm, rule: Rule) -> bytes:
    """Return whom a rule holds at NOW: a byte a customer, in the order of the snapshot."""
    found = crm.audiences.evaluate(rule, crm.mirror.snapshot(), NOW).members
    return bytes(found.to_list())


def _print_failure(crm: Crm, verdict: Verdict) -> None:
    utterance, answer = verdict.utterance, verdict.answer
    silently = ", silently" if verdict.silently_wrong else ""
    typer.echo(f"{utterance.group}{silently}: {utterance.words}")
    wanted = _reading(crm, utterance.rules[0]) if utterance.rules else f"none: {utterance.refused}"
    typer.echo(f"  expected  {wanted}")
    typer.echo(f"  given     {_reading(crm, answer.rule) if answer.rule else 'none'}")
    for name, told_of in _doubts(answer):
        typer.echo(f"  {name:<9} {told_of}")


def _doubts(answer: Interpretation) -> Iterator[tuple[str, str]]:
    for one in answer.not_understood:
        yield "unread", one
    for choice in answer.choices:
        yield "choice", f"{choice.phrase}: {', '.join(one.label for one in choice.options)}"
    for note in (*answer.warnings, *answer.notes):
        yield "note", note


def _reading(crm: Crm, rule: Rule) -> str:
    return " | ".join(f"{'. ' * depth}{line}" for depth, line in crm.words(rule))
